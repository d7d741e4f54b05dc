-- integer division by zero
SELECT 1 / 0

-- bigint division by zero
SELECT BIGINT '1' / 0

-- remainder of zero
SELECT 5 % 0

-- decimal division by zero
SELECT 1.0 / 0

-- decimal division by a decimal zero
SELECT 1.0 / 0.0

-- division by zero in a column
SELECT 10 / (nationkey - 3) FROM nation

-- integer overflow
SELECT 2147483647 + 1

-- integer overflow of a product
SELECT 2147483647 * 2

-- bigint overflow
SELECT 9223372036854775807 + 1

-- tinyint overflow
SELECT TINYINT '127' + TINYINT '1'

-- overflow of a negation
SELECT -INTEGER '-2147483648'

-- overflow of abs
SELECT abs(INTEGER '-2147483648')

-- overflow of a sum
SELECT sum(x) FROM (VALUES 9223372036854775807, 1) t(x)

-- decimal overflow
SELECT DECIMAL '99999999999999999999999999999999999999' + 1

-- decimal overflow of a product
SELECT DECIMAL '99999999999999999999999999999999999999' * 10

-- decimal overflow of a cast
SELECT CAST(123.45 AS decimal(3, 2))

-- cast of a string that is no integer
SELECT CAST('abc' AS integer)

-- cast of an empty string to bigint
SELECT CAST('' AS bigint)

-- cast of a decimal string to integer
SELECT CAST('1.5' AS integer)

-- cast of a string that is no double
SELECT CAST('abc' AS double)

-- cast of a string that is no decimal
SELECT CAST('abc' AS decimal(5,2))

-- cast of a string that is no boolean
SELECT CAST('yes' AS boolean)

-- cast of a string that is no date
SELECT CAST('2024-13-01' AS date)

-- cast of a string that is no day
SELECT CAST('2023-02-29' AS date)

-- cast of a string that is no timestamp
SELECT CAST('yesterday' AS timestamp)

-- cast of a string that is no time
SELECT CAST('25:00:00' AS time)

-- cast of a bigint that is too large for an integer
SELECT CAST(9000000000 AS integer)

-- cast of an integer that is too large for a tinyint
SELECT CAST(300 AS tinyint)

-- cast of a double that is too large for a bigint
SELECT CAST(1e300 AS bigint)

-- cast of NaN to an integer is zero
SELECT CAST(nan() AS integer)

-- cast of an infinite double to a decimal
SELECT CAST(infinity() AS decimal(10,2))

-- cast of JSON of another type
SELECT CAST(JSON '"abc"' AS integer)

-- cast of a JSON object to an array
SELECT CAST(JSON '{"a": 1}' AS array(integer))

-- cast of a column that fails in a row
SELECT CAST(name AS bigint) FROM nation

-- an invalid date literal
SELECT DATE '2024-02-30'

-- an invalid timestamp literal
SELECT TIMESTAMP '2024-01-01 25:00:00'

-- an invalid interval literal
SELECT INTERVAL 'x' DAY

-- an invalid decimal literal
SELECT DECIMAL 'x'

-- an invalid integer literal
SELECT INTEGER 'x'

-- an unknown time zone in a literal
SELECT TIMESTAMP '2024-01-01 00:00:00 Mars/Phobos'

-- an unknown time zone in at time zone
SELECT TIMESTAMP '2024-01-01 00:00:00 UTC' AT TIME ZONE 'Mars/Phobos'

-- an unknown time zone as an argument
SELECT from_unixtime(0, 'Mars/Phobos')

-- array subscript out of bounds
SELECT ARRAY[1, 2][3]

-- array subscript of zero
SELECT ARRAY[1, 2][0]

-- negative array subscript
SELECT ARRAY[1, 2][-1]

-- element_at of zero
SELECT element_at(ARRAY[1, 2], 0)

-- a missing key of a map
SELECT MAP(ARRAY['a'], ARRAY[1])['b']

-- a missing key of a map with integers
SELECT MAP(ARRAY[1], ARRAY[1])[2]

-- duplicate keys of a map
SELECT MAP(ARRAY[1, 1], ARRAY[2, 3])

-- a null key of a map
SELECT MAP(ARRAY[NULL], ARRAY[1])

-- keys and values of different number
SELECT MAP(ARRAY[1, 2], ARRAY[1])

-- duplicate keys of split_to_map
SELECT split_to_map('a=1,a=2', ',', '=')

-- invalid JSON literal
SELECT JSON '{'

-- json_parse of invalid JSON
SELECT json_parse('{"a":')

-- an odd JSON path
SELECT json_extract('{}', 'a..b')

-- an invalid regular expression
SELECT regexp_like('a', '(')

-- a missing group of a regular expression
SELECT regexp_extract('abc', 'b', 1)

-- chr of a negative number
SELECT chr(-1)

-- codepoint of two characters
SELECT codepoint(CAST('ab' AS varchar(1))), codepoint('ab')

-- date_parse that does not match
SELECT date_parse('2024', '%Y-%m-%d')

-- date_format with an unsupported specifier
SELECT date_format(TIMESTAMP '2024-01-01 00:00:00', '%U')

-- date_trunc with an unknown unit
SELECT date_trunc('fortnight', DATE '2024-01-01')

-- date_add with an unknown unit
SELECT date_add('fortnight', 1, DATE '2024-01-01')

-- date_trunc of a date to hours
SELECT date_trunc('hour', DATE '2024-01-01')

-- from_iso8601_date of something else
SELECT from_iso8601_date('01/02/2024')

-- parse_datetime that does not match
SELECT parse_datetime('x', 'yyyy')

-- from_base64 of something else
SELECT from_base64('a')

-- from_hex of an odd number of digits
SELECT from_hex('abc')

-- from_hex of something else
SELECT from_hex('zz')

-- from_base of something else
SELECT from_base('9', 2)

-- to_base with a bad radix
SELECT to_base(5, 1)

-- split_part with index zero
SELECT split_part('a-b', '-', 0)

-- split with limit zero
SELECT split('a', ',', 0)

-- lpad with an empty string
SELECT lpad('a', 5, '')

-- repeat with a negative number
SELECT repeat('a', -1)

-- sequence with a step of zero
SELECT sequence(1, 5, 0)

-- sequence in the wrong direction
SELECT sequence(1, 5, -1)

-- sequence that is too long
SELECT sequence(1, 1000000)

-- strpos with instance zero
SELECT strpos('abc', 'b', 0)

-- hamming distance of different lengths
SELECT hamming_distance('a', 'ab')

-- width_bucket with zero buckets
SELECT width_bucket(1e0, 0, 10, 0)

-- lag with a negative offset
SELECT lag(x, -1) OVER (ORDER BY x) FROM (VALUES 1) t(x)

-- nth_value of zero
SELECT nth_value(x, 0) OVER (ORDER BY x) FROM (VALUES 1) t(x)

-- ntile of zero
SELECT ntile(0) OVER (ORDER BY x) FROM (VALUES 1) t(x)

-- scalar subquery of several rows
SELECT (SELECT name FROM nation)

-- correlated scalar subquery of several rows
SELECT r.name, (SELECT n.name FROM nation n WHERE n.regionkey = r.regionkey) FROM region r

-- like with a bad escape
SELECT 'a' LIKE 'a' ESCAPE 'xx'

-- like with an escape at the end
SELECT 'a' LIKE 'a$' ESCAPE '$'

-- approx_percentile out of range
SELECT approx_percentile(x, 2) FROM (VALUES 1) t(x)

-- url_decode of a bad escape
SELECT url_decode('%zz')

-- fail
SELECT fail('my own message')

-- an invalid uuid
SELECT CAST('x' AS uuid)

-- an invalid ip address
SELECT CAST('x' AS ipaddress)

-- an invalid JSON path
SELECT json_extract('{}', '$.[')

-- an invalid number of days
SELECT DATE '2024-1-1', DATE 'x'

-- a cast that makes keys the same
SELECT CAST(MAP(ARRAY[1.1, 1.2], ARRAY['a', 'b']) AS map(integer, varchar))

-- a cast of json that makes keys the same
SELECT CAST(JSON '{"1":2,"01":3}' AS map(bigint, bigint))

-- json with something behind it
SELECT json_parse('{"a":1} x')

-- json with digits and letters
SELECT json_parse('123abc')

-- json with a bracket too many
SELECT json_parse('[1]]')

-- array_position of elements that contain null
SELECT array_position(ARRAY[ARRAY[NULL]], ARRAY[NULL])

-- contains of elements that contain null
SELECT contains(ARRAY[ARRAY[1, NULL]], ARRAY[1, 2])

-- levenshtein_distance of long texts
SELECT levenshtein_distance(rpad('', 1001, 'a'), rpad('', 1002, 'b'))

-- array_top_n of a negative number
SELECT array_top_n(ARRAY[1, 2], -1)

-- array_top_n of a negative number and a lambda
SELECT array_top_n(ARRAY[1, 2], -1, (x, y) -> 0)

-- a comparator that gives something else
SELECT array_sort(ARRAY[1, 2], (x, y) -> 5)

-- date_parse of a year of two digits with four
SELECT date_parse('2024-01-05', '%y-%m-%d')

-- a timestamp whose year is too far away
SELECT CAST('999999999-01-01 00:00:00' AS timestamp)

-- a sum of intervals of months that goes round
SELECT sum(x) FROM (VALUES INTERVAL '178956970' YEAR, INTERVAL '178956970' YEAR) t(x)

-- map_union_sum that does not fit
SELECT map_union_sum(x) FROM (VALUES MAP(ARRAY[1], ARRAY[TINYINT '100']), MAP(ARRAY[1], ARRAY[TINYINT '100'])) t(x)

-- approx_distinct with an error that is too large
SELECT approx_distinct(x, 0.5e0) FROM (VALUES 1, 2) t(x)

-- date_parse in an hour that a clock leaves out
--! zone Europe/Berlin
SELECT date_parse('2024-03-31 02:30', '%Y-%m-%d %H:%i')
