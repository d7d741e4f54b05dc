//! Aggregates that keep their rows, and look at them together in the end: for those that need all of them at once, and
//! for what `DataFusion`'s own cannot do (`DISTINCT` of most, frames that rows leave again).

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take};
use datafusion::arrow::datatypes::{ArrowNativeType, DataType, Field};
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
    /// What the batches take.
    bytes: usize,
}

impl Gathering {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            batches: VecDeque::new(),
            bytes: 0,
        }
    }

    /// All rows as they came, which are one batch from then on.
    fn joined(&mut self) -> Result<Vec<ArrayRef>> {
        if self.batches.len() != 1 {
            let columns = self.plan.types.iter().enumerate().map(|(i, kind)| {
                let parts: Vec<&dyn Array> =
                    self.batches.iter().map(|batch| batch[i].as_ref()).collect();
                match parts.as_slice() {
                    [] => Ok(new_empty_array(kind)),
                    parts => Ok(concat(parts)?),
                }
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            self.bytes = all_held(&columns);
            self.batches = VecDeque::from([columns]);
        }
        Ok(self.batches[0].clone())
    }

    /// All rows in their order, once each if so wanted.
    fn all(&mut self) -> Result<Vec<ArrayRef>> {
        let mut columns = self.joined()?;
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
            let batch = &values[..self.plan.types.len()];
            self.bytes += all_held(batch);
            self.batches.push_back(batch.to_vec());
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let columns = self.all()?;
        ScalarValue::try_from_array(&(self.plan.end)(&columns)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let columns = self.joined()?.into_iter();
        Ok(columns
            .map(|values| ScalarValue::List(Arc::new(list(values))))
            .collect())
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
        while gone > 0 {
            let Some(mut first) = self.batches.pop_front() else {
                break;
            };
            self.bytes -= all_held(&first);
            let rows = first[0].len();
            if rows > gone {
                for column in &mut first {
                    *column = column.slice(gone, rows - gone);
                }
                self.bytes += all_held(&first);
                self.batches.push_front(first);
            }
            gone = gone.saturating_sub(rows);
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

/// What arrays take.
pub(super) fn all_held(columns: &[ArrayRef]) -> usize {
    columns.iter().map(held).sum()
}

/// What an array takes: a group's part of a batch, which groups share, as much as is in it.
fn held(array: &ArrayRef) -> usize {
    /// What there is of an array besides its values.
    const ITSELF: usize = 100;
    let parts = match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            held(&within(list.values(), list.offsets()))
        }
        DataType::Map(..) => {
            let map = array.as_map();
            [map.keys(), map.values()]
                .map(|column| held(&within(column, map.offsets())))
                .iter()
                .sum()
        }
        DataType::Struct(_) => all_held(array.as_struct().columns()),
        _ => array.to_data().get_slice_memory_size().unwrap_or(0),
    };
    ITSELF + parts
}

/// What the lists or maps with these offsets hold of all.
fn within(values: &ArrayRef, offsets: &OffsetBuffer<i32>) -> ArrayRef {
    let [first, last] = [offsets.first(), offsets.last()]
        .map(|offset| offset.map_or(0, |offset| offset.as_usize()));
    values.slice(first, last - first)
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

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Int64Array;

    use super::*;

    fn numbers(count: i64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(0..count))
    }

    #[test]
    fn a_part_of_a_batch_takes_its_part() {
        let lists: Vec<ListArray> = (0..100).map(|_| list(numbers(1_000))).collect();
        let lists: Vec<&dyn Array> = lists.iter().map(|list| list as &dyn Array).collect();
        let all = concat(&lists).unwrap();
        assert!(held(&all) >= 800_000);
        let one = held(&all.slice(50, 1));
        assert!((8_000..9_000).contains(&one), "{one}");
    }

    #[test]
    fn rows_that_leave_take_nothing_any_more() {
        let mut gathering = Gathering::new(Plan {
            types: vec![DataType::Int64],
            arguments: 1,
            orders: Vec::new(),
            distinct: false,
            end: Arc::new(|columns| Ok(columns[0].slice(0, 1))),
        });
        let empty = gathering.size();
        let mut sizes = Vec::new();
        for _ in 0..3 {
            gathering.update_batch(&[numbers(1_000)]).unwrap();
            sizes.push(gathering.size());
        }
        assert!(sizes.is_sorted() && sizes[2] - empty >= 24_000, "{sizes:?}");
        assert_eq!(gathering.evaluate().unwrap(), ScalarValue::Int64(Some(0)));
        gathering.retract_batch(&[numbers(1_500)]).unwrap();
        assert_eq!(gathering.evaluate().unwrap(), ScalarValue::Int64(Some(500)));
        gathering.retract_batch(&[numbers(1_500)]).unwrap();
        assert_eq!(gathering.size(), empty);
    }
}
