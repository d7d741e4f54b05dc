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

#[test]
fn try_is_of_the_whole_expression() {
    for (expression, expected) in [
        ("TRY(coalesce(1 / 0, 5))", json!(null)),
        ("TRY(1 / 0 IS NULL)", json!(null)),
        ("TRY(ARRAY[1 / 0])", json!(null)),
        ("TRY(ROW(1 / 0, 2))", json!(null)),
        ("TRY(IF(1 / 0 = 1, 'a', 'b'))", json!(null)),
        (
            "TRY(transform(ARRAY['1', 'x'], e -> CAST(e AS integer)))",
            json!(null),
        ),
        ("TRY(array_cum_sum(ARRAY[2147483647, 1]))", json!(null)),
        ("coalesce(TRY(1 / 0), 5)", json!(5)),
        (
            "transform(ARRAY[1, 0], x -> TRY(10 / x))",
            json!([10, null]),
        ),
        (
            "transform(ARRAY[1, 0], x -> coalesce(TRY(10 / x), x - 1))",
            json!([10, -1]),
        ),
        ("TRY(5)", json!(5)),
        ("TRY(NULL)", json!(null)),
        ("TRY((SELECT max(1 / x) FROM (VALUES 1, 2) t(x)))", json!(1)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(value("TRY(CAST('ab' AS varchar(3)))").0, "varchar(3)");
    assert_eq!(error("TRY(fail('x'))"), "GENERIC_USER_ERROR");
}

#[test]
fn try_is_of_single_rows() {
    for (query, expected) in [
        (
            "SELECT TRY(10 / x), x FROM (VALUES 0, 1, 2, 0, 5) t(x)",
            vec![
                json!([null, 0]),
                json!([10, 1]),
                json!([5, 2]),
                json!([null, 0]),
                json!([2, 5]),
            ],
        ),
        // What is in both is not worked out before.
        (
            "SELECT TRY(10 / x), TRY(10 / x + 1) FROM (VALUES 0, 1) t(x)",
            vec![json!([null, null]), json!([10, 11])],
        ),
        (
            "SELECT TRY(sum(10 / x) / count(y)) FROM (VALUES (1, NULL), (2, 3)) t(x, y)",
            vec![json!([15])],
        ),
        (
            "SELECT TRY(1 / x), count(*) FROM (VALUES 0, 1, 0) t(x) GROUP BY TRY(1 / x) ORDER BY 1",
            vec![json!([1, 1]), json!([null, 2])],
        ),
        (
            "SELECT x FROM (VALUES 0, 1) t(x) WHERE TRY(1 / x) = 1",
            vec![json!([1])],
        ),
        (
            "SELECT TRY((SELECT max(y) FROM (VALUES (0, 7), (1, 8)) u(z, y) WHERE z = x) / x) FROM (VALUES 0, 1) t(x)",
            vec![json!([null]), json!([8])],
        ),
    ] {
        assert_eq!(answer(query).unwrap().rows, expected, "{query}");
    }
}

#[test]
fn coalesce_works_out_each_once_and_no_more_than_it_needs() {
    for (expression, kind, expected) in [
        ("coalesce(1 + 1, 1 / 0)", "integer", json!(2)),
        (
            "coalesce(nullif('a', 'a'), NULL, 'bc')",
            "varchar(2)",
            json!("bc"),
        ),
        (
            "coalesce(CAST(NULL AS integer), BIGINT '5')",
            "bigint",
            json!(5),
        ),
        ("coalesce(CAST(NULL AS date), NULL)", "date", json!(null)),
    ] {
        assert_eq!(
            value(expression),
            (kind.to_owned(), expected),
            "{expression}"
        );
    }
    assert_eq!(error("coalesce(1 + 1, 'a')"), "SYNTAX_ERROR");
    let both = answer(
        "SELECT x = coalesce(x, 2.0) FROM (SELECT coalesce(nullif(random(), 2e0), 0e0) FROM region) t(x)",
    );
    assert_eq!(both.unwrap().rows, vec![json!([true]); 5]);
    let rows = answer(
        "SELECT coalesce(x / 2, y, -1) FROM (VALUES (4, 1), (NULL, 1), (NULL, NULL)) t(x, y)",
    );
    assert_eq!(
        rows.unwrap().rows,
        vec![json!([2]), json!([1]), json!([-1])]
    );
}

#[test]
fn nested_forms_stay_small() {
    let nested = |before: &str, after: &str| format!("{}1{}", before.repeat(30), after.repeat(30));
    for expression in [
        nested("nullif(", ", 0)"),
        nested("coalesce(", " + 0, 0)"),
        nested("coalesce(nullif(1, 1), ", ")"),
    ] {
        assert_eq!(value(&expression).1, json!(1), "{expression}");
    }
}

#[test]
fn lambdas_are_not_asked_what_is_decided() {
    for (expression, expected) in [
        ("any_match(ARRAY[1, 0], x -> 1 / x = 1)", json!(true)),
        ("all_match(ARRAY[2, 0], x -> 1 / x = 1)", json!(false)),
        ("none_match(ARRAY[1, 0], x -> 1 / x = 1)", json!(false)),
        ("find_first(ARRAY[1, 0], x -> 1 / x = 1)", json!(1)),
        ("find_first(ARRAY[0, 1, 0, 1], 4, x -> 1 / x = 1)", json!(1)),
        (
            "find_first_index(ARRAY[0, 1], -1, x -> 1 / x = 1)",
            json!(2),
        ),
        (
            "any_keys_match(MAP(ARRAY[1, 0], ARRAY[1, 2]), k -> 1 / k = 1)",
            json!(true),
        ),
        (
            "no_values_match(MAP(ARRAY[1, 2], ARRAY[1, 0]), v -> 1 / v = 1)",
            json!(false),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(
        error("any_match(ARRAY[2, 0], x -> 1 / x = 1)"),
        "DIVISION_BY_ZERO"
    );
    let rows = answer(
        "SELECT reduce(a, 0, (s, x) -> s + x, s -> 10 / s) FROM (VALUES ARRAY[5], NULL) t(a)",
    );
    assert_eq!(rows.unwrap().rows, vec![json!([2]), json!([null])]);
}

#[test]
fn arrays_are_sorted_by_a_lambda() {
    let by_tens = "(x, y) -> IF(x / 10 < y / 10, -1, IF(x / 10 > y / 10, 1, 0))";
    for (array, sorted) in [
        (json!([]), json!([])),
        (json!([7]), json!([7])),
        (
            json!([31, 12, 5, 11, 30, 4, 13]),
            json!([5, 4, 12, 11, 13, 31, 30]),
        ),
    ] {
        let expression = format!("array_sort(CAST(ARRAY{array} AS array(integer)), {by_tens})");
        assert_eq!(value(&expression).1, sorted, "{array}");
    }
    for (expression, expected) in [
        // Nothing is compared with itself.
        (
            "array_sort(ARRAY[3, 1, 2], (x, y) -> IF(x = y, NULL, IF(x < y, -1, 1)))",
            json!([1, 2, 3]),
        ),
        (
            "array_sort(sequence(1, 100), (x, y) -> IF(x * 37 % 101 < y * 37 % 101, -1, 1)) = array_sort(sequence(1, 100), (x, y) -> CAST(sign(x * 37 % 101 - y * 37 % 101) AS integer))",
            json!(true),
        ),
        // An order that contradicts itself gives some order.
        (
            "array_sort(array_sort(sequence(1, 9), (x, y) -> -1)) = sequence(1, 9)",
            json!(true),
        ),
        (
            "array_top_n(ARRAY['aa', 'b', 'cc', 'ddd'], 2, (x, y) -> IF(length(x) < length(y), -1, IF(length(x) > length(y), 1, 0)))",
            json!(["ddd", "cc"]),
        ),
        (
            "array_max_by(ARRAY['aa', 'bb', 'c'], x -> length(x))",
            json!("bb"),
        ),
        (
            "array_min_by(ARRAY['aa', 'bb', 'ccc'], x -> length(x))",
            json!("aa"),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(
        error("array_sort(ARRAY[1, 2], (x, y) -> 5)"),
        "INVALID_FUNCTION_ARGUMENT"
    );
    assert_eq!(
        error("array_top_n(ARRAY[1, 2], -1, (x, y) -> 0)"),
        "GENERIC_USER_ERROR"
    );
    let rows = answer(
        "SELECT array_sort(a, (x, y) -> IF(x < y, 1, -1)) FROM (VALUES (ARRAY[1, 2]), (NULL), (ARRAY[3, 5, 4])) t(a)",
    );
    assert_eq!(
        rows.unwrap().rows,
        vec![json!([[2, 1]]), json!([null]), json!([[5, 4, 3]])]
    );
}

#[test]
fn subqueries_may_be_in_what_comes_later() {
    for (query, expected) in [
        ("SELECT coalesce(nullif(1, 1), (SELECT 5))", json!([5])),
        (
            "SELECT coalesce((SELECT max(y) FROM (VALUES (1, 8)) u(z, y) WHERE z = x), -1) FROM (VALUES 1) t(x)",
            json!([8]),
        ),
    ] {
        assert_eq!(answer(query).unwrap().rows, vec![expected], "{query}");
    }
}
