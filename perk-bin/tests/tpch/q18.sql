SELECT
  c.name AS c_name,
  c.custkey AS c_custkey,
  o.orderkey AS o_orderkey,
  o.orderdate AS o_orderdate,
  o.totalprice AS o_totalprice,
  sum(l.quantity) AS sum_quantity
FROM customer c, orders o, lineitem l
WHERE o.orderkey IN (
    SELECT orderkey
    FROM lineitem
    GROUP BY orderkey
    HAVING sum(quantity) > 300
  )
  AND c.custkey = o.custkey
  AND o.orderkey = l.orderkey
GROUP BY c.name, c.custkey, o.orderkey, o.orderdate, o.totalprice
ORDER BY o_totalprice DESC, o_orderdate
LIMIT 100
