-- prepare names its statement to the client
PREPARE by_key FROM SELECT name FROM nation WHERE nationkey = ?

-- execute with a parameter
--! prepared by_key: SELECT name FROM nation WHERE nationkey = ?
EXECUTE by_key USING 3

-- execute without parameters
--! prepared plain: SELECT 1 AS one
EXECUTE plain

-- execute with parameters of several types
--! prepared several: SELECT ? AS a, ? AS b, ? AS c, ? AS d
EXECUTE several USING 'it''s', 1.5, DATE '2024-01-01', NULL

-- parameters in expressions
--! prepared sums: SELECT ? + ?, lower(?), CAST(? AS varchar)
EXECUTE sums USING 1, 2e0, 'ABC', 12

-- parameters in a list
--! prepared listed: SELECT name FROM nation WHERE nationkey IN (?, ?) AND name LIKE ? ORDER BY name
EXECUTE listed USING 1, 2, '%A%'

-- a quoted name of a prepared statement
--! prepared My Query: SELECT 'quoted' AS q
EXECUTE "My Query"

-- describe the parameters
--! prepared described: SELECT name FROM nation WHERE nationkey = ? AND name LIKE ?
DESCRIBE INPUT described

-- describe the columns
--! prepared described: SELECT nationkey, name AS n, count(*) OVER () FROM nation WHERE nationkey = ?
DESCRIBE OUTPUT described

-- describe a statement without parameters
--! prepared bare: SELECT 1
DESCRIBE INPUT bare

-- deallocate
--! prepared gone: SELECT 1
DEALLOCATE PREPARE gone

-- prepare of a statement with an error in it
PREPARE wrong FROM SELECT FROM WHERE

-- describe the parameters of an insert into no such table
--! prepared lost: INSERT INTO memory.default.nosuch VALUES (?)
DESCRIBE INPUT lost

-- describe the columns of an insert into no such table
--! prepared lost: INSERT INTO memory.default.nosuch VALUES (?)
DESCRIBE OUTPUT lost

-- describe the columns of a table of a parameter
--! prepared untyped: CREATE TABLE memory.default.mine AS SELECT ? x
DESCRIBE OUTPUT untyped

-- describe the parameters of a query of no such table
--! prepared lost: SELECT * FROM nosuch WHERE x = ?
DESCRIBE INPUT lost
