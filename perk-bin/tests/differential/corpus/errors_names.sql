-- no such table
SELECT * FROM nosuch

-- no such table in a join
SELECT * FROM nation n JOIN nosuch x ON n.nationkey = x.nationkey

-- no such schema
SELECT * FROM tpch.nosuch.nation

-- no such catalog
SELECT * FROM nosuch.tiny.nation

-- no such column
SELECT nosuch FROM nation

-- no such column in where
SELECT name FROM nation WHERE nosuch = 1

-- no such column in order by
SELECT name FROM nation ORDER BY nosuch

-- no such column in group by
SELECT count(*) FROM nation GROUP BY nosuch

-- no such column of a table alias
SELECT n.nosuch FROM nation n

-- no such table alias
SELECT x.name FROM nation n

-- the table's own name behind an alias
SELECT nation.name FROM nation n

-- a select alias in where
SELECT nationkey AS k FROM nation WHERE k = 1

-- a select alias in group by
SELECT nationkey % 2 AS k, count(*) FROM nation GROUP BY k

-- a string in double quotes
SELECT * FROM nation WHERE name = "CANADA"

-- ambiguous column
SELECT name FROM nation n JOIN region r ON n.regionkey = r.regionkey

-- ambiguous column of a subquery
SELECT a FROM (SELECT 1 AS a, 2 AS a)

-- ambiguous order by
SELECT nationkey AS k, regionkey AS k FROM nation ORDER BY k

-- no such function
SELECT nosuch(1)

-- no such function of other databases
SELECT ifnull(NULL, 1)

-- no such function with the name of a Trino one
SELECT format('%d', 1)

-- no such type
SELECT CAST(1 AS nosuch)

-- no such type parameter
SELECT CAST(1 AS decimal(40, 2))

-- no such field of a row
SELECT r.b FROM (SELECT CAST(ROW(1) AS ROW(a integer)) AS r)

-- no schema in the session
--! catalog none
--! schema none
SELECT * FROM nation

-- no schema in the session for show tables
--! catalog none
--! schema none
SHOW TABLES

-- a catalog in the session that does not exist
--! catalog nosuch
SELECT * FROM nation

-- a schema in the session that does not exist
--! schema nosuch
SELECT * FROM nation

-- a session catalog that does not exist and is not used
--! catalog nosuch
SELECT 1 AS one

-- too many parts in a name
SELECT * FROM a.b.c.d

-- using a column that only one side has
SELECT * FROM nation JOIN region USING (nationkey)

-- a table alias twice
SELECT 1 FROM nation n, region n WHERE n.name = 'x'

-- a table twice without aliases
SELECT name FROM nation, nation

-- a common table expression twice
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a

-- a common table expression used before it is there
WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a

-- star without a table
SELECT *

-- star of an unknown alias
SELECT x.* FROM nation n

-- show columns of no such table
SHOW COLUMNS FROM nosuch

-- show tables of no such schema
SHOW TABLES FROM tpch.nosuch

-- show tables of no such catalog
SHOW TABLES FROM nosuch.tiny

-- show schemas of no such catalog
SHOW SCHEMAS FROM nosuch

-- describe of no such table
DESCRIBE tpch.tiny.nosuch

-- use of no such catalog
USE nosuch.tiny

-- use of no such schema is believed
USE tpch.nosuch

-- no such session property
SET SESSION nosuch = 1

-- a session property of the wrong type
SET SESSION query_max_run_time = 5

-- a session property with a bad value
SET SESSION query_max_run_time = 'soon'

-- reset of no such session property
RESET SESSION nosuch

-- execute of no such statement
EXECUTE nosuch

-- deallocate of no such statement
DEALLOCATE PREPARE nosuch

-- describe input of no such statement
DESCRIBE INPUT nosuch

-- too few parameters
--! prepared two: SELECT ? + ?
EXECUTE two USING 1

-- too many parameters
--! prepared one: SELECT ? + 1
EXECUTE one USING 1, 2

-- parameters outside of a prepared statement
SELECT ? + 1

-- a parameter of the wrong type
--! prepared typed: SELECT ? + 1
EXECUTE typed USING 'a'

-- a function by a name of the engine's own
SELECT "$cast"('1', 'double')
