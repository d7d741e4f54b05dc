-- tables, views and rows of the memory catalog
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SHOW SCHEMAS FROM memory
CREATE SCHEMA memory.through
CREATE SCHEMA memory.through
CREATE SCHEMA IF NOT EXISTS memory.through
CREATE SCHEMA nosuch.through
CREATE SCHEMA tpch.through
CREATE SCHEMA memory.through3 WITH (nosuch = 1)
SHOW CREATE SCHEMA memory.through
USE memory.through
SHOW TABLES
CREATE TABLE t (a bigint, b varchar, c varchar(5), d decimal(10,2), e date, f timestamp, g array(bigint), h row(x integer, y varchar))
CREATE TABLE t (a bigint)
CREATE TABLE IF NOT EXISTS t (a bigint)
CREATE TABLE nn (a bigint NOT NULL, b varchar COMMENT 'remark')
CREATE TABLE tc (a bigint COMMENT 'col') COMMENT 'tab'
CREATE TABLE tl (LIKE t)
CREATE TABLE bad (a nosuchtype)
CREATE TABLE bad (a bigint, a bigint)
CREATE TABLE bad (a bigint) WITH (nosuch = 1)
CREATE TABLE nosuch.x.t (a bigint)
CREATE TABLE memory.nosuch.t (a bigint)
SHOW CREATE TABLE t
SHOW CREATE TABLE tc
DESCRIBE tc
DESCRIBE t
INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL), (3, 'z')
INSERT INTO t SELECT nationkey, name, NULL, NULL, NULL, NULL, NULL, NULL FROM tpch.tiny.nation WHERE false
INSERT INTO nn VALUES (NULL, 'a')
INSERT INTO t (a) VALUES ('x')
INSERT INTO t VALUES (1)
INSERT INTO t (nosuch) VALUES (1)
INSERT INTO nosuch VALUES (1)
INSERT INTO tpch.tiny.nation SELECT * FROM tpch.tiny.nation
SELECT a, b FROM t
CREATE TABLE c AS SELECT * FROM tpch.tiny.nation
CREATE TABLE c AS SELECT * FROM tpch.tiny.nation
CREATE TABLE IF NOT EXISTS c AS SELECT * FROM tpch.tiny.nation
CREATE TABLE c2 AS SELECT * FROM tpch.tiny.nation WITH NO DATA
CREATE TABLE c3 (x, y) AS SELECT nationkey, name FROM tpch.tiny.nation
CREATE TABLE c4 AS SELECT 1
CREATE TABLE c5 AS SELECT NULL a
CREATE TABLE memory.nosuch.c AS SELECT 1 a
CREATE OR REPLACE TABLE c AS SELECT 1 a
CREATE TABLE tpch.tiny.x AS SELECT 1 a
DELETE FROM c WHERE nationkey < 5
DELETE FROM c
DELETE FROM nosuch
DELETE FROM tpch.tiny.nation
UPDATE c SET name = 'x' WHERE nationkey = 7
UPDATE c SET nosuch = 1
UPDATE nosuch SET a = 1
UPDATE tpch.tiny.nation SET name = 'x'
MERGE INTO c USING tpch.tiny.nation n ON (c.nationkey = n.nationkey) WHEN MATCHED THEN DELETE
TRUNCATE TABLE c2
TRUNCATE TABLE nosuch
TRUNCATE TABLE tpch.tiny.nation
ALTER TABLE t RENAME TO t2
ALTER TABLE nosuch RENAME TO t3
ALTER TABLE IF EXISTS nosuch RENAME TO t3
ALTER TABLE t2 RENAME TO c
ALTER TABLE t2 RENAME TO tpch.tiny.t
ALTER TABLE t2 ADD COLUMN z bigint
ALTER TABLE t2 ADD COLUMN a bigint
ALTER TABLE t2 ADD COLUMN IF NOT EXISTS a bigint
ALTER TABLE nosuch ADD COLUMN z bigint
ALTER TABLE IF EXISTS nosuch ADD COLUMN z bigint
ALTER TABLE t2 DROP COLUMN b
ALTER TABLE t2 DROP COLUMN nosuch
ALTER TABLE t2 RENAME COLUMN a TO a2
ALTER TABLE t2 RENAME COLUMN nosuch TO a2
ALTER TABLE t2 SET PROPERTIES x = 1
ALTER TABLE t2 ALTER COLUMN a SET DATA TYPE varchar
ALTER TABLE t2 ALTER COLUMN a DROP NOT NULL
ALTER TABLE t2 SET AUTHORIZATION bob
ALTER TABLE t2 EXECUTE optimize
COMMENT ON TABLE c3 IS 'hello'
COMMENT ON TABLE nosuch IS 'hello'
COMMENT ON COLUMN c3.x IS 'col'
COMMENT ON COLUMN c3.nosuch IS 'col'
SHOW CREATE TABLE c3
DESCRIBE c3
CREATE VIEW v AS SELECT nationkey, name FROM tpch.tiny.nation
CREATE VIEW v AS SELECT 1 a
CREATE OR REPLACE VIEW v AS SELECT nationkey, name FROM tpch.tiny.nation WHERE nationkey < 3
CREATE VIEW v2 SECURITY INVOKER AS SELECT 1 a
CREATE VIEW v3 COMMENT 'cv' AS SELECT 1 a
CREATE VIEW v4 AS SELECT nosuch FROM tpch.tiny.nation
CREATE VIEW c3 AS SELECT 1 a
CREATE VIEW tpch.tiny.v AS SELECT 1 a
SHOW CREATE VIEW v
SHOW CREATE TABLE v
SELECT * FROM v
DESCRIBE v
SHOW TABLES
SELECT * FROM memory.information_schema.views WHERE table_schema = 'through'
SELECT * FROM memory.information_schema.tables WHERE table_schema = 'through'
SELECT * FROM memory.information_schema.columns WHERE table_schema = 'through' AND table_name IN ('v','tc','nn','t2')
INSERT INTO v VALUES (1, 'a')
DELETE FROM v
ALTER VIEW v RENAME TO vv
ALTER VIEW nosuch RENAME TO vv
COMMENT ON VIEW vv IS 'x'
ALTER VIEW v SET AUTHORIZATION bob
DROP TABLE v
DROP TABLE IF EXISTS v
DROP VIEW c3
DROP VIEW v
DROP VIEW IF EXISTS v
DROP VIEW IF EXISTS nosuch
DROP VIEW nosuch
DROP VIEW vv
DROP VIEW v2
DROP VIEW v3
CREATE MATERIALIZED VIEW mv AS SELECT 1 a
DROP MATERIALIZED VIEW mv
DROP MATERIALIZED VIEW IF EXISTS mv
CREATE FUNCTION memory.through.meaning() RETURNS bigint RETURN 42
CREATE FUNCTION memory.through.meaning() RETURNS bigint RETURN 42
SELECT memory.through.meaning()
SHOW CREATE FUNCTION memory.through.meaning
SHOW FUNCTIONS FROM memory.through
DROP FUNCTION memory.through.meaning()
DROP FUNCTION IF EXISTS memory.through.meaning()
DROP FUNCTION memory.through.meaning()
DROP SCHEMA memory.through
DROP TABLE t2
DROP TABLE t2
DROP TABLE IF EXISTS t2
DROP TABLE memory.nosuch.t
DROP TABLE IF EXISTS memory.nosuch.t
DROP TABLE nosuch.x.t
DROP TABLE IF EXISTS nosuch.x.t
DROP TABLE t
DROP TABLE nn
DROP TABLE tc
DROP TABLE tl
DROP TABLE c
DROP TABLE c2
DROP TABLE c3
DROP TABLE c5
DROP TABLE tpch.tiny.nation
SHOW TABLES
ALTER SCHEMA memory.through RENAME TO through2
ALTER SCHEMA memory.nosuch RENAME TO through2
ALTER SCHEMA memory.through SET AUTHORIZATION bob
DROP SCHEMA memory.through2
DROP SCHEMA memory.through
DROP SCHEMA memory.through
DROP SCHEMA IF EXISTS memory.through
DROP SCHEMA IF EXISTS memory.through2
DROP SCHEMA memory.nosuch
DROP SCHEMA IF EXISTS nosuch.x
DROP SCHEMA tpch.tiny
SHOW SCHEMAS FROM memory
CREATE CATALOG foo USING memory
DROP CATALOG foo

-- the blackhole catalog
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
CREATE TABLE blackhole.default.through AS SELECT * FROM tpch.tiny.nation
INSERT INTO blackhole.default.through SELECT * FROM tpch.tiny.nation
SELECT * FROM blackhole.default.through
DELETE FROM blackhole.default.through
UPDATE blackhole.default.through SET name = 'x'
ALTER TABLE blackhole.default.through RENAME TO blackhole.default.through9
SHOW CREATE TABLE blackhole.default.through9
TRUNCATE TABLE blackhole.default.through9
DROP TABLE blackhole.default.through9
DROP TABLE IF EXISTS blackhole.default.through
