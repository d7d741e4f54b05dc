//! Values as both engines spell them, which is mostly how Java does.

use std::fmt::LowerExp;
use std::io::Write;

use crate::calendar::{Civil, DAY, Zone};

pub(crate) fn integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// `Double.toString`, in quotes where it is no number in JSON.
pub(crate) fn double(value: f64, out: &mut Vec<u8>) {
    floating(value, value, value.is_subnormal(), out);
}

/// `Float.toString`, likewise.
pub(crate) fn real(value: f32, out: &mut Vec<u8>) {
    floating(value, f64::from(value), value.is_subnormal(), out);
}

/// A number, which is `wide` as a double: its digits are as many as its own type needs.
fn floating(value: impl ryu::Float + LowerExp, wide: f64, is_subnormal: bool, out: &mut Vec<u8>) {
    let size = wide.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    } else if wide.is_finite() {
        let start = out.len();
        // Java gives the second digit of the smallest numbers too, which one digit would already tell apart.
        if is_subnormal && one_digit(&format!("{value:e}")) {
            infallible(&write!(out, "{value:.1e}"));
        } else {
            infallible(&write!(out, "{value:e}"));
        }
        as_java(out, start);
    } else {
        not_finite(wide.is_nan(), wide > 0.0, out);
    }
}

fn one_digit(scientific: &str) -> bool {
    !scientific.contains('.')
}

fn not_finite(nan: bool, positive: bool, out: &mut Vec<u8>) {
    let text: &[u8] = match (nan, positive) {
        (true, _) => b"\"NaN\"",
        (false, true) => b"\"Infinity\"",
        (false, false) => b"\"-Infinity\"",
    };
    out.extend_from_slice(text);
}

/// `1e21` is `1.0E21` in Java.
fn as_java(out: &mut Vec<u8>, start: usize) {
    let Some(e) = out[start..].iter().position(|byte| *byte == b'e') else {
        return;
    };
    let e = start + e;
    out[e] = b'E';
    if !out[start..e].contains(&b'.') {
        out.splice(e..e, *b".0");
    }
}

/// Writing into memory does not fail.
fn infallible(written: &std::io::Result<()>) {
    debug_assert!(written.is_ok());
}

/// A number of that many digits behind the point.
pub(crate) fn decimal(value: i128, scale: usize, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs()).as_bytes();
    if value < 0 {
        out.push(b'-');
    }
    if scale == 0 {
        out.extend_from_slice(digits);
    } else if let Some(whole) = digits.len().checked_sub(scale).filter(|whole| *whole > 0) {
        out.extend_from_slice(&digits[..whole]);
        out.push(b'.');
        out.extend_from_slice(&digits[whole..]);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + scale - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

/// Days since 1970.
pub(crate) fn date(days: i64, out: &mut Vec<u8>) {
    let Civil { year, month, day } = Civil::of(days);
    match year {
        10_000.. => out.push(b'+'),
        ..0 => out.push(b'-'),
        _ => {}
    }
    match year.unsigned_abs() {
        year @ ..10_000 => {
            two(year / 100, out);
            two(year % 100, out);
        }
        year => integer(year, out),
    }
    out.push(b'-');
    two(month.unsigned_abs(), out);
    out.push(b'-');
    two(day.unsigned_abs(), out);
}

/// Milliseconds of a day.
pub(crate) fn time(of_day: u64, out: &mut Vec<u8>) {
    two(of_day / 3_600_000, out);
    out.push(b':');
    two(of_day / 60_000 % 60, out);
    out.push(b':');
    two(of_day / 1_000 % 60, out);
    out.push(b'.');
    out.push(digit(of_day / 100 % 10));
    two(of_day % 100, out);
}

/// Milliseconds since 1970, in no zone.
pub(crate) fn timestamp(milliseconds: i64, out: &mut Vec<u8>) {
    date(milliseconds.div_euclid(DAY), out);
    out.push(b' ');
    time(milliseconds.rem_euclid(DAY).unsigned_abs(), out);
}

/// An instant, as a clock there shows it.
pub(crate) fn zoned_timestamp(milliseconds: i64, zone: &Zone, out: &mut Vec<u8>) {
    timestamp(zone.local(milliseconds), out);
    out.push(b' ');
    out.extend_from_slice(zone.name().as_bytes());
}

/// `+05:30`.
pub(crate) fn offset(minutes: i32, out: &mut Vec<u8>) {
    out.push(if minutes < 0 { b'-' } else { b'+' });
    let size = u64::from(minutes.unsigned_abs());
    two(size / 60, out);
    out.push(b':');
    two(size % 60, out);
}

/// `-1-2`: years and months.
pub(crate) fn months(value: i32, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    integer(value.unsigned_abs() / 12, out);
    out.push(b'-');
    integer(value.unsigned_abs() % 12, out);
}

/// `-2 03:04:05.678`: days and time.
pub(crate) fn duration(milliseconds: i64, out: &mut Vec<u8>) {
    if milliseconds < 0 {
        out.push(b'-');
    }
    let size = milliseconds.unsigned_abs();
    integer(size / DAY.unsigned_abs(), out);
    out.push(b' ');
    time(size % DAY.unsigned_abs(), out);
}

/// A string of JSON. What is no control character stays as it is, as Trino has it.
pub(crate) fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    escaped(text, out);
    out.push(b'"');
}

pub(super) fn escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, ..0x20 | b'"' | b'\\'))
    {
        out.extend_from_slice(&rest[..at]);
        let short = match rest[at] {
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0C => b'f',
            b'\r' => b'r',
            quoted @ (b'"' | b'\\') => quoted,
            control => {
                infallible(&write!(out, "\\u{control:04X}"));
                rest = &rest[at + 1..];
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn two(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&[digit(value / 10 % 10), digit(value % 10)]);
}

fn digit(value: u64) -> u8 {
    b'0' + u8::try_from(value).unwrap_or(0)
}
