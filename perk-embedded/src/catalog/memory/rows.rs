//! Batches in a table's own form, few and compact.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StructArray,
    UInt32Array,
};
use datafusion::arrow::compute::{
    CastOptions, cast_with_options, concat_batches, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::error::ArrowError;

use super::room::{Room, Taken};
use crate::error::{Error, Kind};

/// What Arrow says of its own work.
type Arrow<T> = Result<T, ArrowError>;

/// Batches are put together up to this many rows: an INSERT of one row is a batch of its own otherwise, and a table of a
/// thousand such rows slow to read.
const ROWS_TOGETHER: usize = 8_192;

/// A batch, and the room it takes for as long as anybody has it.
pub(super) struct Held {
    batch: RecordBatch,
    room: Taken,
}

impl Held {
    pub(super) fn batch(&self) -> &RecordBatch {
        &self.batch
    }
}

/// Rows, in batches that are shared with those who read: what they have does not change.
pub(super) struct Rows {
    room: Arc<Room>,
    batches: Vec<Arc<Held>>,
}

impl Rows {
    pub(super) fn none(room: &Arc<Room>) -> Self {
        Self {
            room: Arc::clone(room),
            batches: Vec::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.batches.iter().map(|held| held.batch.num_rows()).sum()
    }

    pub(super) fn batches(&self) -> Vec<Arc<Held>> {
        self.batches.clone()
    }

    /// Adds a batch, which is compact; fails, and adds nothing, if there is no room for it.
    pub(super) fn push(&mut self, batch: RecordBatch) -> Result<(), Error> {
        let room = Taken::new(&self.room, batch.get_array_memory_size())?;
        self.put(Arc::new(Held { batch, room }));
        Ok(())
    }

    /// Adds what has its room already.
    pub(super) fn join(&mut self, other: Self) {
        for held in other.batches {
            self.put(held);
        }
    }

    fn put(&mut self, held: Arc<Held>) {
        if held.batch.num_rows() == 0 {
            return;
        }
        let mut added = Some(held);
        // What somebody reads keeps its room, so that one made of it would need room of its own.
        if let Some(last) = self.batches.last_mut().and_then(Arc::get_mut) {
            added = added.and_then(|held| last.with(held));
        }
        self.batches.extend(added);
    }
}

impl Held {
    /// Takes another's rows too, or gives it back where the two are better kept apart.
    fn with(&mut self, mut other: Arc<Self>) -> Option<Arc<Self>> {
        let few = self.batch.num_rows() + other.batch.num_rows() <= ROWS_TOGETHER;
        let both = few.then(|| together(&self.batch, &other.batch)).flatten();
        let (Some(both), Some(other)) = (both, Arc::get_mut(&mut other)) else {
            return Some(other);
        };
        self.room.join(&mut other.room);
        self.room.keep(both.get_array_memory_size());
        self.batch = both;
        None
    }
}

/// Two batches as one, if that takes no more room.
fn together(a: &RecordBatch, b: &RecordBatch) -> Option<RecordBatch> {
    let both = concat_batches(a.schema_ref(), [a, b]).ok()?;
    let apart = a.get_array_memory_size() + b.get_array_memory_size();
    (both.get_array_memory_size() <= apart).then_some(both)
}

/// A batch as one of the table's: its columns by their place, in the types of the schema. What does not fit is an error.
pub(super) fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let (given, wanted) = (batch.num_columns(), schema.fields().len());
    if given != wanted {
        let message = format!("{given} columns for a table of {wanted}");
        return Err(Error::new(Kind::Internal, message));
    }
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| conform(column, field.data_type()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    columns
        .collect::<Arrow<_>>()
        .and_then(|columns| {
            RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        })
        .and_then(|batch| compact(&batch))
        .map_err(|error| {
            Error::new(
                Kind::Internal,
                format!("rows do not fit the table: {error}"),
            )
        })
}

/// Arrow goes by the names of a row's fields, Presto by their places.
fn conform(array: &ArrayRef, to: &DataType) -> Arrow<ArrayRef> {
    let from = array.data_type();
    Ok(match (from, to) {
        (from, to) if from == to => Arc::clone(array),
        (DataType::List(_), DataType::List(field)) => {
            let list = array.as_list::<i32>();
            let values = conform(list.values(), field.data_type())?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            Arc::new(ListArray::try_new(
                Arc::clone(field),
                offsets,
                values,
                nulls,
            )?)
        }
        (DataType::Map(..), DataType::Map(field, sorted)) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let entries = conform(&entries, field.data_type())?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            let entries = entries.as_struct().clone();
            Arc::new(MapArray::try_new(
                Arc::clone(field),
                offsets,
                entries,
                nulls,
                *sorted,
            )?)
        }
        (DataType::Struct(given), DataType::Struct(fields)) if given.len() == fields.len() => {
            let row = array.as_struct();
            let columns = row.columns().iter().zip(fields);
            let columns = columns.map(|(column, field)| conform(column, field.data_type()));
            Arc::new(StructArray::try_new(
                fields.clone(),
                columns.collect::<Arrow<_>>()?,
                row.nulls().cloned(),
            )?)
        }
        _ => {
            let options = CastOptions {
                safe: false,
                ..CastOptions::default()
            };
            cast_with_options(array, to, &options)?
        }
    })
}

/// The batch by itself, where it is a small part of something large that it would keep in memory.
fn compact(batch: &RecordBatch) -> Arrow<RecordBatch> {
    let columns = batch.columns().iter();
    let needed: usize = columns
        .map(|column| column.to_data().get_slice_memory_size())
        .sum::<Arrow<_>>()?;
    // Arrays have some hundred bytes of their own.
    let own = 1_024 * batch.num_columns();
    if batch.get_array_memory_size() <= 2 * needed + own {
        return Ok(batch.clone());
    }
    let rows = u32::try_from(batch.num_rows())
        .map_err(|_| ArrowError::ComputeError("too many rows in one batch".into()))?;
    take_record_batch(batch, &UInt32Array::from_iter_values(0..rows))
}
