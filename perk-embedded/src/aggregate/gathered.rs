//! Aggregates that keep their rows, and look at them together in the end: for those that need all of them at once, and
//! for what `DataFusion`'s own cannot do (`DISTINCT` of most, frames that rows leave again).

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

/// The rows of a group, all of them.
pub(crate) struct Gathered<'a> {
    /// The arguments.
    pub(crate) columns: &'a [ArrayRef],
    pub(crate) returns: &'a DataType,
}

/// Gives a column of one value.
pub(crate) type Finish = Arc<dyn Fn(&Gathered<'_>) -> crate::error::Result<ArrayRef> + Send + Sync>;

/// Gives a column of one value, or fails as `DataFusion` does.
pub(super) type End = Arc<dyn Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync>;

/// What rows are gathered for.
#[derive(Clone)]
pub(super) struct Plan {
    /// The arguments' types, and of what they are ordered by.
    pub(super) types: Vec<DataType>,
    pub(super) arguments: usize,
    pub(super) orders: Vec<SortOptions>,
    pub(super) distinct: bool,
    pub(super) end: End,
}

/// Keeps rows.
pub(super) struct Gathering {
    plan: Plan,
    batches: VecDeque<Vec<ArrayRef>>,
}

impl Gathering {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            batches: VecDeque::new(),
        }
    }

    /// All rows in their order, once each if so wanted.
    fn all(&self) -> Result<Vec<ArrayRef>> {
        let columns = self.plan.types.iter().enumerate().map(|(i, kind)| {
            let parts: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch[i].as_ref()).collect();
            match parts.as_slice() {
                [] => Ok(new_empty_array(kind)),
                parts => Ok(concat(parts)?),
            }
        });
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        if !self.plan.orders.is_empty() {
            let orders: Vec<SortColumn> = columns[self.plan.arguments..]
                .iter()
                .zip(&self.plan.orders)
                .map(|(values, options)| SortColumn {
                    values: values.clone(),
                    options: Some(*options),
                })
                .collect();
            let order = lexsort_to_indices(&orders, None)?;
            columns = taken(&columns, &order)?;
        }
        columns.truncate(self.plan.arguments);
        if self.plan.distinct {
            let firsts = firsts(&rows(&columns)?);
            columns = taken(&columns, &firsts)?;
        }
        Ok(columns)
    }
}

impl Accumulator for Gathering {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if values.first().is_some_and(|column| !column.is_empty()) {
            let wanted = values.iter().take(self.plan.types.len());
            self.batches.push_back(wanted.cloned().collect());
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let columns = self.all()?;
        ScalarValue::try_from_array(&(self.plan.end)(&columns)?, 0)
    }

    fn size(&self) -> usize {
        let columns = self.batches.iter().flatten();
        // A group's part of a batch, which groups share.
        let bytes = columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0));
        size_of_val(self) + bytes.sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let columns = self.plan.types.iter().enumerate().map(|(i, kind)| {
            let parts: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch[i].as_ref()).collect();
            let values = match parts.as_slice() {
                [] => new_empty_array(kind),
                parts => concat(parts)?,
            };
            Ok(ScalarValue::List(Arc::new(list(values))))
        });
        columns.collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, Array::len);
        for row in 0..rows {
            let batch: Vec<ArrayRef> = states
                .iter()
                .map(|column| column.as_list::<i32>().value(row))
                .collect();
            self.update_batch(&batch)?;
        }
        Ok(())
    }

    /// The rows that leave are those that came first.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut gone = values.first().map_or(0, Array::len);
        while let Some(first) = self.batches.front_mut().filter(|_| gone > 0) {
            let rows = first[0].len();
            if rows > gone {
                for column in first {
                    *column = column.slice(gone, rows - gone);
                }
                break;
            }
            gone -= rows;
            self.batches.pop_front();
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}

impl fmt::Debug for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gathering({:?})", self.plan.types)
    }
}

/// What a gathered column is in a state.
pub(super) fn state_type(kind: &DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(kind.clone(), true)))
}

/// A list of these values.
pub(crate) fn list(values: ArrayRef) -> ListArray {
    let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    ListArray::new(field, offsets, values, None)
}

/// Those rows of the columns.
pub(crate) fn taken(columns: &[ArrayRef], rows: &UInt32Array) -> Result<Vec<ArrayRef>> {
    columns
        .iter()
        .map(|column| Ok(take(column, rows, None)?))
        .collect()
}

/// Rows that can be compared.
pub(crate) fn rows(columns: &[ArrayRef]) -> Result<Rows> {
    let fields = columns
        .iter()
        .map(|column| SortField::new(column.data_type().clone()));
    Ok(RowConverter::new(fields.collect())?.convert_columns(columns)?)
}

/// Where each row is for the first time.
pub(crate) fn firsts(rows: &Rows) -> UInt32Array {
    let mut seen = HashSet::new();
    let fresh = (0_u32..).zip(rows.iter());
    fresh
        .filter(|(_, row)| seen.insert(row.as_ref().to_vec()))
        .map(|(i, _)| i)
        .collect::<Vec<u32>>()
        .into()
}
