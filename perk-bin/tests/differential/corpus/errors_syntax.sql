-- syntax error: not a statement
SELEC 1

-- syntax error: nothing selected
SELECT FROM nation

-- syntax error: unfinished
SELECT 1 +

-- syntax error: trailing comma
SELECT 1, FROM nation

-- syntax error: unbalanced parenthesis
SELECT (1 + 2

-- syntax error: unclosed string
SELECT 'abc

-- syntax error: where twice
SELECT 1 FROM nation WHERE true WHERE true

-- syntax error: clauses in the wrong order
SELECT name FROM nation ORDER BY name WHERE nationkey = 1

-- syntax error: a reserved word as name
SELECT 1 AS select

-- syntax error: a semicolon
SELECT 1;

-- syntax error: two statements
SELECT 1; SELECT 2

-- syntax error: backquotes
SELECT `name` FROM nation

-- syntax error: join without on
SELECT * FROM nation JOIN region

-- syntax error: bad interval unit
SELECT INTERVAL '1' FORTNIGHT

-- syntax error: negative limit
SELECT 1 LIMIT -1

-- syntax error: an identifier that begins with a digit
SELECT 1 AS 1a

-- syntax error: a number too large for a literal
SELECT 9223372036854775808

-- syntax error: cast without a type
SELECT CAST(1 AS)

-- syntax error: case without end
SELECT CASE WHEN true THEN 1

-- syntax error: in without a list
SELECT 1 IN ()

-- syntax error: an empty from list
SELECT 1 FROM

-- syntax error: group by without columns
SELECT 1 FROM nation GROUP BY

-- syntax error: two commas in a function call
SELECT concat('a',, 'b')

-- syntax error: an invalid hexadecimal literal
SELECT X'0G'

-- syntax error: top n as in other databases
SELECT TOP 5 name FROM nation

-- syntax error: limit with two numbers
SELECT name FROM nation LIMIT 5, 10

-- syntax error: double equals
SELECT 1 == 1

-- syntax error: cast with colons
SELECT 1::varchar

-- syntax error: bitwise and
SELECT 1 & 2

-- syntax error: is true
SELECT true IS TRUE

-- syntax error: distinct on
SELECT DISTINCT ON (x) x FROM (VALUES 1) t(x)

-- syntax error: ordinality of a table
SELECT * FROM region WITH ORDINALITY
