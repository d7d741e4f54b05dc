select orderkey, partkey, rpad(comment, 200, '.') as comment from tpch.tiny.lineitem
