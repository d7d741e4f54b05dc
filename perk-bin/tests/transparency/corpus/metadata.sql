-- catalogs, schemas, tables
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW CATALOGS
SHOW CATALOGS LIKE 't%'
SHOW CATALOGS LIKE 'tp_h'
SHOW CATALOGS LIKE 'nosuch'
SHOW CATALOGS LIKE 'tp$_h' ESCAPE '$'
SHOW SCHEMAS
SHOW SCHEMAS FROM tpch
SHOW SCHEMAS IN tpch
SHOW SCHEMAS FROM "TPCH"
SHOW SCHEMAS LIKE 'sf1%'
SHOW SCHEMAS FROM tpch LIKE 'sf1_'
SHOW SCHEMAS FROM tpch LIKE 'information$_schema' ESCAPE '$'
SHOW SCHEMAS FROM tpch LIKE 'in$x' ESCAPE '$'
SHOW SCHEMAS FROM tpch LIKE 'in' ESCAPE 'xy'
SHOW SCHEMAS FROM nosuch
SHOW SCHEMAS FROM system
SHOW SCHEMAS FROM memory
SHOW TABLES
SHOW TABLES FROM tiny
SHOW TABLES FROM tpch.tiny
SHOW TABLES IN tpch.tiny
SHOW TABLES FROM "Tiny"
SHOW TABLES LIKE 'n%'
SHOW TABLES FROM tpch.tiny LIKE 'part_upp'
SHOW TABLES FROM tpch.tiny LIKE 'n$%' ESCAPE '$'
SHOW TABLES FROM tpch.tiny LIKE 'N%'
SHOW TABLES FROM tpch.nosuch
SHOW TABLES FROM nosuch.x
SHOW TABLES FROM nosuch
SHOW TABLES FROM tpch.information_schema
SHOW TABLES FROM system.information_schema
SHOW TABLES FROM system.jdbc
SHOW TABLES FROM system.runtime
SHOW TABLES FROM system.metadata

-- without a catalog
--! catalog none
--! schema none
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW CATALOGS
SHOW SCHEMAS
SHOW TABLES
SHOW TABLES FROM tiny
SHOW TABLES FROM tpch.tiny LIKE 'r%'
SHOW COLUMNS FROM nation
SELECT * FROM nation
SELECT * FROM tiny.nation
SHOW SESSION LIKE 'query_max_run_time'
USE tiny
SHOW FUNCTIONS LIKE 'nosuch'

-- columns
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW COLUMNS FROM nation
SHOW COLUMNS IN nation
SHOW COLUMNS FROM tiny.nation
SHOW COLUMNS FROM tpch.tiny.lineitem
DESCRIBE nation
DESC nation
DESCRIBE tpch.tiny.orders
SHOW COLUMNS FROM nosuch
SHOW COLUMNS FROM tpch.nosuch.nation
SHOW COLUMNS FROM nosuch.x.y
SHOW COLUMNS FROM nation LIKE 'n%key'
SHOW COLUMNS FROM nation LIKE 'n$_n%' ESCAPE '$'

-- functions
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW FUNCTIONS LIKE 'nosuch'
SHOW FUNCTIONS LIKE 'abs'
SHOW FUNCTIONS LIKE 'array_a%'
SHOW FUNCTIONS LIKE 'array$_agg' ESCAPE '$'
SHOW FUNCTIONS LIKE 'rank'
SHOW FUNCTIONS LIKE 'cou%'
SHOW FUNCTIONS LIKE 'like'
SHOW FUNCTIONS FROM tpch.tiny
SHOW FUNCTIONS FROM memory.default
SHOW FUNCTIONS

-- session properties shown
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW SESSION LIKE 'query_max_%'
SHOW SESSION LIKE 'query$_max$_run%' ESCAPE '$'
SHOW SESSION LIKE 'nosuch'
SHOW SESSION LIKE 'tpch%'
SHOW SESSION LIKE 'join%'
SHOW SESSION

-- create, stats, roles, grants
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW CREATE TABLE tpch.tiny.nation
SHOW CREATE TABLE orders
SHOW CREATE TABLE nosuch
SHOW CREATE SCHEMA tiny
SHOW CREATE SCHEMA tpch.tiny
SHOW CREATE SCHEMA tpch.nosuch
SHOW CREATE SCHEMA memory.default
SHOW CREATE VIEW nation
SHOW CREATE VIEW nosuch
SHOW CREATE MATERIALIZED VIEW nation
SHOW CREATE FUNCTION abs
SHOW STATS FOR tpch.tiny.nation
SHOW STATS FOR nosuch
SHOW STATS FOR (SELECT * FROM nation WHERE nationkey > 3)
SHOW STATS FOR (SELECT nationkey FROM nation)
SHOW STATS FOR tpch.tiny.orders
SHOW ROLES
SHOW CURRENT ROLES
SHOW ROLE GRANTS
SHOW ROLES FROM tpch
SHOW CURRENT ROLES FROM tpch
SHOW ROLE GRANTS FROM tpch
SHOW GRANTS
SHOW GRANTS ON nation
SHOW GRANTS ON TABLE tpch.tiny.nation
SHOW GRANTS ON nosuch
SHOW BRANCHES FROM TABLE nation

-- information_schema
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW TABLES FROM tpch.information_schema
SELECT * FROM tpch.information_schema.schemata
SELECT * FROM tpch.information_schema.schemata WHERE schema_name = 'tiny'
SELECT * FROM tpch.information_schema.tables WHERE table_schema = 'tiny'
SELECT * FROM tpch.information_schema.tables WHERE table_schema = 'tiny' AND table_name IN ('nation', 'region')
SELECT * FROM tpch.information_schema.tables WHERE table_schema = 'information_schema'
SELECT * FROM tpch.information_schema.columns WHERE table_schema = 'tiny' AND table_name IN ('nation', 'region')
SELECT * FROM tpch.information_schema.columns WHERE table_schema = 'tiny' AND table_name = 'orders'
SELECT * FROM tpch.information_schema.columns WHERE table_schema = 'information_schema' AND table_name = 'tables'
SELECT * FROM tpch.information_schema.views
SELECT * FROM tpch.information_schema.table_privileges
SELECT * FROM tpch.information_schema.roles
SELECT * FROM tpch.information_schema.applicable_roles
SELECT * FROM tpch.information_schema.enabled_roles
SELECT * FROM tpch.information_schema.role_authorization_descriptors
SELECT count(*) FROM tpch.information_schema.tables
SELECT count(*) FROM tpch.information_schema.columns
SELECT * FROM information_schema.schemata ORDER BY schema_name LIMIT 2
SELECT * FROM nosuch.information_schema.tables
SELECT * FROM tpch.information_schema.nosuch

-- columns of information_schema
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
DESCRIBE tpch.information_schema."applicable_roles"
DESCRIBE tpch.information_schema."columns"
DESCRIBE tpch.information_schema."enabled_roles"
DESCRIBE tpch.information_schema."roles"
DESCRIBE tpch.information_schema."schemata"
DESCRIBE tpch.information_schema."table_privileges"
DESCRIBE tpch.information_schema."tables"
DESCRIBE tpch.information_schema."views"

-- columns of system.jdbc
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
DESCRIBE system.jdbc."attributes"
DESCRIBE system.jdbc."catalogs"
DESCRIBE system.jdbc."columns"
DESCRIBE system.jdbc."procedure_columns"
DESCRIBE system.jdbc."procedures"
DESCRIBE system.jdbc."pseudo_columns"
DESCRIBE system.jdbc."schemas"
DESCRIBE system.jdbc."super_tables"
DESCRIBE system.jdbc."super_types"
DESCRIBE system.jdbc."table_types"
DESCRIBE system.jdbc."tables"
DESCRIBE system.jdbc."types"
DESCRIBE system.jdbc."udts"

-- system tables
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SELECT * FROM system.metadata.catalogs
SELECT * FROM system.metadata.schema_properties LIMIT 5
SELECT * FROM system.metadata.table_properties LIMIT 20
SELECT * FROM system.metadata.table_comments WHERE catalog_name='tpch' AND schema_name='tiny'
SELECT * FROM system.metadata.analyze_properties LIMIT 5
SELECT * FROM system.metadata.column_properties LIMIT 5
SELECT * FROM system.metadata.materialized_views LIMIT 5

-- what changes while one looks
--! varies they are of this moment
EXPLAIN ANALYZE SELECT count(*) FROM nation
EXPLAIN ANALYZE VERBOSE SELECT 1
EXPLAIN ANALYZE USE tiny
EXPLAIN ANALYZE SHOW CATALOGS
SELECT now(), current_date, current_time, current_timestamp, localtime, localtimestamp
SELECT * FROM system.runtime.nodes
SELECT * FROM system.runtime.queries LIMIT 2
SELECT * FROM system.runtime.tasks LIMIT 2
SELECT * FROM system.runtime.transactions LIMIT 2
SELECT * FROM system.runtime.optimizer_rule_stats LIMIT 3
