//! The least and the greatest, and any one.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt32Array, new_null_array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::{any_value, min_max};

use super::definition::{Aggregation, Distinct, Passed, aggregation};
use super::extreme_by::one_by;
use super::gathered::{Finish, Gathered, list, rows};
use crate::error::{Error, Kind, Result};

/// The most values that may be asked for.
const MOST: i64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Least,
    Greatest,
}

impl End {
    /// What is nearer to the end comes first.
    pub(super) fn order<T: Ord>(self, a: &T, b: &T) -> Ordering {
        match self {
            Self::Least => a.cmp(b),
            Self::Greatest => b.cmp(a),
        }
    }
}

pub(super) fn aggregations() -> Vec<Aggregation> {
    let any = || Passed::to(any_value::any_value_udaf()).distinct(Distinct::Told);
    vec![
        aggregation("min", "Returns the minimum value of the argument")
            .passed(
                "E -> E",
                Passed::to(min_max::min_udaf()).distinct(Distinct::Told),
            )
            .gathered("E, bigint -> array(E)", several(End::Least)),
        aggregation("max", "Returns the maximum value of the argument")
            .passed(
                "E -> E",
                Passed::to(min_max::max_udaf()).distinct(Distinct::Told),
            )
            .gathered("E, bigint -> array(E)", several(End::Greatest)),
        aggregation(
            "min_by",
            "Returns the value of the first argument, associated with the minimum value of the second argument",
        )
        .running("V, K -> V", one_by(End::Least))
        .gathered("V, K, bigint -> array(V)", several_by(End::Least)),
        aggregation(
            "max_by",
            "Returns the value of the first argument, associated with the maximum value of the second argument",
        )
        .running("V, K -> V", one_by(End::Greatest))
        .gathered("V, K, bigint -> array(V)", several_by(End::Greatest)),
        aggregation("arbitrary", "return an arbitrary non-null input value").passed("T -> T", any()),
        aggregation("any_value", "return an arbitrary non-null input value").passed("T -> T", any()),
    ]
}

/// The values themselves, so many.
fn several(end: End) -> Finish {
    Arc::new(move |rows| {
        let values = &rows.columns[0];
        let names = [
            "second argument of max_n/min_n must be positive",
            "second argument of max_n/min_n",
        ];
        match count(rows, 1, names)? {
            Some(count) => picked(values, values, count, end, rows),
            None => Ok(new_null_array(rows.returns, 1)),
        }
    })
}

fn several_by(end: End) -> Finish {
    Arc::new(move |rows| {
        let names = [
            "third argument of max_by/min_by must be a positive integer",
            "third argument of max_by/min_by",
        ];
        match count(rows, 2, names)? {
            Some(count) => picked(&rows.columns[0], &rows.columns[1], count, end, rows),
            None => Ok(new_null_array(rows.returns, 1)),
        }
    })
}

/// How many are asked for, which is the same for all rows.
fn count(rows: &Gathered<'_>, column: usize, [positive, name]: [&str; 2]) -> Result<Option<usize>> {
    let counts = rows.columns[column].as_primitive::<Int64Type>();
    let Some(count) = counts.iter().flatten().next() else {
        return Ok(None);
    };
    let refused = |message| Error::new(Kind::InvalidFunctionArgument, message);
    if count > MOST {
        return Err(refused(format!(
            "{name} must be less than or equal to {MOST}; found {count}"
        )));
    }
    match usize::try_from(count) {
        Ok(0) | Err(_) => Err(refused(positive.to_owned())),
        Ok(count) => Ok(Some(count)),
    }
}

/// An array of the values at the extreme keys, so many.
fn picked(
    values: &ArrayRef,
    keys: &ArrayRef,
    count: usize,
    end: End,
    gathered: &Gathered<'_>,
) -> Result<ArrayRef> {
    let compared = rows(std::slice::from_ref(keys))?;
    let mut order: Vec<(u32, usize)> = (0..)
        .zip(0..keys.len())
        .filter(|(_, row)| keys.is_valid(*row))
        .collect();
    let extreme_first =
        |a: &(u32, usize), b: &(u32, usize)| end.order(&compared.row(a.1), &compared.row(b.1));
    // The first of equal ones comes first.
    order.sort_by(extreme_first);
    if order.is_empty() {
        return Ok(new_null_array(gathered.returns, 1));
    }
    let found: UInt32Array = order
        .iter()
        .take(count)
        .map(|(row, _)| Some(*row))
        .collect();
    let found = take(values, &found, None).map_err(DataFusionError::from)?;
    Ok(Arc::new(list(found)))
}
