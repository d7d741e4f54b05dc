-- columns without a name
SELECT 1, 'a', 1 + 1, count(*), max(1)

-- names of columns of a table
SELECT * FROM region WHERE regionkey = 0

-- aliases keep their case
SELECT 1 AS Lower, 2 AS "MiXed", 3 AS "with space", 4 AS "select"

-- identifiers match in any case
SELECT NationKey, NAME, n.REGIONKEY FROM Nation N WHERE NATIONKEY = 3

-- quoted identifiers match in any case
SELECT "NAME", "n"."nationkey" FROM "Nation" n WHERE "NationKey" = 3

-- the same name twice
SELECT name, name, nationkey AS name FROM nation WHERE nationkey = 0

-- alias without as
SELECT nationkey k, name "Name" FROM nation n WHERE n.nationkey = 1

-- qualified names
SELECT tpch.tiny.nation.name, nation.nationkey FROM tpch.tiny.nation WHERE nationkey = 2

-- names of expressions
SELECT lower(name), name || '!', CAST(nationkey AS varchar), nationkey, -nationkey FROM nation WHERE nationkey = 1

-- names of fields
SELECT r.a, r.b AS c FROM (SELECT CAST(ROW(1, 2) AS ROW(a integer, b integer)) AS r)

-- aliases of tables with columns
SELECT x.a, b FROM (SELECT 1, 2) AS x (a, b)

-- keywords that may be names
SELECT 1 AS year, 2 AS date, 3 AS "end", 4 AS day, 5 AS data

-- names of subquery columns
SELECT * FROM (SELECT 1, 2 AS two, 3)

-- unicode in names
SELECT 1 AS "größe", 'x' AS "☃"

-- another schema of the catalog
SELECT count(*) AS n FROM sf1.nation

-- another schema as the session's
--! schema sf1
SELECT count(*) AS n FROM supplier

-- qualified names without catalog and schema
--! catalog none
--! schema none
SELECT name FROM tpch.tiny.region WHERE regionkey = 1

-- the same columns of two queries in from
SELECT * FROM (SELECT * FROM (VALUES 1) a(x)), (SELECT * FROM (VALUES 2) b(x))

-- names of columns that come twice from a subquery
SELECT * FROM (SELECT * FROM region a, region b WHERE a.regionkey = 0 AND b.regionkey = 1)

-- a column behind a star
SELECT *, name FROM region WHERE regionkey = 0

-- a column before a star of its table
SELECT r.name, r.* FROM region r WHERE regionkey = 0
