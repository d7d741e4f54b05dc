//! Arrays from one value to another, in steps.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDateTime};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, Date32Type, DurationMillisecondType, Int64Type, IntervalYearMonthType,
    TimestampMillisecondType,
};

use super::build::MOST;
use super::lists::Groups;
use crate::error::Result;
use crate::function::{Call, Function, function, invalid};

const DAY: i64 = 86_400_000;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("sequence", "Sequence function to generate synthetic arrays")
            .form("bigint, bigint -> array(bigint)", |call| {
                sequence::<Int64Type>(call, |start, stop, _| {
                    let step = if stop >= start { 1 } else { -1 };
                    steps(start, stop, step)
                })
            })
            .form("bigint, bigint, bigint -> array(bigint)", |call| {
                let by = call.arguments[2].as_primitive::<Int64Type>();
                sequence::<Int64Type>(call, |start, stop, row| steps(start, stop, by.value(row)))
            })
            .form("date, date -> array(date)", |call| {
                sequence::<Date32Type>(call, |start, stop, _| {
                    let step = if stop >= start { 1 } else { -1 };
                    days(steps(start.into(), stop.into(), step)?)
                })
            })
            .form("date, date, interval day to second -> array(date)", |call| {
                let by = call.arguments[2].as_primitive::<DurationMillisecondType>();
                sequence::<Date32Type>(call, |start, stop, row| {
                    if by.value(row) % DAY != 0 {
                        return Err(invalid(
                            "sequence step must be a day interval if start and end values are dates",
                        ));
                    }
                    days(steps(start.into(), stop.into(), by.value(row) / DAY)?)
                })
            })
            .form("date, date, interval year to month -> array(date)", |call| {
                let by = call.arguments[2].as_primitive::<IntervalYearMonthType>();
                sequence::<Date32Type>(call, |start, stop, row| {
                    let [start, stop] = [start, stop].map(|day| i64::from(day) * DAY);
                    let instants = months(start, stop, by.value(row))?;
                    days(instants.into_iter().map(|instant| instant.div_euclid(DAY)).collect())
                })
            })
            .form(
                "timestamp, timestamp, interval day to second -> array(timestamp)",
                |call| {
                    let by = call.arguments[2].as_primitive::<DurationMillisecondType>();
                    sequence::<TimestampMillisecondType>(call, |start, stop, row| {
                        steps(start, stop, by.value(row))
                    })
                },
            )
            .form(
                "timestamp, timestamp, interval year to month -> array(timestamp)",
                |call| {
                    let by = call.arguments[2].as_primitive::<IntervalYearMonthType>();
                    sequence::<TimestampMillisecondType>(call, |start, stop, row| {
                        months(start, stop, by.value(row))
                    })
                },
            ),
    ]
}

fn sequence<T: ArrowPrimitiveType>(
    call: &Call<'_>,
    work: impl Fn(T::Native, T::Native, usize) -> Result<Vec<T::Native>>,
) -> Result<ArrayRef> {
    let [starts, stops] = [0, 1].map(|i| call.arguments[i].as_primitive::<T>());
    let mut groups = Groups::default();
    let mut values = Vec::new();
    for row in 0..call.rows {
        let made = if call.arguments.iter().any(|argument| argument.is_null(row)) {
            None
        } else {
            Some(work(starts.value(row), stops.value(row), row)?)
        };
        groups.push(made.as_ref().map(Vec::len))?;
        values.extend(made.into_iter().flatten());
    }
    let values = PrimitiveArray::<T>::from_iter_values(values);
    Ok(Arc::new(groups.list(Arc::new(values))?))
}

fn checked(start: i64, stop: i64, by: i64) -> Result<()> {
    if by == 0 {
        return Err(invalid("step must not be zero"));
    }
    if (by > 0) == (stop >= start) || start == stop {
        return Ok(());
    }
    Err(invalid(
        "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start",
    ))
}

fn too_long() -> crate::error::Error {
    invalid("result of sequence function must not have more than 10000 entries")
}

fn steps(start: i64, stop: i64, by: i64) -> Result<Vec<i64>> {
    checked(start, stop, by)?;
    let more = (i128::from(stop) - i128::from(start)) / i128::from(by);
    let more = usize::try_from(more).ok().filter(|more| *more < MOST);
    let more = more.ok_or_else(too_long)?;
    let all = std::iter::successors(Some(start), |last| last.checked_add(by));
    Ok(all.take(more + 1).collect())
}

/// Each counted from the start, so that the last days of months do not move the others.
fn months(start: i64, stop: i64, by: i32) -> Result<Vec<i64>> {
    checked(start, stop, by.into())?;
    let first = DateTime::from_timestamp_millis(start)
        .ok_or_else(|| invalid("start is out of range"))?
        .naive_utc();
    let mut all = Vec::new();
    for i in 0.. {
        let next = later(first, i64::from(by) * i).map(|next| next.and_utc().timestamp_millis());
        match next {
            Some(next) if if by > 0 { next <= stop } else { next >= stop } => all.push(next),
            _ => return Ok(all),
        }
        if all.len() > MOST {
            return Err(too_long());
        }
    }
    Ok(all)
}

fn later(first: NaiveDateTime, months: i64) -> Option<NaiveDateTime> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 {
        first.checked_sub_months(count)
    } else {
        first.checked_add_months(count)
    }
}

fn days(numbers: Vec<i64>) -> Result<Vec<i32>> {
    let day = |number| i32::try_from(number).map_err(|_| invalid("date is out of range"));
    numbers.into_iter().map(day).collect()
}
