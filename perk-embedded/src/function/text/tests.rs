use serde_json::json;

use crate::testing::{error, value};

#[test]
fn texts_are_worked_on_as_presto_does() {
    for (expression, expected) in [
        ("length('é☃🎉')", json!(3)),
        ("upper('straße')", json!("STRAßE")),
        ("lower('ÀB')", json!("àb")),
        ("substr('hello', 2)", json!("ello")),
        ("substr('hello', 2, 3)", json!("ell")),
        ("substr('hello', -3)", json!("llo")),
        ("substring('hello' FROM 2 FOR 2)", json!("el")),
        ("substr('hello', 0)", json!("")),
        ("substr('hello', -10, 7)", json!("")),
        ("substr('hello', 10)", json!("")),
        ("trim('  a  ')", json!("a")),
        ("ltrim('xyaxy', 'yx')", json!("axy")),
        ("rtrim(' a ')", json!(" a")),
        ("lpad('7', 3, '0')", json!("007")),
        ("rpad('ab', 5, 'xy')", json!("abxyx")),
        ("lpad('hello', 2, '-')", json!("he")),
        ("concat('a', 'b', 'c')", json!("abc")),
        ("'a' || CAST(NULL AS varchar)", json!(null)),
        ("reverse('héllo')", json!("olléh")),
        ("replace('banana', 'an', '-')", json!("b--a")),
        ("replace('banana', 'a')", json!("bnn")),
        ("chr(9731)", json!("☃")),
        ("codepoint('☃')", json!(9731)),
        ("normalize('ﬁ', NFKC)", json!("fi")),
        ("length(normalize('é', NFD))", json!(2)),
        ("trail('hello', 2)", json!("lo")),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

#[test]
fn texts_are_found_and_split_as_presto_does() {
    for (expression, expected) in [
        ("position('l' IN 'hello')", json!(3)),
        ("strpos('banana', 'a', 2)", json!(4)),
        ("strpos('aaa', 'aa', 2)", json!(2)),
        ("strpos('abc', '')", json!(1)),
        ("strpos('hello', 'z')", json!(0)),
        ("strrpos('banana', 'a')", json!(6)),
        ("strrpos('aaaa', 'aa', 2)", json!(2)),
        ("starts_with('presto', 'pre')", json!(true)),
        ("ends_with('presto', 'pre')", json!(false)),
        ("levenshtein_distance('kitten', 'sitting')", json!(3)),
        ("hamming_distance('abc', 'abd')", json!(1)),
        ("split('a,b,,c', ',')", json!(["a", "b", "", "c"])),
        ("split('a,b,c', ',', 2)", json!(["a", "b,c"])),
        ("split('abc', '')", json!(["a", "b", "c", ""])),
        ("split_part('a-b-c', '-', 2)", json!("b")),
        ("split_part('a-b', '-', 5)", json!(null)),
        ("split_part('abc', '', 2)", json!("b")),
        (
            "split_to_map('a=1,b=2', ',', '=')",
            json!({"a": "1", "b": "2"}),
        ),
        ("split_to_map('', ',', '=')", json!({})),
        (
            "split_to_multimap('a=1,b=2,a=3', ',', '=')",
            json!({"a": ["1", "3"], "b": ["2"]}),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

#[test]
fn likeness_is_as_presto_has_it() {
    for (expression, expected) in [
        ("'hello' LIKE 'h%'", json!(true)),
        ("'hello' LIKE '_ello'", json!(true)),
        ("'hello' NOT LIKE '%z%'", json!(true)),
        ("'50%' LIKE '50$%' ESCAPE '$'", json!(true)),
        ("'501' LIKE '50$%' ESCAPE '$'", json!(false)),
        ("'a' NOT LIKE 'a' ESCAPE '$'", json!(false)),
        ("'a' LIKE 'a' ESCAPE ''", json!(true)),
        (r"'a\b' LIKE 'a\b'", json!(true)),
        (r"'a%' LIKE 'a\%'", json!(false)),
        (
            r"'aXbXcX' LIKE 'a%X%_\' OR 'abcbcd' LIKE concat('a%bc', 'd')",
            json!(true),
        ),
        ("'a' LIKE NULL", json!(null)),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
    assert_eq!(error("1 LIKE 'a'"), "SYNTAX_ERROR");
}

#[test]
fn results_have_presto_s_types() {
    for (expression, kind) in [
        ("upper('abc')", "varchar(3)"),
        ("'a' || 'b'", "varchar"),
        ("replace('banana', 'an', '-')", "varchar(13)"),
        ("replace(concat('a', 'b'), 'an', '-')", "varchar"),
        ("split('a,b', ',')", "array(varchar(3))"),
        ("split_part('a-b-c', '-', 2)", "varchar(5)"),
        ("chr(65)", "varchar(1)"),
        ("lpad('7', 3, '0')", "varchar"),
    ] {
        assert_eq!(value(expression).0, kind, "{expression}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for expression in [
        "chr(-1)",
        "split_part('a-b', '-', 0)",
        "split('a', ',', 0)",
        "split('a', 'b', 3000000000)",
        "split_to_map('a=1,a=2', ',', '=')",
        "split_to_map('a=1=2', ',', '=')",
        "split_to_map('a', ',', ',')",
        "lpad('a', 5, '')",
        "lpad('a', -1, 'x')",
        "strpos('a', 'a', 0)",
        "hamming_distance('a', 'ab')",
        "levenshtein_distance(rpad('', 1001, 'a'), rpad('', 1002, 'b'))",
        "'a' LIKE 'a' ESCAPE 'xx'",
        "'a' LIKE 'a$' ESCAPE '$'",
    ] {
        assert_eq!(
            error(expression),
            "INVALID_FUNCTION_ARGUMENT",
            "{expression}"
        );
    }
    assert_eq!(error("normalize('a', NFX)"), "SYNTAX_ERROR");
}

#[test]
fn distances_of_long_texts_are_worked_out_where_presto_does() {
    for (expression, expected) in [
        (
            "levenshtein_distance(rpad('', 2000000, 'a'), '')",
            json!(2_000_000),
        ),
        (
            "levenshtein_distance(rpad('', 2000000, 'a'), 'a')",
            json!(1_999_999),
        ),
        ("levenshtein_distance('kitten', 'sitting')", json!(3)),
        (
            "split_to_multimap('a=1,b=2,a=3', ',', '=')",
            json!({"a": ["1", "3"], "b": ["2"]}),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}
