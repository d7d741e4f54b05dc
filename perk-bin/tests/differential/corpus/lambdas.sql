-- transform and filter
SELECT transform(ARRAY[1, 2, 3], x -> x * x), filter(ARRAY[1, 2, 3, 4], x -> x % 2 = 0), transform(ARRAY['a'], x -> x || '!'), transform(ARRAY[1, NULL], x -> coalesce(x, 0))

-- reduce
SELECT reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s), reduce(ARRAY[1, 2, 3], CAST(ROW(0.0, 0) AS ROW(sum double, count integer)), (s, x) -> CAST(ROW(x + s.sum, s.count + 1) AS ROW(sum double, count integer)), s -> IF(s.count = 0, NULL, s.sum / s.count))

-- matches
SELECT any_match(ARRAY[1, 2], x -> x > 1), all_match(ARRAY[1, 2], x -> x > 1), none_match(ARRAY[1, 2], x -> x > 5), any_match(ARRAY[], x -> true)

-- zip_with
SELECT zip_with(ARRAY[1, 2], ARRAY[10, 20], (x, y) -> x + y), zip_with(ARRAY['a'], ARRAY[1, 2], (x, y) -> (x, y))

-- lambdas that use columns
SELECT regionkey, transform(ARRAY[1, 2], x -> x + regionkey) AS shifted FROM region WHERE regionkey < 2 ORDER BY regionkey

-- lambdas in lambdas
SELECT transform(ARRAY[ARRAY[1, 2], ARRAY[3]], a -> transform(a, x -> x * 10)), filter(ARRAY['ab', 'c'], s -> length(s) > 1)

-- array_sort with a comparator by length
SELECT array_sort(ARRAY['ccc', 'a', 'bb'], (x, y) -> CAST(sign(length(x) - length(y)) AS integer))

-- find_first
SELECT find_first(ARRAY[1, 5, 7], x -> x > 3), find_first(ARRAY[1], x -> x > 3), find_first_index(ARRAY[1, 5], x -> x > 3)

-- reduce_agg
SELECT reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b) FROM (VALUES 1, 2, 3) t(x)

-- matches stop where they are decided
SELECT any_match(ARRAY[1, 0], x -> 1 / x = 1), all_match(ARRAY[2, 0], x -> 1 / x = 1), none_match(ARRAY[1, 0], x -> 1 / x = 1), any_keys_match(MAP(ARRAY[1, 0], ARRAY[1, 2]), k -> 1 / k = 1)

-- find_first stops where it has found
SELECT find_first(ARRAY[1, 0], x -> 1 / x = 1), find_first_index(ARRAY[1, 0], x -> 1 / x = 1)

-- reduce of NULL
SELECT reduce(a, 0, (s, x) -> s + x, s -> 10 / s) FROM (VALUES ARRAY[5], NULL) t(a)

-- of equal ones
SELECT array_top_n(ARRAY['aa', 'b', 'cc', 'ddd'], 2, (x, y) -> IF(length(x) < length(y), -1, IF(length(x) > length(y), 1, 0))), array_max_by(ARRAY['aa', 'bb', 'c'], x -> length(x)), array_min_by(ARRAY['aa', 'bb', 'ccc'], x -> length(x))

-- a comparator that cannot compare equal ones
SELECT array_sort(ARRAY[3, 1, 2], (x, y) -> IF(x = y, NULL, IF(x < y, -1, 1)))
