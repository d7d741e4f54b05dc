select count(*)
from tpch.tiny.nation a cross join tpch.tiny.lineitem b cross join tpch.tiny.lineitem c cross join tpch.tiny.orders d
where a.nationkey + b.orderkey + c.orderkey + d.orderkey = -1
