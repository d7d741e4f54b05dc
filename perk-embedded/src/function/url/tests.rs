use serde_json::json;

use crate::testing::{error, value};

#[test]
fn urls_are_taken_apart_as_java_does() {
    for (expression, expected) in [
        (
            "url_extract_host('http://example.com:8080/a/b?x=1#f')",
            json!("example.com"),
        ),
        (
            "url_extract_host('http://u:p@Example.com:80/x')",
            json!("Example.com"),
        ),
        ("url_extract_host('http://[::1]:80/')", json!("[::1]")),
        ("url_extract_host('http://a_b/')", json!("")),
        ("url_extract_host('http://x/a b')", json!(null)),
        ("url_extract_host('http://')", json!(null)),
        ("url_extract_port('http://example.com:8080/a')", json!(8080)),
        ("url_extract_port('http://x')", json!(null)),
        ("url_extract_path('http://x/a%20b?x=1')", json!("/a b")),
        ("url_extract_path('foo/bar?x')", json!("foo/bar")),
        ("url_extract_path('mailto:a@b')", json!("")),
        ("url_extract_query('http://x')", json!("")),
        ("url_extract_query('http://x/?a=%26')", json!("a=&")),
        (
            "url_extract_fragment('http://example.com/#top')",
            json!("top"),
        ),
        ("url_extract_protocol('HTTP://X')", json!("HTTP")),
        ("url_extract_protocol('foo')", json!("")),
        (
            "url_extract_parameter('http://x?a&b=&c=1&c=2', 'a')",
            json!(""),
        ),
        (
            "url_extract_parameter('http://x?a&b=&c=1&c=2', 'c')",
            json!("1"),
        ),
        ("url_extract_parameter('http://x?a', 'd')", json!(null)),
        ("url_encode('a b&c=é')", json!("a+b%26c%3D%C3%A9")),
        ("url_encode('*-._~!')", json!("*-._%7E%21")),
        ("url_decode('a+b%C3%A9%41')", json!("a béA")),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(value("url_encode('a b')").0, "varchar(36)");
    assert_eq!(error("url_decode('%zz')"), "INVALID_FUNCTION_ARGUMENT");
    assert_eq!(error("url_decode('%4')"), "INVALID_FUNCTION_ARGUMENT");
}
