//! Buckets, distributions and confidence.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::Float64Type;

use super::float::{of_bigint, to_bigint};
use super::spelled;
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Bigint, Cell, Double, each3, each4};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "width_bucket",
            "The bucket number of a value given a lower and upper bound and the number of buckets",
        )
        .form(
            "double, double, double, bigint -> bigint",
            each4::<Double, Double, Double, Bigint, Bigint>(bucket),
        )
        .form("double, array(double) -> bigint", bucket_of_bins),
        wilson(
            "wilson_interval_lower",
            "binomial confidence interval lower bound using Wilson score",
            -1.0,
        ),
        wilson(
            "wilson_interval_upper",
            "binomial confidence interval upper bound using Wilson score",
            1.0,
        ),
    ]
}

fn bucket(operand: f64, from: f64, to: f64, buckets: i64) -> Result<i64> {
    for (wrong, message) in [
        (buckets <= 0, "bucketCount must be greater than 0"),
        (operand.is_nan(), "operand must not be NaN"),
        (!from.is_finite(), "first bound must be finite"),
        (!to.is_finite(), "second bound must be finite"),
        (
            from.partial_cmp(&to).is_some_and(std::cmp::Ordering::is_eq),
            "bounds cannot equal each other",
        ),
    ] {
        if wrong {
            return Err(invalid(message));
        }
    }
    let (lower, upper) = (from.min(to), from.max(to));
    let result = if operand < lower {
        0
    } else if operand >= upper {
        buckets.checked_add(1).ok_or_else(|| {
            let operand = spelled::double(operand);
            Error::new(
                Kind::NumericValueOutOfRange,
                format!("Bucket for value {operand} is out of range"),
            )
        })?
    } else {
        to_bigint(of_bigint(buckets) * (operand - lower) / (upper - lower) + 1.0)
    };
    Ok(if from > to {
        // Beyond the last `bigint` Java begins again at the first.
        buckets.wrapping_sub(result).wrapping_add(1)
    } else {
        result
    })
}

fn bucket_of_bins(call: &Call<'_>) -> Result<ArrayRef> {
    let operands = Double::column(&call.arguments[0]);
    let lists = call.arguments[1].as_list::<i32>();
    call.rows::<Bigint>(|row| {
        if operands.is_null(row) || lists.is_null(row) {
            return Ok(None);
        }
        let bins = lists.value(row);
        let bins = bins.as_primitive::<Float64Type>();
        let bin = |i: usize| if bins.is_null(i) { 0.0 } else { bins.value(i) };
        let operand = operands.value(row);
        if bins.is_empty() {
            return Err(invalid("Bins cannot be an empty array"));
        }
        if operand.is_nan() {
            return Err(invalid("Operand cannot be NaN"));
        }
        // What is said of bad bins depends on which of them are looked at.
        let (mut lower, mut upper) = (0, bins.len());
        while lower < upper {
            if bin(lower) > bin(upper - 1) {
                return Err(invalid("Bin values are not sorted in ascending order"));
            }
            let middle = usize::midpoint(lower, upper);
            if !bin(middle).is_finite() {
                let value = spelled::double(bin(middle));
                return Err(invalid(format!("Bin value must be finite, got {value}")));
            }
            if operand < bin(middle) {
                upper = middle;
            } else {
                lower = middle + 1;
            }
        }
        Ok(i64::try_from(lower).ok())
    })
}

/// A bound of the interval; the sign says which.
fn wilson(name: &'static str, description: &'static str, sign: f64) -> Function {
    function(name, description).form(
        "bigint, bigint, double -> double",
        each3::<Bigint, Bigint, Double, Double>(move |successes, trials, z| {
            for (wrong, message) in [
                (successes < 0, "number of successes must not be negative"),
                (trials <= 0, "number of trials must be positive"),
                (
                    successes > trials,
                    "number of successes must not be larger than number of trials",
                ),
                (z < 0.0, "z-score must not be negative"),
            ] {
                if wrong {
                    return Err(invalid(message));
                }
            }
            let n = of_bigint(trials);
            let p = of_bigint(successes) / n;
            let spread = z * ((p * (1.0 - p) + z * z / (4.0 * n)) / n).sqrt();
            Ok((p + z * z / (2.0 * n) + sign * spread) / (1.0 + z * z / n))
        }),
    )
}
