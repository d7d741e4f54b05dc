//! Functions of dates, times, timestamps and intervals.
//!
//! | room | what is in it |
//! |---|---|
//! | [`literal`] | `TIME '…'`, `TIMESTAMP '…'`, `INTERVAL '…'` |
//! | [`read`], [`write`] | values from their spelling, and back |
//! | [`moment`] | timestamps as instants and as what a clock shows; times with a zone |
//! | [`fields`] | a part of a value: `year`, `hour` |
//! | [`units`] | `date_add`, `date_diff`, `date_trunc` |
//! | [`arithmetic`] | operators |
//! | [`pattern`] | texts by a pattern, whichever notation it is in |
//! | [`formats`] | the functions with such patterns |
//! | [`iso`] | ISO 8601 |
//! | [`zones`] | other zones |
//! | [`now`] | the statement's moment |
//! | [`unix`] | seconds since 1970, and durations |
//!
//! Presto's timestamps without zone are instants that are shown in the session's zone (`legacy_timestamp`, its default).
//! Here they are held as what that zone's clock shows.

mod arithmetic;
mod fields;
mod formats;
mod iso;
mod literal;
pub(in crate::function) mod moment;
mod now;
mod pattern;
pub(in crate::function) mod read;
#[cfg(test)]
mod tests;
mod units;
mod unix;
pub(in crate::function) mod write;
mod zones;

use super::cast::cast;
use super::{Call, Function, function};
use crate::error::{Error, Kind};

pub(super) fn functions() -> Vec<Function> {
    [
        literal::functions(),
        fields::functions(),
        units::functions(),
        arithmetic::functions(),
        formats::functions(),
        iso::functions(),
        zones::functions(),
        now::functions(),
        unix::functions(),
        vec![date()],
    ]
    .concat()
}

/// `date(x)` is a cast by another name.
fn date() -> Function {
    let to_date = |call: &Call<'_>| cast(&call.arguments[0], &call.types[0], call.returns, call);
    function("date", "The date of a text or a timestamp")
        .form("varchar -> date", to_date)
        .form("timestamp -> date", to_date)
        .form("timestamp with time zone -> date", to_date)
}

fn out_of_range(what: &str) -> Error {
    Error::new(
        Kind::NumericValueOutOfRange,
        format!("{what} is out of range"),
    )
}

/// Java's cast of a double to a long: what does not fit becomes the nearest that does.
#[expect(clippy::cast_possible_truncation, reason = "as Java does")]
fn java_long(value: f64) -> i64 {
    value as i64
}

/// Java's cast of a long to an int, which keeps the last bits.
#[expect(clippy::cast_possible_truncation, reason = "as Java does")]
fn java_int(value: i64) -> i32 {
    value as i32
}

#[expect(clippy::cast_precision_loss, reason = "as Java does")]
fn java_double(value: i64) -> f64 {
    value as f64
}
