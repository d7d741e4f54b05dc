//! The same instants in other zones.

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::common::ScalarValue;

use super::moment::{Moments, PlaceTime, ZonedTime, not_supported, not_written, offset_of};
use crate::calendar::{MINUTE, Zone};
use crate::error::Result;
use crate::function::cell::{Cell, Millis, Text, Time, Timestamp, each2};
use crate::function::signature::Bound;
use crate::function::{Call, Function, Literals, function, invalid};
use crate::session::Session;
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("at_timezone", "The same instant, in that zone")
            .form_by_session(
                "timestamp with time zone, varchar(x) -> timestamp with time zone",
                |types, literals, _| moved(types, literals, &Type::VARCHAR),
                moved_moments::<Text>,
            )
            .form_by_session(
                "timestamp with time zone, interval day to second -> timestamp with time zone",
                |types, literals, _| moved(types, literals, &Type::IntervalDayToSecond),
                moved_moments::<Millis>,
            )
            .form(
                "time with time zone, varchar(x) -> time with time zone",
                each2::<ZonedTime, Text, ZonedTime>(|time, zone| {
                    Ok(time.moved(offset_of(&named(zone)?)))
                }),
            )
            .form(
                "time with time zone, interval day to second -> time with time zone",
                each2::<ZonedTime, Millis, ZonedTime>(|time, ahead| {
                    Ok(time.moved(offset_of(&of_interval(ahead)?)))
                }),
            )
            .form("time, varchar(x) -> time with time zone", |call| {
                let own = offset_of(&call.session.time_zone);
                each2::<Time, Text, ZonedTime>(move |time, zone| {
                    Ok(PlaceTime::new(time.into(), own).moved(offset_of(&named(zone)?)))
                })(call)
            }),
    ]
}

pub(super) fn named(zone: &str) -> Result<Zone> {
    Zone::new(zone).ok_or_else(|| not_supported(zone))
}

fn of_interval(ahead: i64) -> Result<Zone> {
    if ahead % MINUTE != 0 {
        return Err(invalid(
            "Invalid time zone offset interval: interval contains seconds",
        ));
    }
    Zone::fixed(ahead / MINUTE)
        .ok_or_else(|| invalid(format!("Invalid offset minutes {}", ahead / MINUTE)))
}

/// The type of timestamps in the zone that an argument is, which must be written as it is. A zone that there is not is
/// found out where the function is called.
pub(super) fn in_zone_of(literals: &Literals<'_>, argument: usize) -> Result<Type> {
    let zone = match literals.get(argument) {
        Some(None) => return Err(not_written()),
        Some(Some(ScalarValue::Utf8(Some(name)))) => Zone::new(name),
        Some(Some(ScalarValue::DurationMillisecond(Some(ahead)))) => of_interval(*ahead).ok(),
        // NULL, or nobody asks for the zone.
        _ => None,
    };
    Ok(of_zone(&zone.unwrap_or_else(Zone::utc)))
}

fn moved(types: &[Type], literals: &Literals<'_>, by: &Type) -> Result<Option<Bound>> {
    let [moment, zone] = types else {
        return Ok(None);
    };
    let is_moment = matches!(
        moment,
        Type::Timestamp | Type::TimestampWithZone(_) | Type::Date | Type::Unknown
    );
    let moment = match moment {
        Type::TimestampWithZone(_) => moment.clone(),
        // In the session's zone, which is what they are held in.
        _ => Type::Timestamp,
    };
    if !(is_moment && zone.coerces_to(by)) {
        return Ok(None);
    }
    Ok(Some(Bound {
        arguments: vec![moment, by.clone()],
        returns: in_zone_of(literals, 1)?,
        distance: 0,
    }))
}

/// What a zone can be told by.
trait Told: Cell {
    fn zone(told: Self::Read<'_>) -> Result<Zone>;
}

impl Told for Text {
    fn zone(name: &str) -> Result<Zone> {
        named(name)
    }
}

impl Told for Millis {
    fn zone(ahead: i64) -> Result<Zone> {
        of_interval(ahead)
    }
}

fn moved_moments<Z: Told>(call: &Call<'_>) -> Result<ArrayRef> {
    let moments = Moments::of(&call.types[0], call.session)?;
    let values = Timestamp::column(&call.arguments[0]);
    let zones = Z::column(&call.arguments[1]);
    call.rows::<Timestamp>(|row| {
        if values.is_null(row) || zones.is_null(row) {
            return Ok(None);
        }
        Z::zone(Z::read(zones, row))?;
        Ok(Some(moments.instant(values.value(row))))
    })
}

/// The session's type of timestamps with a zone.
pub(super) fn of_session(session: &Session) -> Type {
    of_zone(&session.time_zone)
}

pub(super) fn of_zone(zone: &Zone) -> Type {
    Type::TimestampWithZone(zone.name().clone())
}
