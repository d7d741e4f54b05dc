-- integer literals take the smallest of integer and bigint
SELECT 0, 1, -1, 2147483647, 2147483648, 9223372036854775807

-- typed integer literals
SELECT TINYINT '127', SMALLINT '-32768', INTEGER '42', BIGINT '9000000000'

-- the smallest bigint
SELECT BIGINT '-9223372036854775808' AS smallest

-- decimal literals carry precision and scale
SELECT 1.5, 0.10, -123.456, .5, 12., 100000000000000000000.25

-- typed decimal literals
SELECT DECIMAL '1.50', DECIMAL '-0.001', DECIMAL '12345678901234567890.5'

-- double literals
SELECT 1e0, 1.5E3, -2.5e-3, DOUBLE '3.14', DOUBLE '1e308'

-- special doubles
SELECT nan(), infinity(), -infinity(), DOUBLE 'NaN', DOUBLE 'Infinity'

-- real literals
SELECT REAL '1.1', REAL '-0.5', REAL '3.4028235e38', REAL 'NaN'

-- booleans and null
SELECT true, false, NULL, NOT true, NOT NULL

-- string literals have their length as type
SELECT 'abc', '', 'it''s', 'é☃🎉', VARCHAR 'typed'

-- unicode string literals with escapes
SELECT U&'Hello winter \2603 !', U&'snow #2603' UESCAPE '#'

-- char literals pad
SELECT CAST('ab' AS char(4)), CHAR 'xy'

-- binary literals
SELECT X'', X'48656C6C6F', X'00 ff'

-- date literals
SELECT DATE '2024-02-29', DATE '1970-01-01', DATE '0001-01-01', DATE '9999-12-31'

-- timestamp literals
SELECT TIMESTAMP '2024-02-29 12:34:56.789', TIMESTAMP '2024-02-29 12:34:56', TIMESTAMP '2024-02-29'

-- timestamp with time zone literals
SELECT TIMESTAMP '2024-07-01 12:00:00 UTC', TIMESTAMP '2024-07-01 12:00:00.5 America/New_York', TIMESTAMP '2024-07-01 12:00:00 +05:30'

-- time literals
SELECT TIME '01:02:03.456', TIME '23:59:59', TIME '01:02:03 +08:00'

-- interval literals
SELECT INTERVAL '3' DAY, INTERVAL '2' HOUR, INTERVAL '1 02:03:04.005' DAY TO SECOND, INTERVAL '-5' MINUTE

-- year-month interval literals
SELECT INTERVAL '2' YEAR, INTERVAL '5' MONTH, INTERVAL '1-3' YEAR TO MONTH, INTERVAL -'4' MONTH

-- array literals
SELECT ARRAY[1, 2, 3], ARRAY['a', 'bb', NULL], ARRAY[], ARRAY[1, 2.5], ARRAY[ARRAY[1], ARRAY[]]

-- map literals
SELECT MAP(ARRAY['a'], ARRAY[1]), MAP(), MAP(ARRAY[1, 2], ARRAY[ARRAY['x'], NULL])

-- row literals
SELECT ROW(1, 'a'), (2, true), ROW(NULL), CAST(ROW(1, 'x') AS ROW(id bigint, name varchar))

-- JSON literals
SELECT JSON '{"b": 1, "a": [true, null]}', JSON '[1, 2.50, "x"]', JSON 'null', JSON '"text"'

-- ip address literals
SELECT IPADDRESS '10.0.0.1', IPADDRESS '2001:db8::1', IPPREFIX '192.168.1.77/24'

-- uuid literals
SELECT UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', CAST(UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS varchar)

-- typeof of literals
SELECT typeof(1), typeof(1.25), typeof('abc'), typeof(NULL), typeof(ARRAY[1]), typeof(ROW(1, 'a'))

-- comments are skipped
SELECT /* a comment */ 1 + /* another, with -- dashes */ 1 AS two -- and one at the end
