//! Values as both engines spell them, which is mostly how Java does.

use std::io::Write;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::error::{Error, Kind, Result};

const DAY: i64 = 86_400_000;

pub(super) fn integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// `Double.toString`, in quotes where it is no number in JSON.
pub(crate) fn double(value: f64, out: &mut Vec<u8>) {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_finite() {
        let start = out.len();
        // Java gives the second digit of the smallest numbers too, which one digit would already tell apart.
        if value.is_subnormal() && one_digit(&format!("{value:e}")) {
            infallible(write!(out, "{value:.1e}"));
        } else {
            infallible(write!(out, "{value:e}"));
        }
        as_java(out, start);
    } else {
        not_finite(value.is_nan(), value > 0.0, out);
    }
}

/// `Float.toString`, likewise.
pub(crate) fn real(value: f32, out: &mut Vec<u8>) {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_finite() {
        let start = out.len();
        if value.is_subnormal() && one_digit(&format!("{value:e}")) {
            infallible(write!(out, "{value:.1e}"));
        } else {
            infallible(write!(out, "{value:e}"));
        }
        as_java(out, start);
    } else {
        not_finite(value.is_nan(), value > 0.0, out);
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
fn infallible(written: std::io::Result<()>) {
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
    let (year, month, day) = civil(days);
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
    two(month, out);
    out.push(b'-');
    two(day, out);
}

/// Year, month and day. chrono's years end where Presto's timestamps do not; this is the usual computation over eras of
/// 400 years that begin with a March.
fn civil(days: i64) -> (i64, u64, u64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097).unsigned_abs();
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let january_on = i64::from(month <= 2);
    (era * 400 + year.cast_signed() + january_on, month, day)
}

/// Milliseconds of a day.
pub(super) fn time(of_day: u64, out: &mut Vec<u8>) {
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

/// `+05:30`.
pub(super) fn offset(minutes: i32, out: &mut Vec<u8>) {
    out.push(if minutes < 0 { b'-' } else { b'+' });
    let size = u64::from(minutes.unsigned_abs());
    two(size / 60, out);
    out.push(b':');
    two(size % 60, out);
}

/// `-1-2`: years and months.
pub(super) fn months(value: i32, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    integer(value.unsigned_abs() / 12, out);
    out.push(b'-');
    integer(value.unsigned_abs() % 12, out);
}

/// `-2 03:04:05.678`: days and time.
pub(super) fn duration(milliseconds: i64, out: &mut Vec<u8>) {
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
                infallible(write!(out, "\\u{control:04X}"));
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

/// Where a column's instants are shown.
pub(super) struct Zone {
    name: String,
    clock: Clock,
}

enum Clock {
    /// Milliseconds ahead of UTC.
    Fixed(i64),
    Named(Tz),
}

impl Zone {
    pub(super) fn new(name: &str) -> Result<Self> {
        let zone = |name: &str, clock| Self {
            name: name.to_owned(),
            clock,
        };
        if is_utc(name) {
            return Ok(zone("UTC", Clock::Fixed(0)));
        }
        if let Some(minutes) = fixed(name) {
            return Ok(zone(name, Clock::Fixed(minutes * 60_000)));
        }
        match name.parse() {
            Ok(known) => Ok(zone(name, Clock::Named(known))),
            Err(_) => {
                let message = format!("unknown time zone: {name}");
                Err(Error::new(Kind::Internal, message))
            }
        }
    }

    pub(super) fn timestamp(&self, milliseconds: i64, out: &mut Vec<u8>) {
        let ahead = match self.clock {
            Clock::Fixed(ahead) => ahead,
            Clock::Named(zone) => ahead_of_utc(zone, milliseconds),
        };
        timestamp(milliseconds.saturating_add(ahead), out);
        out.push(b' ');
        out.extend_from_slice(self.name.as_bytes());
    }
}

/// Zones that both engines show as `UTC`.
fn is_utc(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("etc/").unwrap_or(&name);
    let names = [
        "utc",
        "z",
        "ut",
        "uct",
        "gmt",
        "gmt0",
        "greenwich",
        "universal",
        "zulu",
    ];
    names.contains(&name) || matches!(name, "+00:00" | "-00:00")
}

/// The minutes of `+05:30`.
fn fixed(name: &str) -> Option<i64> {
    let (sign, clock) = match name.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2);
    Some(sign * (i64::from(number(hours)?) * 60 + i64::from(number(minutes)?)))
}

fn ahead_of_utc(zone: Tz, milliseconds: i64) -> i64 {
    // Before chrono's first year and after its last nothing changes any more.
    let (first, last) = (
        DateTime::<chrono::Utc>::MIN_UTC,
        DateTime::<chrono::Utc>::MAX_UTC,
    );
    let within = milliseconds.clamp(first.timestamp_millis(), last.timestamp_millis());
    let at = DateTime::from_timestamp_millis(within).unwrap_or(last);
    let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    i64::from(offset.local_minus_utc()) * 1_000
}
