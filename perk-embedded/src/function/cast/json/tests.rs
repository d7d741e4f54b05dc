use serde_json::json;

use crate::testing::{answer, value};

/// What a JSON text is as a value of a type.
fn read(text: &str, to: &str) -> serde_json::Value {
    value(&format!("CAST(json_parse('{text}') AS {to})")).1
}

#[test]
fn json_is_read_as_presto_reads_it() {
    for (text, to, expected) in [
        ("1", "bigint", json!(1)),
        ("1.6", "bigint", json!(2)),
        ("-1.5", "integer", json!(-2)),
        ("\"12\"", "bigint", json!(12)),
        ("true", "bigint", json!(1)),
        ("null", "bigint", json!(null)),
        ("\"1e3\"", "double", json!(1000.0)),
        ("1e300", "real", json!("Infinity")),
        ("1.255", "decimal(5,2)", json!("1.26")),
        ("\"1.5\"", "decimal(5,2)", json!("1.50")),
        ("1", "boolean", json!(true)),
        ("0.0", "boolean", json!(false)),
        ("\"x\"", "varchar", json!("x")),
        ("1.50", "varchar", json!("1.5")),
        ("1e5", "varchar", json!("100000.0")),
        ("[1,null,\"3\"]", "array(bigint)", json!([1, null, 3])),
        ("null", "array(bigint)", json!(null)),
        (
            "{\"1\":2,\"3\":null}",
            "map(bigint,varchar)",
            json!({"1": "2", "3": null}),
        ),
        ("[1,\"x\"]", "row(a bigint,b varchar)", json!([1, "x"])),
        (
            "{\"b\":\"x\",\"A\":5,\"c\":1}",
            "row(a bigint,b varchar)",
            json!([5, "x"]),
        ),
        (
            "[{\"a\":1},[2],\"x\"]",
            "array(json)",
            json!(["{\"a\":1}", "[2]", "\"x\""]),
        ),
    ] {
        assert_eq!(read(text, to), expected, "{text} as {to}");
    }
}

#[test]
fn values_are_written_as_presto_writes_them() {
    for (expression, written) in [
        ("1.50", "1.50"),
        ("'a\"b'", "\"a\\\"b\""),
        ("true", "true"),
        ("split('a,b', ',')", "[\"a\",\"b\"]"),
        (
            "split_to_map('b=1,a=2', ',', '=')",
            "{\"a\":\"2\",\"b\":\"1\"}",
        ),
        (
            "CAST(json_parse('[[1,null],\"a\"]') AS row(x array(double), y json))",
            "[[1.0,null],\"a\"]",
        ),
        (
            "CAST(json_parse('{\"9\":1.5,\"10\":null}') AS map(integer, decimal(3,2)))",
            "{\"10\":null,\"9\":1.50}",
        ),
    ] {
        let cast = format!("CAST({expression} AS json)");
        assert_eq!(value(&cast).1, json!(written), "{expression}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    for (text, to, message) in [
        ("[1]", "bigint", "Cannot cast '[1]' to bigint"),
        ("1e30", "bigint", "Unable to cast 1.0E30 to bigint"),
        ("300", "tinyint", "Cannot cast '300' to tinyint"),
        ("\"x\"", "integer", "Cannot cast 'x' to INT"),
        (
            "12345.6",
            "decimal(5,2)",
            "Cannot cast input json to DECIMAL(5,2)",
        ),
        (
            "\"x\"",
            "decimal(5,2)",
            "Cannot cast '\"x\"' to DECIMAL(5,2)",
        ),
        (
            "[1,\"x\"]",
            "array(bigint)",
            "Cannot cast to array(bigint). Cannot cast 'x' to BIGINT\n[1,\"x\"]",
        ),
        (
            "[1]",
            "map(varchar,bigint)",
            "Cannot cast to map(varchar,bigint). Expected a json object, but got [\n[1]",
        ),
        (
            "[1,2,3]",
            "row(a bigint,b varchar)",
            "Cannot cast to row(a bigint,b varchar). Expected json array ending, but got 3\n[1,2,3]",
        ),
    ] {
        let error = answer(&format!("SELECT CAST(json_parse('{text}') AS {to})")).unwrap_err();
        assert_eq!(error.message, message, "{text} as {to}");
        assert_eq!(
            value(&format!("TRY_CAST(json_parse('{text}') AS {to})")).1,
            json!(null)
        );
    }
}
