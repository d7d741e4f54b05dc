-- integer arithmetic keeps its type
SELECT 1 + 2, 7 - 10, 6 * 7, 7 / 2, -7 / 2, 7 % 3

-- the remainder takes the dividend's sign
SELECT -7 % 3, 7 % -3, mod(-7, 3), mod(10, 4)

-- mixed integer types widen
SELECT TINYINT '1' + SMALLINT '2', SMALLINT '1' + 2, 1 + BIGINT '2', TINYINT '100' * 2

-- unary minus and plus
SELECT -(5), +5, - -5, -(-5) + 2

-- precedence of operators
SELECT 1 + 2 * 3, (1 + 2) * 3, 2 * 3 % 4, 10 - 4 - 3, 100 / 10 / 5

-- absolute value and sign
SELECT abs(-5), abs(BIGINT '-9000000000'), sign(-3), sign(0), sign(BIGINT '12')

-- bitwise functions
SELECT bitwise_and(12, 10), bitwise_or(12, 10), bitwise_xor(12, 10), bitwise_not(0), bit_count(255, 64), bitwise_shift_left(1, 4, 64)

-- bases
SELECT to_base(255, 16), from_base('ff', 16), to_base(5, 2), from_base('-1010', 2)

-- greatest and least of integers
SELECT greatest(1, 5, 3), least(1, 5, 3), greatest(1, NULL), greatest(1, BIGINT '5')

-- comparisons of integers
SELECT 1 < 2, 2 <= 2, 3 > 4, 1 = 1, 1 <> 2, 1 != 1

-- between and in for integers
SELECT 5 BETWEEN 1 AND 10, 5 NOT BETWEEN 1 AND 4, 5 IN (1, 3, 5), 5 NOT IN (1, 2), NULL IN (1), 1 IN (2, NULL)

-- is distinct from treats nulls as equal
SELECT 1 IS DISTINCT FROM NULL, NULL IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1, NULL IS NULL, 1 IS NOT NULL

-- three-valued logic
SELECT true AND NULL, false AND NULL, true OR NULL, false OR NULL, NOT CAST(NULL AS boolean)

-- width_bucket of integers and arrays
SELECT width_bucket(5.3e0, 0, 10, 5), width_bucket(12, 0, 10, 5), width_bucket(3e0, ARRAY[1e0, 2e0, 4e0])

-- sequence of integers
SELECT sequence(1, 5), sequence(5, 1), sequence(0, 10, 5)

-- integer columns of a table
SELECT nationkey, nationkey + 1, nationkey * 2, nationkey / 2, nationkey % 5, -nationkey FROM nation WHERE nationkey < 3 ORDER BY nationkey

-- unary plus
SELECT +(1 + 2), +length('abc'), -+-5, +(7 / 2)
