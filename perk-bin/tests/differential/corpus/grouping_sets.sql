-- grouping sets
SELECT regionkey, initial, count(*) AS n FROM (SELECT regionkey, substr(name, 1, 1) AS initial FROM nation WHERE nationkey < 6) GROUP BY GROUPING SETS ((regionkey), (initial), ()) ORDER BY 1, 2, 3

-- rollup
SELECT orderstatus, orderpriority, count(*) AS n FROM orders WHERE orderkey < 1000 GROUP BY ROLLUP (orderstatus, orderpriority) ORDER BY 1, 2

-- cube
SELECT returnflag, linestatus, sum(quantity) AS quantity FROM lineitem GROUP BY CUBE (returnflag, linestatus) ORDER BY 1, 2

-- grouping tells the levels apart
SELECT regionkey, nationkey, grouping(regionkey, nationkey) AS g, count(*) AS n FROM nation WHERE regionkey < 2 GROUP BY ROLLUP (regionkey, nationkey) ORDER BY g, 1, 2

-- grouping sets with a plain column
SELECT regionkey, odd, count(*) AS n FROM (SELECT regionkey, nationkey % 2 AS odd FROM nation) GROUP BY regionkey, GROUPING SETS ((odd), ()) ORDER BY 1, 2

-- the empty grouping set of an empty table
SELECT regionkey, count(*) AS n FROM nation WHERE false GROUP BY GROUPING SETS ((regionkey), ())

-- the same column in several grouping sets
SELECT a, b, sum(x) AS s FROM (VALUES ('p', 'q', 1), ('p', 'r', 2), ('s', 'q', 4)) t(a, b, x) GROUP BY GROUPING SETS ((a, b), (a), (b)) ORDER BY 1, 2, 3

-- having over rollup
SELECT regionkey, count(*) AS n FROM nation GROUP BY ROLLUP (regionkey) HAVING count(*) > 5

-- columns in parentheses
SELECT regionkey, name, count(*) AS n FROM region GROUP BY (regionkey, name) ORDER BY 1

-- the empty group
SELECT count(*) AS n FROM nation GROUP BY ()
