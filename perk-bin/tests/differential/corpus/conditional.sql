-- searched case
SELECT nationkey, CASE WHEN nationkey < 2 THEN 'low' WHEN nationkey < 4 THEN 'middle' ELSE 'high' END AS class FROM nation WHERE nationkey < 5 ORDER BY 1

-- simple case
SELECT CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END, CASE 3 WHEN 1 THEN 'one' END, CASE NULL WHEN NULL THEN 1 ELSE 2 END

-- case with mixed numeric types
SELECT CASE WHEN true THEN 1 ELSE 2.5 END, CASE WHEN false THEN 1 ELSE 2e0 END, CASE WHEN true THEN 1 ELSE BIGINT '2' END

-- if
SELECT IF(true, 1, 2), IF(false, 'a'), IF(NULL, 1, 2), IF(1 > 0, 'x', 'longer')

-- coalesce
SELECT coalesce(NULL, 1, 2), coalesce(NULL, NULL), coalesce('a', 'bcd'), coalesce(NULL, 1, 2.5), coalesce(CAST(NULL AS bigint), 3)

-- nullif
SELECT nullif(1, 1), nullif(1, 2), nullif('a', 'b'), nullif(NULL, 1)

-- try
SELECT TRY(1 / 0), TRY(CAST('x' AS integer)), TRY(10 / 2), coalesce(TRY(CAST('abc' AS bigint)), 0)

-- case is lazy
SELECT CASE WHEN x = 0 THEN NULL ELSE 10 / x END AS r FROM (VALUES 0, 1, 2) t(x) ORDER BY r

-- counting with case
SELECT count(CASE WHEN orderstatus = 'F' THEN 1 END) AS finished, sum(CASE WHEN orderstatus = 'O' THEN 1 ELSE 0 END) AS open, count_if(orderstatus = 'P') AS pending FROM orders

-- conditions without a result
SELECT name FROM region WHERE NULL OR regionkey = 1

-- nested conditions
SELECT CASE WHEN regionkey IN (0, 1) THEN IF(length(name) > 6, 'long', 'short') ELSE coalesce(nullif(name, 'ASIA'), 'none') END AS r FROM region ORDER BY regionkey

-- try is of the whole expression
SELECT TRY(coalesce(1 / 0, 5)), TRY(1 / 0 IS NULL), TRY(ARRAY[1 / 0]), TRY(ROW(1 / 0, 2)), TRY(IF(1 / 0 = 1, 'a', 'b')), TRY(transform(ARRAY['1', 'x'], e -> CAST(e AS integer)))

-- try is of single rows
SELECT x, TRY(10 / x), TRY(10 / x + 1), coalesce(TRY(10 / x), -1) FROM (VALUES 0, 1, 2, 0, 5) t(x) ORDER BY 1

-- nullif keeps the first value's type
SELECT nullif(1, 2.5), nullif(1, 1.0), nullif('a', 'bcd'), nullif(ARRAY[1], ARRAY[1]), nullif(NULL, 1), nullif(1, NULL)

-- coalesce works out no more than it needs
SELECT coalesce(1 + 1, 1 / 0), coalesce(nullif('a', 'a'), NULL, 'bc'), coalesce(nullif(1, 1), BIGINT '5')
