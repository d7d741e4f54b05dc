-- create table in tpch
CREATE TABLE tpch.tiny.mine (x integer)

-- create table as in tpch
CREATE TABLE tpch.tiny.mine AS SELECT 1 AS x

-- create table that exists in tpch
CREATE TABLE tpch.tiny.nation (x integer)

-- create table if it does not exist, and it does
CREATE TABLE IF NOT EXISTS tpch.tiny.nation (x integer)

-- create schema in tpch
CREATE SCHEMA tpch.mine

-- insert into tpch
INSERT INTO region SELECT * FROM region

-- insert of the wrong number of columns
INSERT INTO region VALUES (1, 'x')

-- insert of the wrong types
INSERT INTO region VALUES ('a', 'b', 'c')

-- insert into no such table
INSERT INTO nosuch VALUES 1

-- delete from tpch
DELETE FROM nation WHERE nationkey = 1

-- drop table in tpch
DROP TABLE nation

-- drop of no such table
DROP TABLE nosuch

-- drop of no such table if it exists
DROP TABLE IF EXISTS nosuch

-- drop of no such schema
DROP SCHEMA tpch.nosuch

-- drop of no such view
DROP VIEW nosuch

-- create view in tpch
CREATE VIEW mine AS SELECT 1 AS x

-- alter table in tpch
ALTER TABLE nation RENAME TO other

-- add column in tpch
ALTER TABLE nation ADD COLUMN x integer

-- create table of no such catalog
CREATE TABLE nosuch.a.b (x integer)

-- create table with an unknown type
CREATE TABLE tpch.tiny.mine (x nosuch)

-- create table with a column twice
CREATE TABLE tpch.tiny.mine (x integer, x integer)

-- create table as without a name for a column
CREATE TABLE tpch.tiny.mine AS SELECT 1

-- call of no such procedure
CALL tpch.tiny.nosuch()

-- commit without a transaction
COMMIT

-- rollback without a transaction
ROLLBACK

-- explain of a statement that is wrong
EXPLAIN SELECT nosuch FROM nation

-- update of tpch
UPDATE nation SET name = 'x' WHERE nationkey = 1

-- truncate in tpch
TRUNCATE TABLE nation

-- add column that exists in tpch
ALTER TABLE nation ADD COLUMN name varchar

-- add column if it does not exist, and it does
ALTER TABLE nation ADD COLUMN IF NOT EXISTS name varchar

-- add column to no such table if it exists
ALTER TABLE IF EXISTS nosuch ADD COLUMN x integer

-- drop of no such column
ALTER TABLE nation DROP COLUMN nosuch

-- drop column in tpch
ALTER TABLE nation DROP COLUMN name

-- rename of no such column
ALTER TABLE nation RENAME COLUMN nosuch TO other

-- rename of a column to another's name
ALTER TABLE nation RENAME COLUMN name TO comment

-- rename column in tpch
ALTER TABLE nation RENAME COLUMN name TO other

-- update of no such column
UPDATE nation SET nosuch = 1

-- create table with a column twice, once by like
CREATE TABLE tpch.tiny.mine (nationkey bigint, LIKE tpch.tiny.nation)

-- show create view of a table
SHOW CREATE VIEW nation

-- show grants on no such table
SHOW GRANTS ON nosuch

-- explain of an insert into no such table
EXPLAIN INSERT INTO nosuch VALUES 1

-- explain of an insert of the wrong types
EXPLAIN INSERT INTO region VALUES ('a', 'b', 'c')

-- explain of create table as without a name for a column
EXPLAIN (TYPE VALIDATE) CREATE TABLE memory.default.mine AS SELECT 1

-- natural join
SELECT 1 FROM nation NATURAL JOIN region

-- recursive with
WITH RECURSIVE t(n) AS (SELECT 1) SELECT * FROM t
