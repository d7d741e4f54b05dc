use serde_json::json;

use crate::testing::{error, value};

/// What a text is, parsed and written again.
fn parsed(text: &str) -> String {
    super::parse(text).unwrap()
}

#[test]
fn json_is_written_as_presto_writes_it() {
    for (text, written) in [
        (r#"{"b":1, "a":[true,null]}"#, r#"{"a":[true,null],"b":1}"#),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (
            "[1e300, 0.1, 1e5, 1.10, -0.0, -0]",
            "[1.0E300,0.1,100000.0,1.1,-0.0,0]",
        ),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1e400", r#""Infinity""#),
        (r#""\u00e9\u0001\n\/ <é>""#, r#""é\u0001\n/ <é>""#),
        ("1 2", "1"),
    ] {
        assert_eq!(parsed(text), written, "{text}");
    }
    for text in ["", "{", "01", "NaN", "nullx", "[1,]", "{1:2}", "\"a\nb\""] {
        assert!(super::parse(text).is_err(), "{text}");
    }
}

#[test]
fn paths_lead_where_they_do_in_presto() {
    let find = |text: &str, path: &str| {
        let value = super::Value::read(text).unwrap();
        let found = super::Path::read(path).unwrap().find(&value);
        found.map(|found| found.to_string())
    };
    for (text, path, found) in [
        (r#"{"a": {"b": [1, 2]}}"#, "$.a.b", Some("[1,2]")),
        (r#"{"a": 1}"#, "$.x", None),
        (r#"{"a b": 1}"#, r#"$["a b"]"#, Some("1")),
        (r#"{"a-b": 1}"#, "$.a-b", Some("1")),
        (r#"{"a": {"b": 3}}"#, "a.b", Some("3")),
        (r#"{"1": 5}"#, "$[1]", Some("5")),
        (r#"[1, {"a": 2}]"#, "$.1", Some(r#"{"a":2}"#)),
        (r#"[1, {"a": 2}]"#, "$['1']", None),
        ("[1,2,3]", "$[-1]", Some("3")),
        ("[1,2,3]", "$[0:2]", Some("[1,2]")),
        ("[1,2,3]", "$[0,2]", Some("[1,3]")),
        ("[1,2,3]", "$.length()", Some("3")),
        (r#"{"a":[{"b":1},{"b":2}]}"#, "$.a[*].b", Some("[1,2]")),
        (r#"{"a":[{"b":1},{"b":2}]}"#, "$..b", Some("[1,2]")),
        (r#"{"a":{"x":1,"y":2}}"#, "$.a.*", Some("[1,2]")),
        ("{}", "$..a", Some("[]")),
        ("{}", "$.a[*]", None),
        (r#"{"a":1,"a":2}"#, "$", Some(r#"{"a":1,"a":2}"#)),
        (r#"{"a":1,"a":2}"#, "$.a", Some("1")),
    ] {
        assert_eq!(find(text, path).as_deref(), found, "{text} {path}");
    }
    for path in ["", "$.[", "$.a b", "$.a.", "$[", "$[]"] {
        assert!(super::Path::read(path).is_err(), "{path}");
    }
}

#[test]
fn functions_give_what_presto_gives() {
    for (expression, expected) in [
        (r#"json_extract('{"a": "s"}', '$.a')"#, json!("\"s\"")),
        ("json_extract('not json', '$.a')", json!(null)),
        (r#"json_extract('{"a":null}', '$.a')"#, json!("null")),
        (r#"json_extract_scalar('{"a":1.50}', '$.a')"#, json!("1.50")),
        (r#"json_extract_scalar('{"a":[1]}', '$.a')"#, json!(null)),
        (
            "json_format(json_parse('[1, 2.50, \"x\"]'))",
            json!("[1,2.5,\"x\"]"),
        ),
        ("json_array_length('[1, 2, 3]')", json!(3)),
        ("json_array_length('{}')", json!(null)),
        (r#"json_array_get('["a", "b"]', 1)"#, json!("b")),
        ("json_array_get('[1,2.50]', -1)", json!("2.50")),
        ("json_array_get('[1]', 5)", json!(null)),
        ("json_array_contains('[1, 2, 3]', 2)", json!(true)),
        ("json_array_contains('[2.0]', 2)", json!(false)),
        (r#"json_array_contains('["a"]', 'b')"#, json!(false)),
        (r#"json_size('{"x": {"a": 1, "b": 2}}', '$.x')"#, json!(2)),
        ("is_json_scalar('[1]')", json!(false)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(
        value("json_extract_scalar('{\"a\":1}', '$.a')").0,
        "varchar(7)"
    );
    for text in [
        "{",
        r#"{"a":1} x"#,
        "123abc",
        "[1]]",
        "[1],",
        "truefalse",
        "[1] 2,",
    ] {
        assert_eq!(
            error(&format!("json_parse('{text}')")),
            "INVALID_FUNCTION_ARGUMENT",
            "{text}"
        );
    }
    // Presto looks at one token more, and forgets it.
    for text in ["[1] 2", "1 [", " [1] ", "[1]{", "true null"] {
        let expression = format!("json_parse('{text}') IS NOT NULL");
        assert_eq!(value(&expression).1, json!(true), "{text}");
    }
    assert_eq!(
        error("json_extract('{}', '$.[')"),
        "INVALID_FUNCTION_ARGUMENT"
    );
    assert_eq!(error("is_json_scalar('{')"), "INVALID_FUNCTION_ARGUMENT");
}
