//! `TRY` and `TRY_CAST`: a row that fails is NULL.

use std::ops::Range;

use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::DataType;

use super::array::lists::arrow;
use crate::error::Result;

/// What the work makes of these rows, with NULL for each that fails in a way that `TRY` forgives.
///
/// The rows are worked on together. Where that fails, each half of them is, down to the single row: work on many rows says
/// of none which one it is.
pub(crate) fn forgiving(
    rows: Range<usize>,
    kind: &DataType,
    work: &impl Fn(Range<usize>) -> Result<ArrayRef>,
) -> Result<ArrayRef> {
    match work(rows.clone()) {
        Err(error) if error.kind.is_tried() => {}
        done => return done,
    }
    if rows.len() < 2 {
        return Ok(new_null_array(kind, rows.len()));
    }
    let middle = usize::midpoint(rows.start, rows.end);
    let first = forgiving(rows.start..middle, kind, work)?;
    let second = forgiving(middle..rows.end, kind, work)?;
    arrow(concat(&[&first, &second]))
}
