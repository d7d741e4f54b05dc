//! ISO 8601.

use std::sync::LazyLock;

use datafusion::common::ScalarValue;

use super::moment::{Moments, by_moment};
use super::pattern::{Parsed, Pattern, joda, skipped};
use super::units::date;
use super::write;
use super::zones::{of_session, of_zone};
use crate::calendar::DAY;
use crate::error::Result;
use crate::function::cell::{Date, Text, Timestamp, each1};
use crate::function::signature::Bound;
use crate::function::{Function, function};
use crate::types::Type;

/// No year of two digits is read here.
const ANY_YEAR: i64 = 2000;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("to_iso8601", "A date or timestamp as ISO 8601 has it")
            .form(
                "date -> varchar(16)",
                each1::<Date, Text>(|days| Ok(write::date(days))),
            )
            .form(
                "timestamp -> varchar(35)",
                by_moment::<Text>(|moments, value| Ok(spelled(moments, value))),
            )
            .form(
                "timestamp with time zone -> varchar(35)",
                by_moment::<Text>(|moments, value| Ok(spelled(moments, value))),
            ),
        function("from_iso8601_date", "A date as ISO 8601 has it").form(
            "varchar(x) -> date",
            each1::<Text, Date>(|text| {
                let pattern = joda::read(date_pattern(text), ANY_YEAR)?;
                date(pattern.parse(text)?.local.div_euclid(DAY))
            }),
        ),
        function("from_iso8601_timestamp", "A timestamp as ISO 8601 has it").form_by_session(
            "varchar(x) -> timestamp with time zone",
            |types, literals, session| {
                let [text] = types else {
                    return Ok(None);
                };
                let said = match literals {
                    [Some(ScalarValue::Utf8(Some(text)))] => {
                        read(text).ok().and_then(|parsed| parsed.zone)
                    }
                    _ => None,
                };
                Ok(text.coerces_to(&Type::VARCHAR).then(|| Bound {
                    arguments: vec![Type::VARCHAR],
                    returns: said.map_or_else(|| of_session(session), |zone| of_zone(&zone)),
                    distance: 0,
                }))
            },
            |call| {
                let own = call.session.time_zone.clone();
                let moments = Moments::of(call.returns, call.session)?;
                each1::<Text, Timestamp>(move |text| {
                    let Parsed { local, zone } = read(text)?;
                    let zone = zone.as_ref().unwrap_or(&own);
                    if !zone.shows(local) {
                        return Err(skipped(text, zone));
                    }
                    moments.at_local_of(zone, local)
                })(call)
            },
        ),
    ]
}

fn spelled(moments: &Moments, value: i64) -> String {
    static IN_UTC: LazyLock<Pattern> = LazyLock::new(|| known("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"));
    static ELSEWHERE: LazyLock<Pattern> = LazyLock::new(|| known("yyyy-MM-dd'T'HH:mm:ss.SSSZZ"));
    let instant = moments.instant(value);
    let zone = moments.zone();
    let pattern = if zone.ahead(instant) == 0 {
        &IN_UTC
    } else {
        &ELSEWHERE
    };
    pattern.print(instant, zone)
}

/// A pattern that is written in this crate's code: what is wrong with it is a bug.
fn known(pattern: &str) -> Pattern {
    joda::read(pattern, ANY_YEAR).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

fn read(text: &str) -> Result<Parsed> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut pattern = String::new();
    if !date.is_empty() {
        pattern.push_str(date_pattern(date));
    }
    if let Some(time) = time {
        pattern.push_str("'T'");
        let clock = time.trim_end_matches('Z');
        let clock = &clock[..clock.find(['+', '-']).unwrap_or(clock.len())];
        pattern.push_str(&time_pattern(clock));
        if clock.len() < time.len() {
            pattern.push_str("ZZ");
        }
    }
    joda::read(&pattern, ANY_YEAR)?.parse(text)
}

/// Which of its forms a date has: with months, weeks, or neither.
fn date_pattern(date: &str) -> &'static str {
    let years = date.trim_start_matches(['+', '-']);
    let mut parts = years.split('-').skip(1);
    match (parts.next(), parts.next()) {
        (None, _) => "yyyy",
        (Some(week), None) if week.starts_with('W') => "xxxx-'W'ww",
        (Some(week), Some(_)) if week.starts_with('W') => "xxxx-'W'ww-e",
        (Some(day), None) if day.len() == 3 => "yyyy-DDD",
        (Some(_), None) => "yyyy-MM",
        (Some(_), Some(_)) => "yyyy-MM-dd",
    }
}

fn time_pattern(clock: &str) -> String {
    if clock.is_empty() {
        return String::new();
    }
    let (whole, fraction) = match clock.find(['.', ',']) {
        Some(at) => clock.split_at(at),
        None => (clock, ""),
    };
    let mut pattern = match whole.split(':').count() {
        1 => "HH",
        2 => "HH:mm",
        _ => "HH:mm:ss",
    }
    .to_owned();
    if let Some(point) = fraction.chars().next() {
        pattern.push(point);
        pattern.push_str("SSSSSSSSS");
    }
    pattern
}
