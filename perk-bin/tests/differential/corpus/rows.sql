-- fields of rows
SELECT r.a, r.b FROM (SELECT CAST(ROW(1, 'x') AS ROW(a integer, b varchar)) AS r)

-- fields of anonymous rows by position
SELECT r[1], r[2] FROM (SELECT ROW(1, 'x') AS r)

-- comparisons of rows
SELECT ROW(1, 'a') = ROW(1, 'a'), (1, 2) < (1, 3), ROW(1, 2) <> ROW(1, 3), (1, 2) IN ((1, 2), (3, 4))

-- nested rows
SELECT CAST(ROW(1, ROW('x', ARRAY[1, 2])) AS ROW(id integer, inner_row ROW(name varchar, list array(bigint))))

-- rows of a table
SELECT ROW(nationkey, name) AS pair, CAST(ROW(regionkey, comment IS NULL) AS ROW(region bigint, empty boolean)) AS named FROM nation WHERE nationkey < 2 ORDER BY nationkey

-- rows with nulls
SELECT ROW(NULL, 1), ROW(1, NULL) IS NULL, CAST(NULL AS ROW(a integer)) IS NULL

-- grouping by rows
SELECT r, count(*) AS n FROM (VALUES ROW(ROW(1, 'a')), ROW(ROW(1, 'a')), ROW(ROW(2, 'b'))) t(r) GROUP BY r ORDER BY n
