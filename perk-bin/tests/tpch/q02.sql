SELECT
  s.acctbal AS s_acctbal,
  s.name AS s_name,
  n.name AS n_name,
  p.partkey AS p_partkey,
  p.mfgr AS p_mfgr,
  s.address AS s_address,
  s.phone AS s_phone,
  s.comment AS s_comment
FROM part p, supplier s, partsupp ps, nation n, region r
WHERE p.partkey = ps.partkey
  AND s.suppkey = ps.suppkey
  AND p.size = 15
  AND p.type LIKE '%BRASS'
  AND s.nationkey = n.nationkey
  AND n.regionkey = r.regionkey
  AND r.name = 'EUROPE'
  AND ps.supplycost = (
    SELECT min(ps.supplycost)
    FROM partsupp ps, supplier s, nation n, region r
    WHERE p.partkey = ps.partkey
      AND s.suppkey = ps.suppkey
      AND s.nationkey = n.nationkey
      AND n.regionkey = r.regionkey
      AND r.name = 'EUROPE'
  )
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey
LIMIT 100
