//! The moment that the statement came, and who sent it.

use datafusion::arrow::array::ArrayRef;

use super::moment::{PlaceTime, ZonedTime, of_day, offset_of};
use super::units::date;
use super::zones::of_session;
use crate::calendar::DAY;
use crate::error::Result;
use crate::function::cell::{Cell, Date, Text, Time, Timestamp};
use crate::function::signature::Bound;
use crate::function::{Call, Function, function};
use crate::session::Session;

pub(super) fn functions() -> Vec<Function> {
    let now = function("now", "current timestamp with time zone").form_by_session(
        "-> timestamp with time zone",
        |types, _, session| {
            Ok(types.is_empty().then(|| Bound {
                arguments: Vec::new(),
                returns: of_session(session),
                distance: 0,
            }))
        },
        |call| all::<Timestamp>(call, |session| Ok(session.now.timestamp_millis())),
    );
    vec![
        now.also("current_timestamp"),
        now,
        function("localtimestamp", "current timestamp without time zone")
            .form("-> timestamp", |call| {
                all::<Timestamp>(call, |session| Ok(local(session)))
            }),
        function("current_date", "current date").form("-> date", |call| {
            all::<Date>(call, |session| date(local(session).div_euclid(DAY)))
        }),
        function("current_time", "current time with time zone").form(
            "-> time with time zone",
            |call| {
                all::<ZonedTime>(call, |session| {
                    Ok(PlaceTime::new(
                        local(session),
                        offset_of(&session.time_zone),
                    ))
                })
            },
        ),
        function("localtime", "current time without time zone").form("-> time", |call| {
            all::<Time>(call, |session| Ok(of_day(local(session))))
        }),
        function("current_timezone", "current time zone").form("-> varchar", |call| {
            all::<Text>(call, |session| Ok(session.time_zone.name().to_string()))
        }),
        function("current_user", "current user").form("-> varchar", |call| {
            all::<Text>(call, |session| Ok(session.user.clone()))
        }),
    ]
}

fn local(session: &Session) -> i64 {
    session.time_zone.local(session.now.timestamp_millis())
}

/// The same in every row.
fn all<R: Cell>(call: &Call<'_>, value: impl Fn(&Session) -> Result<R::Made>) -> Result<ArrayRef> {
    call.rows::<R>(|_| value(call.session).map(Some))
}
