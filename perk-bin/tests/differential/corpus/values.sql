-- values as a statement
VALUES 1, 2, 3

-- values of several columns
VALUES (1, 'a'), (2, 'b')

-- values with an order
SELECT * FROM (VALUES (2, 'b'), (1, 'a')) AS t (id, name) ORDER BY id

-- values find a common type
VALUES (1, 'a'), (2.5, 'bcd'), (NULL, NULL)

-- values without names
SELECT * FROM (VALUES (1, 2))

-- values with expressions
SELECT x * 2 AS doubled FROM (VALUES 1 + 1, length('abc')) t(x) ORDER BY 1

-- a table as a statement
TABLE region

-- rows that are arrays
VALUES ARRAY[1, 2], ARRAY[3]

-- rows that are called so
VALUES ROW(1, 'a'), (2, 'b')

-- a table as a subquery
SELECT count(*) AS n FROM (TABLE region)
