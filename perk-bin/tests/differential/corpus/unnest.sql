-- unnest of an array
SELECT x FROM UNNEST(ARRAY[3, 1, 2]) AS t(x) ORDER BY x

-- unnest with ordinality
SELECT x, i FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, i) ORDER BY i

-- unnest of a map
SELECT k, v FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(k, v) ORDER BY k

-- unnest of two arrays pads with nulls
SELECT a, b FROM UNNEST(ARRAY[1, 2, 3], ARRAY['x', 'y']) AS t(a, b) ORDER BY a

-- cross join unnest
SELECT t.id, u.item FROM (VALUES (1, ARRAY['a', 'b']), (2, ARRAY[]), (3, NULL)) t(id, items) CROSS JOIN UNNEST(t.items) AS u(item) ORDER BY 1, 2

-- unnest of rows
SELECT name, n FROM UNNEST(ARRAY[CAST(ROW('a', 1) AS ROW(name varchar, n integer)), CAST(ROW('b', 2) AS ROW(name varchar, n integer))]) AS t(name, n) ORDER BY n

-- unnest of a split string
SELECT part, count(*) AS n FROM (VALUES 'a,b,a') t(list) CROSS JOIN UNNEST(split(list, ',')) AS u(part) GROUP BY part ORDER BY part

-- unnest of a sequence
SELECT d FROM UNNEST(sequence(DATE '2024-01-01', DATE '2024-01-04')) AS t(d) ORDER BY d

-- unnest without an alias
SELECT * FROM UNNEST(ARRAY[1, 2]) ORDER BY 1

-- comma join with unnest
SELECT r.name, x FROM region r, UNNEST(ARRAY[1, 2]) AS t(x) WHERE r.regionkey = 0 ORDER BY x
