-- concatenation
SELECT 'a' || 'b', concat('a', 'b', 'c'), 'a' || CAST(1 AS varchar), 'a' || CAST(NULL AS varchar), concat(name, '!') FROM nation WHERE nationkey = 0

-- length and case
SELECT length('hello'), length('é☃🎉'), upper('straße'), lower('ÀB'), length('')

-- substring
SELECT substr('hello', 2), substr('hello', 2, 3), substr('hello', -3), substring('hello' FROM 2 FOR 2), substr('hello', 0), substr('hello', 10)

-- trimming
SELECT trim('  a  '), ltrim('  a'), rtrim('a  '), '[' || trim('  b ') || ']'

-- padding
SELECT lpad('7', 3, '0'), rpad('ab', 5, 'xy'), lpad('hello', 2, '-')

-- position in a string
SELECT position('l' IN 'hello'), strpos('hello', 'lo'), strpos('hello', 'z'), strpos('banana', 'a', 2), strrpos('banana', 'a')

-- replace and reverse
SELECT replace('banana', 'an', '-'), replace('banana', 'a'), reverse('héllo')

-- split of strings
SELECT split('a,b,,c', ','), split('a,b,c', ',', 2), split_part('a-b-c', '-', 2), split_part('a-b', '-', 5)

-- split to maps
SELECT split_to_map('a=1,b=2', ',', '=')

-- like
SELECT 'hello' LIKE 'h%', 'hello' LIKE '_ello', 'hello' NOT LIKE '%z%', '50%' LIKE '50$%' ESCAPE '$', 'Hello' LIKE 'hello', 'a' LIKE NULL

-- code points
SELECT chr(65), codepoint('A'), chr(9731), codepoint('☃')

-- comparisons of strings
SELECT 'a' < 'b', 'a' < 'B', 'abc' = 'ABC', 'a' = 'a ', CAST('a' AS char(3)) = 'a', 'é' > 'z'

-- distance of strings
SELECT levenshtein_distance('kitten', 'sitting'), hamming_distance('abc', 'abd')

-- starts_with and ends_with
SELECT starts_with('presto', 'pre'), starts_with('presto', 'sto'), ends_with('presto', 'sto')

-- normalize
SELECT normalize('é', NFD) = 'é', length(normalize('é', NFD)), normalize('ﬁ', NFKC)

-- url functions
SELECT url_extract_host('http://example.com:8080/a/b?x=1#f'), url_extract_port('http://example.com:8080/a'), url_extract_path('http://example.com/a/b?x=1'), url_extract_query('http://example.com/a?x=1&y=2'), url_extract_parameter('http://example.com/a?x=1&y=2', 'y'), url_extract_protocol('https://example.com')

-- url encoding
SELECT url_encode('a b&c=é'), url_decode('a%20b%26c'), url_extract_fragment('http://example.com/#top')

-- strings of a table
SELECT name, length(name), lower(name), substr(name, 1, 3), name LIKE 'A%' FROM nation WHERE regionkey = 0 ORDER BY name

-- like over a column
SELECT name FROM nation WHERE name LIKE '%IA' ORDER BY name

-- greatest and least of strings
SELECT greatest('a', 'b'), least('apple', 'Banana'), greatest('a', NULL)

-- joining an array into a string
SELECT array_join(ARRAY['a', NULL, 'c'], ','), array_join(ARRAY['a', NULL, 'c'], ',', '?'), array_join(ARRAY[1, 2], '-')

-- char comparison and concatenation
SELECT CAST('ab' AS char(5)) || 'x', length(CAST('ab' AS char(5))), CAST('ab' AS char(5)) = CAST('ab' AS char(3))

-- word stems, and hashes of strings
SELECT word_stem('running'), to_hex(md5(to_utf8('abc'))), crc32(to_utf8('abc'))
