-- decimal addition and subtraction
SELECT 1.10 + 2.205, 10.0 - 0.01, 1.5 + 1, 1.5 - BIGINT '1', 9.9 + 0.1

-- decimal multiplication
SELECT 1.5 * 1.5, 1.50 * 2, -0.1 * 0.1, 12345.678 * 100

-- decimal division
SELECT 1.0 / 3, 10.00 / 4.0, 1 / 3.000, -7.5 / 2

-- decimal remainder
SELECT 7.5 % 2, -7.5 % 2.0, 10 % 3.3

-- decimals with doubles become doubles
SELECT 1.5 + 1e0, 2.5 * REAL '2', 1.1 / 2e0

-- rounding of decimals
SELECT round(2.5), round(-2.5), round(3.14159, 2), floor(-1.5), ceil(1.2), truncate(-1.79, 1)

-- absolute value and sign of decimals
SELECT abs(-1.50), sign(-1.5), sign(0.0), -(1.5)

-- comparisons of decimals
SELECT 1.0 = 1.00, 1.5 > 1, 1.10 < 1.2, 1.5 BETWEEN 1 AND 2, 0.1 IN (0.10, 0.2), greatest(1.5, 2)

-- wide decimals
SELECT DECIMAL '12345678901234567890' + 0.5, DECIMAL '99999999999999999999' * 2, CAST(1 AS decimal(38,0)) / 3

-- aggregates of decimals
SELECT sum(x), avg(x), min(x), max(x), count(x) FROM (VALUES 1.10, 2.25, 3.00) t(x)

-- decimals of a column
SELECT custkey, CAST(acctbal AS decimal(12,2)) AS balance, CAST(acctbal AS decimal(12,2)) * 1.1 AS raised FROM customer WHERE custkey < 4 ORDER BY custkey

-- sum of decimals of a table
SELECT sum(CAST(totalprice AS decimal(12,2))) AS total, avg(CAST(totalprice AS decimal(12,2))) AS average FROM orders
