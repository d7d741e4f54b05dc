use serde_json::json;

use crate::testing::{error, value};

#[test]
fn patterns_are_found_as_presto_finds_them() {
    for (expression, expected) in [
        (r"regexp_like('1a 2b 14m', '\d+b')", json!(true)),
        (r"regexp_like('ABC', '(?i)abc')", json!(true)),
        (r"regexp_like('é', '\w')", json!(false)),
        (r"regexp_like('é', '[[:alpha:]]')", json!(true)),
        (r"regexp_like('É', '(?i)é')", json!(true)),
        (r"regexp_like(']', '[]a]')", json!(true)),
        (r"regexp_like('x', '[^\w]')", json!(false)),
        (
            r"regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2)",
            json!("a"),
        ),
        (r"regexp_extract('abc', '(z)?b', 1)", json!(null)),
        (
            r"regexp_extract_all('1a 2b 14m', '\d+')",
            json!(["1", "2", "14"]),
        ),
        (
            r"regexp_extract_all('abab', '(z)?b', 1)",
            json!([null, null]),
        ),
        (
            r"regexp_split('1a 2b 14m', '\s*[a-z]+\s*')",
            json!(["1", "2", "14", ""]),
        ),
        (r"regexp_split('abc', '')", json!(["", "a", "b", "c", ""])),
        (r"regexp_replace('abc', '', '-')", json!("-a-b-c-")),
        (
            r"regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')",
            json!("3ca 3cb 14m"),
        ),
        (r"regexp_replace('aaa', 'a', '$0$0')", json!("aaaaaa")),
        (
            r"regexp_replace('ab', '(?<x>a)', '${x}$1\$')",
            json!("aa$b"),
        ),
        (r"regexp_replace('x', 'b', '$9')", json!("x")),
        ("regexp_like('abc' || chr(10), 'c$')", json!(true)),
        ("regexp_like('abc' || chr(10) || 'd', 'c$')", json!(false)),
        (
            "regexp_like('abc' || chr(10) || 'd', '(?m)c$')",
            json!(true),
        ),
        ("regexp_like('a$', '[$]')", json!(true)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(value("regexp_replace('abc', 'b', '-')").0, "varchar(7)");
    assert_eq!(value("regexp_split('abc', 'b')").0, "array(varchar(3))");
}

#[test]
fn what_cannot_be_is_refused() {
    for expression in [
        "regexp_like('a', '(')",
        "regexp_like('a', '*')",
        "regexp_extract('abc', 'b', 1)",
        "regexp_extract('abc', 'b', -1)",
        "regexp_replace('abc', 'b', '$1')",
        "regexp_replace('abc', 'b', '${x}')",
        "regexp_replace('abc', 'b', '$')",
    ] {
        assert_eq!(
            error(expression),
            "INVALID_FUNCTION_ARGUMENT",
            "{expression}"
        );
    }
    assert_eq!(error("regexp_like('a', 'a(?=b)')"), "NOT_SUPPORTED");
}
