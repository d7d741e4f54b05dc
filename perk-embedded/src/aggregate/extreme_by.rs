//! The value beside the least or the greatest key: of all the rows of a group, one is kept.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, UInt32Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

use super::extremes::End;
use super::gathered::{all_held, taken};
use super::running::Start;

/// Of the first column, the value beside the extreme one of the second.
pub(super) fn one_by(end: End) -> Arc<dyn Start> {
    Arc::new(OneBy(end))
}

struct OneBy(End);

impl Start for OneBy {
    fn state_types(&self, arguments: &[DataType]) -> Vec<DataType> {
        arguments.to_vec()
    }

    fn accumulator(&self, arguments: &[DataType], _: &DataType) -> Result<Box<dyn Accumulator>> {
        let key = SortField::new(arguments[1].clone());
        Ok(Box::new(Best {
            end: self.0,
            compare: RowConverter::new(vec![key])?,
            types: arguments.to_vec(),
            found: None,
        }))
    }
}

struct Best {
    end: End,
    compare: RowConverter,
    types: Vec<DataType>,
    found: Option<Found>,
}

/// The best row so far.
struct Found {
    key: OwnedRow,
    /// Its value and its key, as columns of one row.
    row: Vec<ArrayRef>,
}

impl Accumulator for Best {
    /// A row without a key is never the best; of equal ones the first is.
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let keys = self.compare.convert_columns(&values[1..2])?;
        let rows = (0_u32..).zip(keys.iter().enumerate());
        let valid = rows.filter(|(_, (row, _))| values[1].is_valid(*row));
        let first = valid.min_by(|(_, (_, a)), (_, (_, b))| self.end.order(a, b));
        let Some((place, (_, key))) = first else {
            return Ok(());
        };
        let best = self.found.as_ref();
        if best.is_none_or(|best| self.end.order(&key, &best.key.row()).is_lt()) {
            // Copies, so that the rest of the batch can go.
            let row = taken(&values[..2], &UInt32Array::from(vec![place]))?;
            let key = key.owned();
            self.found = Some(Found { key, row });
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.state()?.swap_remove(0))
    }

    fn size(&self) -> usize {
        let best = self.found.as_ref();
        let held = best.map_or(0, |best| all_held(&best.row) + best.key.as_ref().len());
        size_of_val(self) + self.compare.size() + held
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        match &self.found {
            Some(best) => {
                let row = best.row.iter();
                row.map(|column| ScalarValue::try_from_array(column, 0))
                    .collect()
            }
            None => self.types.iter().map(ScalarValue::try_from).collect(),
        }
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}

impl fmt::Debug for Best {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Best({:?}, {:?})", self.end, self.types)
    }
}
