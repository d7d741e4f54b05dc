-- errors
--! header Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION
SELEC 1
SELECT 1;
SELECT 1; SELECT 2
SELECT 1 -- comment
/* c */ SELECT 1
SELECT nosuch FROM nation
SELECT nosuch(1)
SELECT abs('x')
SELECT 1 + 'x'
SELECT * FROM nation WHERE
SELECT 1/0
SELECT 1e0/0, 0e0/0
SELECT CAST('x' AS bigint)
SELECT CAST('x' AS date)
SELECT 9223372036854775807 + 1
SELECT CAST(300 AS tinyint)
SELECT 99999999999999999999
SELECT name FROM nation GROUP BY regionkey
SELECT nationkey FROM nation, region WHERE regionkey = 1
SELECT x.* FROM nation
SELECT * FROM "a b"
SELECT "quoted" FROM nation
SELECT (SELECT nationkey FROM nation)
SELECT fail('boom')
SELECT json_parse('{')
SELECT ARRAY[1,2][5]
SELECT MAP(ARRAY['a'],ARRAY[1])['b']
SELECT substr('abc', 'x')
SELECT 'abc
SELECT ?
SELECT * FROM tpch.tiny.nation ORDER BY nosuch
SELECT * FROM tpch.tiny.nation ORDER BY 9
SELECT * FROM tpch.tiny.nation LIMIT -1
SELECT 1 UNION SELECT 'a'
SELECT count(*) FROM nation WHERE count(*) > 1
SELECT date '2020-13-01'
SELECT sqrt(1,2)
SELECT a FROM (VALUES 1) t(a,b)
SELECT nationkey, nationkey FROM nation n JOIN nation m ON n.nationkey = m.nationkey
