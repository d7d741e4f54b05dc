//! Cells as Presto 0.287 and Trino 476 were seen to write them; where they differ, as Trino does.

mod nested;

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    DurationMillisecondArray, Float32Array, Float64Array, Int32Array, Int64Array,
    IntervalYearMonthArray, LargeStringArray, NullArray, RecordBatch, RecordBatchOptions,
    StringArray, StringViewArray, StructArray, Time32MillisecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int32Type, Schema};
use serde_json::Value;

use super::*;
use crate::types::parse::parse;

fn kind(text: &str) -> Type {
    parse(text).unwrap()
}

fn batch(columns: &[ArrayRef]) -> RecordBatch {
    let field = |(i, column): (usize, &ArrayRef)| {
        Field::new(format!("c{i}"), column.data_type().clone(), true)
    };
    let fields: Fields = columns.iter().enumerate().map(field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.to_vec()).unwrap()
}

/// All rows of a column in one page, as text.
fn cells_of(kind: &Type, array: impl Array + 'static) -> String {
    let batch = batch(&[Arc::new(array)]);
    let mut page = Page::default();
    let mut rows = Encoder::new(std::slice::from_ref(kind))
        .rows(&batch)
        .unwrap();
    assert_eq!(rows.write(&mut page, usize::MAX), batch.num_rows());
    let bytes = page.take();
    let parsed: Vec<[Value; 1]> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(parsed.len(), batch.num_rows());
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn cells(text: &str, array: impl Array + 'static) -> String {
    cells_of(&kind(text), array)
}

#[test]
fn doubles_are_java_s() {
    let values = [
        (1e7, "1.0E7"),
        (9_999_999.9, "9999999.9"),
        (0.001, "0.001"),
        (0.0009, "9.0E-4"),
        (1e-7, "1.0E-7"),
        (123_456_789_012.0, "1.23456789012E11"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (100.0, "100.0"),
        (0.1, "0.1"),
        (5e-324, "4.9E-324"),
        (-1e-323, "-9.9E-324"),
        (2e-323, "2.0E-323"),
        (f64::MAX, "1.7976931348623157E308"),
        (2e23, "2.0E23"),
        (9_007_199_254_740_993.0, "9.007199254740992E15"),
        (f64::NAN, "\"NaN\""),
        (f64::INFINITY, "\"Infinity\""),
        (f64::NEG_INFINITY, "\"-Infinity\""),
    ];
    for (value, text) in values {
        let array = Float64Array::from(vec![value]);
        assert_eq!(cells("double", array), format!("[[{text}]]"));
    }
}

#[test]
fn reals_are_java_s() {
    let values = [
        (1e7, "1.0E7"),
        (f32::MAX, "3.4028235E38"),
        (1e-45, "1.4E-45"),
        (16_777_216.0, "1.6777216E7"),
        (0.001, "0.001"),
        (0.3, "0.3"),
        (9_999_999.0, "9999999.0"),
        (1.1e-5, "1.1E-5"),
        (-0.0, "-0.0"),
        (f32::NAN, "\"NaN\""),
        (f32::NEG_INFINITY, "\"-Infinity\""),
    ];
    for (value, text) in values {
        let array = Float32Array::from(vec![value]);
        assert_eq!(cells("real", array), format!("[[{text}]]"));
    }
}

#[test]
fn a_double_read_back_is_the_same() {
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from_bits(seed.rotate_left(29))
    };
    let values: Vec<f64> = std::iter::repeat_with(&mut next)
        .filter(|value| value.is_finite())
        .take(5_000)
        .collect();
    let text = cells("double", Float64Array::from(values.clone()));
    let cells = text[2..text.len() - 2].split("],[");
    for (cell, value) in cells.zip(values) {
        assert_eq!(cell.parse::<f64>().unwrap().to_bits(), value.to_bits());
    }
}

#[test]
fn integers_and_booleans() {
    let array = Int64Array::from(vec![Some(i64::MIN), None, Some(0)]);
    assert_eq!(
        cells("bigint", array),
        "[[-9223372036854775808],[null],[0]]"
    );
    let array = BooleanArray::from(vec![Some(true), Some(false), None]);
    assert_eq!(cells("boolean", array), "[[true],[false],[null]]");
    assert_eq!(cells("unknown", NullArray::new(2)), "[[null],[null]]");
    assert_eq!(cells("array(date)", NullArray::new(1)), "[[null]]");
}

#[test]
fn decimals_keep_their_scale() {
    for (value, precision, scale, text) in [
        (0, 10, 2, "0.00"),
        (150, 10, 2, "1.50"),
        (-5, 10, 2, "-0.05"),
        (5, 1, 0, "5"),
        (1, 38, 38, "0.00000000000000000000000000000000000001"),
        (
            -99_999_999_999_999_999_999_999_999_999_999_999_999,
            38,
            0,
            "-99999999999999999999999999999999999999",
        ),
    ] {
        let array = Decimal128Array::from(vec![value])
            .with_precision_and_scale(precision, scale)
            .unwrap();
        let kind = Type::Decimal(precision, scale.cast_unsigned());
        assert_eq!(cells_of(&kind, array), format!("[[\"{text}\"]]"));
    }
}

#[test]
fn strings_are_escaped_where_json_needs_it_only() {
    let text = "a\"b\\c \0\u{1}\u{8}\t\n\u{c}\r\u{1b}\u{7f}\u{2028}/<>&'😀é";
    let array = StringArray::from(vec![text, ""]);
    assert_eq!(
        cells("varchar", array),
        "[[\"a\\\"b\\\\c \\u0000\\u0001\\b\\t\\n\\f\\r\\u001B\u{7f}\u{2028}/<>&'😀é\"],[\"\"]]"
    );
    let array = LargeStringArray::from(vec!["{\"a\":1}", "null"]);
    assert_eq!(cells("json", array), r#"[["{\"a\":1}"],["null"]]"#);
    let array = StringArray::from(vec!["ab", "", "é", "😀", "too long"]);
    assert_eq!(
        cells("char(3)", array),
        r#"[["ab "],["   "],["é  "],["😀  "],["too long"]]"#
    );
    let array = BinaryArray::from(vec![&b"\x00\xffA"[..], b"", b"\x01", b"\x01\x02"]);
    assert_eq!(
        cells("varbinary", array),
        r#"[["AP9B"],[""],["AQ=="],["AQI="]]"#
    );
}

#[test]
fn every_string_comes_back() {
    let texts: Vec<String> = (0..2_000_u32)
        .map(|n| {
            let characters = (0..n % 40).map(|i| (n * 7_919 + i * 104_729) % 0x1_2000);
            characters.filter_map(char::from_u32).collect()
        })
        .collect();
    let page = cells("varchar", StringArray::from(texts.clone()));
    let parsed: Vec<[String; 1]> = serde_json::from_str(&page).unwrap();
    assert!(parsed.iter().map(|[cell]| cell).eq(&texts));
}

#[test]
fn dates_and_times() {
    let days = [
        (19_782, "2024-02-29"),
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (-719_162, "0001-01-01"),
        (-719_528, "0000-01-01"),
        (-719_893, "-0001-01-01"),
        (2_932_896, "9999-12-31"),
        (2_932_897, "+10000-01-01"),
        (44_371_850, "+123456-01-01"),
    ];
    for (day, text) in days {
        let array = Date32Array::from(vec![day]);
        assert_eq!(cells("date", array), format!("[[\"{text}\"]]"));
    }
    let array = Time32MillisecondArray::from(vec![3_723_456, 0, 86_399_999]);
    assert_eq!(
        cells("time", array),
        r#"[["01:02:03.456"],["00:00:00.000"],["23:59:59.999"]]"#
    );
    let array = TimestampMillisecondArray::from(vec![1_709_168_523_456, -1, -62_198_751_600_000]);
    assert_eq!(
        cells("timestamp", array),
        r#"[["2024-02-29 01:02:03.456"],["1969-12-31 23:59:59.999"],["-0001-01-01 01:00:00.000"]]"#
    );
    // Far beyond what calendars are made for, and yet no reason to fall over.
    cells(
        "timestamp",
        TimestampMillisecondArray::from(vec![i64::MIN, i64::MAX]),
    );
    cells("date", Date32Array::from(vec![i32::MIN, i32::MAX]));
}

/// chrono agrees, where it has an opinion.
#[test]
fn days_are_those_of_the_calendar() {
    let epoch = chrono::NaiveDate::default();
    for day in (-2_000_000..2_900_000).step_by(997) {
        let mut text = Vec::new();
        super::text::date(day, &mut text);
        let date = epoch + chrono::TimeDelta::days(day);
        let negative = if date < chrono::NaiveDate::from_ymd_opt(0, 1, 1).unwrap() {
            "-"
        } else {
            ""
        };
        let (year, rest) = (chrono::Datelike::year(&date), date.format("%m-%d"));
        let expected = format!("{negative}{:04}-{rest}", year.abs());
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}

#[test]
fn instants_are_shown_in_the_column_s_zone() {
    let summer = 1_719_792_000_000_i64;
    for (zone, text) in [
        ("UTC", "2024-07-01 00:00:00.000 UTC"),
        ("+00:00", "2024-07-01 00:00:00.000 UTC"),
        ("Etc/GMT", "2024-07-01 00:00:00.000 UTC"),
        ("Europe/Berlin", "2024-07-01 02:00:00.000 Europe/Berlin"),
        (
            "America/New_York",
            "2024-06-30 20:00:00.000 America/New_York",
        ),
        ("+05:30", "2024-07-01 05:30:00.000 +05:30"),
        ("-00:30", "2024-06-30 23:30:00.000 -00:30"),
    ] {
        let kind = Type::TimestampWithZone(Arc::from(zone));
        // What Arrow calls the zone does not change the instant.
        for held in [zone, "UTC", "Asia/Tokyo"] {
            let array = TimestampMillisecondArray::from(vec![summer]).with_timezone(held);
            assert_eq!(cells_of(&kind, array), format!("[[\"{text}\"]]"), "{held}");
        }
        let array = TimestampNanosecondArray::from(vec![summer * 1_000_000 + 1]);
        let array = array.with_timezone("UTC");
        assert_eq!(cells_of(&kind, array), format!("[[\"{text}\"]]"));
        let array = TimestampMillisecondArray::from(vec![i64::MIN, i64::MAX]);
        cells_of(&kind, array.with_timezone(zone));
    }
    // Before there were zones, Berlin was 53 minutes and 28 seconds ahead.
    let kind = Type::TimestampWithZone(Arc::from("Europe/Berlin"));
    let array = TimestampMillisecondArray::from(vec![-5_364_662_400_000]).with_timezone("UTC");
    assert_eq!(
        cells_of(&kind, array),
        r#"[["1800-01-01 00:53:28.000 Europe/Berlin"]]"#
    );
    let array = TimestampMillisecondArray::from(vec![0]).with_timezone("UTC");
    let unknown = Encoder::new(&[Type::TimestampWithZone(Arc::from("Mars/Base"))]);
    assert!(unknown.rows(&batch(&[Arc::new(array)])).is_err());
}

#[test]
fn times_with_zones() {
    let kind = kind("time with time zone");
    let DataType::Struct(fields) = kind.to_arrow() else {
        panic!("no struct");
    };
    let offsets = vec![120, -30, 0, 330];
    let in_utc = offsets.iter().map(|minutes| 3_723_456 - minutes * 60_000);
    let times = Time32MillisecondArray::from_iter_values(in_utc);
    let offsets = Int32Array::from(offsets);
    let nulls = NullBuffer::from(vec![true, true, true, false]);
    let array = StructArray::new(
        fields,
        vec![Arc::new(times), Arc::new(offsets)],
        Some(nulls),
    );
    assert_eq!(
        cells_of(&kind, array),
        r#"[["01:02:03.456+02:00"],["01:02:03.456-00:30"],["01:02:03.456+00:00"],[null]]"#
    );
}

#[test]
fn intervals() {
    let array = IntervalYearMonthArray::from(vec![-1, -14, 14, 0]);
    assert_eq!(
        cells("interval year to month", array),
        r#"[["-0-1"],["-1-2"],["1-2"],["0-0"]]"#
    );
    let array = DurationMillisecondArray::from(vec![
        -86_400_000,
        -1_500,
        0,
        183_845_678,
        8_640_000_000,
        i64::MIN,
    ]);
    assert_eq!(
        cells("interval day to second", array),
        "[[\"-1 00:00:00.000\"],[\"-0 00:00:01.500\"],[\"0 00:00:00.000\"],[\"2 03:04:05.678\"],\
         [\"100 00:00:00.000\"],[\"-106751991167 07:12:55.808\"]]"
    );
}

#[test]
fn other_forms_of_arrow_s_are_converted() {
    let view = StringViewArray::from(vec![Some("a"), None]);
    assert_eq!(cells("varchar", view), r#"[["a"],[null]]"#);
    let text = LargeStringArray::from(vec!["a"]);
    assert_eq!(cells("varchar", text), r#"[["a"]]"#);
    let dictionary: DictionaryArray<Int32Type> =
        vec![Some("a"), None, Some("a")].into_iter().collect();
    assert_eq!(cells("varchar(1)", dictionary), r#"[["a"],[null],["a"]]"#);
    assert_eq!(
        cells("bigint", UInt64Array::from(vec![Some(7), None])),
        "[[7],[null]]"
    );
    assert_eq!(cells("bigint", Int32Array::from(vec![7])), "[[7]]");
    let nanoseconds = TimestampNanosecondArray::from(vec![1_709_168_523_456_789_000]);
    assert_eq!(
        cells("timestamp", nanoseconds),
        r#"[["2024-02-29 01:02:03.456"]]"#
    );
    let decimal = Decimal128Array::from(vec![15]).with_precision_and_scale(5, 1);
    assert_eq!(cells("decimal(10,2)", decimal.unwrap()), r#"[["1.50"]]"#);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let encoder = |text: &str| Encoder::new(&[kind(text)]);
    let large = batch(&[Arc::new(UInt64Array::from(vec![u64::MAX]))]);
    assert!(encoder("bigint").rows(&large).is_err());
    assert!(encoder("array(bigint)").rows(&large).is_err());
    assert!(encoder("row(bigint)").rows(&large).is_err());
    assert!(encoder("map(bigint, bigint)").rows(&large).is_err());
    assert!(encoder("time with time zone").rows(&large).is_err());
    assert!(encoder("unknown").rows(&large).is_err());
    assert!(Encoder::new(&[]).rows(&large).is_err());
}

#[test]
fn pages_are_cut_to_size_and_gather_small_batches() {
    let numbers = batch(&[
        Arc::new(Int64Array::from_iter_values(0..1_000)),
        Arc::new(Int64Array::from_iter_values(0..1_000)),
    ]);
    let encoder = Encoder::new(&[Type::Bigint, Type::Bigint]);
    let mut rows = encoder.rows(&numbers).unwrap();
    let mut page = Page::default();
    // However small the target is, an empty page takes a row.
    assert_eq!(rows.write(&mut page, 1), 1);
    assert_eq!(rows.write(&mut page, 1), 0);
    assert_eq!(page.rows(), 1);
    assert_eq!(&page.take()[..], b"[[0,0]]");
    let mut seen = 1;
    while rows.remaining() > 0 {
        let written = rows.write(&mut page, 100);
        assert_eq!(written, page.rows());
        let bytes = page.take();
        assert!(bytes.len() < 115);
        let parsed: Vec<[usize; 2]> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(parsed.len(), written);
        for row in parsed {
            assert_eq!(row, [seen, seen]);
            seen += 1;
        }
    }
    assert_eq!(seen, 1_000);
    for _ in 0..3 {
        let mut rows = encoder.rows(&numbers.slice(7, 2)).unwrap();
        assert_eq!(rows.write(&mut page, 100), 2);
    }
    assert_eq!(&page.take()[..], b"[[7,7],[8,8],[7,7],[8,8],[7,7],[8,8]]");
    assert_eq!(&page.take()[..], b"[]");
}

#[test]
fn rows_without_columns_are_counted() {
    let options = RecordBatchOptions::new().with_row_count(Some(3));
    let schema = Arc::new(Schema::empty());
    let batch = RecordBatch::try_new_with_options(schema, vec![], &options).unwrap();
    let mut page = Page::default();
    let mut rows = Encoder::new(&[]).rows(&batch).unwrap();
    assert_eq!(rows.write(&mut page, 100), 3);
    assert_eq!(&page.take()[..], b"[[],[],[]]");
}
