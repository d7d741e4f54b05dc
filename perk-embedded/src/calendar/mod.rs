//! Days, months and zones, by themselves: for what Presto computes with them beyond the years that chrono knows.

mod zone;

pub(crate) use zone::Zone;

/// Milliseconds.
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A day of the Gregorian calendar, which is used for all the past too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
}

impl Civil {
    /// Of that many days since 1970: the usual computation over eras of 400 years that begin with a March.
    pub(crate) fn of(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self {
            year: era * 400 + year + i64::from(month <= 2),
            month,
            day,
        }
    }

    /// Days since 1970. A day or month that there is not counts on into the next month or year.
    pub(crate) fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let month = (self.month + 9) % 12;
        let of_year = (153 * month + 2) / 5 + self.day - 1;
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The same day that many months later, or the last day of that month if it is shorter.
    pub(crate) fn plus_months(self, months: i64) -> Self {
        let all = self.year * 12 + self.month - 1 + months;
        let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
        let day = self.day.min(month_length(year, month));
        Self { year, month, day }
    }
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The day on which a year begins.
pub(crate) fn new_year(year: i64) -> i64 {
    Civil {
        year,
        month: 1,
        day: 1,
    }
    .days()
}

/// From 1, a Monday.
pub(crate) fn day_of_week(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

pub(crate) fn day_of_year(days: i64) -> i64 {
    days - new_year(Civil::of(days).year) + 1
}

/// The first Monday of a year of weeks: of the week with the year's first Thursday.
pub(crate) fn first_week(year: i64) -> i64 {
    let fourth = new_year(year) + 3;
    fourth - (day_of_week(fourth) - 1)
}

/// ISO's year and week.
pub(crate) fn week(days: i64) -> (i64, i64) {
    let thursday = days - day_of_week(days) + 4;
    let year = Civil::of(thursday).year;
    (year, (days - first_week(year)) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_both_ways() {
        for (days, year, month, day) in [
            (0, 1970, 1, 1),
            (19_782, 2024, 2, 29),
            (-1, 1969, 12, 31),
            (-719_162, 1, 1, 1),
            (2_932_896, 9999, 12, 31),
            (-719_529, -1, 12, 31),
        ] {
            let civil = Civil::of(days);
            assert_eq!(civil.days(), days);
            assert_eq!(civil, Civil { year, month, day });
        }
    }

    #[test]
    fn weeks_are_iso_s() {
        for (days, of) in [
            (20_087, (2025, 1)),  // 2024-12-30
            (18_628, (2020, 53)), // 2021-01-01
            (19_782, (2024, 9)),
        ] {
            assert_eq!(week(days), of);
        }
        assert_eq!(day_of_week(0), 4);
        assert_eq!(day_of_year(19_782), 60);
    }
}
