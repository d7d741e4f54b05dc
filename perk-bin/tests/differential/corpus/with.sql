-- common table expression
WITH big AS (SELECT * FROM nation WHERE nationkey > 20) SELECT name FROM big ORDER BY name

-- expressions that use each other
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a), c AS (SELECT y * 10 AS z FROM b) SELECT x, y, z FROM a, b, c

-- column aliases of an expression
WITH t(a, b) AS (SELECT 1, 'x') SELECT b, a FROM t

-- an expression used twice
WITH t AS (SELECT regionkey, count(*) AS n FROM nation GROUP BY regionkey) SELECT a.regionkey, b.n FROM t a JOIN t b ON a.regionkey = b.regionkey ORDER BY 1

-- an expression hides a table
WITH nation AS (SELECT 'mine' AS name) SELECT * FROM nation

-- with inside of a subquery
SELECT x FROM (WITH t AS (SELECT 5 AS x) SELECT x FROM t)

-- with over a union
WITH t AS (SELECT 1 AS x UNION ALL SELECT 2) SELECT sum(x) AS s FROM t

-- monthly report
WITH monthly AS (SELECT date_trunc('month', orderdate) AS month, sum(totalprice) AS revenue FROM orders WHERE orderdate < DATE '1992-07-01' GROUP BY 1) SELECT month, round(revenue, 2) AS revenue, round(revenue - lag(revenue) OVER (ORDER BY month), 2) AS change FROM monthly ORDER BY month

-- an expression within hides one of the same name
WITH t AS (SELECT 1 AS x) SELECT a.x, t.x FROM (WITH t AS (SELECT x + 1 AS x FROM t) SELECT x FROM t) a, t
