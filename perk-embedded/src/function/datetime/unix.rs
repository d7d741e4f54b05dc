//! Seconds since 1970, and durations as numbers and texts.

use datafusion::common::ScalarValue;

use super::moment::{by_moment, not_written};
use super::zones::{in_zone_of, named, of_zone};
use super::{java_double, java_long};
use crate::calendar::{DAY, HOUR, MINUTE, SECOND, Zone};
use crate::error::Result;
use crate::function::cell::{Bigint, Double, Millis, Text, Timestamp, each1, each2, each3};
use crate::function::signature::Bound;
use crate::function::{Function, Literals, function, invalid};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("from_unixtime", "A timestamp from seconds since 1970")
            .form("double -> timestamp", |call| {
                let zone = call.session.time_zone.clone();
                each1::<Double, Timestamp>(move |seconds| Ok(zone.local(instant(seconds))))(call)
            })
            .form_by_session(
                "double, varchar(x) -> timestamp with time zone",
                |types, literals, _| {
                    bound(types, &[Type::Double, Type::VARCHAR], || {
                        in_zone_of(literals, 1)
                    })
                },
                each2::<Double, Text, Timestamp>(|seconds, zone| {
                    named(zone)?;
                    Ok(instant(seconds))
                }),
            )
            .form_by_session(
                "double, bigint, bigint -> timestamp with time zone",
                |types, literals, _| {
                    bound(types, &[Type::Double, Type::Bigint, Type::Bigint], || {
                        in_offset_of(literals)
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

/// A form for these arguments, the zone of whose result they tell.
fn bound(
    given: &[Type],
    wanted: &[Type],
    returns: impl FnOnce() -> Result<Type>,
) -> Result<Option<Bound>> {
    let mut pairs = given.iter().zip(wanted);
    let known =
        given.len() == wanted.len() && pairs.all(|(given, wanted)| given.coerces_to(wanted));
    if !known {
        return Ok(None);
    }
    Ok(Some(Bound {
        returns: returns()?,
        arguments: wanted.to_vec(),
        distance: 0,
    }))
}

/// `Math.round`, which rounds halves up.
fn instant(seconds: f64) -> i64 {
    java_long((seconds * 1e3 + 0.5).floor())
}

fn offset(hours: i64, minutes: i64) -> Result<Zone> {
    let all = hours.saturating_mul(60).saturating_add(minutes);
    Zone::fixed(all).ok_or_else(|| invalid(format!("Invalid offset minutes {all}")))
}

/// As [`in_zone_of`], of hours and minutes.
fn in_offset_of(literals: &Literals<'_>) -> Result<Type> {
    let number = |argument: usize| {
        Ok(match literals.get(argument) {
            Some(None) => return Err(not_written()),
            Some(Some(ScalarValue::Int64(Some(number)))) => Some(*number),
            Some(Some(ScalarValue::Int32(Some(number)))) => Some(i64::from(*number)),
            // NULL, or nobody asks for the zone.
            _ => None,
        })
    };
    let offset = number(1)?.zip(number(2)?);
    let zone = offset.and_then(|(hours, minutes)| self::offset(hours, minutes).ok());
    Ok(of_zone(&zone.unwrap_or_else(Zone::utc)))
}

/// `1.5h`, `90 s`.
fn duration(text: &str) -> Result<i64> {
    let wrong = || {
        invalid(format!(
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
        unknown => return Err(invalid(format!("Unknown time unit: {unknown}"))),
    };
    Ok(instant(number * unit / 1e3))
}
