-- regexp_like
SELECT regexp_like('1a 2b 14m', '\d+b'), regexp_like('abc', '^b'), regexp_like('ABC', '(?i)abc'), regexp_like('abc', '')

-- regexp_extract
SELECT regexp_extract('1a 2b 14m', '\d+'), regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2), regexp_extract('abc', '\d')

-- regexp_extract_all
SELECT regexp_extract_all('1a 2b 14m', '\d+'), regexp_extract_all('1a 2b 14m', '(\d+)([a-z]+)', 2), regexp_extract_all('abc', 'z')

-- regexp_replace
SELECT regexp_replace('1a 2b 14m', '\d+[ab] '), regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 '), regexp_replace('abc', 'b', '-'), regexp_replace('aaa', 'a', '$0$0')

-- regexp_replace with named groups
SELECT regexp_replace('2024-01-02', '(?<y>\d+)-(?<m>\d+)-(?<d>\d+)', '${d}.${m}.${y}')

-- regexp_replace with a lambda
SELECT regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))

-- regexp_split
SELECT regexp_split('1a 2b 14m', '\s*[a-z]+\s*'), regexp_split('a1b22c', '\d+')

-- regexp over a column
SELECT name, regexp_replace(name, '[AEIOU]', '_') AS masked FROM nation WHERE regexp_like(name, '^(UNITED|VIET)') ORDER BY name

-- regexp with lookahead
SELECT regexp_like('foobar', 'foo(?=bar)'), regexp_extract('price: 100 USD', '\d+(?= USD)')

-- the end before a line's end
SELECT regexp_like('abc' || chr(10), 'c$'), regexp_like('abc' || chr(10) || 'd', 'c$'), regexp_like('abc' || chr(10) || 'd', '(?m)c$'), regexp_like('a$', '[$]')
