-- scalar subquery
SELECT (SELECT count(*) FROM nation) AS nations, (SELECT max(name) FROM region) AS last

-- scalar subquery of no rows is null
SELECT (SELECT name FROM region WHERE regionkey = 99) AS nobody

-- in a subquery
SELECT name FROM nation WHERE regionkey IN (SELECT regionkey FROM region WHERE name LIKE 'A%') AND nationkey < 10 ORDER BY name

-- not in a subquery with null
SELECT x FROM (VALUES 1, 2) t(x) WHERE x NOT IN (SELECT y FROM (VALUES 1, NULL) u(y))

-- in as a value
SELECT x, x IN (SELECT y FROM (VALUES 1, NULL) u(y)) AS found FROM (VALUES 1, 2, NULL) t(x) ORDER BY x

-- exists
SELECT name FROM region r WHERE EXISTS (SELECT 1 FROM nation n WHERE n.regionkey = r.regionkey AND n.name LIKE 'U%') ORDER BY name

-- not exists
SELECT count(*) AS n FROM customer c WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.custkey = c.custkey)

-- correlated scalar subquery
SELECT r.name, (SELECT count(*) FROM nation n WHERE n.regionkey = r.regionkey AND n.nationkey < 10) AS n FROM region r ORDER BY r.name

-- correlated subquery in where
SELECT orderkey, totalprice FROM orders o WHERE o.orderkey < 100 AND totalprice > (SELECT avg(i.totalprice) * 2 FROM orders i WHERE i.orderpriority = o.orderpriority) ORDER BY orderkey

-- quantified comparisons
SELECT 2 > ALL (VALUES 1, 2), 2 >= ALL (VALUES 1, 2), 2 = ANY (VALUES 1, 2), 3 < SOME (VALUES 1, 2)

-- subquery in from
SELECT avg(n) AS average FROM (SELECT custkey, count(*) AS n FROM orders GROUP BY custkey) counts

-- subquery in having
SELECT regionkey FROM nation GROUP BY regionkey HAVING count(*) = (SELECT count(*) FROM region) ORDER BY regionkey

-- exists as a value
SELECT EXISTS (SELECT 1 FROM region WHERE regionkey = 1), EXISTS (SELECT 1 FROM region WHERE false), NOT EXISTS (SELECT 1)

-- lateral join
SELECT r.name, n.name FROM region r CROSS JOIN LATERAL (SELECT max(name) AS name FROM nation WHERE regionkey = r.regionkey) n ORDER BY 1

-- nested subqueries
SELECT name FROM nation WHERE nationkey = (SELECT min(nationkey) FROM customer WHERE custkey IN (SELECT custkey FROM orders WHERE totalprice > 400000)) ORDER BY name

-- rows in a subquery
SELECT nationkey FROM nation WHERE (nationkey, regionkey) IN (SELECT ROW(BIGINT '1', BIGINT '1')) ORDER BY 1

-- top customers by a subquery with limit
SELECT count(*) AS n FROM orders WHERE custkey IN (SELECT custkey FROM customer ORDER BY acctbal DESC, custkey LIMIT 10)

-- in and not in as values with null
SELECT 1 IN (SELECT y FROM (VALUES 1, NULL) u(y)), 2 IN (SELECT y FROM (VALUES 1, NULL) u(y)), 2 NOT IN (SELECT y FROM (VALUES 1, NULL) u(y)), NULL IN (SELECT 1 WHERE false)

-- in within or
SELECT x FROM (VALUES 1, 2, NULL) t(x) WHERE x IN (VALUES 1, NULL) OR x = 2 ORDER BY x

-- not in that is null
SELECT x FROM (VALUES 1, 2, NULL) t(x) WHERE (x NOT IN (VALUES 1, NULL)) IS NULL ORDER BY x

-- not of in
SELECT x FROM (VALUES 1, 2, NULL) t(x) WHERE NOT (x IN (VALUES 1))

-- correlated not in
SELECT x FROM (VALUES 1, 2, NULL) t(x) WHERE x NOT IN (SELECT y FROM (VALUES (1, 1), (3, 2)) u(y, z) WHERE z = x) ORDER BY x

-- quantified comparisons with null and with no rows
SELECT 3 <> ALL (VALUES 1, NULL), 1 <> ALL (VALUES 1, NULL), 1 > ALL (SELECT 1 WHERE false), 1 > ANY (SELECT 1 WHERE false), NULL = SOME (VALUES 1)
