-- a connector's failure
SELECT 1 /*script error=JDBC_ERROR*/
SELECT 1 /*script error=HIVE_METASTORE_ERROR at=0:0 work_ms=30*/

-- a failure of the engine
SELECT 1 /*script error=GENERIC_INTERNAL_ERROR*/
SELECT 1 /*script error=COMPILER_ERROR at=2:17*/
SELECT 1 /*script error=REMOTE_TASK_ERROR queued=1 work_ms=30*/
SELECT 1 /*script error=PAGE_TRANSPORT_TIMEOUT*/

-- a lack of something
SELECT 1 /*script error=EXCEEDED_GLOBAL_MEMORY_LIMIT*/
SELECT 1 /*script error=CLUSTER_OUT_OF_MEMORY work_ms=30*/
SELECT 1 /*script error=QUERY_QUEUE_FULL early=1*/

-- a failure of the user's
SELECT 1 /*script error=SYNTAX_ERROR early=1*/
SELECT 1 /*script error=PERMISSION_DENIED at=0:0*/

-- a write that fails
INSERT INTO t SELECT 1 /*script update=INSERT error=JDBC_NON_TRANSIENT_ERROR work_ms=30*/

-- a failure after a warning
SELECT 1 /*script warnings=2 error=JDBC_ERROR*/

-- a connector's write, its warnings and what it tells the session
INSERT INTO t SELECT 1 /*script update=INSERT count=7 warnings=3 header=Set-Session:a=b*/

-- columns without rows, and pages of every kind
SELECT 1 /*script dataless=1 pages=3 rows=2*/
SELECT 1 /*script nested=1 pages=4 rows=3 page_ms=5*/
SELECT 1 /*script final_data=1 pages=2 rows=2*/
