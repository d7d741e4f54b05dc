-- a column that is not grouped
SELECT name, count(*) FROM nation GROUP BY regionkey

-- a column beside an aggregate
SELECT name, count(*) FROM nation

-- star that is not grouped
SELECT * FROM nation GROUP BY regionkey

-- a column in having that is not grouped
SELECT regionkey FROM nation GROUP BY regionkey HAVING name = 'x'

-- a column in order by that is not grouped
SELECT regionkey FROM nation GROUP BY regionkey ORDER BY name

-- aggregate in where
SELECT name FROM nation WHERE count(*) > 1

-- aggregate in group by
SELECT count(*) FROM nation GROUP BY count(*)

-- aggregate in on
SELECT 1 FROM nation n JOIN region r ON count(*) = 1

-- aggregate in an aggregate
SELECT sum(count(*)) FROM nation

-- window in where
SELECT name FROM nation WHERE row_number() OVER () = 1

-- window in group by
SELECT 1 FROM nation GROUP BY row_number() OVER ()

-- window in having
SELECT regionkey FROM nation GROUP BY regionkey HAVING row_number() OVER () = 1

-- window in a window
SELECT sum(row_number() OVER ()) OVER () FROM nation

-- window function without a window
SELECT row_number() FROM nation

-- ordinal of group by out of range
SELECT name FROM nation GROUP BY 2

-- ordinal of group by zero
SELECT name FROM nation GROUP BY 0

-- ordinal of order by out of range
SELECT name FROM nation ORDER BY 2

-- ordinal of order by zero
SELECT name FROM nation ORDER BY 0

-- ordinal of group by that is an aggregate
SELECT count(*) FROM nation GROUP BY 1

-- order by with distinct of something else
SELECT DISTINCT name FROM nation ORDER BY regionkey

-- order by an aggregate of an ungrouped query
SELECT name FROM nation ORDER BY count(*)

-- grouping of something that is not grouped
SELECT grouping(name) FROM nation GROUP BY regionkey

-- grouping without group by
SELECT grouping(name) FROM nation

-- grouping sets of expressions
SELECT count(*) FROM nation GROUP BY GROUPING SETS ((nationkey % 2), ())

-- distinct of a window function
SELECT count(DISTINCT name) OVER () FROM nation

-- filter on something that is no aggregate
SELECT abs(1) FILTER (WHERE true)

-- distinct on something that is no aggregate is ignored
SELECT abs(DISTINCT 1)

-- too few column aliases
SELECT * FROM (SELECT 1, 2) AS t (a)

-- too many column aliases
SELECT * FROM (VALUES 1) AS t (a, b)

-- too few column aliases of a common table expression
WITH t (a) AS (SELECT 1, 2) SELECT * FROM t

-- offset is switched off
SELECT name FROM nation ORDER BY name OFFSET 3 LIMIT 2

-- except all is not implemented
SELECT * FROM (VALUES 1, 1, 2) EXCEPT ALL SELECT * FROM (VALUES 1)

-- a window frame that ends before it starts
SELECT sum(nationkey) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM nation

-- correlated subquery that cannot be planned
SELECT (SELECT n.name FROM nation n WHERE n.regionkey < r.regionkey LIMIT 1) FROM region r
