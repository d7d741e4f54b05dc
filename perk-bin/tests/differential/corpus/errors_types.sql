-- comparison of a number with a string
SELECT 1 = '1'

-- comparison of a column with a string
SELECT name FROM nation WHERE nationkey = '1'

-- comparison of a date with a string
SELECT count(*) FROM orders WHERE orderdate > '1995-01-01'

-- sum of a number and a string
SELECT 1 + 'a'

-- sum of strings
SELECT 'a' + 'b'

-- and of numbers
SELECT 1 AND true

-- not of a number
SELECT NOT 1

-- where that is not boolean
SELECT name FROM nation WHERE nationkey

-- having that is not boolean
SELECT count(*) FROM nation HAVING 1

-- join condition that is not boolean
SELECT 1 FROM nation n JOIN region r ON n.regionkey

-- like of a number
SELECT 1 LIKE '1'

-- in with another type
SELECT 1 IN (1, 'a')

-- in a subquery of another type
SELECT 1 IN (SELECT name FROM nation)

-- between with another type
SELECT 1 BETWEEN 'a' AND 'b'

-- case with branches of different types
SELECT CASE WHEN true THEN 1 ELSE 'a' END

-- case with a condition that is not boolean
SELECT CASE WHEN 1 THEN 2 END

-- simple case with another type
SELECT CASE 1 WHEN 'a' THEN 2 END

-- if with branches of different types
SELECT IF(true, 1, 'a')

-- coalesce of different types
SELECT coalesce(1, 'a')

-- nullif of different types
SELECT nullif(1, 'a')

-- union of different numbers of columns
SELECT 1 UNION SELECT 1, 2

-- union of different types
SELECT 1 UNION SELECT 'a'

-- intersect of different types
SELECT 1 INTERSECT SELECT DATE '2024-01-01'

-- values of different types
VALUES 1, 'a'

-- values of different lengths
VALUES (1, 2), (3)

-- wrong type of an argument
SELECT length(5)

-- wrong number of arguments
SELECT length('a', 'b')

-- no arguments
SELECT sqrt()

-- sum of strings as an aggregate
SELECT sum(name) FROM nation

-- avg of dates
SELECT avg(orderdate) FROM orders

-- array of different types
SELECT ARRAY[1, 'a']

-- array subscript of the wrong type
SELECT ARRAY[1, 2]['a']

-- subscript of a number
SELECT 1[1]

-- map key of the wrong type
SELECT MAP(ARRAY['a'], ARRAY[1])[1]

-- field of something that is no row
SELECT nationkey.x FROM nation

-- concatenation of a string and a number
SELECT 'a' || 1

-- negative string
SELECT -'a'

-- date minus a number
SELECT DATE '2024-01-01' - 1

-- date plus a number
SELECT DATE '2024-01-01' + 1

-- sum of dates
SELECT DATE '2024-01-01' + DATE '2024-01-01'

-- interval of another kind
SELECT INTERVAL '1' DAY + INTERVAL '1' MONTH

-- cast that does not exist
SELECT CAST(DATE '2024-01-01' AS integer)

-- cast of an array to a number
SELECT CAST(ARRAY[1] AS integer)

-- cast of a boolean to a date
SELECT CAST(true AS date)

-- extract of the wrong type
SELECT extract(YEAR FROM 'abc')

-- order by a map
SELECT m FROM (VALUES MAP(ARRAY[1], ARRAY[2])) t(m) ORDER BY m

-- comparison of maps by size
SELECT MAP(ARRAY[1], ARRAY[2]) < MAP(ARRAY[1], ARRAY[3])

-- lambda of the wrong number of parameters
SELECT transform(ARRAY[1], (x, y) -> x)

-- lambda where none is expected
SELECT length(x -> x)

-- unnest of a number
SELECT * FROM UNNEST(5) AS t(x)

-- limit that is not a number
SELECT 1 LIMIT 'a'

-- scalar subquery of two columns
SELECT (SELECT 1, 2)

-- in a subquery of two columns
SELECT 1 IN (SELECT 1, 2)

-- window frame offset of the wrong type
SELECT sum(nationkey) OVER (ORDER BY nationkey ROWS 'a' PRECEDING) FROM nation

-- map_union_sum of decimals
SELECT map_union_sum(MAP(ARRAY['a'], ARRAY[1.5]))
