//! Arrays of numbers.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type,
};

use super::lists::{Flat, Groups, count, list, range};
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Bigint, Double};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "array_sum",
            "Returns the sum of all array elements, or 0 if the array is empty. Ignores null elements.",
        )
        .form("array(bigint) -> bigint", |call| {
            call.rows::<Bigint>(|row| {
                let Some(mut known) = known::<Int64Type>(call, row) else {
                    return Ok(None);
                };
                known.try_fold(0, i64::checked_add).map(Some).ok_or_else(|| {
                    Error::new(Kind::NumericValueOutOfRange, "bigint addition overflow")
                })
            })
        })
        .form("array(double) -> double", |call| {
            // The sum of an iterator begins with -0.0.
            call.rows::<Double>(|row| {
                Ok(known::<Float64Type>(call, row).map(|known| known.fold(0.0, |a, b| a + b)))
            })
        }),
        function(
            "array_average",
            "Returns the average of all array elements, or null if the array is empty. Ignores null elements.",
        )
        .form("array(double) -> double", |call| {
            call.rows::<Double>(|row| {
                Ok(known::<Float64Type>(call, row).and_then(|known| {
                    let (sum, count) = known.fold((0.0, 0.0), |(sum, count), value| {
                        (sum + value, count + 1.0)
                    });
                    (count > 0.0).then_some(sum / count)
                }))
            })
        }),
        function(
            "array_normalize",
            "Normalizes an array by dividing each element by the p-norm of the array.",
        )
        .form("array(double), double -> array(double)", |call| {
            normalized::<Float64Type>(call, f64::from, |value| value)
        })
        .form("array(real), real -> array(real)", |call| {
            #[expect(clippy::cast_possible_truncation, reason = "real is worked out as double")]
            normalized::<Float32Type>(call, f64::from, |value| value as f32)
        }),
        function(
            "array_cum_sum",
            "Get the cumulative sum array for the input array",
        )
        .form("array(integer) -> array(integer)", |call| {
            running::<Int32Type>(call, i32::checked_add)
        })
        .form("array(bigint) -> array(bigint)", |call| {
            running::<Int64Type>(call, i64::checked_add)
        })
        .form("array(double) -> array(double)", |call| {
            running::<Float64Type>(call, |a, b| Some(a + b))
        }),
    ]
}

/// The numbers of a row's array, without NULLs.
fn known<'a, T: ArrowPrimitiveType>(
    call: &Call<'a>,
    row: usize,
) -> Option<impl Iterator<Item = T::Native> + 'a> {
    let list = list(call, 0);
    let values = list.values().as_primitive::<T>();
    let elements = range(list, row)?;
    Some(
        elements
            .filter(|&i| values.is_valid(i))
            .map(|i| values.value(i)),
    )
}

fn normalized<T: ArrowPrimitiveType>(
    call: &Call<'_>,
    read: impl Fn(T::Native) -> f64,
    make: impl Fn(f64) -> T::Native,
) -> Result<ArrayRef> {
    let flat = Flat::of_list(list(call, 0))?;
    let values = flat.taken(list(call, 0).values())?;
    let values = values.as_primitive::<T>();
    let powers = call.arguments[1].as_primitive::<T>();
    let mut all: Vec<Option<T::Native>> = Vec::with_capacity(values.len());
    let mut groups = Groups::default();
    for (row, elements) in flat.ranges().into_iter().enumerate() {
        let whole = !call.arguments.iter().any(|argument| argument.is_null(row))
            && elements.clone().all(|i| values.is_valid(i));
        if !whole {
            groups.push(None)?;
            continue;
        }
        let power = read(powers.value(row));
        if power < 0.0 {
            let message = "array_normalize only supports non-negative p:";
            return Err(invalid(format!("{message} {power:?}")));
        }
        let given = || elements.clone().map(|i| read(values.value(i)));
        let norm = if power == 0.0 {
            0.0
        } else {
            given()
                .map(|value| value.abs().powf(power))
                .sum::<f64>()
                .powf(1.0 / power)
        };
        groups.push(Some(elements.len()))?;
        all.extend(given().map(|value| Some(make(if norm == 0.0 { value } else { value / norm }))));
    }
    let all: PrimitiveArray<T> = all.into_iter().collect();
    Ok(Arc::new(groups.list(Arc::new(all))?))
}

/// Sums up to each element; NULL from the first NULL on.
fn running<T: ArrowPrimitiveType>(
    call: &Call<'_>,
    add: impl Fn(T::Native, T::Native) -> Option<T::Native>,
) -> Result<ArrayRef> {
    let flat = Flat::of_list(list(call, 0))?;
    let values = flat.taken(list(call, 0).values())?;
    let values = values.as_primitive::<T>();
    let mut all: Vec<Option<T::Native>> = Vec::with_capacity(values.len());
    for elements in flat.ranges() {
        let mut sum = Some(T::default_value());
        for i in elements {
            if let Some(before) = sum {
                sum = match values.is_valid(i).then(|| values.value(i)) {
                    Some(value) => Some(add(before, value).ok_or_else(|| {
                        let i = count(i);
                        let message = format!("sum overflows at element {i}");
                        Error::new(Kind::NumericValueOutOfRange, message)
                    })?),
                    None => None,
                };
            }
            all.push(sum);
        }
    }
    let all: PrimitiveArray<T> = all.into_iter().collect();
    Ok(Arc::new(flat.groups.list(Arc::new(all))?))
}
