use super::*;

#[test]
fn strings_are_what_their_type_says() {
    // Type, Presto's cell, Trino's cell.
    let table = [
        (
            "array(varchar)",
            r#""[ \"[ 1 ]\", \"null\", \"{ }\" ]""#,
            r#"["[ 1 ]","null","{ }"]"#,
        ),
        (
            "array(json)",
            r#""[ \"[1]\", \"\\\"s\\\"\", \"null\", null ]""#,
            r#"["[1]","\"s\"","null",null]"#,
        ),
        ("array(char(4))", r#""[ \"[1] \" ]""#, r#"["[1] "]"#),
        (
            "array(array(varchar))",
            r#""[ \"[ \\\"[ ]\\\" ]\", null, \"[ null ]\" ]""#,
            r#"[["[ ]"],null,[null]]"#,
        ),
        (
            "map(varchar,json)",
            r#""{\n  \"[1]\" : \"{\\\"a\\\":1}\",\n  \"\" : null\n}""#,
            r#"{"[1]":"{\"a\":1}","":null}"#,
        ),
        (
            "row(a row(b double),c varchar)",
            r#""[ \"[ \\\"NaN\\\" ]\", \"[1]\" ]""#,
            r#"[["NaN"],"[1]"]"#,
        ),
        (
            "row(a row(b double),c varchar)",
            "\"[ null, null ]\"",
            "[null,null]",
        ),
        ("array(unknown)", "\"[ null ]\"", "[null]"),
        (
            "map(bigint,map(bigint,array(bigint)))",
            r#""{\n  \"1\" : \"{ }\",\n  \"2\" : null,\n  \"3\" : \"{\\n  \\\"4\\\" : null,\\n  \\\"5\\\" : \\\"[ ]\\\"\\n}\"\n}""#,
            r#"{"1":{},"2":null,"3":{"4":null,"5":[]}}"#,
        ),
        (
            "array(double)",
            "\"[ 1.0E100, -0.0, 123456789012345678901234567890 ]\"",
            "[1.0E100,-0.0,123456789012345678901234567890]",
        ),
        (
            "array(bingtile)",
            r#""[ {\"x\":1,\"y\":[\"\\\"\",{}]}, [] ]""#,
            r#"[{"x":1,"y":["\"",{}]},[]]"#,
        ),
        (
            "time with time zone",
            "\"01:02:03.456 -00:30\"",
            "\"01:02:03.456-00:30\"",
        ),
        (
            "time with time zone",
            "\"01:02:03.456 UTC\"",
            "\"01:02:03.456+00:00\"",
        ),
        (
            "time with time zone",
            "\"01:02:03.456 America/Port-au-Prince\"",
            "\"01:02:03.456 America/Port-au-Prince\"",
        ),
        ("time(3) with time zone", "\"\"", "\"\""),
        (
            "timestamp with time zone",
            "\"2024-01-01 01:02:03.456 UTC\"",
            "\"2024-01-01 01:02:03.456 UTC\"",
        ),
        (
            "map(time with time zone,array(time with time zone))",
            r#""{\n  \"01:02:03.456 +02:00\" : \"[ \\\"01:02:03.456 UTC\\\", null ]\"\n}""#,
            r#"{"01:02:03.456+02:00":["01:02:03.456+00:00",null]}"#,
        ),
    ];
    for (kind, presto, trino) in table {
        for (to, from, expected) in [
            (Dialect::Trino, presto, trino),
            (Dialect::Presto, trino, presto),
        ] {
            let page = |cell: &str| format!("[[{cell}],[null],[{cell}]]");
            assert_eq!(
                rows(&[kind], to, &page(from)).unwrap(),
                page(expected),
                "{kind}"
            );
        }
    }
}

#[test]
fn escapes_survive() {
    // What is in the string, in Trino's array and in Presto's, and the latter's text for who does not look further.
    let table = [
        (
            r#"a\"b\\c\/d\b\f\n\r\t"#,
            r#"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t"#,
            r#"a\"b\\c\/d\b\f\n\r\t"#,
        ),
        (
            r"\u0001\u001f\u0022\u005c",
            r"\\u0001\\u001f\\u0022\\u005c",
            r"\u0001\u001f\u0022\u005c",
        ),
        (r"\u00e9é☃\u2603", r"\u00e9é☃\u2603", "éé☃☃"),
        (r"\ud83c\udf89", r"\ud83c\udf89", "🎉"),
        ("🎉", r"\uD83C\uDF89", "🎉"),
        ("<&>", r"\u003C\u0026\u003E", "<&>"),
    ];
    for (content, expected, text) in table {
        let page = format!("[[[\"{content}\"]]]");
        let crossed = rows(&["array(varchar)"], Dialect::Presto, &page).unwrap();
        assert_eq!(crossed, format!("[[\"[ \\\"{expected}\\\" ]\"]]"));
        let read: Value = serde_json::from_str(&crossed).unwrap();
        assert_eq!(read[0][0], format!("[ \"{text}\" ]"));
        let back = rows(&["array(varchar)"], Dialect::Trino, &crossed).unwrap();
        assert_eq!(back, format!("[[[\"{text}\"]]]"));
    }
    // Half a surrogate pair has no text; it stays an escape.
    let half = r#"[[["\ud83c!"]]]"#;
    let crossed = rows(&["array(varchar)"], Dialect::Presto, half).unwrap();
    assert_eq!(crossed, r#"[["[ \"\\ud83c!\" ]"]]"#);
    assert_eq!(
        rows(&["array(varchar)"], Dialect::Trino, &crossed).unwrap(),
        half
    );
    let outside = r#"[["[ \"\ud83c!\" ]"]]"#;
    assert_eq!(
        rows(&["array(varchar)"], Dialect::Trino, outside).unwrap(),
        half
    );
}

#[test]
fn strings_and_plain_containers_may_be_mixed() {
    let kind = "array(map(varchar,row(a bigint,b array(varchar))))";
    let plain = r#"[[[{"k":[1,["x"]]},null]]]"#;
    let forms = [
        plain,
        r#"[["[{\"k\":[1,[\"x\"]]},null]"]]"#,
        r#"[[["{\"k\":[1,\"[\\\"x\\\"]\"]}",null]]]"#,
        r#"[[[{"k":"[1,[\"x\"]]"},"null"]]]"#,
        r#"[["[ \"{ \\\"k\\\" : \\\"[ 1, \\\\\\\"[ \\\\\\\\\\\\\\\"x\\\\\\\\\\\\\\\" ]\\\\\\\" ]\\\" }\", null ]"]]"#,
    ];
    let strings = rows(&[kind], Dialect::Presto, plain).unwrap();
    for form in forms {
        assert_eq!(rows(&[kind], Dialect::Trino, form).unwrap(), plain);
        assert_eq!(rows(&[kind], Dialect::Presto, form).unwrap(), strings);
    }
}

#[test]
fn all_other_bytes_stay() {
    let page = "\t[ [ \"a\\u003c\" , [1 , 2] ,1.50, {\"x\":[\"]\"]} ]\n, [\"\",null , -0 ,[]] ] ";
    let crossed = rows(
        &["varchar", "array(bigint)", "real", "any"],
        Dialect::Presto,
        page,
    )
    .unwrap();
    let expected =
        "\t[ [ \"a\\u003c\" , \"[ 1, 2 ]\" ,1.50, {\"x\":[\"]\"]} ]\n, [\"\",null , -0 ,[]] ] ";
    assert_eq!(crossed, expected);
    assert_eq!(
        rows(&["array(bigint)"], Dialect::Presto, "[]").unwrap(),
        "[]"
    );
}

#[test]
fn pages_without_nested_columns_are_not_looked_at() {
    let types = columns(&["bigint", "varchar", "timestamp with time zone", "json"]);
    let crossing = Crossing::new(&types, Dialect::Presto, Dialect::Trino).unwrap();
    let page = Bytes::from_static(b"not even JSON");
    assert_eq!(crossing.rows(&page).unwrap().as_ptr(), page.as_ptr());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn rows_that_are_not_what_the_columns_say_are_refused() {
    let types = [
        "bigint",
        "array(row(a bigint,b varchar))",
        "map(varchar,bigint)",
    ];
    let table = [
        ("", 0, 0, "not an array of rows"),
        ("null", 0, 0, "not an array of rows"),
        ("[1]", 0, 0, "not a row"),
        ("[[1,null,null],]", 1, 0, "not a row"),
        (
            "[[1,null,null]",
            0,
            3,
            "neither a comma nor the end of the container",
        ),
        ("[[1,null,null]] x", 0, 3, "text after the end"),
        ("[[1,null,null],[]]", 1, 0, "fewer cells than columns"),
        ("[[1,null]]", 0, 2, "fewer cells than columns"),
        ("[[1,null,null,4]]", 0, 3, "more cells than columns"),
        ("[[,null,null]]", 0, 0, "not a value"),
        ("[[1,,null]]", 0, 1, "not an array"),
        ("[[1,nil,null]]", 0, 1, "not a value"),
        ("[[1,1,null]]", 0, 1, "not an array"),
        ("[[1,{},null]]", 0, 1, "not an array"),
        (
            "[[1,\"\",null]]",
            0,
            1,
            "the text of a container is not JSON",
        ),
        (
            "[[1,\"[]]\",null]]",
            0,
            1,
            "the text of a container is not JSON",
        ),
        (
            "[[1,\"[1.5x]\",null]]",
            0,
            1,
            "the text of a container is not JSON",
        ),
        ("[[1,\"\\\"[]\\\"\",null]]", 0, 1, "not an array"),
        ("[[1,\"\\x\",null]]", 0, 1, "an unknown escape in a string"),
        (
            "[[1,\"\\u00\",null]]",
            0,
            1,
            "an unknown escape in a string",
        ),
        (
            "[[1,\"[\\u0000]\",null]]",
            0,
            1,
            "the text of a container is not JSON",
        ),
        (
            "[[1,[[1]],null]]",
            0,
            1,
            "a row with fewer values than fields",
        ),
        (
            "[[1,[[]],null]]",
            0,
            1,
            "a row with fewer values than fields",
        ),
        (
            "[[1,[[1,\"\",3]],null]]",
            0,
            1,
            "a row with more values than fields",
        ),
        ("[[1,[[1,\"\\u0001]],null]]", 0, 1, "a string does not end"),
        (
            "[[1,[[1,\"\n\"]],null]]",
            0,
            1,
            "a control character in a string",
        ),
        ("[[1,[[1,],null]]", 0, 1, "not a value"),
        (
            "[[1,[[1 2]],null]]",
            0,
            1,
            "neither a comma nor the end of the container",
        ),
        ("[[1,null,[]]]", 0, 2, "not an object"),
        ("[[1,null,{1:2}]]", 0, 2, "not a string"),
        ("[[1,null,{\"a\"}]]", 0, 2, "a key without a value"),
        ("[[1,null,{\"a\":1,}]]", 0, 2, "not a string"),
    ];
    for to in [Dialect::Presto, Dialect::Trino] {
        for (page, expected_row, expected_column, expected) in table {
            match rows(&types, to, page) {
                Err(CrossingError::Rows { row, column, what }) => {
                    assert_eq!(
                        (row, column, what),
                        (expected_row, expected_column, expected),
                        "{page} to {to}"
                    );
                }
                found => panic!("{page} to {to}: {found:?}"),
            }
        }
    }
}
