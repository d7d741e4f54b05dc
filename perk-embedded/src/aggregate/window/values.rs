//! Window functions that give the value of another row. `DataFusion`'s take the row's distance as a literal only; in
//! Presto each row may have its own.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt64Array};
use datafusion::arrow::compute::{interleave, take};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::PartitionEvaluator;

use super::{Window, window};
use crate::error::{Error, Kind};

pub(super) fn windows() -> Vec<Window> {
    let shifted = |name, forward| {
        window(
            name,
            &["T -> T", "T, bigint -> T", "T, bigint, T -> T"],
            move |args| {
                Ok(Box::new(Shift {
                    forward,
                    ignore_nulls: args.ignore_nulls(),
                }))
            },
        )
    };
    let framed = |name, form, which| {
        window(name, &[form], move |args| {
            Ok(Box::new(InFrame {
                which,
                ignore_nulls: args.ignore_nulls(),
                row: 0,
            }))
        })
    };
    vec![
        shifted("lag", false),
        shifted("lead", true),
        framed("first_value", "T -> T", Which::First),
        framed("last_value", "T -> T", Which::Last),
        framed("nth_value", "T, bigint -> T", Which::Nth),
        window("ntile", &["bigint -> bigint"], |_| Ok(Box::new(Tiles))),
    ]
}

fn refused(message: &str) -> Error {
    Error::new(Kind::InvalidFunctionArgument, message)
}

/// `lag` and `lead`: the value so many rows away in the partition.
#[derive(Debug)]
struct Shift {
    forward: bool,
    ignore_nulls: bool,
}

impl Shift {
    /// The row that is so far from this one.
    fn row(&self, from: usize, offset: i64, values: &ArrayRef) -> Option<usize> {
        let mut left = usize::try_from(offset).ok()?;
        if !self.ignore_nulls {
            return if self.forward {
                from.checked_add(left).filter(|row| *row < values.len())
            } else {
                from.checked_sub(left)
            };
        }
        let mut row = from;
        while left > 0 {
            row = if self.forward {
                Some(row + 1).filter(|row| *row < values.len())?
            } else {
                row.checked_sub(1)?
            };
            left -= usize::from(values.is_valid(row));
        }
        Some(row)
    }
}

impl PartitionEvaluator for Shift {
    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        let offsets = values.get(1).map(AsArray::as_primitive::<Int64Type>);
        let mut found = Vec::with_capacity(num_rows);
        for row in 0..num_rows {
            let offset = match offsets {
                // Without an offset there is no row.
                Some(offsets) if offsets.is_null(row) => None,
                Some(offsets) => Some(offsets.value(row)),
                None => Some(1),
            };
            if offset.is_some_and(|offset| offset < 0) {
                return Err(refused("Offset must be at least 0").into());
            }
            let place = offset.and_then(|offset| self.row(row, offset, &values[0]));
            found.push((row, place));
        }
        let Some(defaults) = values.get(2) else {
            let places = found.into_iter().map(|(_, place)| place.map(index));
            return Ok(take(&values[0], &places.collect::<UInt64Array>(), None)?);
        };
        let places: Vec<(usize, usize)> = found
            .into_iter()
            .map(|(row, place)| place.map_or((1, row), |place| (0, place)))
            .collect();
        Ok(interleave(
            &[values[0].as_ref(), defaults.as_ref()],
            &places,
        )?)
    }
}

fn index(row: usize) -> u64 {
    u64::try_from(row).unwrap_or(u64::MAX)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Last,
    Nth,
}

/// `first_value` and its like: a value of the row's frame.
#[derive(Debug)]
struct InFrame {
    which: Which,
    ignore_nulls: bool,
    /// The row whose turn it is.
    row: usize,
}

impl PartitionEvaluator for InFrame {
    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let column = &values[0];
        let mut wanted = range
            .clone()
            .filter(|row| !self.ignore_nulls || column.is_valid(*row));
        let row = self.row;
        self.row += 1;
        let found = match self.which {
            Which::First => wanted.next(),
            Which::Last => wanted.next_back(),
            Which::Nth => {
                let offsets = values[1].as_primitive::<Int64Type>();
                let offset = offsets.is_valid(row).then(|| offsets.value(row));
                if offset.is_some_and(|offset| offset < 1) {
                    return Err(refused("Offset must be at least 1").into());
                }
                let before = offset.and_then(|offset| usize::try_from(offset - 1).ok());
                before.and_then(|before| wanted.nth(before))
            }
        };
        match found {
            Some(row) => ScalarValue::try_from_array(column, row),
            None => ScalarValue::try_from(column.data_type()),
        }
    }

    fn uses_window_frame(&self) -> bool {
        true
    }
}

/// `ntile`: which of so many parts a row is in, the first being one row longer where they are not even.
#[derive(Debug)]
struct Tiles;

impl PartitionEvaluator for Tiles {
    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        let tiles = values[0].as_primitive::<Int64Type>();
        let rows = i64::try_from(num_rows).unwrap_or(i64::MAX);
        let tile = |(row, tiles): (i64, Option<i64>)| {
            let Some(tiles) = tiles else {
                return Ok(None);
            };
            if tiles <= 0 {
                return Err(refused("Buckets must be greater than 0").into());
            }
            if rows <= tiles {
                return Ok(Some(row + 1));
            }
            let (each, longer) = (rows / tiles, rows % tiles);
            let in_longer = longer * (each + 1);
            Ok(Some(if row < in_longer {
                row / (each + 1) + 1
            } else {
                (row - in_longer) / each + longer + 1
            }))
        };
        let tiles = (0..).zip(tiles.iter()).map(tile);
        Ok(Arc::new(tiles.collect::<Result<Int64Array>>()?))
    }
}
