//! Values from their spelling in SQL: `2024-2-29`, `2024-02-29 12:34:56.789 Europe/Berlin`.

use super::moment::{PlaceTime, offset_of};
use crate::calendar::{Civil, DAY, HOUR, MINUTE, SECOND, Zone, month_length};

/// What is written is none.
struct NoZone;

/// A text that is read from its beginning on.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// A number of at most that many digits.
    fn number(&mut self, most: usize) -> Option<i64> {
        let digits = self.0.bytes().take(most);
        let digits = digits.take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        number.parse().ok()
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    /// Days since 1970. Years may have a sign, and more than four digits.
    fn date(&mut self) -> Option<i64> {
        let negative = self.sign('-').is_some();
        if !negative {
            let _ = self.sign('+');
        }
        let year = self.number(9)?;
        self.sign('-')?;
        let month = self.number(2).filter(|month| (1..=12).contains(month))?;
        self.sign('-')?;
        let day = self.number(2)?;
        let year = if negative { -year } else { year };
        (1..=month_length(year, month))
            .contains(&day)
            .then(|| Civil { year, month, day }.days())
    }

    /// Milliseconds of a day: hours and minutes at least.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        self.sign(':')?;
        let minute = self.number(2).filter(|minute| *minute < 60)?;
        let mut time = hour * HOUR + minute * MINUTE;
        if self.sign(':').is_some() {
            time += self.number(2).filter(|second| *second < 60)? * SECOND;
            if self.sign('.').is_some() {
                time += self.fraction()?;
            }
        }
        Some(time)
    }

    /// Milliseconds; more digits than three are read and not kept.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.0.bytes().take(9).take_while(u8::is_ascii_digit);
        let count = digits.count();
        let kept = self.0.get(..count.min(3)).filter(|kept| !kept.is_empty())?;
        self.0 = &self.0[count..];
        format!("{kept:0<3}").parse().ok()
    }

    /// A zone, up to the end, if there is anything more.
    fn zone(self) -> Result<Option<Zone>, NoZone> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let name = self.0.strip_prefix(' ').unwrap_or(self.0);
        Zone::new(name).map(Some).ok_or(NoZone)
    }
}

/// A date, in days since 1970.
pub(crate) fn date(text: &str) -> Option<i32> {
    let mut reader = Reader(text);
    let days = reader.date()?;
    i32::try_from(days).ok().filter(|_| reader.0.is_empty())
}

/// Milliseconds of a day, and the place's offset if there is one.
pub(crate) fn time(text: &str) -> Option<(i32, Option<i32>)> {
    let mut reader = Reader(text);
    let time = reader.time()?;
    let zone = reader.zone().ok()?;
    let offset = zone.as_ref().map(offset_of);
    Some((PlaceTime::new(time, 0).of_day, offset))
}

/// What a clock shows, in milliseconds, and whose clock, if that is said.
pub(crate) fn timestamp(text: &str) -> Option<(i64, Option<Zone>)> {
    let mut reader = Reader(text);
    let mut local = reader.date()?.checked_mul(DAY)?;
    if reader.0.starts_with(' ') && reader.0[1..].starts_with(|c: char| c.is_ascii_digit()) {
        reader.sign(' ')?;
        local = local.checked_add(reader.time()?)?;
    }
    let zone = reader.zone().ok()?;
    let shown = zone.as_ref().is_none_or(|zone| zone.shows(local));
    shown.then_some((local, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_presto_s() {
        let local = |text| timestamp(text).map(|(local, _)| local);
        let midnight = 1_704_067_200_000;
        for (text, expected) in [
            ("2024-01-01", Some(midnight)),
            ("2024-1-1 0:1", Some(midnight + MINUTE)),
            ("2024-01-01 00:00:00.1234", Some(midnight + 123)),
            ("2024-01-01 00:00:00+05:30", Some(midnight)),
            ("2024-01-01 Europe/Berlin", Some(midnight)),
            ("2024-01-01 10", None),
            ("2024-01-01T10:00:00", None),
            ("2024-01-01 25:00:00", None),
            ("2024-03-31 02:30:00 Europe/Berlin", None),
            (" 2024-01-01", None),
            ("999999999-01-01 00:00:00", None),
        ] {
            assert_eq!(local(text), expected, "{text}");
        }
        assert_eq!(time("1:2"), Some((3_720_000, None)));
        assert_eq!(time("01:02 +08:00"), Some((3_720_000, Some(480))));
        assert_eq!(time("10"), None);
        assert_eq!(date("2023-02-29"), None);
        assert_eq!(date("-0001-12-31"), Some(-719_529));
    }
}
