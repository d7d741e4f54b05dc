select orderkey, custkey, comment from tpch.tiny.orders
