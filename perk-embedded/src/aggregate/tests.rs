//! What real Presto 0.287 gives.

use serde_json::{Value, json};

use crate::testing::{answer, error};

/// Expressions over rows, with the type and the value they have.
fn check(rows: &str, expected: &[(&str, &str, Value)]) {
    for (expression, kind, value) in expected {
        let sql = format!("SELECT {expression} FROM {rows}");
        let answer = answer(&sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(answer.columns[0].1, *kind, "{sql}");
        assert_eq!(answer.rows[0][0], *value, "{sql}");
    }
}

const SOME: &str =
    "(VALUES (1, 'a', 1.5), (NULL, 'b', NULL), (3, 'c', 2.0), (3, NULL, 1.6)) t(x, s, d)";

#[test]
fn numbers_are_aggregated() {
    check(
        SOME,
        &[
            ("count(*)", "bigint", json!(4)),
            ("count(x)", "bigint", json!(3)),
            ("count(DISTINCT x)", "bigint", json!(2)),
            ("count(*) FILTER (WHERE x > 1)", "bigint", json!(2)),
            ("count_if(x > 1)", "bigint", json!(2)),
            ("approx_distinct(x)", "bigint", json!(2)),
            ("sum(x)", "bigint", json!(7)),
            ("sum(DISTINCT x)", "bigint", json!(4)),
            ("sum(d)", "decimal(38,1)", json!("5.1")),
            ("avg(x)", "double", json!(7.0 / 3.0)),
            ("avg(d)", "decimal(2,1)", json!("1.7")),
            ("bool_and(x > 0)", "boolean", json!(true)),
            ("bool_or(x > 5)", "boolean", json!(false)),
            ("bitwise_or_agg(x)", "bigint", json!(3)),
            ("bitwise_and_agg(x)", "bigint", json!(1)),
            ("stddev_pop(x)", "double", json!(0.942_809_041_582_063_4)),
            ("var_pop(DISTINCT x)", "double", json!(1.0)),
            ("approx_percentile(x, 0.5)", "bigint", json!(3)),
            (
                "approx_percentile(x, ARRAY[0.0, 1.0])",
                "array(bigint)",
                json!([1, 3]),
            ),
            ("approx_percentile(x, ARRAY[])", "array(bigint)", json!([])),
            ("approx_distinct(x, 0.1)", "bigint", json!(2)),
        ],
    );
}

#[test]
fn values_are_picked_and_collected() {
    check(
        SOME,
        &[
            ("min(s)", "varchar(1)", json!("a")),
            ("max(x)", "integer", json!(3)),
            ("max(x, 2)", "array(integer)", json!([3, 3])),
            ("min_by(s, x)", "varchar(1)", json!("a")),
            ("max_by(x, s)", "integer", json!(3)),
            (
                "max_by(s, x, 5)",
                "array(varchar(1))",
                json!(["c", null, "a"]),
            ),
            ("any_value(s)", "varchar(1)", json!("a")),
            (
                "array_agg(x ORDER BY x DESC NULLS LAST)",
                "array(integer)",
                json!([3, 3, 1, null]),
            ),
            ("set_agg(x)", "array(integer)", json!([1, null, 3])),
            (
                "map_agg(s, x)",
                "map(varchar(1),integer)",
                json!({"a": 1, "b": null, "c": 3}),
            ),
            (
                "multimap_agg(x, s)",
                "map(integer,array(varchar(1)))",
                json!({"1": ["a"], "3": ["c", null]}),
            ),
            (
                "histogram(x)",
                "map(integer,bigint)",
                json!({"1": 1, "3": 2}),
            ),
        ],
    );
}

#[test]
fn of_no_rows_only_counts_are_something() {
    check(
        "(VALUES (1)) t(x) WHERE x > 1",
        &[
            ("count(*)", "bigint", json!(0)),
            ("count_if(x > 1)", "bigint", json!(0)),
            ("sum(x)", "bigint", Value::Null),
            ("array_agg(x)", "array(integer)", Value::Null),
            ("avg(1.5)", "decimal(2,1)", Value::Null),
            ("max_by(x, x)", "integer", Value::Null),
            ("regr_count(x + 0e0, x + 0e0)", "double", Value::Null),
            ("CAST(entropy(x) AS varchar)", "varchar", json!("0.0")),
            ("histogram(x)", "map(integer,bigint)", Value::Null),
        ],
    );
}

#[test]
fn groups_are_apart() {
    let sql = "SELECT k, sum(x), max_by(x, x), count(DISTINCT x) FROM (VALUES ('a', 1), ('b', 2), ('a', 5), ('a', 5)) t(k, x) GROUP BY k ORDER BY k";
    assert_eq!(
        answer(sql).unwrap().rows,
        [json!(["a", 11, 5, 2]), json!(["b", 2, 2, 1])]
    );
}

#[test]
fn means_are_rounded() {
    for (values, kind, mean) in [
        (
            "INTERVAL '1' SECOND, INTERVAL '1.001' SECOND",
            "interval day to second",
            "0 00:00:01.001",
        ),
        (
            "INTERVAL '1' MONTH, INTERVAL '2' MONTH",
            "interval year to month",
            "0-2",
        ),
        ("DECIMAL '-1', DECIMAL '-2'", "decimal(1,0)", "-2"),
        (
            "DECIMAL '99999999999999999999999999999999999999', DECIMAL '99999999999999999999999999999999999999'",
            "decimal(38,0)",
            "99999999999999999999999999999999999999",
        ),
    ] {
        let rows = format!("(VALUES {values}) t(x)");
        check(&rows, &[("avg(x)", kind, json!(mean))]);
        check(
            &format!("{rows} GROUP BY true"),
            &[("avg(x)", kind, json!(mean))],
        );
    }
}

#[test]
fn pairs_are_compared() {
    let rows = "(VALUES (1e0, 1e9), (1e0, 1e9 + 1), (NULL, 0e0)) t(y, x)";
    check(
        rows,
        &[
            ("regr_count(y, x)", "double", json!(2.0)),
            ("regr_r2(y, x)", "double", json!(1.0)),
            ("regr_slope(y, x)", "double", json!(0.0)),
            ("regr_avgx(y, x)", "double", json!(1_000_000_000.5)),
            ("regr_sxx(y, x)", "double", json!(0.5)),
            ("covar_samp(y, y)", "double", json!(0.0)),
            ("corr(y, x)", "double", Value::Null),
            (
                "regr_count(CAST(y AS real), CAST(x AS real))",
                "real",
                json!(2.0),
            ),
        ],
    );
    let sql = format!("SELECT round(corr(x, x), 10) FROM {rows} WHERE y = 1 GROUP BY y");
    assert_eq!(answer(&sql).unwrap().rows, [json!([1.0])]);
}

/// What is far larger than the rest, or does not fit with it, leaves no trace when it leaves a frame.
#[test]
fn frames_are_added_up_anew() {
    for (kind, values, sums) in [
        (
            "double",
            ["1e100", "1e0", "1e0"],
            json!([1e100, 1e100, 2.0]),
        ),
        (
            "bigint",
            ["9223372036854775807", "0", "1"],
            json!([i64::MAX, i64::MAX, 1]),
        ),
        (
            "decimal(38,0)",
            ["99999999999999999999999999999999999999", "0", "1"],
            json!([
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
                "1"
            ]),
        ),
    ] {
        let [a, b, c] = values.map(|value| format!("CAST('{value}' AS {kind})"));
        let sql = format!(
            "SELECT sum(x) OVER (ORDER BY i ROWS 1 PRECEDING) FROM (VALUES (1, {a}), (2, {b}), (3, {c})) t(i, x) ORDER BY i"
        );
        let answer = answer(&sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let found: Vec<Value> = answer.rows.iter().map(|row| row[0].clone()).collect();
        assert_eq!(Value::from(found), sums, "{sql}");
    }
}

#[test]
fn windows_look_at_other_rows() {
    let rows = |expression: &str| {
        let sql =
            format!("SELECT {expression} FROM (VALUES (10), (20), (NULL), (40)) t(x) ORDER BY x");
        let answer = answer(&sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let values: Vec<Value> = answer.rows.iter().map(|row| row[0].clone()).collect();
        (answer.columns[0].1.clone(), Value::from(values))
    };
    for (expression, kind, values) in [
        (
            "row_number() OVER (ORDER BY x)",
            "bigint",
            json!([1, 2, 3, 4]),
        ),
        (
            "cume_dist() OVER (ORDER BY x)",
            "double",
            json!([0.25, 0.5, 0.75, 1.0]),
        ),
        (
            "lag(x, 1, -1) OVER (ORDER BY x)",
            "integer",
            json!([-1, 10, 20, 40]),
        ),
        (
            "lag(x, CAST(NULL AS bigint), -1) OVER (ORDER BY x)",
            "integer",
            json!([null, null, null, null]),
        ),
        (
            "lead(x) OVER (ORDER BY x)",
            "integer",
            json!([20, 40, null, null]),
        ),
        (
            "lag(x) IGNORE NULLS OVER (ORDER BY x DESC NULLS FIRST)",
            "integer",
            json!([20, 40, null, null]),
        ),
        (
            "last_value(x) OVER (ORDER BY x)",
            "integer",
            json!([10, 20, 40, null]),
        ),
        (
            "nth_value(x, 2) OVER (ORDER BY x)",
            "integer",
            json!([null, 20, 20, 20]),
        ),
        ("ntile(3) OVER (ORDER BY x)", "bigint", json!([1, 1, 2, 3])),
        (
            "sum(x) OVER (ORDER BY x ROWS 1 PRECEDING)",
            "bigint",
            json!([10, 30, 60, 40]),
        ),
        (
            "array_agg(x) OVER (ORDER BY x ROWS 1 PRECEDING)",
            "array(integer)",
            json!([[10], [10, 20], [20, 40], [40, null]]),
        ),
        (
            "max_by(x, -x) OVER (ORDER BY x ROWS 1 PRECEDING)",
            "integer",
            json!([10, 10, 20, 40]),
        ),
    ] {
        assert_eq!(rows(expression), (kind.to_owned(), values), "{expression}");
    }
}

#[test]
fn bad_arguments_fail() {
    for (expression, name) in [
        ("sum('a')", "SYNTAX_ERROR"),
        ("avg(true)", "SYNTAX_ERROR"),
        ("ntile('a') OVER ()", "SYNTAX_ERROR"),
        (
            "sum(x) FROM (VALUES (9223372036854775807), (1)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE",
        ),
        (
            "map_union_sum(x) FROM (VALUES MAP(ARRAY[1], ARRAY[TINYINT '100']), MAP(ARRAY[1], ARRAY[TINYINT '100'])) t(x)",
            "GENERIC_INTERNAL_ERROR",
        ),
        ("map_union_sum(MAP(ARRAY[1], ARRAY[1.5]))", "SYNTAX_ERROR"),
        ("approx_distinct(1, 0.5)", "INVALID_FUNCTION_ARGUMENT"),
        ("max(1, 0)", "INVALID_FUNCTION_ARGUMENT"),
        ("approx_percentile(1, 2)", "INVALID_FUNCTION_ARGUMENT"),
        ("lag(1, -1) OVER ()", "INVALID_FUNCTION_ARGUMENT"),
        ("nth_value(1, 0) OVER ()", "INVALID_FUNCTION_ARGUMENT"),
        ("ntile(0) OVER ()", "INVALID_FUNCTION_ARGUMENT"),
    ] {
        assert_eq!(error(expression), name, "{expression}");
    }
}
