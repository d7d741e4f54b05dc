use crate::testing::{error, value};
use serde_json::json;

#[test]
#[expect(clippy::too_many_lines, reason = "a list")]
fn arrays_are_as_presto_has_them() {
    for (expression, kind, expected) in [
        ("ARRAY[10, 20, 30][2]", "integer", json!(20)),
        ("ARRAY[ARRAY[1, 2], ARRAY[3]][1][2]", "integer", json!(2)),
        ("element_at(ARRAY[10, 20, 30], -1)", "integer", json!(30)),
        ("element_at(ARRAY[10], 5)", "integer", json!(null)),
        ("cardinality(ARRAY[1, NULL, 3])", "bigint", json!(3)),
        ("cardinality(ARRAY[])", "bigint", json!(0)),
        ("contains(ARRAY['a'], 'b')", "boolean", json!(false)),
        ("contains(ARRAY[1, NULL], 2)", "boolean", json!(null)),
        ("ARRAY[]", "array(unknown)", json!([])),
        (
            "ARRAY['a', 'bb', NULL]",
            "array(varchar(2))",
            json!(["a", "bb", null]),
        ),
        (
            "ARRAY[1] || ARRAY[2, 3]",
            "array(integer)",
            json!([1, 2, 3]),
        ),
        ("ARRAY[1, 2] || 3", "array(integer)", json!([1, 2, 3])),
        ("0 || ARRAY[1]", "array(integer)", json!([0, 1])),
        (
            "array_sort(ARRAY[3, 1, NULL, 2])",
            "array(integer)",
            json!([1, 2, 3, null]),
        ),
        (
            "array_sort_desc(ARRAY[1, 3, 2])",
            "array(integer)",
            json!([3, 2, 1]),
        ),
        (
            "array_top_n(ARRAY[1, 3, 2], 2)",
            "array(integer)",
            json!([3, 2]),
        ),
        (
            "array_distinct(ARRAY[2, 1, 2])",
            "array(integer)",
            json!([2, 1]),
        ),
        (
            "array_intersect(ARRAY[1, 2, 2], ARRAY[2, 3])",
            "array(integer)",
            json!([2]),
        ),
        (
            "array_union(ARRAY[1, 2], ARRAY[2, 3])",
            "array(integer)",
            json!([1, 2, 3]),
        ),
        (
            "array_except(ARRAY[1, 2, 3], ARRAY[2])",
            "array(integer)",
            json!([1, 3]),
        ),
        (
            "arrays_overlap(ARRAY[1, 2], ARRAY[2])",
            "boolean",
            json!(true),
        ),
        ("array_max(ARRAY[1, 5, 3])", "integer", json!(5)),
        ("array_min(ARRAY['b', 'a'])", "varchar(1)", json!("a")),
        ("array_max(ARRAY[1, NULL])", "integer", json!(null)),
        ("array_sum(ARRAY[1, 2, NULL])", "bigint", json!(3)),
        ("array_average(ARRAY[1, 2])", "double", json!(1.5)),
        ("array_position(ARRAY['a', 'b'], 'b')", "bigint", json!(2)),
        ("array_position(ARRAY[1], 9)", "bigint", json!(0)),
        (
            "array_remove(ARRAY[1, 2, 1], 1)",
            "array(integer)",
            json!([2]),
        ),
        (
            "slice(ARRAY[1, 2, 3, 4], 2, 2)",
            "array(integer)",
            json!([2, 3]),
        ),
        (
            "slice(ARRAY[1, 2, 3], -2, 2)",
            "array(integer)",
            json!([2, 3]),
        ),
        (
            "reverse(ARRAY[1, 2, 3])",
            "array(integer)",
            json!([3, 2, 1]),
        ),
        (
            "repeat('x', 3)",
            "array(varchar(1))",
            json!(["x", "x", "x"]),
        ),
        ("repeat(1, 0)", "array(integer)", json!([])),
        (
            "flatten(ARRAY[ARRAY[1, 2], ARRAY[3]])",
            "array(integer)",
            json!([1, 2, 3]),
        ),
        ("cardinality(shuffle(ARRAY[1, 2, 3]))", "bigint", json!(3)),
        (
            "zip(ARRAY[1, 2], ARRAY['a'])",
            "array(row(integer,varchar(1)))",
            json!([[1, "a"], [2, null]]),
        ),
        (
            "combinations(ARRAY['a', 'b', 'c'], 2)",
            "array(array(varchar(1)))",
            json!([["a", "b"], ["a", "c"], ["b", "c"]]),
        ),
        (
            "ngrams(ARRAY['a', 'b', 'c'], 2)",
            "array(array(varchar(1)))",
            json!([["a", "b"], ["b", "c"]]),
        ),
        (
            "array_frequency(ARRAY['a'])",
            "map(varchar(1),integer)",
            json!({"a": 1}),
        ),
        (
            "array_duplicates(ARRAY[1, 2, 1])",
            "array(integer)",
            json!([1]),
        ),
        ("array_has_duplicates(ARRAY[1, 1])", "boolean", json!(true)),
        ("sequence(1, 3)", "array(bigint)", json!([1, 2, 3])),
        ("sequence(3, 1)", "array(bigint)", json!([3, 2, 1])),
        (
            "array_join(ARRAY['a', NULL, 'c'], ',')",
            "varchar",
            json!("a,c"),
        ),
        (
            "array_join(ARRAY['a', NULL, 'c'], ',', '?')",
            "varchar",
            json!("a,?,c"),
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
fn what_is_not_there_fails() {
    for expression in [
        "ARRAY[1, 2][3]",
        "ARRAY[1, 2][0]",
        "ARRAY[1, 2][-1]",
        "element_at(ARRAY[1, 2], 0)",
        "slice(ARRAY[1], 0, 1)",
        "sequence(1, 100000)",
    ] {
        assert_eq!(
            error(expression),
            "INVALID_FUNCTION_ARGUMENT",
            "{expression}"
        );
    }
    for expression in ["ARRAY[1, 'a']", "ARRAY[1, 2]['a']"] {
        assert_eq!(error(expression), "SYNTAX_ERROR", "{expression}");
    }
    assert_eq!(value("TRY(ARRAY[1, 2][3])").1, json!(null));
}

#[test]
fn nulls_without_a_type_are_nulls() {
    for (expression, expected) in [
        ("remove_nulls(ARRAY[NULL])", json!([])),
        ("contains(ARRAY[NULL], NULL)", json!(null)),
        ("array_position(ARRAY[NULL], NULL)", json!(null)),
        ("arrays_overlap(ARRAY[NULL], ARRAY[NULL])", json!(null)),
        ("array_frequency(ARRAY[NULL])", json!({})),
        (
            "map_remove_null_values(MAP(ARRAY['a'], ARRAY[NULL]))",
            json!({}),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

#[test]
fn elements_are_equal_as_sql_has_it() {
    for (expression, expected) in [
        ("contains(ARRAY[-0e0], 0e0)", json!(true)),
        ("contains(ARRAY[ARRAY[-0e0]], ARRAY[0e0])", json!(true)),
        ("array_position(ARRAY[1e0, -0e0], 0e0)", json!(2)),
        (
            "contains(ARRAY[MAP(ARRAY[1, 2], ARRAY[3, 4])], MAP(ARRAY[2, 1], ARRAY[4, 3]))",
            json!(true),
        ),
        (
            "contains(ARRAY[ARRAY[1], ARRAY[NULL]], ARRAY[1])",
            json!(true),
        ),
        ("array_sum(CAST(ARRAY[] AS array(double)))", json!(0.0)),
        (
            "CAST(array_sum(CAST(ARRAY[] AS array(double))) AS varchar)",
            json!("0.0"),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    for expression in [
        "array_position(ARRAY[ARRAY[NULL]], ARRAY[NULL])",
        "contains(ARRAY[ARRAY[1, NULL]], ARRAY[1, 2])",
        "array_remove(ARRAY[ARRAY[NULL]], ARRAY[1])",
    ] {
        assert_eq!(error(expression), "NOT_SUPPORTED", "{expression}");
    }
}

#[test]
fn what_is_too_much_is_refused_before_it_is_made() {
    for expression in [
        "max(length(rpad(name, 20000000, 'y'))) FROM nation",
        "max(length(lpad(to_utf8(name), 300000000, X'00'))) FROM nation",
        "max(length(replace(rpad(name, 100000, 'y'), 'y', rpad(name, 10000, 'z')))) FROM nation",
        "max(length(regexp_replace(rpad(name, 100000, 'y'), 'y', rpad(name, 10000, 'z')))) FROM nation",
        "max(cardinality(transform(sequence(1, 10000), x -> x + orderkey))) FROM orders",
        "max(cardinality(sequence(orderkey, orderkey + 9999))) FROM orders",
        "max(cardinality(repeat(rpad(name, 100000, 'y'), 10000))) FROM nation",
    ] {
        assert_eq!(
            error(expression),
            "EXCEEDED_LOCAL_MEMORY_LIMIT",
            "{expression}"
        );
    }
}

#[test]
fn sequences_as_long_as_numbers_are_refused() {
    assert_eq!(
        error("sequence(-9223372036854775807 - 1, 9223372036854775807)"),
        "INVALID_FUNCTION_ARGUMENT"
    );
}
