//! Texts by a pattern that the statement gives.

use std::cell::RefCell;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::common::ScalarValue;

use super::moment::Moments;
use super::pattern::{Pattern, joda, mysql, skipped};
use super::zones::{of_session, of_zone};
use crate::calendar::{Civil, DAY, Zone};
use crate::error::Result;
use crate::function::cell::{Cell, Text, Timestamp};
use crate::function::signature::Bound;
use crate::function::{Call, Function, Literals, function};
use crate::session::Session;
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("date_format", "A timestamp as text, by MySQL's pattern")
            .form("timestamp, varchar(x) -> varchar", |call| {
                print(call, by_mysql)
            })
            .form("timestamp with time zone, varchar(x) -> varchar", |call| {
                print(call, by_mysql)
            }),
        function(
            "format_datetime",
            "formats the given time by the given format",
        )
        .form("timestamp, varchar(x) -> varchar", |call| {
            print(call, by_joda)
        })
        .form("timestamp with time zone, varchar(x) -> varchar", |call| {
            print(call, by_joda)
        }),
        function("date_parse", "A timestamp from text, by MySQL's pattern")
            .form("varchar(x), varchar(x) -> timestamp", |call| {
                parse(call, by_mysql)
            }),
        function(
            "parse_datetime",
            "parses the specified date/time by the given format",
        )
        .form_by_session(
            "varchar(x), varchar(x) -> timestamp with time zone",
            |types, literals, session| {
                let texts =
                    types.len() == 2 && types.iter().all(|kind| kind.coerces_to(&Type::VARCHAR));
                Ok(texts.then(|| Bound {
                    arguments: vec![Type::VARCHAR, Type::VARCHAR],
                    returns: zone_of(literals, session)
                        .map_or_else(|| of_session(session), |zone| of_zone(&zone)),
                    distance: 0,
                }))
            },
            |call| parse(call, by_joda),
        ),
    ]
}

/// The zone that is named in a text that is written as it is.
fn zone_of(literals: &Literals<'_>, session: &Session) -> Option<Zone> {
    let [
        Some(ScalarValue::Utf8(Some(text))),
        Some(ScalarValue::Utf8(Some(pattern))),
    ] = literals
    else {
        return None;
    };
    let parsed = by_joda(pattern, session).and_then(|pattern| pattern.parse(text));
    parsed.ok()?.zone
}

type Notation = fn(&str, &Session) -> Result<Pattern>;

fn by_mysql(pattern: &str, _session: &Session) -> Result<Pattern> {
    mysql::read(pattern)
}

fn by_joda(pattern: &str, session: &Session) -> Result<Pattern> {
    let days = session.now.timestamp_millis().div_euclid(DAY);
    joda::read(pattern, Civil::of(days).year)
}

/// The patterns of rows, which are mostly the same.
struct Patterns<'a> {
    notation: Notation,
    session: &'a Session,
    last: RefCell<(String, Pattern)>,
}

impl<'a> Patterns<'a> {
    fn new(notation: Notation, session: &'a Session) -> Self {
        Self {
            notation,
            session,
            last: RefCell::default(),
        }
    }

    fn with<T>(&self, pattern: &str, work: impl FnOnce(&Pattern) -> Result<T>) -> Result<T> {
        let mut last = self.last.borrow_mut();
        if last.0 != pattern || pattern.is_empty() {
            *last = (pattern.to_owned(), (self.notation)(pattern, self.session)?);
        }
        work(&last.1)
    }
}

fn print(call: &Call<'_>, notation: Notation) -> Result<ArrayRef> {
    let moments = Moments::of(&call.types[0], call.session)?;
    let values = Timestamp::column(&call.arguments[0]);
    let texts = Text::column(&call.arguments[1]);
    let patterns = Patterns::new(notation, call.session);
    call.rows::<Text>(|row| {
        if values.is_null(row) || texts.is_null(row) {
            return Ok(None);
        }
        let instant = moments.instant(values.value(row));
        patterns.with(texts.value(row), |pattern| {
            Ok(Some(pattern.print(instant, moments.zone())))
        })
    })
}

fn parse(call: &Call<'_>, notation: Notation) -> Result<ArrayRef> {
    let moments = Moments::of(call.returns, call.session)?;
    let values = Text::column(&call.arguments[0]);
    let texts = Text::column(&call.arguments[1]);
    let patterns = Patterns::new(notation, call.session);
    call.rows::<Timestamp>(|row| {
        if values.is_null(row) || texts.is_null(row) {
            return Ok(None);
        }
        patterns.with(texts.value(row), |pattern| {
            let text = values.value(row);
            let parsed = pattern.parse(text)?;
            let zone = parsed.zone.as_ref().unwrap_or(&call.session.time_zone);
            if !zone.shows(parsed.local) {
                return Err(skipped(text, zone));
            }
            moments.at_local_of(zone, parsed.local).map(Some)
        })
    })
}
