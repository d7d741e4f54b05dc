-- subscripts and element_at
SELECT ARRAY[10, 20, 30][1], element_at(ARRAY[10, 20, 30], 2), element_at(ARRAY[10, 20, 30], -1), element_at(ARRAY[10], 5)

-- cardinality and contains
SELECT cardinality(ARRAY[1, NULL, 3]), contains(ARRAY[1, 2], 2), contains(ARRAY['a'], 'b'), contains(ARRAY[1, NULL], 2), cardinality(ARRAY[])

-- concatenating arrays
SELECT ARRAY[1] || ARRAY[2, 3], concat(ARRAY['a'], ARRAY['b']), ARRAY[1, 2] || 3, 0 || ARRAY[1]

-- sorting arrays
SELECT array_sort(ARRAY[3, 1, NULL, 2]), array_sort(ARRAY['b', 'a', 'C']), array_sort(ARRAY[1, 3, 2], (x, y) -> IF(x < y, 1, IF(x > y, -1, 0))), array_sort_desc(ARRAY[1, 3, 2])

-- sets of arrays
SELECT array_distinct(ARRAY[2, 1, 2]), array_intersect(ARRAY[1, 2, 2], ARRAY[2, 3]), array_union(ARRAY[1, 2], ARRAY[2, 3]), array_except(ARRAY[1, 2, 3], ARRAY[2]), arrays_overlap(ARRAY[1, 2], ARRAY[2])

-- extremes and sums of arrays
SELECT array_max(ARRAY[1, 5, 3]), array_min(ARRAY['b', 'a']), array_max(ARRAY[1, NULL]), array_sum(ARRAY[1, 2, NULL]), array_average(ARRAY[1, 2])

-- positions and removal
SELECT array_position(ARRAY['a', 'b'], 'b'), array_position(ARRAY[1], 9), array_remove(ARRAY[1, 2, 1], 1)

-- slice, reverse and repeat
SELECT slice(ARRAY[1, 2, 3, 4], 2, 2), slice(ARRAY[1, 2, 3], -2, 2), reverse(ARRAY[1, 2, 3]), repeat('x', 3), repeat(1, 0)

-- flatten, shuffle's size and zip
SELECT flatten(ARRAY[ARRAY[1, 2], ARRAY[3]]), cardinality(shuffle(ARRAY[1, 2, 3])), zip(ARRAY[1, 2], ARRAY['a']), zip(ARRAY[1], ARRAY['x'], ARRAY[true])

-- comparisons of arrays
SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] < ARRAY[1, 3], ARRAY[1] <> ARRAY[2], ARRAY[1, NULL] = ARRAY[1, NULL], ARRAY[1] IS NOT DISTINCT FROM ARRAY[1]

-- combinations, ngrams and frequency
SELECT combinations(ARRAY['a', 'b', 'c'], 2), ngrams(ARRAY['a', 'b', 'c'], 2), array_frequency(ARRAY['a'])

-- duplicates
SELECT array_duplicates(ARRAY[1, 2, 1]), array_has_duplicates(ARRAY[1, 1]), array_normalize(ARRAY[3.0e0, 4.0e0], 2)

-- array_agg of a table
SELECT regionkey, array_agg(name ORDER BY name) AS names FROM nation GROUP BY regionkey ORDER BY regionkey

-- nested arrays
SELECT ARRAY[ARRAY[1, 2], ARRAY[3]][1][2], cardinality(ARRAY[ARRAY[1], NULL]), ARRAY[ROW(1, 'a'), ROW(2, 'b')]

-- arrays of nothing but NULL
SELECT remove_nulls(ARRAY[NULL]), contains(ARRAY[NULL], NULL), array_position(ARRAY[NULL], NULL), arrays_overlap(ARRAY[NULL], ARRAY[NULL]), array_frequency(ARRAY[NULL])

-- both zeros are one
SELECT contains(ARRAY[-0e0], 0e0), array_position(ARRAY[1e0, -0e0], 0e0), contains(ARRAY[ARRAY[-0e0]], ARRAY[0e0])

-- maps as elements
SELECT contains(ARRAY[MAP(ARRAY[1, 2], ARRAY[3, 4])], MAP(ARRAY[2, 1], ARRAY[4, 3]))

-- the sum of nothing
SELECT array_sum(CAST(ARRAY[] AS array(double)))
