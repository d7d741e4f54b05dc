//! Window functions that give the value of another row. `DataFusion`'s take the row's distance as a literal only; in
//! Presto each row may have its own.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, new_null_array};
use datafusion::arrow::compute::interleave;
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
        const FOUND: usize = 0;
        const DEFAULT: usize = 1;
        const NULL: usize = 2;
        let offsets = values.get(1).map(AsArray::as_primitive::<Int64Type>);
        let null = new_null_array(values[0].data_type(), 1);
        let defaults = values.get(2);
        let place = |row: usize| {
            let offset = match offsets {
                // Nobody knows which row is meant, so that not even the default is.
                Some(offsets) if offsets.is_null(row) => return Ok((NULL, 0)),
                Some(offsets) => offsets.value(row),
                None => 1,
            };
            if offset < 0 {
                return Err(refused("Offset must be at least 0"));
            }
            Ok(match self.row(row, offset, &values[0]) {
                Some(found) => (FOUND, found),
                None if defaults.is_some() => (DEFAULT, row),
                None => (NULL, 0),
            })
        };
        let places = (0..num_rows).map(place);
        let places = places.collect::<crate::error::Result<Vec<_>>>()?;
        let sources = [&values[0], defaults.unwrap_or(&null), &null];
        Ok(interleave(&sources.map(AsRef::as_ref), &places)?)
    }
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
