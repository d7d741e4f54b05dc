select nationkey, name from tpch.tiny.nation order by nationkey
