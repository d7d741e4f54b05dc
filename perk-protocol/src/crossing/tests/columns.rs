use super::*;

/// Both spellings of types that the servers' answers have no example of.
#[test]
fn both_spellings_are_read_and_written() {
    // As read, Presto's, Trino's.
    let table = [
        (
            "TIME(6) WITH TIME ZONE",
            "time with time zone",
            "time(6) with time zone",
        ),
        ("timestamp(12)", "timestamp", "timestamp(12)"),
        (
            "Interval Day To Second",
            "interval day to second",
            "INTERVAL DAY TO SECOND",
        ),
        (
            "array(interval year to month)",
            "array(interval year to month)",
            "array(INTERVAL YEAR TO MONTH)",
        ),
        (
            "ROW(x MAP(bigint, ARRAY(real)))",
            "row(x map(bigint,array(real)))",
            "row(x map(bigint, array(real)))",
        ),
        (
            "row(time time, timestamp timestamp(3) with time zone, interval interval day to second)",
            "row(time time,timestamp timestamp with time zone,interval interval day to second)",
            "row(time time, timestamp timestamp(3) with time zone, interval INTERVAL DAY TO SECOND)",
        ),
        (
            "row(time with time zone,a time with time zone)",
            "row(time with time zone,a time with time zone)",
            "row(time with time zone, a time with time zone)",
        ),
        (
            "row(a bigint, bigint)",
            "row(a bigint,bigint)",
            "row(a bigint, bigint)",
        ),
        (
            "row(row row(row bigint))",
            "row(row row(row bigint))",
            "row(row row(row bigint))",
        ),
        ("row(\"\" bigint)", "row(\"\" bigint)", "row(\"\" bigint)"),
        (
            "row(\"a(,) \"\"b\" array(\"c\"))",
            "row(\"a(,) \"\"b\" array(\"c\"))",
            "row(\"a(,) \"\"b\" array(\"c\"))",
        ),
        (
            "row(\"WITH\" bigint,\"plain\" bigint)",
            "row(\"WITH\" bigint,\"plain\" bigint)",
            "row(\"WITH\" bigint, plain bigint)",
        ),
        (
            "row(With bigint)",
            "row(\"With\" bigint)",
            "row(\"With\" bigint)",
        ),
        (
            "row(a:b bigint,x$y char(3))",
            "row(\"a:b\" bigint,\"x$y\" char(3))",
            "row(\"a:b\" bigint, \"x$y\" char(3))",
        ),
        ("varchar(2147483647)", "varchar", "varchar"),
        ("decimal( 38 ,0 )", "decimal(38,0)", "decimal(38, 0)"),
        (
            "function(bigint,array(boolean))",
            "function(bigint,array(boolean))",
            "function(bigint, array(boolean))",
        ),
        ("Map2(1,x,-3)", "Map2(1,x,-3)", "Map2(1, x, -3)"),
        ("thing()", "thing", "thing"),
        (
            "thing(99999999999999999999)",
            "thing(99999999999999999999)",
            "thing(99999999999999999999)",
        ),
        (
            "m:BigintEnum(m{\"A,(\": 0, \"B\": 1})",
            "m:BigintEnum(m{\"A,(\": 0, \"B\": 1})",
            "m:BigintEnum(m{\"A,(\": 0, \"B\": 1})",
        ),
        (
            "row(f m:BigintEnum(m{\"A\": 0}))",
            "row(f m:BigintEnum(m{\"A\": 0}))",
            "row(f m:BigintEnum(m{\"A\": 0}))",
        ),
    ];
    for (kind, presto, trino) in table {
        assert_eq!(spelled(kind, Dialect::Presto).unwrap(), presto);
        assert_eq!(spelled(kind, Dialect::Trino).unwrap(), trino);
        assert_eq!(spelled(presto, Dialect::Presto).unwrap(), presto);
        assert_eq!(spelled(trino, Dialect::Trino).unwrap(), trino);
    }
}

#[test]
fn what_is_no_type_is_refused() {
    let table = [
        ("", 0, "a type is missing"),
        (" ", 1, "a type is missing"),
        ("array()", 6, "a type is missing"),
        (
            "array(bigint",
            12,
            "neither a comma nor a closing parenthesis",
        ),
        (
            "array(bigint, bigint)",
            13,
            "too many types in an array or map",
        ),
        ("map(bigint)", 11, "a map without a type of values"),
        (
            "map(bigint,bigint,bigint)",
            18,
            "too many types in an array or map",
        ),
        ("row()", 4, "a type is missing"),
        ("row(a bigint,)", 13, "a type is missing"),
        ("row(\"a", 4, "a quoted name does not end"),
        ("row(\"a\"\"", 7, "a quoted name does not end"),
        ("row(\"a\")", 7, "a type is missing"),
        ("bigint)", 6, "text after the type"),
        ("bigint,", 6, "text after the type"),
        (
            "decimal(10,2) unsigned",
            14,
            "text after a type's arguments",
        ),
        ("a(b{", 2, "a quote or brace does not end"),
    ];
    for (kind, expected_at, expected) in table {
        match spelled(kind, Dialect::Trino) {
            Err(CrossingError::Type {
                column: 0,
                at,
                what,
            }) => assert_eq!((at, what), (expected_at, expected), "{kind}"),
            found => panic!("{kind}: {found:?}"),
        }
    }
}

#[test]
fn what_are_no_columns_is_refused() {
    for columns in [
        "",
        "null",
        "{}",
        "[1]",
        "[{}]",
        r#"[{"name":"c"}]"#,
        r#"[{"name":"c","type":1}]"#,
        "[",
        "\u{0}",
    ] {
        let refused = Crossing::new(columns.as_bytes(), Dialect::Presto, Dialect::Trino);
        assert!(
            matches!(refused, Err(CrossingError::Columns(_))),
            "{columns}"
        );
    }
}

#[test]
fn names_stay_as_they_were_written() {
    let columns = r#"[ {"typeSignature":{"rawType":[[1]]},"type":"bigint","name":"\u003Ca\" é","more":1}, {"name":"b","type":"json"}]"#;
    let crossing = Crossing::new(columns.as_bytes(), Dialect::Presto, Dialect::Trino).unwrap();
    assert_eq!(
        crossing.columns(),
        r#"[{"name":"\u003Ca\" é","type":"bigint","typeSignature":{"rawType":"bigint","arguments":[]}},{"name":"b","type":"json","typeSignature":{"rawType":"json","arguments":[]}}]"#
    );
    let none = Crossing::new(b" [ ] ", Dialect::Presto, Dialect::Trino).unwrap();
    assert_eq!(none.columns(), "[]");
    assert_eq!(none.rows(&Bytes::from_static(b"[[]]")).unwrap(), "[[]]");
}

#[test]
fn deep_types_are_refused_before_they_are_large() {
    let nested = |depth: usize| format!("{}bigint{}", "array(".repeat(depth), ")".repeat(depth));
    assert_eq!(spelled(&nested(63), Dialect::Trino).unwrap(), nested(63));
    for depth in [64, 100_000] {
        let refused = spelled(&nested(depth), Dialect::Trino);
        assert!(
            matches!(
                refused,
                Err(CrossingError::Type {
                    what: "types nested too deep",
                    ..
                })
            ),
            "{depth}"
        );
    }
    assert_eq!(spelled(&nested(12), Dialect::Presto).unwrap(), nested(12));
    let refused = spelled(&nested(63), Dialect::Presto);
    assert!(matches!(refused, Err(CrossingError::TooLarge { .. })));
}

#[test]
fn between_equal_dialects_nothing_is_read() {
    let crossing = Crossing::new(b"nonsense", Dialect::Trino, Dialect::Trino).unwrap();
    assert_eq!(crossing.columns(), "nonsense");
    assert_eq!(crossing.rows(&Bytes::from_static(b"more")).unwrap(), "more");
}
