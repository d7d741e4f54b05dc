//! Counts, sums, means, and what statistics make of numbers.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::{SortOptions, sort, take};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::{
    average, bit_and_or_xor, bool_and_or, count, stddev, sum, variance,
};
use datafusion::logical_expr::AggregateUDF;

use super::definition::{Aggregation, Distinct, Given, Passed, aggregation};
use super::gathered::{Finish, Gathered};
use super::mean::DecimalMean;
use super::pairs;
use super::running::running;
use crate::error::{Error, Kind, Result};

pub(super) fn aggregations() -> Vec<Aggregation> {
    let mut all = vec![
        aggregation("count", "Counts the non-null values")
            .passed("T -> bigint", told(count::count_udaf()))
            .counting(),
        aggregation("count_if", "Counts the true values")
            .passed(
                "boolean -> bigint",
                Passed::to(count::count_udaf()).given(Given::WhereTrue),
            )
            .counting(),
        // Counting them all is exact, and so never too far off.
        aggregation("approx_distinct", "Counts the different values")
            .passed("T -> bigint", all_distinct())
            .passed(
                "T, double -> bigint",
                all_distinct().given(Given::Estimated),
            )
            .counting(),
        aggregation("sum", "Calculates the sum over the input values")
            .passed("double -> double", Passed::to(sum::sum_udaf()))
            .passed("real -> real", in_doubles(sum::sum_udaf()))
            .sum("bigint -> bigint")
            .sum("interval day to second -> interval day to second")
            .sum("interval year to month -> interval year to month")
            .sum("decimal(p,s) -> decimal(38,s)"),
        aggregation("avg", "Calculates the average value")
            .passed("double -> double", Passed::to(average::avg_udaf()))
            .passed("bigint -> double", in_doubles(average::avg_udaf()))
            .passed("real -> real", in_doubles(average::avg_udaf()))
            .passed(
                "interval day to second -> interval day to second",
                in_doubles(average::avg_udaf()),
            )
            .passed(
                "interval year to month -> interval year to month",
                in_doubles(average::avg_udaf()),
            )
            .running("decimal(p,s) -> decimal(p,s)", running(DecimalMean::mean)),
    ];
    for (name, to) in [
        ("bool_and", bool_and_or::bool_and_udaf()),
        ("every", bool_and_or::bool_and_udaf()),
        ("bool_or", bool_and_or::bool_or_udaf()),
    ] {
        all.push(aggregation(name, "").passed("boolean -> boolean", told(to)));
    }
    for (name, to, distinct) in [
        (
            "bitwise_and_agg",
            bit_and_or_xor::bit_and_udaf(),
            Distinct::Told,
        ),
        (
            "bitwise_or_agg",
            bit_and_or_xor::bit_or_udaf(),
            Distinct::Told,
        ),
        (
            "bitwise_xor_agg",
            bit_and_or_xor::bit_xor_udaf(),
            Distinct::Gathered,
        ),
    ] {
        all.push(
            aggregation(name, "").passed("bigint -> bigint", Passed::to(to).distinct(distinct)),
        );
    }
    all.extend(spread());
    all.extend(pairs::aggregations());
    all.extend(moments());
    all
}

/// To a function that `DISTINCT` makes no difference to, or that knows it.
fn told(to: Arc<AggregateUDF>) -> Passed {
    Passed::to(to).distinct(Distinct::Told)
}

fn in_doubles(to: Arc<AggregateUDF>) -> Passed {
    Passed::to(to).given(Given::As(DataType::Float64))
}

fn all_distinct() -> Passed {
    Passed::to(count::count_udaf()).distinct(Distinct::Always)
}

/// Variances and standard deviations.
fn spread() -> impl Iterator<Item = Aggregation> {
    let functions = [
        (
            ["stddev", "stddev_samp"].as_slice(),
            "Returns the sample standard deviation of the argument",
            stddev::stddev_udaf(),
        ),
        (
            &["stddev_pop"],
            "Returns the population standard deviation of the argument",
            stddev::stddev_pop_udaf(),
        ),
        (
            &["variance", "var_samp"],
            "Returns the sample variance of the argument",
            variance::var_samp_udaf(),
        ),
        (
            &["var_pop"],
            "Returns the population variance of the argument",
            variance::var_pop_udaf(),
        ),
    ];
    functions.into_iter().flat_map(|(names, description, to)| {
        names.iter().map(move |name| {
            aggregation(name, description)
                .passed("bigint -> double", in_doubles(to.clone()))
                .passed("double -> double", Passed::to(to.clone()))
        })
    })
}

/// What is worked out of all values together.
fn moments() -> Vec<Aggregation> {
    vec![
        aggregation("skewness", "Returns the skewness of the argument")
            .gathered("bigint -> double", of_numbers(skewness))
            .gathered("double -> double", of_numbers(skewness)),
        aggregation("kurtosis", "Returns the (excess) kurtosis of the argument")
            .gathered("bigint -> double", of_numbers(kurtosis))
            .gathered("double -> double", of_numbers(kurtosis)),
        aggregation("geometric_mean", "")
            .gathered("bigint -> double", of_numbers(geometric_mean))
            .gathered("double -> double", of_numbers(geometric_mean))
            .gathered("real -> real", of_numbers(geometric_mean)),
        aggregation(
            "entropy",
            "Takes non-negative count inputs, and computes the log-2 entropy of their fractions when normalized to sum to 1.",
        )
        .gathered("bigint -> double", Arc::new(entropy)),
        aggregation("approx_percentile", "")
            .gathered("bigint, double -> bigint", Arc::new(percentile))
            .gathered("double, double -> double", Arc::new(percentile))
            .gathered("real, double -> real", Arc::new(percentile))
            .gathered("bigint, array(double) -> array(bigint)", Arc::new(percentiles))
            .gathered("double, array(double) -> array(double)", Arc::new(percentiles))
            .gathered("real, array(double) -> array(real)", Arc::new(percentiles)),
    ]
}

/// Of the values that are not NULL.
fn of_numbers(work: fn(&[f64]) -> Option<f64>) -> Finish {
    Arc::new(move |rows| {
        let result = work(&numbers(rows)?);
        Ok(Arc::new(Float64Array::from(vec![result])))
    })
}

fn numbers(rows: &Gathered<'_>) -> Result<Vec<f64>> {
    let column = super::convert::as_type(&rows.columns[0], &DataType::Float64)?;
    Ok(column
        .as_primitive::<Float64Type>()
        .iter()
        .flatten()
        .collect())
}

/// How many there are, and the sums of the powers 2, 3 and 4 of what they are off their mean.
fn central(values: &[f64]) -> (f64, [f64; 3]) {
    let count = values.iter().fold(0.0, |count, _| count + 1.0);
    let mean = values.iter().sum::<f64>() / count;
    let power = |n| values.iter().map(|value| (value - mean).powi(n)).sum();
    (count, [power(2), power(3), power(4)])
}

fn skewness(values: &[f64]) -> Option<f64> {
    let (n, [m2, m3, _]) = central(values);
    (values.len() >= 3).then(|| n.sqrt() * m3 / m2.powf(1.5))
}

fn kurtosis(values: &[f64]) -> Option<f64> {
    let (n, [m2, _, m4]) = central(values);
    (values.len() >= 4).then(|| {
        let variance = m2 / (n - 1.0);
        let below = (n - 1.0) * (n - 2.0) * (n - 3.0);
        n * (n + 1.0) / below * m4 / variance.powi(2)
            - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0))
    })
}

fn geometric_mean(values: &[f64]) -> Option<f64> {
    let (n, _) = central(values);
    let logarithms: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (logarithms / n).exp())
}

fn entropy(rows: &Gathered<'_>) -> Result<ArrayRef> {
    let counts = numbers(rows)?;
    if counts.iter().any(|count| *count < 0.0) {
        return Err(Error::new(
            Kind::InvalidFunctionArgument,
            "Entropy count argument must be non-negative",
        ));
    }
    let all: f64 = counts.iter().sum();
    let parts = counts.iter().filter(|count| **count > 0.0);
    let parts = parts.map(|count| count / all * (all / count).log2());
    // The sum of nothing would be -0.0.
    let entropy = parts.fold(0.0, |sum, part| sum + part).max(0.0);
    Ok(Arc::new(Float64Array::from(vec![entropy])))
}

/// One percentile, which is the same for all rows.
fn percentile(rows: &Gathered<'_>) -> Result<ArrayRef> {
    let asked = rows.columns[1].as_primitive::<Float64Type>();
    let asked: Vec<f64> = asked.iter().flatten().take(1).collect();
    let found = nearest(rows, &asked)?.filter(|found| !found.is_empty());
    Ok(found.unwrap_or_else(|| new_null_array(rows.returns, 1)))
}

/// Several percentiles, which are the same for all rows.
fn percentiles(rows: &Gathered<'_>) -> Result<ArrayRef> {
    let asked = rows.columns[1].as_list::<i32>();
    let Some(asked) = asked.iter().flatten().next() else {
        return Ok(new_null_array(rows.returns, 1));
    };
    let asked: Vec<f64> = asked
        .as_primitive::<Float64Type>()
        .iter()
        .flatten()
        .collect();
    Ok(match nearest(rows, &asked)? {
        Some(found) => Arc::new(super::gathered::list(found)),
        None => new_null_array(rows.returns, 1),
    })
}

/// The values that so much of all is not above, if there are values.
fn nearest(rows: &Gathered<'_>, asked: &[f64]) -> Result<Option<ArrayRef>> {
    if asked.iter().any(|fraction| !(0.0..=1.0).contains(fraction)) {
        return Err(Error::new(
            Kind::InvalidFunctionArgument,
            "Percentile must be between 0 and 1",
        ));
    }
    let last = SortOptions::default().asc().nulls_last();
    let sorted = sort(&rows.columns[0], Some(last)).map_err(DataFusionError::from)?;
    let values = sorted.len() - sorted.null_count();
    if values == 0 {
        return Ok(None);
    }
    let places = asked.iter().map(|fraction| place(*fraction, values));
    let places = UInt64Array::from_iter_values(places);
    let found = take(&sorted, &places, None).map_err(DataFusionError::from)?;
    Ok(Some(found))
}

/// Where the value is, in order, that this part of all is not above.
fn place(fraction: f64, values: usize) -> u64 {
    let values = u64::try_from(values).unwrap_or(u64::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a part of a count is between 0 and that count"
    )]
    let count = (fraction * values as f64).ceil() as u64;
    count.clamp(1, values) - 1
}
