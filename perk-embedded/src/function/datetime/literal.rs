//! `TIME '…'`, `TIMESTAMP '…'` and `INTERVAL '…'`: the text says which type it is.

use datafusion::common::ScalarValue;

use super::moment::{Moments, PlaceTime, ZonedTime};
use super::read;
use crate::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Cell, Millis, Months, Text, Time, Timestamp};
use crate::function::signature::Bound;
use crate::function::{Call, Function, Literals, function, invalid};
use crate::session::Session;
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$time", "A time as it is written").form_by_session(
            "varchar -> time",
            |_, literals, _| {
                one_text(literals, "time", |written| {
                    let (_, offset) = read::time(written)?;
                    Some(offset.map_or(Type::Time, |_| Type::TimeWithZone))
                })
            },
            |call| match call.returns {
                Type::TimeWithZone => written::<ZonedTime>(call, |written| {
                    let (of_day, offset) = read::time(written)?;
                    Some(PlaceTime::new(of_day.into(), offset.unwrap_or(0)))
                }),
                _ => written::<Time>(call, |written| read::time(written).map(|(time, _)| time)),
            },
        ),
        function("$timestamp", "A timestamp as it is written").form_by_session(
            "varchar -> timestamp",
            |_, literals, session| {
                one_text(literals, "timestamp", |written| {
                    timestamp_type(written, session)
                })
            },
            |call| {
                let moments = Moments::of(call.returns, call.session)?;
                written::<Timestamp>(call, move |written| {
                    read::timestamp(written).map(|(local, _)| moments.at_local(local))
                })
            },
        ),
        function("$interval", "An interval as it is written").form_by_session(
            "varchar, varchar, varchar -> interval day to second",
            |_, literals, _| interval_type(literals),
            |call| {
                let [value, unit, last] =
                    [0, 1, 2].map(|argument| Text::column(&call.arguments[argument]));
                let parts = |row| (value.value(row), unit.value(row), last.value(row));
                match call.returns {
                    Type::IntervalYearToMonth => call.rows::<Months>(|row| {
                        let (value, unit, last) = parts(row);
                        let months = interval(value, unit, last)?;
                        let months = i32::try_from(months);
                        Ok(Some(
                            months.map_err(|_| not_an_interval(value, unit, last))?,
                        ))
                    }),
                    _ => call.rows::<Millis>(|row| {
                        let (value, unit, last) = parts(row);
                        interval(value, unit, last).map(Some)
                    }),
                }
            },
        ),
    ]
}

fn literal<'a>(literals: &Literals<'a>, argument: usize) -> Option<&'a str> {
    match literals.get(argument) {
        Some(Some(ScalarValue::Utf8(Some(text)))) => Some(text),
        _ => None,
    }
}

/// The type of a literal, or that it is none.
fn one_text(
    literals: &Literals<'_>,
    what: &str,
    kind: impl FnOnce(&str) -> Option<Type>,
) -> Result<Option<Bound>> {
    let returns = match literal(literals, 0) {
        Some(written) => kind(written).ok_or_else(|| not_a_literal(written, what))?,
        None => Type::Unknown,
    };
    Ok(Some(Bound {
        arguments: vec![Type::VARCHAR],
        returns,
        distance: 0,
    }))
}

fn not_a_literal(written: &str, what: &str) -> Error {
    let message = format!("'{written}' is not a valid {what} literal");
    Error::new(Kind::Syntax, message)
}

fn timestamp_type(written: &str, session: &Session) -> Option<Type> {
    match read::timestamp(written)? {
        (_, Some(zone)) => Some(Type::TimestampWithZone(zone.name().clone())),
        (local, None) => session.time_zone.shows(local).then_some(Type::Timestamp),
    }
}

fn written<R: Cell>(
    call: &Call<'_>,
    read: impl Fn(&str) -> Option<R::Made>,
) -> Result<datafusion::arrow::array::ArrayRef> {
    let texts = Text::column(&call.arguments[0]);
    call.rows::<R>(|row| {
        let text = texts.value(row);
        let value = read(text).ok_or_else(|| not_a_literal(text, &call.returns.to_string()))?;
        Ok(Some(value))
    })
}

/// The units of one of the two types, the largest first: their names, what is between one and the next smaller one, and
/// how much each is.
type Units = [(&'static str, char, i64)];

const YEAR_TO_MONTH: &Units = &[("YEAR", '-', 12), ("MONTH", '-', 1)];

const DAY_TO_SECOND: &Units = &[
    ("DAY", ' ', DAY),
    ("HOUR", ':', HOUR),
    ("MINUTE", ':', MINUTE),
    ("SECOND", '.', SECOND),
];

fn place(units: &Units, name: &str) -> Option<usize> {
    units.iter().position(|(unit, _, _)| *unit == name)
}

/// Which units a literal's value has.
fn units(unit: &str, last: &str) -> Result<&'static Units> {
    for units in [YEAR_TO_MONTH, DAY_TO_SECOND] {
        let Some(first) = place(units, unit) else {
            continue;
        };
        let last = if last.is_empty() { unit } else { last };
        return match place(units, last) {
            Some(last) if last >= first => Ok(&units[first..=last]),
            _ => Err(Error::new(
                Kind::Internal,
                format!("Invalid day second interval qualifier: {unit} to {last}"),
            )),
        };
    }
    Err(Error::new(Kind::Syntax, "Unknown type: INTERVAL"))
}

fn interval_type(literals: &Literals<'_>) -> Result<Option<Bound>> {
    let returns = match (literal(literals, 1), literal(literals, 2)) {
        (Some(unit), Some(last)) => {
            units(unit, last)?;
            if place(YEAR_TO_MONTH, unit).is_some() {
                Type::IntervalYearToMonth
            } else {
                Type::IntervalDayToSecond
            }
        }
        _ => Type::Unknown,
    };
    Ok(Some(Bound {
        arguments: vec![Type::VARCHAR; 3],
        returns,
        distance: 0,
    }))
}

fn not_an_interval(value: &str, unit: &str, last: &str) -> Error {
    let to = if last.is_empty() || last == unit {
        String::new()
    } else {
        format!(" TO {last}")
    };
    invalid(format!("Invalid INTERVAL {unit}{to} value: {value}"))
}

/// In months or milliseconds.
fn interval(value: &str, unit: &str, last: &str) -> Result<i64> {
    let units = units(unit, last)?;
    let (sign, size) = match value.strip_prefix('-') {
        // Twice where the sign is outside and inside the quotes.
        Some(size) => match size.strip_prefix('-') {
            Some(size) => (1, size),
            None => (-1, size),
        },
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    match amount(size, units) {
        Some(amount) => Ok(sign * amount),
        None => Err(not_an_interval(value, unit, last)),
    }
}

fn amount(value: &str, units: &Units) -> Option<i64> {
    let mut rest = value;
    let mut amount = 0_i64;
    for (i, (name, separator, size)) in units.iter().enumerate() {
        if rest.is_empty() {
            break;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        // Presto holds each of them in 32 bits.
        let number: i32 = number.parse().ok()?;
        amount = amount.checked_add(i64::from(number).checked_mul(*size)?)?;
        rest = behind;
        if *name == "SECOND" {
            if let Some(fraction) = rest.strip_prefix('.') {
                let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
                let kept = fraction.get(..fraction.len().min(3)).filter(|_| digits)?;
                amount += format!("{kept:0<3}").parse::<i64>().ok()?;
                rest = "";
            }
        } else if i + 1 < units.len() && !rest.is_empty() {
            rest = rest.strip_prefix(*separator)?;
        }
    }
    rest.is_empty().then_some(amount)
}
