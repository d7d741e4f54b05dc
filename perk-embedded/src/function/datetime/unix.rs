//! Seconds since 1970, and durations as numbers and texts.

use datafusion::common::ScalarValue;

use super::moment::by_moment;
use super::zones::{in_zone_of, named, of_zone};
use super::{bad, java_double, java_long};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, Zone};
use crate::error::Result;
use crate::function::cell::{Bigint, Double, Millis, Text, Timestamp, each1, each2, each3};
use crate::function::signature::Bound;
use crate::function::{Function, Literals, function};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("from_unixtime", "A timestamp from seconds since 1970")
            .form("double -> timestamp", |call| {
                let zone = call.session.time_zone.clone();
                each1::<Double, Timestamp>(move |seconds| Ok(zone.local(instant(seconds))))(call)
            })
            .form_by_rule(
                "double, varchar(x) -> timestamp with time zone",
                |types, literals| {
                    let [seconds, zone] = types else {
                        return None;
                    };
                    let known =
                        seconds.coerces_to(&Type::Double) && zone.coerces_to(&Type::VARCHAR);
                    known.then(|| Bound {
                        arguments: vec![Type::Double, Type::VARCHAR],
                        returns: in_zone_of(literals, 1),
                        distance: 0,
                    })
                },
                each2::<Double, Text, Timestamp>(|seconds, zone| {
                    named(zone)?;
                    Ok(instant(seconds))
                }),
            )
            .form_by_rule(
                "double, bigint, bigint -> timestamp with time zone",
                |types, literals| {
                    let [seconds, hours, minutes] = types else {
                        return None;
                    };
                    let known = seconds.coerces_to(&Type::Double)
                        && [hours, minutes].map(|part| part.coerces_to(&Type::Bigint)) == [true; 2];
                    known.then(|| Bound {
                        arguments: vec![Type::Double, Type::Bigint, Type::Bigint],
                        returns: in_offset_of(literals),
                        distance: 0,
                    })
                },
                each3::<Double, Bigint, Bigint, Timestamp>(|seconds, hours, minutes| {
                    offset(hours, minutes)?;
                    Ok(instant(seconds))
                }),
            ),
        function("to_unixtime", "Seconds since 1970")
            .form(
                "timestamp -> double",
                by_moment::<Double>(|moments, value| Ok(java_double(moments.instant(value)) / 1e3)),
            )
            .form(
                "timestamp with time zone -> double",
                by_moment::<Double>(|moments, value| Ok(java_double(moments.instant(value)) / 1e3)),
            ),
        function("to_milliseconds", "An interval in milliseconds").form(
            "interval day to second -> bigint",
            each1::<Millis, Bigint>(Ok),
        ),
        function("parse_duration", "convert duration string to an interval").form(
            "varchar(x) -> interval day to second",
            each1::<Text, Millis>(duration),
        ),
    ]
}

/// `Math.round`, which rounds halves up.
fn instant(seconds: f64) -> i64 {
    java_long((seconds * 1e3 + 0.5).floor())
}

fn offset(hours: i64, minutes: i64) -> Result<Zone> {
    let all = hours.saturating_mul(60).saturating_add(minutes);
    Zone::fixed(all).ok_or_else(|| bad(format!("Invalid offset minutes {all}")))
}

fn in_offset_of(literals: &Literals<'_>) -> Type {
    let number = |argument: usize| match literals.get(argument) {
        Some(Some(ScalarValue::Int64(Some(number)))) => Some(*number),
        Some(Some(ScalarValue::Int32(Some(number)))) => Some(i64::from(*number)),
        _ => None,
    };
    let zone = number(1)
        .zip(number(2))
        .and_then(|(hours, minutes)| offset(hours, minutes).ok());
    of_zone(&zone.unwrap_or_else(Zone::utc))
}

/// `1.5h`, `90 s`.
fn duration(text: &str) -> Result<i64> {
    let wrong = || {
        bad(format!(
            "duration is not a valid data duration string: {text}"
        ))
    };
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = match unit.trim() {
        "ns" => 1e-6,
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => java_double(SECOND),
        "m" => java_double(MINUTE),
        "h" => java_double(HOUR),
        "d" => java_double(DAY),
        unknown => return Err(bad(format!("Unknown time unit: {unknown}"))),
    };
    Ok(instant(number * unit / 1e3))
}
