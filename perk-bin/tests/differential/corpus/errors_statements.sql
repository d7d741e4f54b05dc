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

-- natural join
SELECT 1 FROM nation NATURAL JOIN region

-- recursive with
WITH RECURSIVE t(n) AS (SELECT 1) SELECT * FROM t
