//! A part of a value: `year`, `hour`. `EXTRACT` is these too.

use super::moment::{Moments, ZonedTime, by_moment};
use crate::calendar::{
    Civil, DAY, HOUR, MINUTE, SECOND, day_of_week, day_of_year, month_length, week,
};
use crate::error::Result;
use crate::function::cell::{Bigint, Cell, Date, Millis, Months, Time, each1};
use crate::function::{Function, function};

pub(super) fn functions() -> Vec<Function> {
    let day = of_day("day", "day of the month", |days| Civil::of(days).day).form(
        "interval day to second -> bigint",
        each1::<Millis, Bigint>(|interval| Ok(interval / DAY)),
    );
    let day_of_week = of_day("day_of_week", "day of the week", day_of_week);
    let day_of_year = of_day("day_of_year", "day of the year", day_of_year);
    let week_of_year = of_day("week", "week of the year", |days| week(days).1);
    let year_of_week = of_day("year_of_week", "year of the ISO week", |days| week(days).0);
    vec![
        of_day("year", "year", |days| Civil::of(days).year).form(
            "interval year to month -> bigint",
            each1::<Months, Bigint>(|months| Ok(i64::from(months / 12))),
        ),
        of_day("quarter", "quarter of the year", |days| {
            (Civil::of(days).month + 2) / 3
        }),
        of_day("month", "month of the year", |days| Civil::of(days).month).form(
            "interval year to month -> bigint",
            each1::<Months, Bigint>(|months| Ok(i64::from(months % 12))),
        ),
        day.also("day_of_month"),
        day,
        day_of_week.also("dow"),
        day_of_week,
        day_of_year.also("doy"),
        day_of_year,
        week_of_year.also("week_of_year"),
        week_of_year,
        year_of_week.also("yow"),
        year_of_week,
        of_time("hour", "hour of the day", HOUR, 24),
        of_time("minute", "minute of the hour", MINUTE, 60),
        of_time("second", "second of the minute", SECOND, 60),
        of_time("millisecond", "millisecond of the second", 1, 1_000),
        function("timezone_hour", "time zone hour of the given timestamp").form(
            "timestamp with time zone -> bigint",
            by_moment::<Bigint>(|moments, value| Ok(moments.zone().ahead(value) / HOUR)),
        ),
        function("timezone_minute", "time zone minute of the given timestamp").form(
            "timestamp with time zone -> bigint",
            by_moment::<Bigint>(|moments, value| Ok(moments.zone().ahead(value) / MINUTE % 60)),
        ),
        last_day_of_month(),
    ]
}

/// A function of the day, whichever type it is a part of.
fn of_day(name: &'static str, description: &'static str, part: fn(i64) -> i64) -> Function {
    function(name, description)
        .form(
            "date -> bigint",
            each1::<Date, Bigint>(move |days| Ok(part(days.into()))),
        )
        .form("timestamp -> bigint", by_moment::<Bigint>(local_day(part)))
        .form(
            "timestamp with time zone -> bigint",
            by_moment::<Bigint>(local_day(part)),
        )
}

fn local_day(part: fn(i64) -> i64) -> impl Fn(&Moments, i64) -> Result<i64> {
    move |moments, value| Ok(part(moments.local(value).div_euclid(DAY)))
}

/// A function of the time of the day: how many of a unit, of which so many make the next greater one.
fn of_time(name: &'static str, description: &'static str, unit: i64, most: i64) -> Function {
    let part = move |time: i64| time.div_euclid(unit).rem_euclid(most);
    function(name, description)
        .form(
            "time -> bigint",
            each1::<Time, Bigint>(move |time| Ok(part(time.into()))),
        )
        .form(
            "time with time zone -> bigint",
            each1::<ZonedTime, Bigint>(move |time| Ok(part(time.of_day.into()))),
        )
        .form(
            "timestamp -> bigint",
            by_moment::<Bigint>(move |moments, value| Ok(part(moments.local(value)))),
        )
        .form(
            "timestamp with time zone -> bigint",
            by_moment::<Bigint>(move |moments, value| Ok(part(moments.local(value)))),
        )
        .form(
            "interval day to second -> bigint",
            each1::<Millis, Bigint>(move |interval| Ok(interval / unit % most)),
        )
}

fn last_day_of_month() -> Function {
    fn last_day(days: i64) -> Result<<Date as Cell>::Made> {
        let civil = Civil::of(days);
        let last = days + month_length(civil.year, civil.month) - civil.day;
        i32::try_from(last).map_err(|_| super::out_of_range("date"))
    }
    function(
        "last_day_of_month",
        "last day of the month of the given date",
    )
    .form(
        "date -> date",
        each1::<Date, Date>(|days| last_day(days.into())),
    )
    .form(
        "timestamp -> date",
        by_moment::<Date>(|moments, value| last_day(moments.local(value).div_euclid(DAY))),
    )
    .form(
        "timestamp with time zone -> date",
        by_moment::<Date>(|moments, value| last_day(moments.local(value).div_euclid(DAY))),
    )
}
