-- inner join
SELECT n.name, r.name FROM nation n JOIN region r ON n.regionkey = r.regionkey WHERE n.nationkey < 5 ORDER BY n.nationkey

-- left join
SELECT r.regionkey, n.name FROM region r LEFT JOIN nation n ON r.regionkey = n.regionkey AND n.name LIKE 'A%' ORDER BY 1, 2

-- right join
SELECT a.x, b.y FROM (VALUES 1, 2) a(x) RIGHT JOIN (VALUES 2, 3) b(y) ON a.x = b.y ORDER BY b.y

-- full join
SELECT a.x, b.y FROM (VALUES 1, 2, NULL) a(x) FULL OUTER JOIN (VALUES 2, 3, NULL) b(y) ON a.x = b.y ORDER BY a.x, b.y

-- join using
SELECT regionkey, n.name AS nation, r.name AS region FROM nation n JOIN region r USING (regionkey) WHERE nationkey < 4 ORDER BY nation

-- star of a join using
SELECT * FROM (VALUES (1, 'a')) a(k, x) JOIN (VALUES (1, 'b')) b(k, y) USING (k)

-- cross join
SELECT a.x, b.y FROM (VALUES 1, 2) a(x) CROSS JOIN (VALUES 'p', 'q') b(y) ORDER BY 1, 2

-- implicit join
SELECT n.name, r.name FROM nation n, region r WHERE n.regionkey = r.regionkey AND r.name = 'ASIA' ORDER BY n.name

-- self join
SELECT a.name, b.name FROM nation a JOIN nation b ON a.regionkey = b.regionkey AND a.nationkey < b.nationkey WHERE a.regionkey = 4 ORDER BY 1, 2

-- join on an inequality
SELECT a.x, b.y FROM (VALUES 1, 2, 3) a(x) JOIN (VALUES 2, 3) b(y) ON a.x < b.y ORDER BY 1, 2

-- left join keeps what the filter of the join rejects
SELECT a.x, b.y FROM (VALUES 1, 2) a(x) LEFT JOIN (VALUES 1, 2) b(y) ON a.x = b.y AND b.y > 1 ORDER BY a.x

-- anti join with left join
SELECT c.custkey FROM customer c LEFT JOIN orders o ON c.custkey = o.custkey WHERE o.orderkey IS NULL AND c.custkey < 20 ORDER BY c.custkey

-- join of four tables with aggregation
SELECT r.name AS region, count(DISTINCT c.custkey) AS customers, count(*) AS orders, round(sum(o.totalprice), 2) AS total FROM region r JOIN nation n ON n.regionkey = r.regionkey JOIN customer c ON c.nationkey = n.nationkey JOIN orders o ON o.custkey = c.custkey GROUP BY r.name ORDER BY region

-- join with keys of different types
SELECT a.x, b.y FROM (VALUES 1, 2) a(x) JOIN (VALUES BIGINT '1', BIGINT '3') b(y) ON a.x = b.y

-- join with an expression as key
SELECT a.x, b.y FROM (VALUES 'A', 'B') a(x) JOIN (VALUES 'a', 'c') b(y) ON lower(a.x) = b.y

-- join of subqueries
SELECT a.regionkey, a.n, b.first FROM (SELECT regionkey, count(*) AS n FROM nation GROUP BY regionkey) a JOIN (SELECT regionkey, min(name) AS first FROM nation GROUP BY regionkey) b ON a.regionkey = b.regionkey ORDER BY 1

-- duplicate column names of a join
SELECT * FROM (VALUES (1, 'a')) a(k, x) JOIN (VALUES (1, 'b')) b(k, x) ON a.k = b.k

-- qualified star
SELECT r.*, n.nationkey FROM region r JOIN nation n ON r.regionkey = n.regionkey WHERE n.nationkey = 0

-- tables of two schemas
SELECT a.name FROM tpch.tiny.region a JOIN tpch.sf1.region b ON a.regionkey = b.regionkey WHERE b.name = 'EUROPE'

-- nulls do not join
SELECT count(*) FROM (VALUES 1, NULL) a(x) JOIN (VALUES 1, NULL) b(x) ON a.x = b.x

-- left join using
SELECT * FROM (VALUES (1, 'p')) b(k, y) LEFT JOIN (VALUES (2, 'q')) a(k, x) USING (k)

-- right join using
SELECT k, y, x FROM (VALUES (1, 'p')) b(k, y) RIGHT JOIN (VALUES (2, 'q')) a(k, x) USING (k)

-- full join using
SELECT k, y, x FROM (VALUES (1, 'p')) b(k, y) FULL JOIN (VALUES (2, 'q')) a(k, x) USING (K) ORDER BY k

-- join using another than the first column
SELECT * FROM (VALUES ('p', 1)) b(y, k) JOIN (VALUES ('q', BIGINT '1')) a(x, k) USING (k)

-- two joins using
SELECT * FROM (VALUES 1) a(k) JOIN (VALUES 1) b(k) USING (k) JOIN (VALUES (1, 2)) c(k, j) USING (k)

-- a table's name before a column of using
SELECT a.k FROM (VALUES 1) a(k) JOIN (VALUES 1) b(k) USING (k)
