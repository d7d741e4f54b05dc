//! Casts of dates, times, timestamps and intervals, from and to text too.

use datafusion::arrow::array::ArrayRef;
use datafusion::common::ScalarValue;

use crate::calendar::{DAY, Zone};
use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::cell::{Date, Millis, Months, Text, Time, Timestamp, each1};
use crate::function::datetime::moment::{
    Moments, PlaceTime, ZonedTime, by_moment, of_day, offset_of,
};
use crate::function::datetime::{read, write};
use crate::session::Session;
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(from: &Type, to: &Type) -> bool {
    use Type::{
        Date, IntervalDayToSecond, IntervalYearToMonth, Time, TimeWithZone, Timestamp,
        TimestampWithZone, Varchar,
    };
    matches!(
        (from, to),
        (Date, Timestamp | TimestampWithZone(_))
            | (
                Time | TimeWithZone | TimestampWithZone(_) | Timestamp,
                Time | TimeWithZone | Timestamp | TimestampWithZone(_)
            )
            | (Timestamp | TimestampWithZone(_), Date)
            | (
                Varchar(_),
                Date | Time | TimeWithZone | Timestamp | TimestampWithZone(_)
            )
            | (
                Date | Time
                    | TimeWithZone
                    | Timestamp
                    | TimestampWithZone(_)
                    | IntervalDayToSecond
                    | IntervalYearToMonth,
                Varchar(_)
            )
    )
}

/// The type that a cast gives, with its zone: the value's own, or the session's. A text's own is known only where the text
/// is written as it is.
pub(super) fn in_zone(
    from: &Type,
    to: Type,
    literal: Option<&ScalarValue>,
    session: &Session,
) -> Type {
    let inner = |from: &Type, to: Type| in_zone(from, to, None, session);
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => Type::array(inner(from, *to)),
        (Type::Map(key, value), Type::Map(to_key, to_value)) => {
            Type::map(inner(key, *to_key), inner(value, *to_value))
        }
        (Type::Row(from), Type::Row(to)) => {
            let fields = from.iter().zip(to);
            Type::Row(
                fields
                    .map(|((_, from), (name, to))| (name, inner(from, to)))
                    .collect(),
            )
        }
        (Type::TimestampWithZone(own), Type::TimestampWithZone(_)) => {
            Type::TimestampWithZone(own.clone())
        }
        (_, Type::TimestampWithZone(_)) => {
            let written = match literal {
                Some(ScalarValue::Utf8(Some(text))) => read::timestamp(text.trim()),
                _ => None,
            };
            let own = written.and_then(|(_, zone)| zone);
            let zone = own.as_ref().unwrap_or(&session.time_zone);
            Type::TimestampWithZone(zone.name().clone())
        }
        (_, to) => to,
    }
}

/// Makes values of one type values of another.
pub(super) fn cast(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let call = &Call {
        arguments: std::slice::from_ref(values),
        types: std::slice::from_ref(from),
        returns: to,
        rows: values.len(),
        ..*call
    };
    match (from, to) {
        (Type::Varchar(_), _) => from_text(to, call),
        (_, Type::Varchar(_)) => to_text(from, call),
        (Type::Date, _) => {
            let to = Moments::of(to, call.session)?;
            each1::<Date, Timestamp>(move |days| Ok(to.at_local(i64::from(days) * DAY)))(call)
        }
        (Type::Time | Type::TimeWithZone, _) => from_time(from, to, call),
        _ => from_moment(to, call),
    }
}

fn from_moment(to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let own = call.session.time_zone.clone();
    match to {
        Type::Date => by_moment::<Date>(|moments, value| {
            let days = moments.local(value).div_euclid(DAY);
            i32::try_from(days)
                .map_err(|_| Error::new(Kind::NumericValueOutOfRange, "date is out of range"))
        })(call),
        // Presto shows it in the session's zone, whatever zone it is in.
        Type::Time => {
            by_moment::<Time>(move |moments, value| Ok(of_day(own.local(moments.instant(value)))))(
                call,
            )
        }
        Type::TimeWithZone => by_moment::<ZonedTime>(|moments, value| {
            Ok(PlaceTime::new(
                moments.local(value),
                offset_of(moments.zone()),
            ))
        })(call),
        to => {
            let to = Moments::of(to, call.session)?;
            by_moment::<Timestamp>(move |moments, value| Ok(to.at_instant(moments.instant(value))))(
                call,
            )
        }
    }
}

/// Times are on the first day of 1970.
fn from_time(from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let own = offset_of(&call.session.time_zone);
    match (from, to) {
        (Type::Time, Type::TimeWithZone) => {
            each1::<Time, ZonedTime>(move |time| Ok(PlaceTime::new(time.into(), own)))(call)
        }
        (_, Type::Time) => each1::<ZonedTime, Time>(move |time| Ok(time.moved(own).of_day))(call),
        (Type::Time, _) => {
            let to = Moments::of(to, call.session)?;
            each1::<Time, Timestamp>(move |time| Ok(to.at_local(time.into())))(call)
        }
        _ => {
            let to = Moments::of(to, call.session)?;
            each1::<ZonedTime, Timestamp>(move |time| Ok(to.at_instant(time.instant())))(call)
        }
    }
}

fn to_text(from: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    match from {
        Type::Date => each1::<Date, Text>(|days| Ok(write::date(days)))(call),
        Type::Time => each1::<Time, Text>(|time| Ok(write::time(time)))(call),
        Type::TimeWithZone => each1::<ZonedTime, Text>(|time| Ok(write::zoned_time(time)))(call),
        Type::TimestampWithZone(_) => {
            by_moment::<Text>(|moments, value| Ok(write::zoned_timestamp(value, moments.zone())))(
                call,
            )
        }
        Type::IntervalYearToMonth => {
            each1::<Months, Text>(|interval| Ok(write::months(interval)))(call)
        }
        Type::IntervalDayToSecond => {
            each1::<Millis, Text>(|interval| Ok(write::duration(interval)))(call)
        }
        _ => each1::<Timestamp, Text>(|local| Ok(write::timestamp(local)))(call),
    }
}

fn from_text(to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let name = to.to_string();
    let wrong = move |text: &str| {
        let message = format!("Value cannot be cast to {name}: {text}");
        Error::new(Kind::InvalidCastArgument, message)
    };
    match to {
        Type::Date => {
            each1::<Text, Date>(move |text| read::date(text.trim()).ok_or_else(|| wrong(text)))(
                call,
            )
        }
        Type::Time => each1::<Text, Time>(move |text| match read::time(text.trim()) {
            Some((time, None)) => Ok(time),
            _ => Err(wrong(text)),
        })(call),
        // Presto does not expect this to fail.
        Type::TimeWithZone => each1::<Text, ZonedTime>(|text| {
            let Some((time, Some(offset))) = read::time(text.trim()) else {
                let message = format!("Invalid format: \"{text}\"");
                return Err(Error::new(Kind::Internal, message));
            };
            Ok(PlaceTime::new(time.into(), offset))
        })(call),
        to => {
            let to = Moments::of(to, call.session)?;
            let own = call.session.time_zone.clone();
            each1::<Text, Timestamp>(move |text| {
                let (local, zone) = read::timestamp(text.trim()).ok_or_else(|| wrong(text))?;
                let zone: &Zone = zone.as_ref().unwrap_or(&own);
                if !zone.shows(local) {
                    return Err(wrong(text));
                }
                to.at_local_of(zone, local)
            })(call)
        }
    }
}
