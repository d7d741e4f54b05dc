//! Time zones: those with names, and clocks that are a fixed time ahead of UTC.

use std::sync::Arc;

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetName, TZ_VARIANTS, Tz};

use super::{Civil, DAY, MINUTE, day_of_week, is_leap, new_year};

/// Names that both engines show as `UTC`, where they stand alone or behind `Etc/`.
const UTC_NAMES: [&str; 9] = [
    "utc",
    "z",
    "ut",
    "uct",
    "gmt",
    "gmt0",
    "greenwich",
    "universal",
    "zulu",
];

/// Zones that chrono knows and Presto does not.
const UNKNOWN: [&str; 4] = ["EST", "HST", "MST", "ROC"];

/// How far ahead of UTC a zone may be: 14 hours.
const FARTHEST: u64 = 14 * 60;

/// A place's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    name: Arc<str>,
    clock: Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// Milliseconds ahead of UTC.
    Fixed(i64),
    Named(Tz),
}

impl Zone {
    pub(crate) fn utc() -> Self {
        Self {
            name: Arc::from("UTC"),
            clock: Clock::Fixed(0),
        }
    }

    /// That many minutes ahead of UTC.
    pub(crate) fn fixed(minutes: i64) -> Option<Self> {
        if minutes == 0 {
            return Some(Self::utc());
        }
        let size = minutes.unsigned_abs();
        let sign = if minutes < 0 { '-' } else { '+' };
        (size <= FARTHEST).then(|| Self {
            name: format!("{sign}{:02}:{:02}", size / 60, size % 60).into(),
            clock: Clock::Fixed(minutes * MINUTE),
        })
    }

    /// `Europe/Berlin`, `utc`, `+05:30`, `+0530`, `+05`.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        if UTC_NAMES.contains(&lower.strip_prefix("etc/").unwrap_or(&lower)) {
            return Some(Self::utc());
        }
        if let Some(minutes) = offset(name) {
            return Self::fixed(minutes);
        }
        let known = name.parse().ok().or_else(|| {
            let mut all = TZ_VARIANTS.iter();
            all.find(|zone| zone.name().eq_ignore_ascii_case(name))
                .copied()
        });
        let zone: Tz = known.filter(|zone| !UNKNOWN.contains(&zone.name()))?;
        Some(Self {
            name: zone.name().into(),
            clock: Clock::Named(zone),
        })
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How far the clock is ahead of UTC at an instant.
    pub(crate) fn ahead(&self, instant: i64) -> i64 {
        match self.clock {
            Clock::Fixed(ahead) => ahead,
            Clock::Named(zone) => {
                let offset = zone.offset_from_utc_datetime(&within(instant).naive_utc());
                i64::from(offset.fix().local_minus_utc()) * 1_000
            }
        }
    }

    /// What the clock's time is called at an instant: `CET`, `CEST`.
    pub(crate) fn abbreviation(&self, instant: i64) -> String {
        match self.clock {
            Clock::Fixed(_) => self.name.to_string(),
            Clock::Named(zone) => {
                let offset = zone.offset_from_utc_datetime(&within(instant).naive_utc());
                offset.abbreviation().unwrap_or(&self.name).to_owned()
            }
        }
    }

    /// What the clock shows at an instant: as milliseconds since it showed 1970.
    pub(crate) fn local(&self, instant: i64) -> i64 {
        instant.saturating_add(self.ahead(instant))
    }

    /// When the clock shows this. If it does twice, the first time; if it never does, because it was set ahead over it,
    /// when it would without that.
    pub(crate) fn instant(&self, local: i64) -> i64 {
        let before = local.saturating_sub(self.ahead(local.saturating_sub(DAY)));
        let after = local.saturating_sub(self.ahead(local.saturating_add(DAY)));
        if self.local(before) != local && self.local(after) == local {
            after
        } else {
            before
        }
    }

    /// When the clock shows this: if it does twice, the time that is as far ahead of UTC as that other instant is.
    pub(crate) fn instant_like(&self, other: i64, local: i64) -> i64 {
        let ahead = self.ahead(other);
        let alike = local.saturating_sub(ahead);
        if self.ahead(alike) == ahead {
            alike
        } else {
            self.instant(local)
        }
    }

    /// Whether the clock ever shows this.
    pub(crate) fn shows(&self, local: i64) -> bool {
        self.local(self.instant(local)) == local
    }
}

/// The year that chrono's zones change no more from. Presto's go on as they did before.
const UNKNOWN_FROM: i64 = 2100;

/// The same instant where chrono knows its zones' changes: before its first year there are none, and from
/// [`UNKNOWN_FROM`] on a year is like an earlier one with the same days of the week.
fn within(instant: i64) -> DateTime<Utc> {
    let year = Civil::of(instant.div_euclid(DAY)).year;
    let like = |other: &i64| {
        let first_day = |year| day_of_week(new_year(year));
        is_leap(*other) == is_leap(year) && first_day(*other) == first_day(year)
    };
    let known = if year < UNKNOWN_FROM {
        instant
    } else {
        // There is one within 28 years, if no century is in between.
        let other = (UNKNOWN_FROM - 28..UNKNOWN_FROM).find(like).unwrap_or(year);
        instant - (new_year(year) - new_year(other)) * DAY
    };
    let first = DateTime::<Utc>::MIN_UTC;
    let known = known.max(first.timestamp_millis());
    DateTime::from_timestamp_millis(known).unwrap_or(first)
}

/// The minutes of `+05:30`.
fn offset(name: &str) -> Option<i64> {
    let (sign, clock) = match name.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let digits = match clock.len() {
        5 => clock.replacen(':', "", 1),
        _ => clock.to_owned(),
    };
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "00"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| digits)
    };
    let minutes = number(minutes).filter(|minutes| *minutes < 60)?;
    Some(sign * (number(hours)? * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_names() {
        for (name, shown) in [
            ("utc", Some("UTC")),
            ("Etc/GMT", Some("UTC")),
            ("-00:00", Some("UTC")),
            ("+05", Some("+05:00")),
            ("-0530", Some("-05:30")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("Mars/Phobos", None),
            ("+25:00", None),
            ("EST", None),
        ] {
            let zone = Zone::new(name);
            assert_eq!(zone.as_ref().map(|zone| &**zone.name()), shown, "{name}");
        }
    }

    #[test]
    fn offsets_are_14_hours_at_most() {
        let name = |minutes| Some(Zone::fixed(minutes)?.name().to_string());
        assert_eq!(name(-840).as_deref(), Some("-14:00"));
        assert_eq!(name(841), None);
        assert_eq!(name(i64::MIN), None);
    }

    #[test]
    fn clocks_are_set_twice_a_year() {
        let zone = Zone::new("Europe/Berlin").unwrap();
        let at = |text: &str| {
            let time = text.parse::<DateTime<Utc>>().unwrap();
            time.timestamp_millis()
        };
        for (local, instant, shown) in [
            ("2024-01-01T12:00:00Z", "2024-01-01T11:00:00Z", true),
            ("2024-07-01T12:00:00Z", "2024-07-01T10:00:00Z", true),
            ("2024-03-31T02:30:00Z", "2024-03-31T01:30:00Z", false),
            ("2024-10-27T02:30:00Z", "2024-10-27T00:30:00Z", true),
            ("2099-07-01T12:00:00Z", "2099-07-01T10:00:00Z", true),
            ("2100-07-01T12:00:00Z", "2100-07-01T10:00:00Z", true),
            ("2100-12-01T12:00:00Z", "2100-12-01T11:00:00Z", true),
            ("9999-07-01T12:00:00Z", "9999-07-01T10:00:00Z", true),
        ] {
            assert_eq!(zone.instant(at(local)), at(instant), "{local}");
            assert_eq!(zone.shows(at(local)), shown, "{local}");
        }
    }
}
