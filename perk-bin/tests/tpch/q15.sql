-- Rounded, because the maximum is compared for equality with a sum made a second time: doubles added in another
-- order may differ in their last digit, and then no supplier would be found. Four decimals are all there are.
WITH revenue (supplier_no, total_revenue) AS (
  SELECT suppkey, round(sum(extendedprice * (1 - discount)), 4)
  FROM lineitem
  WHERE shipdate >= DATE '1996-01-01'
    AND shipdate < DATE '1996-01-01' + INTERVAL '3' MONTH
  GROUP BY suppkey
)
SELECT
  s.suppkey AS s_suppkey,
  s.name AS s_name,
  s.address AS s_address,
  s.phone AS s_phone,
  r.total_revenue AS total_revenue
FROM supplier s, revenue r
WHERE s.suppkey = r.supplier_no
  AND r.total_revenue = (SELECT max(total_revenue) FROM revenue)
ORDER BY s_suppkey
