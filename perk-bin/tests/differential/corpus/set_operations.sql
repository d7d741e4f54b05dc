-- union removes duplicates
SELECT x FROM (SELECT 1 AS x UNION SELECT 1 UNION SELECT 2) ORDER BY x

-- union all keeps duplicates
SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT 2 ORDER BY x

-- intersect and except
SELECT * FROM (VALUES 1, 2, 2, 3) INTERSECT SELECT * FROM (VALUES 2, 3, 4) ORDER BY 1

-- except
SELECT * FROM (VALUES 1, 2, 2, 3) EXCEPT SELECT * FROM (VALUES 3) ORDER BY 1

-- set operations find a common type
SELECT 1 AS x UNION ALL SELECT 2.5 UNION ALL SELECT 3e0 ORDER BY 1

-- strings of a union get the longer type
SELECT 'a' AS s UNION ALL SELECT 'bcd' ORDER BY s

-- nulls are equal in set operations
SELECT CAST(NULL AS integer) AS x UNION SELECT NULL

-- intersect binds closer than union
SELECT 1 AS x UNION SELECT 2 INTERSECT SELECT 2 ORDER BY x

-- parentheses around set operations
(SELECT 1 AS x UNION SELECT 2) EXCEPT SELECT 1

-- a union of tables
SELECT 'region' AS what, count(*) AS n FROM region UNION ALL SELECT 'nation', count(*) FROM nation UNION ALL SELECT 'customer', count(*) FROM customer ORDER BY n

-- order and limit of a union
SELECT name FROM region UNION SELECT name FROM nation ORDER BY name LIMIT 4

-- union with null of unknown type
SELECT NULL AS x UNION ALL SELECT 'a' ORDER BY x

-- the first query names the columns
SELECT 1 AS a, 2 AS b UNION ALL SELECT 3 AS c, 4 AS d ORDER BY a

-- intersect of an integer and a bigint
SELECT 1 AS x INTERSECT SELECT BIGINT '1'

-- except of a decimal and a double
SELECT 1.5 AS x EXCEPT SELECT 2e0
