SELECT
  ps.partkey AS ps_partkey,
  sum(ps.supplycost * ps.availqty) AS value
FROM partsupp ps, supplier s, nation n
WHERE ps.suppkey = s.suppkey
  AND s.nationkey = n.nationkey
  AND n.name = 'GERMANY'
GROUP BY ps.partkey
HAVING sum(ps.supplycost * ps.availqty) > (
  -- The benchmark's fraction is 0.0001 / scale factor, and tpch.tiny's scale factor is 0.01.
  SELECT sum(ps.supplycost * ps.availqty) * 0.01
  FROM partsupp ps, supplier s, nation n
  WHERE ps.suppkey = s.suppkey
    AND s.nationkey = n.nationkey
    AND n.name = 'GERMANY'
)
ORDER BY value DESC
