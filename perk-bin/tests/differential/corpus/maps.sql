-- subscripts of maps
SELECT MAP(ARRAY['a', 'b'], ARRAY[1, 2])['b'], element_at(MAP(ARRAY['a'], ARRAY[1]), 'x'), element_at(MAP(ARRAY[1], ARRAY['one']), 1)

-- keys, values and size
SELECT array_sort(map_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))), array_sort(map_values(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))), cardinality(MAP(ARRAY['a', 'b'], ARRAY[1, 2])), map_entries(MAP(ARRAY['a'], ARRAY[1]))

-- map_concat lets the last win
SELECT map_concat(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b'], ARRAY[9]))

-- map_from_entries and multimaps
SELECT map_from_entries(ARRAY[(1, 'x'), (2, 'y')]), multimap_from_entries(ARRAY[(1, 'x'), (1, 'y')])

-- filtering and transforming maps
SELECT map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1), transform_keys(MAP(ARRAY[1], ARRAY['x']), (k, v) -> k * 10), transform_values(MAP(ARRAY[1], ARRAY['x']), (k, v) -> v || v)

-- map_zip_with
SELECT map_zip_with(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b'], ARRAY[10]), (k, v1, v2) -> coalesce(v1, 0) + coalesce(v2, 0))

-- equality of maps
SELECT MAP(ARRAY[1, 2], ARRAY['a', 'b']) = MAP(ARRAY[2, 1], ARRAY['b', 'a']), MAP(ARRAY[1], ARRAY['a']) <> MAP(ARRAY[1], ARRAY['b'])

-- map_agg of a table
SELECT map_agg(regionkey, name) AS regions FROM region

-- multimap_agg and histogram
SELECT multimap_agg(k, v), histogram(k) FROM (VALUES ('a', 1), ('a', 1), ('b', 2)) t(k, v)

-- maps with other keys
SELECT MAP(ARRAY[DATE '2024-01-01'], ARRAY[1.5]), MAP(ARRAY[true, false], ARRAY[1e0, 2e0]), MAP(ARRAY[1.5], ARRAY[NULL])

-- map_union of groups
SELECT map_union(m) FROM (VALUES MAP(ARRAY[1], ARRAY['a']), MAP(ARRAY[2], ARRAY['b'])) t(m)

-- both zeros as keys
SELECT MAP(ARRAY[0e0], ARRAY[1])[-0e0]

-- null values without a type
SELECT map_remove_null_values(MAP(ARRAY['a'], ARRAY[NULL]))
