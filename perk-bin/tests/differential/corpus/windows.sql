-- ranking functions
SELECT nationkey, regionkey, row_number() OVER (PARTITION BY regionkey ORDER BY nationkey) AS rn, rank() OVER (ORDER BY regionkey) AS r, dense_rank() OVER (ORDER BY regionkey) AS d FROM nation WHERE nationkey < 8 ORDER BY nationkey

-- percent_rank, cume_dist and ntile
SELECT x, percent_rank() OVER (ORDER BY x) AS p, cume_dist() OVER (ORDER BY x) AS c, ntile(2) OVER (ORDER BY x) AS n FROM (VALUES 1, 2, 2, 4) t(x) ORDER BY x, n

-- lag and lead
SELECT x, lag(x) OVER (ORDER BY x) AS before, lead(x) OVER (ORDER BY x) AS after, lag(x, 2, -1) OVER (ORDER BY x) AS before2, lead(x, 2) OVER (ORDER BY x) AS after2 FROM (VALUES 1, 2, 3) t(x) ORDER BY x

-- first, last and nth value with frames
SELECT x, first_value(x) OVER (ORDER BY x) AS f, last_value(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l, nth_value(x, 2) OVER (ORDER BY x) AS second FROM (VALUES 1, 2, 3) t(x) ORDER BY x

-- running totals
SELECT orderkey, totalprice, sum(totalprice) OVER (ORDER BY orderkey) AS running, round(avg(totalprice) OVER (ORDER BY orderkey ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), 4) AS moving FROM orders WHERE orderkey < 10 ORDER BY orderkey

-- share of the total
SELECT regionkey, count(*) AS n, sum(count(*)) OVER () AS total, count(*) * 100 / sum(count(*)) OVER () AS percent FROM nation GROUP BY regionkey ORDER BY regionkey

-- range frames include peers
SELECT x, sum(x) OVER (ORDER BY x) AS with_peers, sum(x) OVER (ORDER BY x ROWS UNBOUNDED PRECEDING) AS by_row, count(*) OVER (ORDER BY x RANGE UNBOUNDED PRECEDING) AS n FROM (VALUES 1, 2, 2, 3) t(x) ORDER BY x, by_row

-- frames to both sides
SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around, min(x) OVER (ORDER BY x ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest, count(*) OVER (ORDER BY x ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS ahead FROM (VALUES 1, 2, 3, 4) t(x) ORDER BY x

-- aggregates over partitions
SELECT DISTINCT regionkey, count(*) OVER (PARTITION BY regionkey) AS n, max(name) OVER (PARTITION BY regionkey) AS last FROM nation ORDER BY regionkey

-- the best of each group
SELECT regionkey, name FROM (SELECT regionkey, name, row_number() OVER (PARTITION BY regionkey ORDER BY name DESC) AS rn FROM nation) WHERE rn = 1 ORDER BY regionkey

-- window order with nulls
SELECT x, row_number() OVER (ORDER BY x) AS a, row_number() OVER (ORDER BY x DESC) AS d, row_number() OVER (ORDER BY x NULLS FIRST) AS f FROM (VALUES 1, NULL, 2) t(x) ORDER BY a

-- ignore nulls
SELECT k, lag(v) IGNORE NULLS OVER (ORDER BY k) AS last_seen, first_value(v) IGNORE NULLS OVER (ORDER BY k) AS f FROM (VALUES (1, 'a'), (2, NULL), (3, 'c')) t(k, v) ORDER BY k

-- window over no partition and no order
SELECT x, sum(x) OVER () AS s, count(*) OVER () AS n, array_agg(x) OVER (ORDER BY x) AS seen FROM (VALUES 1, 2) t(x) ORDER BY x

-- rank within groups of a join
SELECT r.name AS region, n.name AS nation, rank() OVER (PARTITION BY r.regionkey ORDER BY n.name) AS pos FROM nation n JOIN region r ON n.regionkey = r.regionkey WHERE r.regionkey < 2 ORDER BY 1, 3

-- year over year
SELECT y, n, n - lag(n) OVER (ORDER BY y) AS change FROM (SELECT year(orderdate) AS y, count(*) AS n FROM orders GROUP BY year(orderdate)) ORDER BY y

-- sums of doubles over sliding frames
SELECT i, sum(x) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), avg(x) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES (1, 1e100), (2, 1e0), (3, 1e0)) t(i, x) ORDER BY i

-- sums over sliding frames of numbers that only just fit
SELECT i, sum(x) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES (1, 9223372036854775807), (2, 0), (3, 1)) t(i, x) ORDER BY i

-- lag and lead by NULL
SELECT i, lag(i, n, -1) OVER (ORDER BY i), lead(i, n, -1) OVER (ORDER BY i) FROM (VALUES (1, CAST(NULL AS bigint)), (2, 1), (3, 5)) t(i, n) ORDER BY i
