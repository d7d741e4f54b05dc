-- cast of strings to numbers
SELECT CAST('42' AS integer), CAST('-7' AS bigint), CAST('1.25' AS double), CAST('1.25' AS decimal(10,2)), CAST('0.1' AS real), CAST('12' AS tinyint)

-- cast of numbers to strings
SELECT CAST(42 AS varchar), CAST(-1.50 AS varchar), CAST(1e0 AS varchar), CAST(REAL '0.1' AS varchar), CAST(true AS varchar), CAST(BIGINT '9000000000' AS varchar)

-- cast of doubles to strings, large and small
SELECT CAST(1e7 AS varchar), CAST(123456.789e0 AS varchar), CAST(1e-4 AS varchar), CAST(0.1e0 AS varchar), CAST(nan() AS varchar), CAST(-1e0 / 0 AS varchar)

-- cast of doubles to integers rounds
SELECT CAST(1.5e0 AS integer), CAST(2.5e0 AS integer), CAST(-1.5e0 AS bigint), CAST(0.49e0 AS smallint)

-- cast of decimals to integers rounds
SELECT CAST(1.5 AS integer), CAST(2.5 AS bigint), CAST(-1.5 AS integer), CAST(99.4 AS tinyint)

-- cast between decimals
SELECT CAST(1.255 AS decimal(4,2)), CAST(-1.255 AS decimal(4,2)), CAST(7 AS decimal(5,1)), CAST(1.5e0 AS decimal(10,3)), CAST(BIGINT '12' AS decimal)

-- cast of booleans
SELECT CAST(true AS integer), CAST(0 AS boolean), CAST('true' AS boolean), CAST('F' AS boolean), CAST(2.0e0 AS boolean), CAST('1' AS boolean)

-- cast to varchar with a length truncates
SELECT CAST('abcdef' AS varchar(3)), CAST('abcdef' AS char(3)), CAST('a' AS varchar(10)), CAST(CAST('a' AS char(3)) AS varchar)

-- cast of strings to dates and timestamps
SELECT CAST('2024-02-29' AS date), CAST('2024-02-29 01:02:03' AS timestamp), CAST('2024-02-29' AS timestamp), CAST('2024-02-29 01:02:03 UTC' AS timestamp with time zone), CAST('01:02:03' AS time)

-- cast of dates and timestamps to strings
SELECT CAST(DATE '2024-02-29' AS varchar), CAST(TIMESTAMP '2024-02-29 01:02:03.5' AS varchar), CAST(TIMESTAMP '2024-02-29 01:02:03 UTC' AS varchar), CAST(TIME '01:02:03' AS varchar)

-- cast between dates and timestamps
SELECT CAST(TIMESTAMP '2024-02-29 23:59:59' AS date), CAST(DATE '2024-02-29' AS timestamp), CAST(TIMESTAMP '2024-02-29 23:59:59' AS time), CAST(TIMESTAMP '2024-02-29 23:00:00 -05:00' AS date)

-- cast of a timestamp to one with time zone takes the session's zone
--! zone America/New_York
SELECT CAST(TIMESTAMP '2024-07-01 12:00:00' AS timestamp with time zone), CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AS timestamp)

-- cast of intervals to strings
SELECT CAST(INTERVAL '1' DAY AS varchar), CAST(INTERVAL '-90' SECOND AS varchar), CAST(INTERVAL '14' MONTH AS varchar)

-- cast of null to any type
SELECT CAST(NULL AS integer), CAST(NULL AS varchar), CAST(NULL AS array(bigint)), CAST(NULL AS date), CAST(NULL AS decimal(5,2))

-- cast of arrays
SELECT CAST(ARRAY[1, 2] AS array(bigint)), CAST(ARRAY['1', NULL] AS array(integer)), CAST(ARRAY[ARRAY[1]] AS array(array(double)))

-- cast of maps
SELECT CAST(MAP(ARRAY['1'], ARRAY['2']) AS map(bigint, double))

-- cast of rows names their fields
SELECT CAST(ROW(1, 2.5) AS ROW(a bigint, b double)).a, CAST(ROW(1, 2.5) AS ROW(a bigint, b double)).b, CAST(ROW('1') AS ROW(n integer))

-- cast to JSON
SELECT CAST(1 AS json), CAST('a' AS json), CAST(ARRAY[1, NULL] AS json), CAST(MAP(ARRAY['k'], ARRAY[true]) AS json), CAST(DATE '2024-01-01' AS json)

-- cast from JSON
SELECT CAST(JSON '12' AS bigint), CAST(JSON '"x"' AS varchar), CAST(JSON '[1,2]' AS array(integer)), CAST(JSON '{"a":1}' AS map(varchar, integer)), CAST(JSON 'true' AS boolean)

-- cast from JSON to rows
SELECT CAST(JSON '{"id": 1, "tags": ["a", "b"]}' AS ROW(id bigint, tags array(varchar)))

-- try_cast gives null where cast fails
SELECT TRY_CAST('x' AS integer), TRY_CAST('12' AS integer), TRY_CAST('2024-13-01' AS date), TRY_CAST(300 AS tinyint), TRY_CAST('1e400' AS bigint)

-- cast of strings to varbinary and back
SELECT CAST('abc' AS varbinary), from_utf8(CAST('abc' AS varbinary)), to_utf8('é')

-- cast of strings with spaces around
SELECT TRY_CAST(' 42' AS integer), TRY_CAST('42 ' AS integer), TRY_CAST(' 1.5 ' AS double), TRY_CAST(' true' AS boolean), TRY_CAST(' 2024-01-01' AS date)

-- try_cast of nested values
SELECT TRY_CAST(ROW('x', 1) AS row(a integer, b integer)), TRY_CAST(ARRAY[NULL] AS array(integer)), TRY_CAST(ARRAY['1', 'x'] AS array(integer)), TRY_CAST(MAP(ARRAY[1.1, 1.2], ARRAY['a', 'b']) AS map(integer, varchar))
