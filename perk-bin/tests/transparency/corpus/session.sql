-- use
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
USE tpch.sf1
SHOW TABLES LIKE 'n%'
USE tiny
USE "Tiny"
USE tpch.nosuch
SHOW TABLES
USE tpch.tiny
USE nosuch.x
USE TPCH.TINY
USE system.jdbc
USE a.b.c

-- session properties set and reset
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SET SESSION query_max_run_time='1h'
SHOW SESSION LIKE 'query_max_run_time'
SET SESSION query_max_run_time = '2.5' || 'h'
SET SESSION query_max_run_time='bogus'
SET SESSION query_max_run_time=5
SET SESSION query_max_run_time=NULL
SET SESSION nosuch='1h'
SET SESSION nosuch.x='1h'
SET SESSION tpch.nosuch='1h'
SET SESSION join_distribution_type='BROADCAST'
SET SESSION join_distribution_type='broadcast'
SET SESSION join_distribution_type='nosuch'
SET SESSION hash_partition_count=4
SET SESSION task_concurrency=4
SET SESSION task_concurrency=3
SET SESSION task_concurrency='x'
SET SESSION task_concurrency=nosuch
SHOW SESSION LIKE 'task_concurrency'
SET SESSION colocated_join=false
SET SESSION colocated_join='false'
SET SESSION colocated_join=true and false
SET SESSION tpch.column_naming='STANDARD'
SET SESSION query_max_run_time='a=b, c'
SET SESSION query_max_run_time='1d'
RESET SESSION query_max_run_time
RESET SESSION query_max_run_time
RESET SESSION nosuch
RESET SESSION tpch.nosuch
SHOW SESSION LIKE 'query_max_run_time'
SET SESSION AUTHORIZATION bob
RESET SESSION AUTHORIZATION

-- zones, paths, roles, and calls
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SELECT current_timezone()
SET TIME ZONE 'Europe/Berlin'
SELECT current_timezone()
SET TIME ZONE '+02:00'
SET TIME ZONE INTERVAL '-3' HOUR
SET TIME ZONE LOCAL
SET TIME ZONE 'Nosuch/Zone'
SET PATH tpch.tiny
SELECT current_path
SET PATH nosuch.x
SET ROLE admin
SET ROLE NONE
SET ROLE ALL
SET ROLE admin IN tpch
SET ROLE NONE IN tpch
SELECT current_user
SELECT current_catalog, current_schema
SELECT current_path
SELECT current_role
SELECT current_groups()
SELECT version()
CREATE ROLE r
DROP ROLE r
GRANT SELECT ON nation TO bob
GRANT r TO USER bob
REVOKE SELECT ON nation FROM bob
DENY SELECT ON nation TO bob
CALL system.runtime.kill_query('x')
CALL system.runtime.kill_query(query_id => '20200101_000000_00000_aaaaa', message => 'm')
CALL tpch.tiny.nosuch()
ANALYZE nation
REFRESH MATERIALIZED VIEW nation
TABLE nation
VALUES (1, 'a'), (2, NULL)
SHOW nosuch
KILL QUERY 'x'

-- a client that would take spooled rows
--! only trino
--! header Query-Data-Encoding: json+zstd,json+lz4,json
SELECT * FROM orders
SELECT 1 WHERE false
SELECT nosuch
