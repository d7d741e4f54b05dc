//! Moments as texts.

use super::{Field, Length, Part, Pattern, SHORT, Shown, names};
use crate::calendar::{Civil, DAY, HOUR, MINUTE, SECOND, Zone, day_of_week, day_of_year, week};

impl Pattern {
    pub(in super::super) fn print(&self, instant: i64, zone: &Zone) -> String {
        let local = zone.local(instant);
        let mut out = String::new();
        for part in &self.0 {
            part.print(local, instant, zone, &mut out);
        }
        out
    }
}

impl Part {
    fn print(&self, local: i64, instant: i64, zone: &Zone, out: &mut String) {
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::Number(field, least, _) => padded(field.value(local), *least, out),
            Self::TwoDigits(field, ..) => padded(field.value(local).abs() % 100, 2, out),
            Self::Name(field, length) => {
                let place = usize::try_from(field.value(local) - 1).unwrap_or(0);
                let name = names(*field).get(place).copied().unwrap_or_default();
                out.push_str(match length {
                    Length::Short => &name[..SHORT],
                    Length::Full => name,
                });
            }
            Self::Half => {
                let morning = local.rem_euclid(DAY) < 12 * HOUR;
                out.push_str(if morning { "AM" } else { "PM" });
            }
            Self::Era => {
                let bc = Field::Year.value(local) < 1;
                out.push_str(if bc { "BC" } else { "AD" });
            }
            Self::Fraction(digits, _) => {
                let milliseconds = format!("{:03}", local.rem_euclid(SECOND));
                let zeros = "0".repeat(digits.saturating_sub(milliseconds.len()));
                let all = milliseconds + &zeros;
                out.push_str(&all[..*digits]);
            }
            Self::Zone(Shown::Id) => out.push_str(zone.name()),
            Self::Zone(Shown::Name) => out.push_str(&zone.abbreviation(instant)),
            Self::Zone(shown @ (Shown::Offset | Shown::OffsetWithColon)) => {
                let minutes = zone.ahead(instant) / MINUTE;
                out.push(if minutes < 0 { '-' } else { '+' });
                padded(minutes.abs() / 60, 2, out);
                if *shown == Shown::OffsetWithColon {
                    out.push(':');
                }
                padded(minutes.abs() % 60, 2, out);
            }
        }
    }
}

fn padded(value: i64, least: usize, out: &mut String) {
    let digits = value.unsigned_abs().to_string();
    if value < 0 {
        out.push('-');
    }
    // A format's width would be 65535 at most.
    out.extend(std::iter::repeat_n('0', least.saturating_sub(digits.len())));
    out.push_str(&digits);
}

impl Field {
    fn value(self, local: i64) -> i64 {
        let days = local.div_euclid(DAY);
        let time = local.rem_euclid(DAY);
        let Civil { year, month, day } = Civil::of(days);
        let hour = time / HOUR;
        // 12, where there would be 0.
        let clock = |hour: i64, most: i64| if hour % most == 0 { most } else { hour % most };
        match self {
            Self::Century => of_era(year) / 100,
            Self::YearOfEra => of_era(year),
            Self::Year => year,
            Self::Weekyear => week(days).0,
            Self::Month => month,
            Self::Day => day,
            Self::DayOfYear => day_of_year(days),
            Self::Week => week(days).1,
            Self::DayOfWeek => day_of_week(days),
            Self::Hour => hour,
            Self::ClockHour => clock(hour, 24),
            Self::HalfdayHour => hour % 12,
            Self::HalfdayClockHour => clock(hour, 12),
            Self::Minute => time / MINUTE % 60,
            Self::Second => time / SECOND % 60,
        }
    }
}

/// Before the year 1 comes the year 1 of the era before.
fn of_era(year: i64) -> i64 {
    if year > 0 { year } else { 1 - year }
}
