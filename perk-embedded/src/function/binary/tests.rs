use serde_json::json;

use crate::testing::{error, value};

#[test]
fn bytes_are_written_and_read_as_presto_does() {
    for (expression, expected) in [
        ("to_hex(X'00FF')", json!("00FF")),
        ("from_hex('48656c6c6f')", json!("SGVsbG8=")),
        ("from_base64('aGVsbG8')", json!("aGVsbG8=")),
        ("to_base64url(X'FFFE')", json!("__4=")),
        ("to_base32(X'00FF')", json!("AD7Q====")),
        ("from_base32('AD7Q====')", json!("AP8=")),
        ("to_big_endian_64(1)", json!("AAAAAAAAAAE=")),
        ("from_big_endian_64(X'0000000000000001')", json!(1)),
        ("from_ieee754_64(X'3FF0000000000000')", json!(1.0)),
        ("from_ieee754_32(X'3FC00000')", json!(1.5)),
        ("from_utf8(X'41FF42')", json!("A\u{fffd}B")),
        ("from_utf8(X'41FF42', '?')", json!("A?B")),
        ("from_utf8(X'FF', 65)", json!("A")),
        ("X'00' || X'FF'", json!("AP8=")),
        ("substr(X'01020304', 2, 2)", json!("AgM=")),
        ("substr(X'01020304', -2)", json!("AwQ=")),
        ("substr(X'01020304', 0)", json!("")),
        ("reverse(X'0102')", json!("AgE=")),
        ("lpad(X'01', 3, X'00')", json!("AAAB")),
        ("rpad(X'01', 3, X'0203')", json!("AQID")),
        ("length(X'00FF')", json!(2)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

#[test]
fn hashes_are_the_known_ones() {
    for (expression, expected) in [
        (
            "to_hex(md5(X''))",
            json!("D41D8CD98F00B204E9800998ECF8427E"),
        ),
        (
            "to_hex(sha1(to_utf8('abc')))",
            json!("A9993E364706816ABA3E25717850C26C9CD0D89D"),
        ),
        (
            "to_hex(sha256(to_utf8('abc')))",
            json!("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
        ),
        (
            "to_hex(xxhash64(to_utf8('abc')))",
            json!("44BC2CF5AD770999"),
        ),
        (
            "to_hex(hmac_md5(X'61', X'62'))",
            json!("5E69FAE25F4B4F3E8CC5DE09A8163520"),
        ),
        (
            "to_hex(hmac_sha1(X'61', X'62'))",
            json!("8ABE0FD691E3DA3035F7B7AC91BE45D99E942B9E"),
        ),
        ("crc32(to_utf8('hello'))", json!(907_060_870)),
        ("fnv1_32(X'61')", json!(84_696_446)),
        ("fnv1a_32(X'61')", json!(-468_965_076)),
        ("fnv1a_64(X'61')", json!(-5_808_556_873_153_909_620_i64)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for expression in [
        "from_base64('a')",
        "from_base64('!!!!')",
        "from_hex('abc')",
        "from_hex('zz')",
        "from_utf8(X'FF', 'ab')",
        "from_big_endian_64(X'00')",
        "lpad(X'01', 3, X'')",
    ] {
        assert_eq!(
            error(expression),
            "INVALID_FUNCTION_ARGUMENT",
            "{expression}"
        );
    }
    assert_eq!(error("X'0'"), "SYNTAX_ERROR");
    assert_eq!(error("X'zz'"), "SYNTAX_ERROR");
}
