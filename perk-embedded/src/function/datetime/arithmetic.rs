//! Operators between dates, times, timestamps and intervals.

use datafusion::arrow::array::ArrayRef;

use super::moment::{Moments, PlaceTime, ZonedTime, by_moment_and, of_day};
use super::units::{Unit, date};
use super::{java_double, java_int, java_long, out_of_range};
use crate::calendar::DAY;
use crate::error::Result;
use crate::function::cell::{Bigint, Date, Double, Millis, Months, Time, Timestamp, each1, each2};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        plus(),
        minus(),
        times(),
        function("$/", "Division")
            .form(
                "interval day to second, double -> interval day to second",
                each2::<Millis, Double, Millis>(|interval, by| {
                    Ok(java_long(java_double(interval) / by))
                }),
            )
            .form(
                "interval year to month, double -> interval year to month",
                each2::<Months, Double, Months>(|months, by| {
                    Ok(java_int(java_long(f64::from(months) / by)))
                }),
            ),
        function("$negate", "Negation")
            .form(
                "interval day to second -> interval day to second",
                each1::<Millis, Millis>(|interval| Ok(interval.wrapping_neg())),
            )
            .form(
                "interval year to month -> interval year to month",
                each1::<Months, Months>(|months| Ok(months.wrapping_neg())),
            ),
    ]
}

/// A form for both orders of its arguments.
macro_rules! both_orders {
    ($function:expr, $a:literal, $b:literal, $returns:literal, <$A:ident, $B:ident, $R:ident>, $work:expr) => {
        $function
            .form(
                concat!($a, ", ", $b, " -> ", $returns),
                each2::<$A, $B, $R>($work),
            )
            .form(
                concat!($b, ", ", $a, " -> ", $returns),
                each2::<$B, $A, $R>(|b, a| $work(a, b)),
            )
    };
}

fn plus() -> Function {
    let plus = function("$+", "Addition")
        .form(
            "interval day to second, interval day to second -> interval day to second",
            each2::<Millis, Millis, Millis>(|a, b| checked(a.checked_add(b))),
        )
        .form(
            "interval year to month, interval year to month -> interval year to month",
            each2::<Months, Months, Months>(|a, b| checked(a.checked_add(b))),
        );
    let plus = both_orders!(
        plus, "date", "interval day to second", "date", <Date, Millis, Date>,
        |days, interval| date_plus(days, interval, "add hour, minutes or seconds to a date")
    );
    let plus = both_orders!(
        plus, "date", "interval year to month", "date", <Date, Months, Date>, date_plus_months
    );
    let plus = both_orders!(
        plus, "time", "interval day to second", "time", <Time, Millis, Time>,
        |time, interval| Ok(of_day(i64::from(time) + interval % DAY))
    );
    // There is nothing else that Presto could make of months.
    let plus = both_orders!(
        plus, "time", "interval year to month", "time", <Time, Months, Time>,
        |time, _| Ok(time)
    );
    let plus = both_orders!(
        plus, "time with time zone", "interval day to second", "time with time zone",
        <ZonedTime, Millis, ZonedTime>, |time: PlaceTime, interval| Ok(place_time_plus(time, interval))
    );
    let later = |moments: &Moments, value, interval| moment_plus(moments, value, interval);
    let months_later = |moments: &Moments, value, months| {
        Unit::Months(1).added_to_moment(moments, value, i64::from(months))
    };
    plus.form(
        "timestamp, interval day to second -> timestamp",
        by_moment_and::<Millis, Timestamp>([0, 1], later),
    )
    .form(
        "interval day to second, timestamp -> timestamp",
        by_moment_and::<Millis, Timestamp>([1, 0], later),
    )
    .form(
        "timestamp with time zone, interval day to second -> timestamp with time zone",
        by_moment_and::<Millis, Timestamp>([0, 1], later),
    )
    .form(
        "interval day to second, timestamp with time zone -> timestamp with time zone",
        by_moment_and::<Millis, Timestamp>([1, 0], later),
    )
    .form(
        "timestamp, interval year to month -> timestamp",
        by_moment_and::<Months, Timestamp>([0, 1], months_later),
    )
    .form(
        "interval year to month, timestamp -> timestamp",
        by_moment_and::<Months, Timestamp>([1, 0], months_later),
    )
    .form(
        "timestamp with time zone, interval year to month -> timestamp with time zone",
        by_moment_and::<Months, Timestamp>([0, 1], months_later),
    )
    .form(
        "interval year to month, timestamp with time zone -> timestamp with time zone",
        by_moment_and::<Months, Timestamp>([1, 0], months_later),
    )
}

fn minus() -> Function {
    let earlier = |moments: &Moments, value, interval: i64| {
        moment_plus(moments, value, interval.wrapping_neg())
    };
    let months_earlier = |moments: &Moments, value, months: i32| {
        Unit::Months(1).added_to_moment(moments, value, -i64::from(months))
    };
    function("$-", "Subtraction")
        .form(
            "interval day to second, interval day to second -> interval day to second",
            each2::<Millis, Millis, Millis>(|a, b| checked(a.checked_sub(b))),
        )
        .form(
            "interval year to month, interval year to month -> interval year to month",
            each2::<Months, Months, Months>(|a, b| checked(a.checked_sub(b))),
        )
        .form(
            "date, date -> interval day to second",
            each2::<Date, Date, Millis>(|a, b| Ok((i64::from(a) - i64::from(b)) * DAY)),
        )
        .form(
            "time, time -> interval day to second",
            each2::<Time, Time, Millis>(|a, b| Ok(i64::from(a) - i64::from(b))),
        )
        .form(
            "time with time zone, time with time zone -> interval day to second",
            each2::<ZonedTime, ZonedTime, Millis>(|a, b| Ok(a.instant() - b.instant())),
        )
        .form("timestamp, timestamp -> interval day to second", between)
        .form(
            "timestamp with time zone, timestamp with time zone -> interval day to second",
            between,
        )
        .form(
            "date, interval day to second -> date",
            each2::<Date, Millis, Date>(|days, interval| {
                let what = "subtract hour, minutes or seconds from a date";
                date_plus(days, interval.wrapping_neg(), what)
            }),
        )
        .form(
            "date, interval year to month -> date",
            each2::<Date, Months, Date>(|days, months| {
                date_plus_months(days, months.wrapping_neg())
            }),
        )
        .form(
            "time, interval day to second -> time",
            each2::<Time, Millis, Time>(|time, interval| {
                Ok(of_day(i64::from(time) - interval % DAY))
            }),
        )
        .form(
            "time, interval year to month -> time",
            each2::<Time, Months, Time>(|time, _| Ok(time)),
        )
        .form(
            "time with time zone, interval day to second -> time with time zone",
            each2::<ZonedTime, Millis, ZonedTime>(|time, interval| {
                Ok(place_time_plus(time, interval.wrapping_neg()))
            }),
        )
        .form(
            "timestamp, interval day to second -> timestamp",
            by_moment_and::<Millis, Timestamp>([0, 1], earlier),
        )
        .form(
            "timestamp with time zone, interval day to second -> timestamp with time zone",
            by_moment_and::<Millis, Timestamp>([0, 1], earlier),
        )
        .form(
            "timestamp, interval year to month -> timestamp",
            by_moment_and::<Months, Timestamp>([0, 1], months_earlier),
        )
        .form(
            "timestamp with time zone, interval year to month -> timestamp with time zone",
            by_moment_and::<Months, Timestamp>([0, 1], months_earlier),
        )
}

fn times() -> Function {
    let times = function("$*", "Multiplication");
    let times = both_orders!(
        times, "interval day to second", "bigint", "interval day to second",
        <Millis, Bigint, Millis>, |interval: i64, by: i64| Ok(interval.wrapping_mul(by))
    );
    let times = both_orders!(
        times, "interval day to second", "double", "interval day to second",
        <Millis, Double, Millis>, |interval, by: f64| Ok(java_long(java_double(interval) * by))
    );
    let times = both_orders!(
        times, "interval year to month", "bigint", "interval year to month",
        <Months, Bigint, Months>, |months, by: i64| Ok(java_int(i64::from(months).wrapping_mul(by)))
    );
    both_orders!(
        times, "interval year to month", "double", "interval year to month",
        <Months, Double, Months>, |months, by: f64| Ok(java_int(java_long(f64::from(months) * by)))
    )
}

fn checked<T>(result: Option<T>) -> Result<T> {
    result.ok_or_else(|| out_of_range("interval"))
}

fn date_plus(days: i32, interval: i64, what: &str) -> Result<i32> {
    if interval % DAY != 0 {
        return Err(invalid(format!("Cannot {what}")));
    }
    date(i64::from(days) + interval / DAY)
}

fn date_plus_months(days: i32, months: i32) -> Result<i32> {
    let sum = Unit::Months(1).added(i64::from(days) * DAY, months.into())?;
    date(sum.div_euclid(DAY))
}

fn place_time_plus(time: PlaceTime, interval: i64) -> PlaceTime {
    PlaceTime::new(i64::from(time.of_day) + interval % DAY, time.offset)
}

fn moment_plus(moments: &Moments, value: i64, interval: i64) -> Result<i64> {
    let sum = moments.instant(value).checked_add(interval);
    let sum = sum.ok_or_else(|| out_of_range("timestamp"))?;
    Ok(moments.at_instant(sum))
}

fn between(call: &Call<'_>) -> Result<ArrayRef> {
    let later = Moments::of(&call.types[0], call.session)?;
    let earlier = Moments::of(&call.types[1], call.session)?;
    each2::<Timestamp, Timestamp, Millis>(move |a, b| {
        checked(later.instant(a).checked_sub(earlier.instant(b)))
    })(call)
}
