//! Texts as moments.

use super::{Field, Part, Pattern, SHORT, Shown, Years, names};
use crate::calendar::{
    Civil, DAY, HOUR, MINUTE, SECOND, Zone, day_of_week, first_week, month_length, new_year,
    year_length,
};
use crate::error::{Error, Result};
use crate::function::invalid;

/// What a text says.
#[derive(Debug)]
pub(in super::super) struct Parsed {
    /// What a clock shows.
    pub(in super::super) local: i64,
    /// Whose clock, if that is said.
    pub(in super::super) zone: Option<Zone>,
}

impl Pattern {
    pub(in super::super) fn parse(&self, text: &str) -> Result<Parsed> {
        let mut found = Found::default();
        let mut rest = text;
        for part in &self.0 {
            let behind = part.parse(rest, &mut found);
            rest = behind.ok_or_else(|| malformed(text, rest))?;
        }
        if !rest.is_empty() {
            return Err(malformed(text, rest));
        }
        let local = found
            .local()
            .map_err(|problem| invalid(format!("Cannot parse \"{text}\": {problem}")))?;
        Ok(Parsed {
            local,
            zone: found.zone,
        })
    }
}

/// What Joda-Time says of a text, the rest of which is not as it should be (`FormatUtils.createErrorMessage`).
pub(in super::super) fn malformed(text: &str, rest: &str) -> Error {
    const SAMPLE: usize = 32;
    let at = text.chars().count() - rest.chars().count();
    let length = text.chars().count();
    let shown: String = if length <= at + SAMPLE + 3 {
        text.to_owned()
    } else {
        text.chars()
            .take(at + SAMPLE)
            .chain("...".chars())
            .collect()
    };
    invalid(match at {
        0 => format!("Invalid format: \"{shown}\""),
        at if at >= length => format!("Invalid format: \"{shown}\" is too short"),
        at => {
            let rest: String = shown.chars().skip(at).collect();
            format!("Invalid format: \"{shown}\" is malformed at \"{rest}\"")
        }
    })
}

/// What Joda-Time says of a time that a clock never shows, because it was set ahead over it.
pub(in super::super) fn skipped(text: &str, zone: &Zone) -> Error {
    let zone = zone.name();
    invalid(format!(
        "Cannot parse \"{text}\": Illegal instant due to time zone offset transition ({zone})"
    ))
}

/// A value, or what Joda-Time says of one that there is not.
type Checked<T> = std::result::Result<T, String>;

/// What has been read so far.
#[derive(Debug, Default)]
struct Found {
    fields: Vec<(Field, i64)>,
    afternoon: Option<bool>,
    milliseconds: i64,
    zone: Option<Zone>,
}

impl Part {
    /// What is left of the text behind this part; none if it does not begin with it.
    fn parse<'a>(&self, text: &'a str, found: &mut Found) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => after(text, literal),
            Self::Number(field, _, most) => {
                let signed = matches!(field, Field::Year | Field::Weekyear);
                let (value, rest) = number(text, *most, signed)?;
                found.fields.push((*field, value));
                Some(rest)
            }
            Self::TwoDigits(field, pivot, years) => {
                let (value, rest) = match years {
                    Years::Two => {
                        number(text, 2, false).filter(|(_, rest)| text.len() - rest.len() == 2)?
                    }
                    Years::Any => number(text, 9, true)?,
                };
                let digits = text.len() - rest.len();
                let plain = text.starts_with(|c: char| c.is_ascii_digit());
                let year = if digits == 2 && plain {
                    let first = pivot - 50;
                    first + (value - first).rem_euclid(100)
                } else {
                    value
                };
                found.fields.push((*field, year));
                Some(rest)
            }
            Self::Name(field, _) => {
                let known = names(*field).iter().zip(1..);
                let mut matches = known.filter_map(|(name, value)| {
                    let rest = after(text, name).or_else(|| after(text, &name[..SHORT]))?;
                    Some((value, rest))
                });
                let (value, rest) = matches.next()?;
                found.fields.push((*field, value));
                Some(rest)
            }
            Self::Half => {
                let (afternoon, rest) = match after(text, "am") {
                    Some(rest) => (false, rest),
                    None => (true, after(text, "pm")?),
                };
                found.afternoon = Some(afternoon);
                Some(rest)
            }
            Self::Era => after(text, "ad").or_else(|| after(text, "ce")),
            Self::Fraction(_, most) => {
                let digits = text.bytes().take(*most).take_while(u8::is_ascii_digit);
                let (digits, rest) = text.split_at(digits.count());
                let kept = &digits[..digits.len().min(3)];
                found.milliseconds = format!("{kept:0<3}").parse().ok()?;
                Some(rest)
            }
            Self::Zone(shown) => {
                let (zone, rest) = zone(text, *shown)?;
                found.zone = Some(zone);
                Some(rest)
            }
        }
    }
}

/// What is behind a word, in whatever case it is written.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    let same = start.to_lowercase() == word.to_lowercase();
    same.then(|| &text[word.len()..])
}

fn number(text: &str, most: usize, signed: bool) -> Option<(i64, &str)> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) if signed => (-1, unsigned),
        _ => match text.strip_prefix('+') {
            Some(unsigned) if signed => (1, unsigned),
            _ => (1, text),
        },
    };
    let digits = unsigned.bytes().take(most).take_while(u8::is_ascii_digit);
    let (digits, rest) = unsigned.split_at(digits.count());
    Some((sign * digits.parse::<i64>().ok()?, rest))
}

/// The short names that Joda-Time reads, whatever the season.
const ZONE_NAMES: [(&str, &str); 11] = [
    ("UTC", "UTC"),
    ("UT", "UTC"),
    ("GMT", "UTC"),
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
];

fn zone(text: &str, shown: Shown) -> Option<(Zone, &str)> {
    if shown == Shown::Name {
        return ZONE_NAMES
            .iter()
            .find_map(|(name, zone)| Some((Zone::new(zone)?, text.strip_prefix(name)?)));
    }
    if shown != Shown::Id {
        if let Some(rest) = text.strip_prefix(['Z', 'z']) {
            return Some((Zone::utc(), rest));
        }
        if !text.starts_with(['+', '-']) {
            return None;
        }
    }
    let belongs = |c: char| c.is_ascii_alphanumeric() || "/_+-:".contains(c);
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    // The longest that is one.
    (1..=end)
        .rev()
        .find_map(|end| Some((Zone::new(&text[..end])?, &text[end..])))
}

/// The years that Joda-Time has.
const FIRST_YEAR: i64 = -292_275_054;
const LAST_YEAR: i64 = 292_278_993;

impl Found {
    fn get(&self, field: Field) -> Option<i64> {
        let mut found = self.fields.iter().rev();
        found
            .find(|(known, _)| *known == field)
            .map(|(_, value)| *value)
    }

    /// A field's value, if it is one that it can have.
    fn within(&self, field: Field, least: i64, most: i64) -> Checked<Option<i64>> {
        match self.get(field) {
            Some(value) if !(least..=most).contains(&value) => Err(format!(
                "Value {value} for {} must be in the range [{least},{most}]",
                field.name()
            )),
            value => Ok(value),
        }
    }

    fn local(&self) -> Checked<i64> {
        let (days, time) = (self.days()?, self.time()?);
        let local = days
            .checked_mul(DAY)
            .and_then(|date| date.checked_add(time));
        local.ok_or_else(|| "Value out of range".to_owned())
    }

    fn days(&self) -> Checked<i64> {
        let is_of_day = |(field, _): &(Field, i64)| {
            matches!(
                field,
                Field::Month | Field::Day | Field::DayOfYear | Field::Week | Field::DayOfWeek
            )
        };
        let year = self.within(Field::Year, FIRST_YEAR, LAST_YEAR)?;
        let year = year.or(self.within(Field::YearOfEra, 1, LAST_YEAR)?);
        // So that a 29th of February can be read without a year.
        let unsaid = if self.fields.iter().any(is_of_day) {
            2000
        } else {
            1970
        };
        let week = self.within(Field::Week, 1, 53)?;
        let weekday = self.within(Field::DayOfWeek, 1, 7)?;
        let weekyear = self.within(Field::Weekyear, FIRST_YEAR, LAST_YEAR)?;
        if weekyear.is_some() || week.is_some() {
            let year = weekyear.or(year).unwrap_or(unsaid);
            let monday = first_week(year) + (week.unwrap_or(1) - 1) * 7;
            return Ok(monday + weekday.unwrap_or(1) - 1);
        }
        let year = year.unwrap_or(unsaid);
        let of_year = self.within(Field::DayOfYear, 1, year_length(year))?;
        let days = if let Some(day) = of_year {
            new_year(year) + day - 1
        } else {
            let month = self.within(Field::Month, 1, 12)?.unwrap_or(1);
            let day = self.within(Field::Day, 1, month_length(year, month))?;
            Civil {
                year,
                month,
                day: day.unwrap_or(1),
            }
            .days()
        };
        // Within the week that the day is in.
        Ok(weekday.map_or(days, |weekday| days + weekday - day_of_week(days)))
    }

    fn time(&self) -> Checked<i64> {
        let hour = self.within(Field::Hour, 0, 23)?;
        let clock = self.within(Field::ClockHour, 1, 24)?;
        let half = self.within(Field::HalfdayHour, 0, 11)?;
        let half_clock = self.within(Field::HalfdayClockHour, 1, 12)?;
        let afternoon = if self.afternoon == Some(true) { 12 } else { 0 };
        let of_half = half.or(half_clock.map(|hour| hour % 12));
        let hour = hour.or(clock.map(|hour| hour % 24));
        let hour = hour.unwrap_or_else(|| of_half.unwrap_or(0) + afternoon);
        let minute = self.within(Field::Minute, 0, 59)?.unwrap_or(0);
        let second = self.within(Field::Second, 0, 59)?.unwrap_or(0);
        Ok(hour * HOUR + minute * MINUTE + second * SECOND + self.milliseconds)
    }
}

impl Field {
    /// What Joda-Time calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Century => "centuryOfEra",
            Self::YearOfEra => "yearOfEra",
            Self::Year => "year",
            Self::Weekyear => "weekyear",
            Self::Month => "monthOfYear",
            Self::Day => "dayOfMonth",
            Self::DayOfYear => "dayOfYear",
            Self::Week => "weekOfWeekyear",
            Self::DayOfWeek => "dayOfWeek",
            Self::Hour => "hourOfDay",
            Self::ClockHour => "clockhourOfDay",
            Self::HalfdayHour => "hourOfHalfday",
            Self::HalfdayClockHour => "clockhourOfHalfday",
            Self::Minute => "minuteOfHour",
            Self::Second => "secondOfMinute",
        }
    }
}
