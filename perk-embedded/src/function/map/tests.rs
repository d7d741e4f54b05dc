use crate::testing::{error, value};
use serde_json::json;

#[test]
fn maps_are_as_presto_has_them() {
    for (expression, kind, expected) in [
        (
            "MAP(ARRAY['a'], ARRAY[1])",
            "map(varchar(1),integer)",
            json!({"a": 1}),
        ),
        ("MAP()", "map(unknown,unknown)", json!({})),
        (
            "MAP(ARRAY['a', 'b'], ARRAY[1, 2])['b']",
            "integer",
            json!(2),
        ),
        (
            "element_at(MAP(ARRAY['a'], ARRAY[1]), 'x')",
            "integer",
            json!(null),
        ),
        (
            "map_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))",
            "array(varchar(1))",
            json!(["a", "b"]),
        ),
        (
            "map_values(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))",
            "array(integer)",
            json!([1, 2]),
        ),
        (
            "cardinality(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))",
            "bigint",
            json!(2),
        ),
        (
            "map_entries(MAP(ARRAY['a'], ARRAY[1]))",
            "array(row(varchar(1),integer))",
            json!([["a", 1]]),
        ),
        (
            "map_concat(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b'], ARRAY[9]))",
            "map(varchar(1),integer)",
            json!({"a": 1, "b": 9}),
        ),
        (
            "map_from_entries(ARRAY[(1, 'x'), (2, 'y')])",
            "map(integer,varchar(1))",
            json!({"1": "x", "2": "y"}),
        ),
        (
            "multimap_from_entries(ARRAY[(1, 'x'), (1, 'y')])",
            "map(integer,array(varchar(1)))",
            json!({"1": ["x", "y"]}),
        ),
    ] {
        assert_eq!(
            value(expression),
            (kind.to_owned(), expected),
            "{expression}"
        );
    }
}

#[test]
fn keys_are_there_once() {
    for expression in [
        "MAP(ARRAY['a'], ARRAY[1])['b']",
        "MAP(ARRAY[1, 1], ARRAY[2, 3])",
        "MAP(ARRAY[NULL], ARRAY[1])",
        "MAP(ARRAY[1, 2], ARRAY[1])",
    ] {
        assert_eq!(
            error(expression),
            "INVALID_FUNCTION_ARGUMENT",
            "{expression}"
        );
    }
}
