//! The largest and the smallest of some values, of any type that has an order.

use std::cmp::Ordering;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DynComparator, make_comparator, new_null_array,
};
use datafusion::arrow::compute::{SortOptions, interleave};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::arrow::error::ArrowError;
use datafusion::common::DataFusionError;

use crate::error::{Error, Kind, Result};
use crate::function::signature::Bound;
use crate::function::{Call, Function, function};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        extreme(
            "greatest",
            "get the largest of the given values",
            Ordering::Greater,
        ),
        extreme(
            "least",
            "get the smallest of the given values",
            Ordering::Less,
        ),
    ]
}

fn extreme(name: &'static str, description: &'static str, wanted: Ordering) -> Function {
    function(name, description).form_by_rule(
        "E... -> E",
        |arguments, _| bind(arguments),
        move |call| find(call, name, wanted),
    )
}

fn bind(arguments: &[Type]) -> Option<Bound> {
    let (first, rest) = arguments.split_first()?;
    let common = rest
        .iter()
        .try_fold(first.clone(), |common, kind| common.common(kind))?;
    common.is_orderable().then(|| Bound {
        arguments: vec![common.clone(); arguments.len()],
        returns: common,
        distance: 0,
    })
}

fn find(call: &Call<'_>, name: &str, wanted: Ordering) -> Result<ArrayRef> {
    let internal = |error: ArrowError| Error::from(DataFusionError::from(error));
    let count = call.arguments.len();
    // Each with those before it.
    let comparators: Vec<Vec<DynComparator>> = (0..count)
        .map(|i| {
            let before = call.arguments[..i].iter();
            before
                .map(|other| {
                    make_comparator(&call.arguments[i], other, SortOptions::default())
                        .map_err(internal)
                })
                .collect::<Result<_>>()
        })
        .collect::<Result<_>>()?;
    let nothing = new_null_array(call.arguments[0].data_type(), 1);
    let values: Vec<&dyn Array> = call
        .arguments
        .iter()
        .chain([&nothing])
        .map(AsRef::as_ref)
        .collect();
    let mut chosen = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let mut best = if call.arguments.iter().any(|values| values.is_null(row)) {
            (count, 0)
        } else {
            (0, row)
        };
        if best.0 < count && has_nan(call, row) {
            let message = format!("Invalid argument to {name}(): NaN");
            return Err(Error::new(Kind::InvalidFunctionArgument, message));
        }
        if best.0 < count {
            for (i, before) in comparators.iter().enumerate().skip(1) {
                if before[best.0](row, row) == wanted {
                    best.0 = i;
                }
            }
        }
        chosen.push(best);
    }
    interleave(&values, &chosen).map_err(internal)
}

/// What is no number is refused of `double` only.
fn has_nan(call: &Call<'_>, row: usize) -> bool {
    *call.returns == Type::Double
        && call
            .arguments
            .iter()
            .any(|values| values.as_primitive::<Float64Type>().value(row).is_nan())
}
