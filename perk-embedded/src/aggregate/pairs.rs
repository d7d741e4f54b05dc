//! What two columns of numbers have to do with each other, as Presto works it out (`AggregationUtils`): the first one is
//! `y`, what depends on the second, `x`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Float64Type};

use super::definition::{Aggregation, aggregation};
use super::running::{Finish, Running, running};

/// Means, and the sums of the products of what the values are off them.
#[derive(Debug, Clone, Default)]
struct Pairs {
    count: f64,
    mean_x: f64,
    mean_y: f64,
    xy: f64,
    xx: f64,
    yy: f64,
}

pub(super) fn aggregations() -> impl Iterator<Item = Aggregation> {
    let functions: [(_, Finish<Pairs>); 12] = [
        ("corr", |pairs| {
            finite(pairs.xy / pairs.xx.sqrt() / pairs.yy.sqrt())
        }),
        ("covar_pop", |pairs| {
            (pairs.count > 0.0).then(|| pairs.xy / pairs.count)
        }),
        ("covar_samp", |pairs| {
            (pairs.count > 1.0).then(|| pairs.xy / (pairs.count - 1.0))
        }),
        ("regr_slope", |pairs| finite(pairs.slope())),
        ("regr_intercept", |pairs| {
            finite(pairs.mean_y - pairs.slope() * pairs.mean_x)
        }),
        ("regr_count", |pairs| pairs.of_any(pairs.count)),
        ("regr_r2", |pairs| finite(pairs.r2())),
        ("regr_avgx", |pairs| pairs.of_any(pairs.mean_x)),
        ("regr_avgy", |pairs| pairs.of_any(pairs.mean_y)),
        ("regr_sxx", |pairs| pairs.of_any(pairs.xx)),
        ("regr_sxy", |pairs| pairs.of_any(pairs.xy)),
        ("regr_syy", |pairs| pairs.of_any(pairs.yy)),
    ];
    functions.into_iter().map(|(name, finish)| {
        aggregation(name, "")
            .running("double, double -> double", running(finish))
            .running("real, real -> real", running(finish))
    })
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

impl Pairs {
    fn slope(&self) -> f64 {
        self.xy / self.xx
    }

    fn r2(&self) -> f64 {
        if self.xx != 0.0 && self.yy == 0.0 {
            1.0
        } else {
            self.xy.powi(2) / (self.xx * self.yy)
        }
    }

    /// What is something only if there are any pairs.
    fn of_any(&self, value: f64) -> Option<f64> {
        finite(value).filter(|_| self.count > 0.0)
    }

    fn parts(&self) -> [f64; PARTS] {
        [
            self.count,
            self.mean_x,
            self.mean_y,
            self.xy,
            self.xx,
            self.yy,
        ]
    }
}

const PARTS: usize = 6;

fn number(columns: &[ArrayRef], column: usize, row: usize) -> f64 {
    columns[column].as_primitive::<Float64Type>().value(row)
}

impl Running for Pairs {
    type Gives = Float64Type;

    fn given(_: &DataType) -> DataType {
        DataType::Float64
    }

    fn state_types(_: &DataType) -> Vec<DataType> {
        vec![DataType::Float64; PARTS]
    }

    fn result_type(_: &DataType) -> DataType {
        DataType::Float64
    }

    fn add(&mut self, arguments: &[ArrayRef], row: usize) {
        let [y, x] = [0, 1].map(|column| number(arguments, column, row));
        let (off_x, off_y) = (x - self.mean_x, y - self.mean_y);
        self.count += 1.0;
        self.mean_x += off_x / self.count;
        self.mean_y += off_y / self.count;
        self.xy += off_x * (y - self.mean_y);
        self.xx += off_x * (x - self.mean_x);
        self.yy += off_y * (y - self.mean_y);
    }

    fn merge(&mut self, states: &[ArrayRef], row: usize) {
        let parts: [f64; PARTS] = std::array::from_fn(|column| number(states, column, row));
        let [count, mean_x, mean_y, xy, xx, yy] = parts;
        if count == 0.0 {
            return;
        }
        let (off_x, off_y) = (mean_x - self.mean_x, mean_y - self.mean_y);
        let both = self.count + count;
        let weight = self.count * count / both;
        self.xy += xy + off_x * off_y * weight;
        self.xx += xx + off_x * off_x * weight;
        self.yy += yy + off_y * off_y * weight;
        self.mean_x += off_x * count / both;
        self.mean_y += off_y * count / both;
        self.count = both;
    }

    fn states(groups: &[Self], _: &[DataType]) -> Vec<ArrayRef> {
        let column = |part: usize| -> ArrayRef {
            let values = groups.iter().map(|group| group.parts()[part]);
            Arc::new(Float64Array::from_iter_values(values))
        };
        (0..PARTS).map(column).collect()
    }
}
