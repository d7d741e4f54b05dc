select name from tpch.tiny.nation where nationkey = 3
