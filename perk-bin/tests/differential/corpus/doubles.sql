-- double arithmetic
SELECT 1e0 + 2, 0.1e0 + 0.2e0, 7e0 / 2, 1e0 / 3, 5e0 % 3, -2e0 * 1.5

-- double division by zero is infinite
SELECT 1e0 / 0, -1e0 / 0, 0e0 / 0, 1 / 0e0

-- roots, powers and exponentials
SELECT sqrt(2e0), cbrt(27e0), power(2, 10), pow(2e0, 0.5e0), exp(1e0), sqrt(-1e0)

-- logarithms
SELECT ln(10e0), log2(8e0), log10(1000e0), ln(0e0)

-- trigonometry
SELECT sin(1e0), cos(1e0), tan(1e0), asin(1e0), atan(1e0), atan2(1e0, 2e0)

-- hyperbolic functions and angles
SELECT cosh(1e0), tanh(1e0), degrees(pi()), radians(180e0), e()

-- rounding of doubles
SELECT round(2.5e0), round(-2.5e0), round(3.14159e0, 2), floor(-1.5e0), ceil(1.2e0), truncate(-1.7e0)

-- rounding with negative digits
SELECT round(1234.5e0, -2), round(1250, -2), round(BIGINT '15', -1)

-- rounding of integers keeps the type
SELECT round(5), floor(5), ceiling(BIGINT '5'), round(REAL '2.5')

-- NaN and infinity tests
SELECT is_nan(nan()), is_nan(1e0), is_infinite(1e0 / 0), is_finite(1e0), nan() = nan(), nan() > 1e0

-- double comparisons with other numbers
SELECT 1e0 = 1, 1.5e0 > 1.5, 0.1e0 = 0.1, REAL '0.1' = 0.1e0, -0e0 = 0e0

-- reals
SELECT REAL '1.5' + REAL '2', REAL '1' / REAL '3', REAL '1.5' * 2, REAL '1.5' + 1e0, abs(REAL '-1.5')

-- sign and absolute value of doubles
SELECT sign(-2.5e0), sign(0e0), abs(-2.5e0), sign(nan())

-- double columns
SELECT custkey, acctbal, round(acctbal), acctbal * 2, acctbal / 3 FROM customer WHERE custkey <= 3 ORDER BY custkey

-- large and small doubles
SELECT 1e300 * 1e10, 1e-320, 123456789012345680e0, 1e21, 1e-7

-- normal distribution and friends
SELECT normal_cdf(0, 1, 1.96), inverse_normal_cdf(0, 1, 0.3), cosine_similarity(MAP(ARRAY['a'], ARRAY[1.0]), MAP(ARRAY['a'], ARRAY[2.0]))

-- powers of one and logarithms
SELECT power(1e0, nan()), power(1e0, infinity()), power(-1e0, infinity()), power(nan(), 0e0), log2(8e0), log2(1000e0)

-- width_bucket beyond the last bigint
SELECT width_bucket(0e0, 2e0, 1e0, 9223372036854775807)

-- doubles beside decimals
SELECT 1e-16 > 0.0, 1e0 / 3 = 0.333333333333333, 1e20 > 1.5, 1e-20 IN (0.0, 1.5), 1e-20 BETWEEN 0.1 AND 1e0, CASE WHEN true THEN 1e-20 ELSE 0.5 END, coalesce(1e-20, 0.5), REAL '1.5' = 1.5

-- doubles and decimals in one column
SELECT 1e-20 AS x UNION ALL SELECT 0.5

-- doubles and decimals in values
SELECT x FROM (VALUES 1e-20, 0.5, 1) t(x)
