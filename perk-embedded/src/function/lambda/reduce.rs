//! `reduce`: all rows' first elements at once, then all second ones.

use datafusion::arrow::array::{Array, ArrayRef, new_null_array};

use super::{LambdaCall, LambdaFunction, function};
use crate::error::Result;
use crate::function::array::lists::{list, range, replaced, taken};

pub(super) fn functions() -> Vec<LambdaFunction> {
    vec![
        function("reduce", "Reduce elements of the array into a single value")
            .form("array(T), S, function(S,T,S), function(S,R) -> R", reduce),
    ]
}

fn reduce(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let list = list(&call.values, 0);
    let ranges: Vec<_> = (0..list.len()).map(|row| range(list, row)).collect();
    let mut states = call.values.arguments[1].clone();
    for i in 0.. {
        let has_more = |row: &usize| ranges[*row].as_ref().is_some_and(|range| i < range.len());
        let rows: Vec<usize> = (0..list.len()).filter(has_more).collect();
        if rows.is_empty() {
            break;
        }
        let elements = rows
            .iter()
            .map(|&row| ranges[row].as_ref().map(|range| range.start + i));
        let arguments = [
            taken(&states, rows.iter().copied().map(Some).collect())?,
            taken(list.values(), elements.collect())?,
        ];
        let results = call.lambdas[0].apply(&arguments, &rows)?;
        // Those that are through keep their state.
        states = replaced(&states, &rows, &results)?;
    }
    // Of no array there is nothing to make: the lambda might fail of what the state was to begin with.
    let rows: Vec<usize> = (0..list.len()).filter(|&row| list.is_valid(row)).collect();
    let states = taken(&states, rows.iter().copied().map(Some).collect())?;
    let results = call.lambdas[1].apply(&[states], &rows)?;
    let nothing = new_null_array(results.data_type(), list.len());
    replaced(&nothing, &rows, &results)
}
