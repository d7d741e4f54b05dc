select count(*)
from tpch.tiny.lineitem a cross join tpch.tiny.lineitem b cross join tpch.tiny.orders c
where a.orderkey + b.orderkey + c.orderkey = -1
