//! Lengths of time as properties have them: `1.5m`.

use std::fmt;
use std::time::Duration;

/// A number and a unit (`com.facebook.airlift.units.Duration`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Length {
    number: f64,
    unit: Unit,
}

/// What a unit is called, and how many seconds it is.
type Unit = (&'static str, f64);

const DAY: Unit = ("d", 86_400.0);

const UNITS: [Unit; 7] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    DAY,
];

impl Length {
    pub(super) const fn days(number: f64) -> Self {
        Self { number, unit: DAY }
    }

    /// Reads one, or says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let is_space = |c| matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r');
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.is_empty() {
            return Err("duration is empty".to_owned());
        }
        let invalid = || format!("duration is not a valid data duration string: {text}");
        let trimmed = text.trim_matches(is_space);
        let number_ends = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, unit) = trimmed.split_at(number_ends.ok_or_else(invalid)?);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let unit = unit.trim_start_matches(is_space);
        if !is_digits(whole)
            || !is_digits(fraction)
            || !unit.bytes().all(|b| b.is_ascii_alphabetic())
        {
            return Err(invalid());
        }
        let known = UNITS.into_iter().find(|(name, _)| *name == unit);
        let unit = known.ok_or_else(|| format!("Unknown time unit: {unit}"))?;
        let number: f64 = digits.parse().map_err(|_| invalid())?;
        if number.is_infinite() {
            return Err("value is infinite".to_owned());
        }
        Ok(Self { number, unit })
    }

    /// How long that is; what is longer than can be said is as long as can be.
    pub(super) fn time(self) -> Duration {
        let (_, seconds) = self.unit;
        Duration::try_from_secs_f64(self.number * seconds).unwrap_or(Duration::MAX)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = self.unit;
        write!(f, "{:.2}{name}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_presto_reads_them() {
        let ms = Duration::from_millis;
        for (text, time, shown) in [
            ("2s", ms(2_000), "2.00s"),
            (" 2 s\t", ms(2_000), "2.00s"),
            ("1.5m", ms(90_000), "1.50m"),
            ("1500ms", ms(1_500), "1500.00ms"),
            ("0.02h", ms(72_000), "0.02h"),
            ("100d", ms(8_640_000_000), "100.00d"),
            ("1us", Duration::from_micros(1), "1.00us"),
            ("0s", Duration::ZERO, "0.00s"),
            ("1000000000000000d", Duration::MAX, "1000000000000000.00d"),
        ] {
            let length = Length::read(text).unwrap();
            assert_eq!(length.time(), time, "{text}");
            assert_eq!(length.to_string(), shown);
        }
        for (text, unit) in [("2x", "x"), ("2S", "S"), ("1.5 min", "min")] {
            let message = format!("Unknown time unit: {unit}");
            assert_eq!(Length::read(text), Err(message), "{text}");
        }
        for text in [
            "2", "s", " ", "-1s", "+2s", "1e3s", ".5s", "5.s", "1.2.3s", "2\u{a0}s", "2s2",
        ] {
            let message = format!("duration is not a valid data duration string: {text}");
            assert_eq!(Length::read(text), Err(message));
        }
        assert_eq!(Length::read(""), Err("duration is empty".to_owned()));
        assert!(Length::read(&format!("{}s", "9".repeat(400))).is_err());
    }
}
