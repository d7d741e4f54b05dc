-- schemas of a catalog
SHOW SCHEMAS FROM tpch LIKE 'tiny'

-- tables of the session's schema
SHOW TABLES

-- tables of a named schema
SHOW TABLES FROM tpch.sf1

-- tables like a pattern
SHOW TABLES LIKE 'part%'

-- columns of a table
SHOW COLUMNS FROM nation

-- describe
DESCRIBE orders

-- describe of a qualified table
DESC tpch.sf1.lineitem

-- columns of customer
SHOW COLUMNS IN tpch.tiny.customer

-- tables in information_schema
SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'tiny' ORDER BY table_name

-- columns in information_schema
SELECT column_name, ordinal_position, column_default, is_nullable, data_type FROM information_schema.columns WHERE table_schema = 'tiny' AND table_name = 'customer' ORDER BY ordinal_position

-- schemata in information_schema
SELECT catalog_name, schema_name FROM tpch.information_schema.schemata WHERE schema_name IN ('tiny', 'sf1') ORDER BY schema_name

-- all columns of information_schema.columns
SELECT * FROM tpch.information_schema.columns WHERE table_schema = 'tiny' AND table_name = 'region' ORDER BY ordinal_position

-- number of columns by table
SELECT table_name, count(*) AS n FROM information_schema.columns WHERE table_schema = 'sf1' GROUP BY table_name ORDER BY table_name

-- no views in tpch
SELECT * FROM information_schema.views WHERE table_schema = 'tiny'

-- catalogs as the JDBC driver asks for them
SELECT TABLE_CAT FROM system.jdbc.catalogs WHERE TABLE_CAT = 'tpch' ORDER BY TABLE_CAT

-- schemas as the JDBC driver asks for them
SELECT TABLE_SCHEM, TABLE_CATALOG FROM system.jdbc.schemas WHERE TABLE_CATALOG = 'tpch' AND TABLE_SCHEM = 'tiny' ORDER BY TABLE_CATALOG, TABLE_SCHEM

-- tables as the JDBC driver asks for them
SELECT TABLE_CAT, TABLE_SCHEM, TABLE_NAME, TABLE_TYPE, REMARKS, TYPE_CAT, TYPE_SCHEM, TYPE_NAME, SELF_REFERENCING_COL_NAME, REF_GENERATION FROM system.jdbc.tables WHERE TABLE_CAT = 'tpch' AND TABLE_SCHEM LIKE 'tiny' ESCAPE '\' AND TABLE_NAME LIKE 'nation' ESCAPE '\' ORDER BY TABLE_TYPE, TABLE_CAT, TABLE_SCHEM, TABLE_NAME

-- columns as the JDBC driver asks for them
SELECT TABLE_CAT, TABLE_SCHEM, TABLE_NAME, COLUMN_NAME, DATA_TYPE, TYPE_NAME, COLUMN_SIZE, DECIMAL_DIGITS, NULLABLE, ORDINAL_POSITION FROM system.jdbc.columns WHERE TABLE_CAT = 'tpch' AND TABLE_SCHEM LIKE 'tiny' ESCAPE '\' AND TABLE_NAME LIKE 'supplier' ESCAPE '\' ORDER BY TABLE_CAT, TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION

-- use changes the session
USE tpch.sf1

-- use of a schema of the session's catalog
USE sf1

-- set session of a known property
SET SESSION query_max_run_time = '10m'

-- reset session
RESET SESSION query_max_run_time

-- show create table
SHOW CREATE TABLE region

-- the user of the session
SELECT current_user

-- explain only validates
EXPLAIN (TYPE VALIDATE) SELECT name FROM nation

-- grants on a table
SHOW GRANTS ON TABLE tpch.tiny.nation

-- explain only validates, whatever the format
EXPLAIN (TYPE VALIDATE, FORMAT JSON) SELECT 1

-- set session to a text with blanks
SET SESSION query_max_run_time = '10 m'
