//! `date_add`, `date_diff`, `date_trunc`: with a unit that is named by a text.

use datafusion::arrow::array::{Array, ArrayRef};

use super::moment::{Moments, PlaceTime, ZonedTime, by_moment_and, of_day};
use super::out_of_range;
use crate::calendar::{
    Civil, DAY, HOUR, MINUTE, SECOND, day_of_week, is_leap, month_length, new_year,
};
use crate::error::Result;
use crate::function::cell::{Bigint, Cell, Date, Text, Time, Timestamp, each2, each3};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    let truncated = |moments: &Moments, value, unit: &str| {
        let unit = Unit::read(unit, "Timestamp", |_| true)?;
        unit.truncated_moment(moments, value)
    };
    vec![
        function("date_trunc", "truncate to the specified precision")
            .form(
                "varchar(x), date -> date",
                each2::<Text, Date, Date>(|unit, days| {
                    let unit = Unit::of_date(unit)?;
                    date(unit.truncated(i64::from(days) * DAY)?.div_euclid(DAY))
                }),
            )
            .form(
                "varchar(x), time -> time",
                each2::<Text, Time, Time>(|unit, time| {
                    Ok(of_day(Unit::of_time(unit)?.truncated(time.into())?))
                }),
            )
            .form(
                "varchar(x), time with time zone -> time with time zone",
                each2::<Text, ZonedTime, ZonedTime>(|unit, time| {
                    let local = Unit::of_time(unit)?.truncated(time.of_day.into())?;
                    Ok(PlaceTime::new(local, time.offset))
                }),
            )
            .form(
                "varchar(x), timestamp -> timestamp",
                by_moment_and::<Text, Timestamp>([1, 0], truncated),
            )
            .form(
                "varchar(x), timestamp with time zone -> timestamp with time zone",
                by_moment_and::<Text, Timestamp>([1, 0], truncated),
            ),
        function("date_add", "add the specified amount to the given value")
            .form(
                "varchar(x), bigint, date -> date",
                each3::<Text, Bigint, Date, Date>(|unit, amount, days| {
                    let unit = Unit::of_date(unit)?;
                    date(unit.added(i64::from(days) * DAY, amount)?.div_euclid(DAY))
                }),
            )
            .form(
                "varchar(x), bigint, time -> time",
                each3::<Text, Bigint, Time, Time>(|unit, amount, time| {
                    Ok(of_day(Unit::of_time(unit)?.added(time.into(), amount)?))
                }),
            )
            .form(
                "varchar(x), bigint, time with time zone -> time with time zone",
                each3::<Text, Bigint, ZonedTime, ZonedTime>(|unit, amount, time| {
                    let local = Unit::of_time(unit)?.added(time.of_day.into(), amount)?;
                    Ok(PlaceTime::new(local, time.offset))
                }),
            )
            .form("varchar(x), bigint, timestamp -> timestamp", add)
            .form(
                "varchar(x), bigint, timestamp with time zone -> timestamp with time zone",
                add,
            ),
        function(
            "date_diff",
            "difference of the given values in the given unit",
        )
        .form(
            "varchar(x), date, date -> bigint",
            each3::<Text, Date, Date, Bigint>(|unit, from, to| {
                let unit = Unit::of_date(unit)?;
                unit.between(i64::from(from) * DAY, i64::from(to) * DAY)
            }),
        )
        .form(
            "varchar(x), time, time -> bigint",
            each3::<Text, Time, Time, Bigint>(|unit, from, to| {
                Unit::of_time(unit)?.between(from.into(), to.into())
            }),
        )
        .form(
            "varchar(x), time with time zone, time with time zone -> bigint",
            each3::<Text, ZonedTime, ZonedTime, Bigint>(|unit, from, to| {
                Unit::of_time(unit)?.between(from.instant(), to.instant())
            }),
        )
        .form("varchar(x), timestamp, timestamp -> bigint", difference)
        .form(
            "varchar(x), timestamp with time zone, timestamp with time zone -> bigint",
            difference,
        ),
    ]
}

pub(super) fn date(days: i64) -> Result<i32> {
    i32::try_from(days).map_err(|_| out_of_range("date"))
}

fn add(call: &Call<'_>) -> Result<ArrayRef> {
    let moments = Moments::of(&call.types[2], call.session)?;
    let units = Text::column(&call.arguments[0]);
    let amounts = Bigint::column(&call.arguments[1]);
    let values = Timestamp::column(&call.arguments[2]);
    call.rows::<Timestamp>(|row| {
        if units.is_null(row) || amounts.is_null(row) || values.is_null(row) {
            return Ok(None);
        }
        let unit = Unit::read(units.value(row), "Timestamp", |_| true)?;
        unit.added_to_moment(&moments, values.value(row), amounts.value(row))
            .map(Some)
    })
}

fn difference(call: &Call<'_>) -> Result<ArrayRef> {
    // Both are seen in the first one's zone.
    let moments = Moments::of(&call.types[1], call.session)?;
    let units = Text::column(&call.arguments[0]);
    let [from, to] = [1, 2].map(|i| Timestamp::column(&call.arguments[i]));
    call.rows::<Bigint>(|row| {
        if units.is_null(row) || from.is_null(row) || to.is_null(row) {
            return Ok(None);
        }
        let unit = Unit::read(units.value(row), "Timestamp", |_| true)?;
        let (from, to) = (from.value(row), to.value(row));
        let between = if unit.is_of_time() {
            unit.between(moments.instant(from), moments.instant(to))
        } else {
            unit.between(moments.local(from), moments.local(to))
        };
        between.map(Some)
    })
}

/// What time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Of that many milliseconds, an hour at most.
    Time(i64),
    /// So many days, whatever hours they have.
    Days(i64),
    Months(i64),
    Years,
}

impl Unit {
    /// The unit of that name, if it is one for such values.
    fn read(name: &str, values: &str, is_for: impl Fn(Self) -> bool) -> Result<Self> {
        let unit = match name.to_ascii_lowercase().as_str() {
            "millisecond" => Some(Self::Time(1)),
            "second" => Some(Self::Time(SECOND)),
            "minute" => Some(Self::Time(MINUTE)),
            "hour" => Some(Self::Time(HOUR)),
            "day" => Some(Self::Days(1)),
            "week" => Some(Self::Days(7)),
            "month" => Some(Self::Months(1)),
            "quarter" => Some(Self::Months(3)),
            "year" => Some(Self::Years),
            _ => None,
        };
        let unit = unit.filter(|unit| is_for(*unit));
        unit.ok_or_else(|| invalid(format!("'{name}' is not a valid {values} field")))
    }

    fn of_date(name: &str) -> Result<Self> {
        Self::read(name, "DATE", |unit| !unit.is_of_time())
    }

    fn of_time(name: &str) -> Result<Self> {
        Self::read(name, "Time", Self::is_of_time)
    }

    fn is_of_time(self) -> bool {
        matches!(self, Self::Time(_))
    }

    /// The beginning of the unit that this is in.
    fn truncated(self, local: i64) -> Result<i64> {
        let days = local.div_euclid(DAY);
        let civil = Civil::of(days);
        let beginning = match self {
            Self::Time(unit) => local.checked_sub(local.rem_euclid(unit)),
            Self::Days(7) => (days - day_of_week(days) + 1).checked_mul(DAY),
            Self::Days(_) => days.checked_mul(DAY),
            Self::Months(months) => {
                let month = (civil.month - 1) / months * months + 1;
                let first = Civil {
                    month,
                    day: 1,
                    ..civil
                };
                first.days().checked_mul(DAY)
            }
            Self::Years => new_year(civil.year).checked_mul(DAY),
        };
        beginning.ok_or_else(|| out_of_range("timestamp"))
    }

    fn truncated_moment(self, moments: &Moments, value: i64) -> Result<i64> {
        let local = moments.local(value);
        let truncated = self.truncated(local)?;
        if self.is_of_time() {
            // A clock that shows an hour twice stays in the one that it is in.
            let truncated = value.checked_sub(local - truncated);
            truncated.ok_or_else(|| out_of_range("timestamp"))
        } else {
            Ok(moments.moved(value, truncated))
        }
    }

    pub(super) fn added(self, local: i64, amount: i64) -> Result<i64> {
        let plus = |unit: i64| {
            let more = amount.checked_mul(unit)?;
            local.checked_add(more)
        };
        let plus_months = |months: i64| {
            let months = amount.checked_mul(months)?;
            let within = months.unsigned_abs() < u64::from(u32::MAX) * 12;
            let days = Civil::of(local.div_euclid(DAY));
            let days = within.then(|| days.plus_months(months).days())?;
            days.checked_mul(DAY)?.checked_add(local.rem_euclid(DAY))
        };
        let sum = match self {
            Self::Time(unit) => plus(unit),
            Self::Days(days) => plus(days * DAY),
            Self::Months(months) => plus_months(months),
            Self::Years => plus_months(12),
        };
        sum.ok_or_else(|| out_of_range("timestamp"))
    }

    pub(super) fn added_to_moment(self, moments: &Moments, value: i64, amount: i64) -> Result<i64> {
        Ok(if self.is_of_time() {
            moments.at_instant(self.added(moments.instant(value), amount)?)
        } else {
            moments.moved(value, self.added(moments.local(value), amount)?)
        })
    }

    /// How many whole units there are from one to another.
    fn between(self, from: i64, to: i64) -> Result<i64> {
        let units_of = |unit: i64| {
            let between = to.checked_sub(from).map(|between| between / unit);
            between.ok_or_else(|| out_of_range("interval"))
        };
        match self {
            Self::Time(unit) => units_of(unit),
            Self::Days(days) => units_of(days * DAY),
            _ if to < from => self.between(to, from).map(|between| -between),
            Self::Months(months) => Ok(months_between(from, to) / months),
            Self::Years => Ok(years_between(from, to)),
        }
    }
}

/// As Joda-Time counts them: the last day of a month is as good as a later one of a longer month.
fn months_between(from: i64, to: i64) -> i64 {
    let [a, b] = [from, to].map(|local| Civil::of(local.div_euclid(DAY)));
    let months = (b.year - a.year) * 12 + b.month - a.month;
    let is_last = b.day == month_length(b.year, b.month);
    let day = if is_last { a.day.min(b.day) } else { a.day };
    let behind = (b.day, to.rem_euclid(DAY)) < (day, from.rem_euclid(DAY));
    months - i64::from(behind)
}

/// As Joda-Time counts them: days are counted from the year's beginning, with the 29th of February out of the way where
/// only one of the years has it.
fn years_between(from: i64, to: i64) -> i64 {
    const LEAP_DAY: i64 = (31 + 28) * DAY;
    let [(a, mut of_a), (b, mut of_b)] = [from, to].map(|local| {
        let days = local.div_euclid(DAY);
        let year = Civil::of(days).year;
        (year, (days - new_year(year)) * DAY + local.rem_euclid(DAY))
    });
    if of_a >= LEAP_DAY {
        if is_leap(a) {
            if !is_leap(b) {
                of_a -= DAY;
            }
        } else if of_b >= LEAP_DAY && is_leap(b) {
            of_b -= DAY;
        }
    }
    b - a - i64::from(of_b < of_a)
}
