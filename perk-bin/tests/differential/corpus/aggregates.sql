-- aggregates of a whole table
SELECT count(*) AS n, sum(quantity) AS quantity, min(shipdate) AS first, max(shipdate) AS last, count(DISTINCT shipmode) AS modes FROM lineitem

-- aggregates of no rows
SELECT count(*), count(x), sum(x), avg(x), min(x), array_agg(x) FROM (VALUES 1) t(x) WHERE x > 1

-- aggregates skip nulls
SELECT count(*), count(x), sum(x), avg(x), max(x), array_agg(x ORDER BY x) FROM (VALUES 1, NULL, 3) t(x)

-- types of sums and averages
SELECT sum(TINYINT '1'), sum(1), sum(1.5), sum(1e0), sum(REAL '1.5'), avg(REAL '1.5')

-- averages of integers are doubles
SELECT avg(x), avg(CAST(x AS bigint)), avg(CAST(x AS decimal(5,2))), avg(CAST(x AS double)) FROM (VALUES 1, 2, 4) t(x)

-- group by a column
SELECT regionkey, count(*) AS n, min(name) AS first FROM nation GROUP BY regionkey ORDER BY regionkey

-- group by an expression and an ordinal
SELECT substr(name, 1, 1) AS initial, count(*) AS n FROM nation GROUP BY 1 ORDER BY n DESC, initial LIMIT 5

-- group by with nulls
SELECT x, count(*) AS n FROM (VALUES 1, NULL, 1, NULL) t(x) GROUP BY x ORDER BY x

-- having
SELECT orderpriority, count(*) AS n FROM orders GROUP BY orderpriority HAVING count(*) > 2900 ORDER BY orderpriority

-- having without group by
SELECT sum(x) FROM (VALUES 1, 2) t(x) HAVING count(*) > 5

-- distinct aggregates
SELECT count(DISTINCT regionkey), sum(DISTINCT x % 2), array_agg(DISTINCT x % 2 ORDER BY x % 2) FROM (SELECT regionkey, CAST(nationkey AS integer) AS x FROM nation)

-- filtered aggregates
SELECT count(*) FILTER (WHERE regionkey = 1) AS ones, sum(nationkey) FILTER (WHERE name LIKE 'A%') AS a, max(name) FILTER (WHERE false) AS none FROM nation

-- boolean aggregates
SELECT bool_and(x > 0), bool_or(x > 2), every(x < 3), count_if(x > 1) FROM (VALUES 1, 2, 3) t(x)

-- variance and deviation
SELECT round(stddev(x), 10), round(stddev_pop(x), 10), round(variance(x), 10), var_pop(x), round(var_samp(x), 10) FROM (VALUES 1e0, 2e0, 4e0, 8e0) t(x)

-- correlation and regression
SELECT round(corr(y, x), 10), round(covar_pop(y, x), 10), round(covar_samp(y, x), 10), round(regr_slope(y, x), 10), round(regr_intercept(y, x), 10) FROM (VALUES (1e0, 2e0), (2e0, 4.5e0), (3e0, 5e0)) t(x, y)

-- skewness, kurtosis, geometric mean
SELECT round(skewness(x), 8), round(kurtosis(x), 8), round(geometric_mean(x), 8) FROM (VALUES 1e0, 2e0, 4e0, 8e0, 16e0) t(x)

-- min_by and max_by
SELECT max_by(name, nationkey), min_by(name, nationkey), max_by(name, nationkey, 2), min_by(nationkey, name) FROM nation

-- min and max of several
SELECT max(nationkey, 3), min(name, 2) FROM nation

-- arbitrary, checksum and any_value
SELECT arbitrary(x), any_value(x), checksum(x) FROM (VALUES 7, 7) t(x)

-- approximate distinct of few values
SELECT approx_distinct(regionkey), approx_distinct(name) FROM nation WHERE regionkey = 0

-- approximate percentiles
SELECT approx_percentile(x, 0.5), approx_percentile(x, ARRAY[0.1, 0.9]) FROM (VALUES 1, 2, 3, 4, 5) t(x)

-- bitwise aggregates
SELECT bitwise_and_agg(x), bitwise_or_agg(x) FROM (VALUES 12, 10) t(x)

-- aggregates of strings, dates and booleans
SELECT min(name), max(name), min(DATE '2024-01-01'), max(nationkey > 3) FROM nation

-- array_agg with order and set_agg
SELECT array_agg(x ORDER BY x DESC), array_sort(set_agg(x)), array_sort(array_agg(DISTINCT x)) FROM (VALUES 2, 1, 2) t(x)

-- numeric histogram and entropy
SELECT entropy(x), map_agg(x, x * 2), cardinality(histogram(x)) FROM (VALUES 1, 1) t(x)

-- select distinct
SELECT DISTINCT orderstatus, orderpriority LIKE '1%' AS urgent FROM orders ORDER BY 1, 2

-- aggregates of expressions and expressions of aggregates
SELECT returnflag, sum(extendedprice * (1 - discount)) / count(*) AS average, sum(quantity) > 1000 AS large FROM lineitem GROUP BY returnflag ORDER BY returnflag

-- revenue by ship mode
SELECT shipmode, count(*) AS n, round(sum(extendedprice * (1 - discount)), 2) AS revenue, avg(quantity) AS quantity FROM lineitem WHERE shipdate >= DATE '1997-01-01' GROUP BY shipmode ORDER BY revenue DESC

-- group by alias of a subquery and group by all columns
SELECT segment, n FROM (SELECT mktsegment AS segment, count(*) AS n FROM customer GROUP BY mktsegment) ORDER BY segment

-- group by nothing but a constant
SELECT 'all' AS what, count(*) AS n FROM region GROUP BY 'all'

-- grouping an empty table gives no rows
SELECT regionkey, count(*) FROM nation WHERE false GROUP BY regionkey

-- means of intervals are rounded
SELECT avg(x), avg(-x) FROM (VALUES INTERVAL '1' SECOND, INTERVAL '1.001' SECOND) t(x)

-- means of intervals of months are rounded
SELECT avg(x), avg(-x) FROM (VALUES INTERVAL '1' MONTH, INTERVAL '2' MONTH) t(x)

-- means of decimals
SELECT avg(x), avg(y) FROM (VALUES (DECIMAL '99999999999999999999999999999999999999', DECIMAL '-1'), (DECIMAL '99999999999999999999999999999999999999', DECIMAL '-2')) t(x, y)

-- regression where y is constant
SELECT regr_r2(y, x), regr_count(y, x), regr_slope(y, x), regr_avgx(y, x), regr_sxx(y, x), corr(y, x) FROM (VALUES (1e0, 1e0), (1e0, 2e0), (NULL, 3e0)) t(y, x)

-- regression of nothing
SELECT regr_r2(y, x), regr_count(y, x), regr_avgx(y, x), regr_sxy(y, x), corr(y, x), covar_pop(y, x), covar_samp(y, x) FROM (VALUES (1e0, 1e0)) t(y, x) WHERE y > 1

-- correlation of large numbers in groups
SELECT k, round(corr(y, x), 6) FROM (VALUES ('a', 1e9, 1e9), ('a', 1e9 + 1, 1e9 + 2), ('a', 1e9 + 2, 1e9 + 3), ('b', 1e0, 2e0)) t(k, y, x) GROUP BY k ORDER BY k

-- entropy of nothing
SELECT CAST(entropy(x) AS varchar) FROM (VALUES 1) t(x) WHERE x > 1

-- approx_percentile of no percentages
SELECT approx_percentile(x, CAST(ARRAY[] AS array(double))) FROM (VALUES 1, 2) t(x)

-- samples of all and of nothing
SELECT (SELECT count(*) FROM nation TABLESAMPLE BERNOULLI (100)) AS everything, (SELECT count(n.name) FROM nation AS n TABLESAMPLE BERNOULLI (0)) AS nothing

-- having over the column that an alias hides
SELECT k, sum(v) AS v FROM (SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6) GROUP BY k HAVING sum(v) > 1
