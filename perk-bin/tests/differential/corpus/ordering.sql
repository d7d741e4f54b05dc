-- order by several keys
SELECT regionkey, name FROM nation WHERE nationkey < 8 ORDER BY regionkey DESC, name

-- nulls come last by default
SELECT x FROM (VALUES 2, NULL, 1) t(x) ORDER BY x

-- nulls come last in descending order too
SELECT x FROM (VALUES 2, NULL, 1) t(x) ORDER BY x DESC

-- nulls first
SELECT x FROM (VALUES 2, NULL, 1) t(x) ORDER BY x NULLS FIRST

-- nulls first in descending order
SELECT x FROM (VALUES 2, NULL, 1) t(x) ORDER BY x DESC NULLS FIRST

-- order by an ordinal
SELECT name, nationkey FROM nation WHERE nationkey < 4 ORDER BY 2 DESC

-- order by an alias and an expression
SELECT nationkey AS k, name FROM nation WHERE nationkey < 6 ORDER BY k % 3, length(name) DESC, k

-- order by a column that is not selected
SELECT name FROM nation WHERE nationkey < 4 ORDER BY nationkey DESC

-- order by an aggregate
SELECT regionkey FROM nation GROUP BY regionkey ORDER BY sum(nationkey) DESC

-- limit
SELECT name FROM nation ORDER BY name LIMIT 3

-- limit zero keeps the columns
SELECT nationkey, name FROM nation LIMIT 0

-- limit all
SELECT regionkey FROM region ORDER BY regionkey LIMIT ALL

-- strings are ordered by code points
SELECT s FROM (VALUES 'b', 'A', 'a', 'B', 'é', '', 'ab') t(s) ORDER BY s

-- doubles are ordered with NaN last
SELECT x FROM (VALUES 1e0, nan(), -1e0, infinity(), NULL) t(x) ORDER BY x

-- booleans, dates and arrays have an order
SELECT b, d, a FROM (VALUES (true, DATE '2024-01-01', ARRAY[1, 2]), (false, DATE '2023-01-01', ARRAY[1]), (false, DATE '2023-01-01', ARRAY[0, 5])) t(b, d, a) ORDER BY b, d, a

-- top orders
SELECT orderkey, totalprice FROM orders ORDER BY totalprice DESC LIMIT 5

-- order by and limit within an ordered query
SELECT x FROM (SELECT x FROM (VALUES 3, 1, 2) t(x) ORDER BY x LIMIT 2) ORDER BY x DESC
