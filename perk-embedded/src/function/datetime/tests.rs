use serde_json::json;

use crate::testing::{answer_of, error, statement, value};
use crate::{EmbeddedConfig, EmbeddedEngine};

const ZONED: &str = "timestamp with time zone";

/// As Presto 0.287 answers, in a session in UTC.
#[test]
#[expect(clippy::too_many_lines, reason = "a list")]
fn values_are_presto_s() {
    for (expression, kind, expected) in [
        ("DATE '2024-2-29'", "date", json!("2024-02-29")),
        (
            "TIMESTAMP '2024-01-01 10:00:00.1234'",
            "timestamp",
            json!("2024-01-01 10:00:00.123"),
        ),
        (
            "TIMESTAMP '2024-07-01 12:00 Europe/Berlin'",
            ZONED,
            json!("2024-07-01 12:00:00.000 Europe/Berlin"),
        ),
        ("TIME '1:2'", "time", json!("01:02:00.000")),
        (
            "INTERVAL '1 2:3' DAY TO MINUTE",
            "interval day to second",
            json!("1 02:03:00.000"),
        ),
        (
            "INTERVAL -'1-15' YEAR TO MONTH",
            "interval year to month",
            json!("-2-3"),
        ),
        (
            "date_add('day', 1, TIMESTAMP '2024-03-30 02:30:00 Europe/Berlin')",
            ZONED,
            json!("2024-03-31 03:30:00.000 Europe/Berlin"),
        ),
        (
            "date_diff('hour', TIMESTAMP '2024-03-30 12:00:00 Europe/Berlin', TIMESTAMP '2024-03-31 12:00:00 Europe/Berlin')",
            "bigint",
            json!(23),
        ),
        (
            "date_diff('month', DATE '2024-02-29', DATE '2024-01-31')",
            "bigint",
            json!(-1),
        ),
        (
            "date_diff('year', DATE '2024-02-29', DATE '2025-02-28')",
            "bigint",
            json!(1),
        ),
        (
            "date_trunc('quarter', TIMESTAMP '2024-08-22 03:04:05.321 Asia/Kolkata')",
            ZONED,
            json!("2024-07-01 00:00:00.000 Asia/Kolkata"),
        ),
        (
            "TIME '10:00:00 +01:00' - TIME '08:00:00 +02:00'",
            "interval day to second",
            json!("0 03:00:00.000"),
        ),
        (
            "1.5 * INTERVAL '1' DAY",
            "interval day to second",
            json!("1 12:00:00.000"),
        ),
        (
            "INTERVAL '1' DAY / 0",
            "interval day to second",
            json!("106751991167 07:12:55.807"),
        ),
        (
            "INTERVAL '1' MONTH / 0",
            "interval year to month",
            json!("-0-1"),
        ),
        (
            "TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'America/Los_Angeles'",
            ZONED,
            json!("2024-07-01 05:00:00.000 America/Los_Angeles"),
        ),
        (
            "date_format(TIMESTAMP '2024-02-09 15:04:05.678', '%a|%c|%e|%f|%h|%j|%k|%l|%r|%v|%x|%y|%%|%z')",
            "varchar",
            json!("Fri|2|9|678000|03|040|15|3|03:04:05 PM|06|2024|24|%|z"),
        ),
        (
            "format_datetime(TIMESTAMP '2024-02-09 15:04:05.678 America/New_York', 'G C Y x w e E EEEE y D M MM MMM MMMM d a K h H k m s S SS SSSS z Z ZZ ZZZ')",
            "varchar",
            json!(
                "AD 20 2024 2024 6 5 Fri Friday 2024 40 2 02 Feb February 9 PM 3 3 15 15 4 5 6 67 6780 EST -0500 -05:00 America/New_York"
            ),
        ),
        (
            "date_parse('9 5', '%d %H')",
            "timestamp",
            json!("2000-01-09 05:00:00.000"),
        ),
        (
            "date_parse('friday 2024', '%W %Y')",
            "timestamp",
            json!("2024-01-05 00:00:00.000"),
        ),
        (
            "date_parse('2024 05', '%x %v')",
            "timestamp",
            json!("2024-01-29 00:00:00.000"),
        ),
        (
            "parse_datetime('2024-02-09 15:04 +05:30', 'yyyy-MM-dd HH:mm ZZ')",
            ZONED,
            json!("2024-02-09 15:04:00.000 +05:30"),
        ),
        (
            "from_iso8601_timestamp('2024-W06-5T15:04:05.123456+05:30')",
            ZONED,
            json!("2024-02-09 15:04:05.123 +05:30"),
        ),
        (
            "to_iso8601(TIMESTAMP '2024-02-09 15:04:05 Europe/Berlin')",
            "varchar(35)",
            json!("2024-02-09T15:04:05.000+01:00"),
        ),
        ("from_iso8601_date('2024-040')", "date", json!("2024-02-09")),
        (
            "from_unixtime(0, -5, -30)",
            ZONED,
            json!("1969-12-31 18:30:00.000 -05:30"),
        ),
        (
            "to_unixtime(TIMESTAMP '2024-01-01 00:00:00 Europe/Berlin')",
            "double",
            json!(1_704_063_600.0),
        ),
        (
            "parse_duration('1.5h')",
            "interval day to second",
            json!("0 01:30:00.000"),
        ),
        (
            "CAST(TIME '12:00:00 -05:00' AS varchar)",
            "varchar",
            json!("12:00:00.000 -05:00"),
        ),
        (
            "date_parse('240209', '%y%m%d')",
            "timestamp",
            json!("2024-02-09 00:00:00.000"),
        ),
        (
            "parse_datetime('240209', 'yyMMdd')",
            ZONED,
            json!("2024-02-09 00:00:00.000 UTC"),
        ),
        (
            "parse_datetime('2024-02', 'yy-MM')",
            ZONED,
            json!("2024-02-01 00:00:00.000 UTC"),
        ),
        (
            "to_unixtime(date_add('day', -1, TIMESTAMP '2024-10-28 02:30:00 Europe/Berlin'))",
            "double",
            json!(1_729_992_600.0),
        ),
        (
            "hour(TIMESTAMP '2100-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin')",
            "bigint",
            json!(14),
        ),
        (
            "TIME '10:00:00 +02:00' = TIME '08:00:00 +00:00'",
            "boolean",
            json!(true),
        ),
        (
            "TIME '01:00:00 +02:00' < TIME '00:30:00 +00:00'",
            "boolean",
            json!(true),
        ),
        (
            "TIME '01:00:00 +02:00'",
            "time with time zone",
            json!("01:00:00.000+02:00"),
        ),
        (
            "CAST(ARRAY[TIMESTAMP '2024-01-01 00:00:00 Asia/Tokyo'] AS array(timestamp with time zone))",
            "array(timestamp with time zone)",
            json!(["2024-01-01 00:00:00.000 Asia/Tokyo"]),
        ),
        ("current_user", "varchar", json!("test")),
        ("hour(DATE '2024-01-01')", "bigint", json!(0)),
        ("day(INTERVAL -'50' HOUR)", "bigint", json!(-2)),
        ("TRY_CAST('2024-13-01' AS date)", "date", json!(null)),
    ] {
        assert_eq!(value(expression), (kind.into(), expected), "{expression}");
    }
}

#[test]
fn errors_are_presto_s() {
    for (expression, name) in [
        ("TIMESTAMP '2024-01-01 25:00:00'", "SYNTAX_ERROR"),
        ("TIMESTAMP '2024-01-01 10:00:00 EST'", "SYNTAX_ERROR"),
        ("TIME 'x'", "SYNTAX_ERROR"),
        ("INTERVAL 'x' DAY", "INVALID_FUNCTION_ARGUMENT"),
        ("INTERVAL '25' HOUR TO DAY", "GENERIC_INTERNAL_ERROR"),
        ("CAST('yesterday' AS timestamp)", "INVALID_CAST_ARGUMENT"),
        ("CAST(DATE '2024-01-01' AS time)", "SYNTAX_ERROR"),
        ("from_unixtime(0, 'Mars/Phobos')", "NOT_SUPPORTED"),
        (
            "DATE '2024-01-01' + INTERVAL '1' HOUR",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        ("INTERVAL '1' DAY + INTERVAL '1' MONTH", "SYNTAX_ERROR"),
        (
            "date_trunc('hour', DATE '2024-01-01')",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        (
            "date_parse('2024', '%Y-%m-%d')",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        (
            "date_parse('2024-01-05', '%y-%m-%d')",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        (
            "parse_datetime('999999999', 'y')",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        ("format_datetime(now(), 'zzzz')", "NOT_SUPPORTED"),
    ] {
        assert_eq!(error(expression), name, "{expression}");
    }
}

#[test]
fn what_is_too_far_away_fails() {
    let long_ago = "date_add('millisecond', -9223372036854775807, TIMESTAMP '1970-01-01 00:00:00')";
    for (expression, name) in [
        (
            "CAST('999999999-01-01 00:00:00' AS timestamp)",
            "INVALID_CAST_ARGUMENT",
        ),
        (
            "date_add('month', -9223372036854775807 - 1, TIMESTAMP '2024-01-01 00:00:00')",
            "NUMERIC_VALUE_OUT_OF_RANGE",
        ),
        (
            &format!("date_trunc('year', {long_ago})"),
            "NUMERIC_VALUE_OUT_OF_RANGE",
        ),
        (
            &format!("date_diff('second', {long_ago}, TIMESTAMP '2024-01-01 00:00:00')"),
            "NUMERIC_VALUE_OUT_OF_RANGE",
        ),
    ] {
        assert_eq!(error(expression), name, "{expression}");
    }
    let wide = "length(format_datetime(now(), rpad('y', 70000, 'y')))";
    assert_eq!(value(wide).1, json!(70_000));
}

/// Where Presto knows a zone for each value, a column has one here, which must be known beforehand.
#[test]
fn zones_that_only_a_value_tells_are_refused() {
    for expression in [
        "hour(at_timezone(TIMESTAMP '2024-01-01 00:00:00 UTC', z)) FROM (VALUES 'Asia/Tokyo') t(z)",
        "TIMESTAMP '2024-01-01 00:00:00 UTC' AT TIME ZONE concat('Asia/', 'Tokyo')",
        "from_unixtime(0, concat('Asia/', 'Tokyo'))",
        "from_unixtime(0, h, 0) FROM (VALUES 9) t(h)",
        "CAST(s AS timestamp with time zone) FROM (VALUES '2024-01-01 00:00:00 Asia/Tokyo') t(s)",
        "CAST(ARRAY['2024-01-01 00:00:00 Asia/Tokyo'] AS array(timestamp with time zone))",
        "from_iso8601_timestamp(s) FROM (VALUES '2024-01-01T00:00:00+09:00') t(s)",
        "parse_datetime(s, 'yyyy ZZZ') FROM (VALUES '2024 Asia/Tokyo') t(s)",
    ] {
        assert_eq!(error(expression), "NOT_SUPPORTED", "{expression}");
    }
    for (expression, expected) in [
        (
            "CAST(s AS timestamp with time zone) FROM (VALUES '2024-01-01 00:00:00 UTC') t(s)",
            json!("2024-01-01 00:00:00.000 UTC"),
        ),
        (
            "TIMESTAMP '2024-01-01 00:00:00 UTC' AT TIME ZONE NULL",
            json!(null),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}

/// As Presto 0.287 answers.
#[test]
fn sessions_have_zones() {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    for (zone, expression, expected) in [
        (
            "America/New_York",
            "CAST(TIMESTAMP '2024-07-01 12:00:00' AS timestamp with time zone)",
            "2024-07-01 12:00:00.000 America/New_York",
        ),
        (
            "America/New_York",
            "CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AS timestamp)",
            "2024-07-01 08:00:00.000",
        ),
        (
            "Asia/Kolkata",
            "from_unixtime(0)",
            "1970-01-01 05:30:00.000",
        ),
        (
            "Asia/Kolkata",
            "CAST(TIMESTAMP '2024-07-01 12:00:00 -05:00' AS time)",
            "22:30:00.000",
        ),
        (
            "+05:30",
            "TIMESTAMP '2024-01-01 10:00:00' AT TIME ZONE 'Asia/Tokyo'",
            "2024-01-01 13:30:00.000 Asia/Tokyo",
        ),
        (
            "Europe/Berlin",
            "date_add('day', 1, TIMESTAMP '2024-03-30 02:30:00')",
            "2024-03-31 03:30:00.000",
        ),
    ] {
        let mut statement = statement(&format!("SELECT {expression}"));
        statement.headers.push(("Time-Zone".into(), zone.into()));
        let answer = answer_of(&engine, &statement).unwrap();
        assert_eq!(answer.rows[0][0], expected, "{expression} in {zone}");
    }
}

/// As Presto 0.287 answers.
#[test]
fn texts_of_times_that_a_clock_leaves_out_are_bad() {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    for expression in [
        "date_parse('2024-03-31 02:30', '%Y-%m-%d %H:%i')",
        "parse_datetime('2024-03-31 02:30', 'yyyy-MM-dd HH:mm')",
        "from_iso8601_timestamp('2024-03-31T02:30')",
    ] {
        let mut statement = statement(&format!("SELECT {expression}"));
        let zone = "Europe/Berlin".to_owned();
        statement.headers.push(("Time-Zone".into(), zone));
        let error = answer_of(&engine, &statement).unwrap_err();
        assert_eq!(error.name, "INVALID_FUNCTION_ARGUMENT", "{expression}");
    }
}
