-- json_extract
SELECT json_extract('{"a": {"b": [1, 2]}}', '$.a.b'), json_extract('{"a": 1}', '$.x'), json_extract('{"a": "s"}', '$.a'), json_extract('[10, 20]', '$[1]')

-- json_extract_scalar
SELECT json_extract_scalar('{"a": {"b": 12}}', '$.a.b'), json_extract_scalar('{"a": "s"}', '$.a'), json_extract_scalar('{"a": [1]}', '$.a'), json_extract_scalar('{"a": true, "b": null}', '$.b'), json_extract_scalar('[1, 2, 3]', '$[2]')

-- json paths with brackets
SELECT json_extract_scalar('{"a b": 1}', '$["a b"]'), json_extract_scalar('{"store": {"book": [{"title": "x"}]}}', '$.store.book[0].title')

-- json_parse and json_format
SELECT json_parse('{"b":1,"a":[true,null]}'), json_format(JSON '{"b": 1, "a": 2}'), json_format(json_parse('[1, 2.50, "x"]'))

-- json_array_length and json_array_get
SELECT json_array_length('[1, 2, 3]'), json_array_length('{}'), json_array_get('["a", "b"]', 1), json_array_get('[1]', 5)

-- json_array_contains and json_size
SELECT json_array_contains('[1, 2, 3]', 2), json_array_contains('["a"]', 'b'), json_size('{"x": {"a": 1, "b": 2}}', '$.x'), json_size('[1, 2]', '$')

-- is_json_scalar
SELECT is_json_scalar('1'), is_json_scalar('[1]'), is_json_scalar(JSON '"s"')

-- json comparisons
SELECT JSON '{"a":1,"b":2}' = JSON '{"b":2,"a":1}', JSON '1' = JSON '1', JSON '[1,2]' = JSON '[2,1]'

-- json of rows and columns
SELECT CAST(ROW(nationkey, name) AS json) AS r, json_format(CAST(MAP(ARRAY['n'], ARRAY[name]) AS json)) AS m FROM nation WHERE nationkey < 2 ORDER BY nationkey

-- invalid json in json_extract is null
SELECT json_extract('not json', '$.a'), json_extract_scalar('{"a":', '$.a'), json_array_length('x')

-- aggregating parsed json
SELECT sum(CAST(json_extract_scalar(doc, '$.n') AS bigint)) AS total, count(json_extract(doc, '$.n')) AS n FROM (VALUES '{"n": 1}', '{"n": 2}', '{}') t(doc)

-- casting a json array and unnesting it
SELECT item FROM UNNEST(CAST(json_parse('["x", "y"]') AS array(varchar))) AS t(item) ORDER BY item

-- json with another value behind it
SELECT json_parse('[1] 2'), json_parse(' [1] ')
