use serde_json::{Value, json};

use crate::testing::{answer, error, value};

/// As Presto 0.287 was seen to answer.
#[test]
fn numbers_booleans_and_text_are_made_each_other() {
    let cases: &[(&str, &str, Value)] = &[
        ("CAST('+5' AS integer)", "integer", json!(5)),
        ("CAST(' -7 ' AS bigint)", "bigint", json!(-7)),
        ("CAST('1d' AS double)", "double", json!(1.0)),
        ("CAST('0x1p3' AS double)", "double", json!(8.0)),
        ("CAST('+NaN' AS double)", "double", json!("NaN")),
        (
            "CAST('1.25' AS decimal(10,2))",
            "decimal(10,2)",
            json!("1.25"),
        ),
        ("CAST('F' AS boolean)", "boolean", json!(false)),
        ("CAST(-1.50 AS varchar)", "varchar", json!("-1.50")),
        ("CAST(1e7 AS varchar)", "varchar", json!("1.0E7")),
        ("CAST(-1e0 / 0 AS varchar)", "varchar", json!("-Infinity")),
        (
            "CAST(123456789 AS varchar(3))",
            "varchar(3)",
            json!("123456789"),
        ),
        ("CAST(-1.5e0 AS bigint)", "bigint", json!(-2)),
        ("CAST(nan() AS integer)", "integer", json!(0)),
        (
            "CAST(REAL '1e30' AS bigint)",
            "bigint",
            json!(9_223_372_036_854_775_807_i64),
        ),
        ("CAST(99.4 AS tinyint)", "tinyint", json!(99)),
        (
            "CAST(1.005e0 AS decimal(10,2))",
            "decimal(10,2)",
            json!("1.01"),
        ),
        (
            "CAST(-1.255 AS decimal(4,2))",
            "decimal(4,2)",
            json!("-1.26"),
        ),
        ("CAST(true AS decimal(1,1))", "decimal(1,1)", json!("1.0")),
        (
            "CAST(123456789.12 AS double)",
            "double",
            json!(123_456_789.12),
        ),
        ("CAST(1.5 AS boolean)", "boolean", json!(true)),
        ("CAST('abcdef' AS varchar(3))", "varchar(3)", json!("abc")),
        ("CAST('abc' AS char(5))", "char(5)", json!("abc  ")),
        (
            "CAST(CAST('a' AS char(3)) AS varchar)",
            "varchar",
            json!("a  "),
        ),
        (
            "CAST(CAST('abc' AS char(5)) AS varchar(4))",
            "varchar(4)",
            json!("abc "),
        ),
        (
            "CAST(CAST('abc' AS char(5)) AS char(2))",
            "char(2)",
            json!("ab"),
        ),
        ("CAST('abc' AS varbinary)", "varbinary", json!("YWJj")),
        ("TRY_CAST('x' AS integer)", "integer", json!(null)),
        ("typeof('abc')", "varchar", json!("varchar(3)")),
        ("typeof(CAST('a' AS char(4)))", "varchar", json!("char(4)")),
        ("typeof(NULL)", "varchar", json!("unknown")),
    ];
    for (expression, kind, expected) in cases {
        assert_eq!(
            value(expression),
            ((*kind).to_owned(), expected.clone()),
            "{expression}"
        );
    }
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    for (expression, name) in [
        ("CAST('1.5' AS integer)", "INVALID_CAST_ARGUMENT"),
        ("CAST('infinity' AS double)", "INVALID_CAST_ARGUMENT"),
        ("CAST('yes' AS boolean)", "INVALID_CAST_ARGUMENT"),
        ("CAST(' 1.255' AS decimal(5,2))", "INVALID_CAST_ARGUMENT"),
        ("CAST(123.45 AS decimal(3,2))", "INVALID_CAST_ARGUMENT"),
        ("CAST(nan() AS bigint)", "INVALID_CAST_ARGUMENT"),
        ("CAST(123456.5 AS smallint)", "INVALID_CAST_ARGUMENT"),
        ("CAST(300 AS tinyint)", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("CAST(1e10 AS integer)", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("CAST(12 AS char(3))", "SYNTAX_ERROR"),
        ("CAST(CAST('5' AS char(3)) AS integer)", "SYNTAX_ERROR"),
    ] {
        assert_eq!(error(expression), name, "{expression}");
    }
}

#[test]
fn nested_values_are_cast_as_a_whole() {
    for (expression, expected) in [
        (
            "TRY_CAST(ROW('x', 1) AS row(a integer, b integer))",
            json!(null),
        ),
        ("TRY_CAST(ARRAY[NULL] AS array(integer))", json!([null])),
        ("TRY_CAST(ARRAY['1', 'x'] AS array(integer))", json!(null)),
        (
            "TRY_CAST(ARRAY[ROW('1'), NULL] AS array(row(a integer)))",
            json!([[1], null]),
        ),
        (
            "TRY_CAST(MAP(ARRAY[1.1, 1.2], ARRAY['a', 'b']) AS map(integer, varchar))",
            json!(null),
        ),
        (
            "CAST(MAP(ARRAY[1.1, 2.2], ARRAY['a', 'b']) AS map(integer, varchar))",
            json!({"1": "a", "2": "b"}),
        ),
        (
            "length(CAST(CAST('a' AS char(65536)) AS varchar))",
            json!(65_536),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    for expression in [
        "CAST(MAP(ARRAY[1.1, 1.2], ARRAY['a', 'b']) AS map(integer, varchar))",
        r#"CAST(JSON '{"1": 2, "01": 3}' AS map(bigint, bigint))"#,
    ] {
        assert_eq!(error(expression), "INVALID_CAST_ARGUMENT", "{expression}");
    }
    // A failure is of its own row alone.
    let rows = answer("SELECT TRY_CAST(x AS integer) FROM (VALUES '1', 'x', '3', 'y') t(x)");
    assert_eq!(
        rows.unwrap().rows,
        vec![json!([1]), json!([null]), json!([3]), json!([null])]
    );
}
