//! Texts by a pattern, as Joda-Time writes and reads them, whichever notation the pattern is in.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what a pattern is made of |
//! | [`print`] | moments as texts |
//! | [`parse`] | texts as moments |
//! | [`joda`] | `yyyy-MM-dd` |
//! | [`mysql`] | `%Y-%m-%d` |

pub(super) mod joda;
pub(super) mod mysql;
mod parse;
mod print;

pub(super) use parse::{Parsed, skipped};

/// A pattern's parts, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Literal(String),
    /// With the least digits that are written, and the most that are read.
    Number(Field, usize, usize),
    /// The last two digits. Those that are read are of the hundred years around this one.
    TwoDigits(Field, i64, Years),
    Name(Field, Length),
    /// `AM` or `PM`.
    Half,
    Era,
    /// Of a second, with that many digits; and the most that are read.
    Fraction(usize, usize),
    Zone(Shown),
}

/// What is read where a year has two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Years {
    /// Two digits.
    Two,
    /// As many digits as there are; two mean one of the years around.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Short,
    Full,
}

/// How a zone is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// `+0530`.
    Offset,
    /// `+05:30`.
    OffsetWithColon,
    /// `Europe/Berlin`.
    Id,
    /// `CEST`.
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Century,
    YearOfEra,
    Year,
    Weekyear,
    Month,
    Day,
    DayOfYear,
    Week,
    DayOfWeek,
    Hour,
    /// From 1 to 24.
    ClockHour,
    /// From 0 to 11.
    HalfdayHour,
    /// From 1 to 12.
    HalfdayClockHour,
    Minute,
    Second,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The names of a field's values, from 1.
fn names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Month => &MONTHS,
        _ => &DAYS,
    }
}

/// How many letters a short name has.
const SHORT: usize = 3;
