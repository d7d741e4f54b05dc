select nosuch from tpch.tiny.nation
