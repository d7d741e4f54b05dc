use crate::testing::{answer, error, value};
use serde_json::json;

#[test]
fn lambdas_are_called_for_each_element() {
    for (expression, kind, expected) in [
        (
            "transform(ARRAY[1, NULL], x -> coalesce(x, 0))",
            "array(integer)",
            json!([1, 0]),
        ),
        (
            "filter(ARRAY[1, 2, 3], x -> x > 1)",
            "array(integer)",
            json!([2, 3]),
        ),
        (
            "filter(ARRAY['ab', 'c'], s -> length(s) > 1)",
            "array(varchar(2))",
            json!(["ab"]),
        ),
        (
            "transform(ARRAY[ARRAY[1, 2], ARRAY[3]], a -> transform(a, x -> x = 1))",
            "array(array(boolean))",
            json!([[true, false], [false]]),
        ),
        ("any_match(ARRAY[1, 2], x -> x > 1)", "boolean", json!(true)),
        (
            "all_match(ARRAY[1, 2], x -> x > 1)",
            "boolean",
            json!(false),
        ),
        (
            "none_match(ARRAY[1, 2], x -> x > 5)",
            "boolean",
            json!(true),
        ),
        ("any_match(ARRAY[], x -> true)", "boolean", json!(false)),
        (
            "any_match(ARRAY[1, NULL], x -> x > 1)",
            "boolean",
            json!(null),
        ),
        (
            "find_first(ARRAY[1, 5, 7], x -> x > 3)",
            "integer",
            json!(5),
        ),
        ("find_first(ARRAY[1], x -> x > 3)", "integer", json!(null)),
        (
            "find_first_index(ARRAY[1, 5], x -> x > 3)",
            "bigint",
            json!(2),
        ),
        (
            "array_sort(ARRAY[1, 3, 2], (x, y) -> IF(x < y, 1, IF(x > y, -1, 0)))",
            "array(integer)",
            json!([3, 2, 1]),
        ),
        (
            "zip_with(ARRAY['a'], ARRAY[1, 2], (x, y) -> (x, y))",
            "array(row(varchar(1),integer))",
            json!([["a", 1], [null, 2]]),
        ),
        (
            "reduce(ARRAY[5, 20], 0, (s, x) -> IF(x > s, x, s), s -> s)",
            "integer",
            json!(20),
        ),
        (
            "reduce(ARRAY['a', 'b'], '', (s, x) -> concat(s, x), s -> length(s))",
            "bigint",
            json!(2),
        ),
        (
            "map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1)",
            "map(varchar(1),integer)",
            json!({"b": 2}),
        ),
        (
            "transform_values(MAP(ARRAY[1], ARRAY['x']), (k, v) -> concat(v, v))",
            "map(integer,varchar)",
            json!({"1": "xx"}),
        ),
        (
            "map_zip_with(MAP(ARRAY['a'], ARRAY[1]), MAP(ARRAY['b'], ARRAY[10]), (k, v, w) -> coalesce(v, w))",
            "map(varchar(1),integer)",
            json!({"a": 1, "b": 10}),
        ),
        (
            "transform(ARRAY[ROW(1, 2)], r -> r[2])",
            "array(integer)",
            json!([2]),
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
fn lambdas_see_the_row_that_they_are_called_for() {
    let answer = answer("SELECT filter(ARRAY[0, 1, 2], x -> x > n) FROM (VALUES (0), (1)) t(n)");
    let rows = answer.unwrap().rows;
    assert_eq!(rows, vec![json!([[1, 2]]), json!([[2]])]);
}

#[test]
fn lambdas_that_do_not_fit_are_refused() {
    for (expression, name) in [
        ("transform(ARRAY[1], (x, y) -> x)", "SYNTAX_ERROR"),
        ("length(x -> x)", "SYNTAX_ERROR"),
        ("transform(ARRAY[1], 5)", "SYNTAX_ERROR"),
        ("filter(ARRAY[1], x -> x)", "SYNTAX_ERROR"),
    ] {
        assert_eq!(error(expression), name, "{expression}");
    }
}
