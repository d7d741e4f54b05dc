//! `reduce`: all rows' first elements at once, then all second ones.

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute::concat;

use super::{LambdaCall, LambdaFunction, function};
use crate::error::Result;
use crate::function::array::lists::{arrow, list, range, taken};

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
            taken(&states, rows.iter().copied().map(Some))?,
            taken(list.values(), elements)?,
        ];
        let results = call.lambdas[0].apply(&arguments, &rows)?;
        // Those that are through keep their state.
        let mut places: Vec<usize> = (0..list.len()).collect();
        for (place, row) in rows.into_iter().enumerate() {
            places[row] = states.len() + place;
        }
        let all = arrow(concat(&[states.as_ref(), results.as_ref()]))?;
        states = taken(&all, places.into_iter().map(Some))?;
    }
    let rows: Vec<usize> = (0..list.len()).collect();
    let results = call.lambdas[1].apply(&[states], &rows)?;
    taken(
        &results,
        rows.into_iter()
            .map(|row| list.is_valid(row).then_some(row)),
    )
}
