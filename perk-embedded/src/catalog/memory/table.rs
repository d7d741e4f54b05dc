//! What is in a table, and reading it as it was at one moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;

use super::room::Room;
use super::rows::Rows;
use crate::catalog::Column;
use crate::catalog::reading::Reading;
use crate::types::Type;

/// A table. Its columns stay as they are; its rows come and go.
pub(crate) struct Table {
    columns: Vec<(String, Type)>,
    schema: SchemaRef,
    room: Arc<Room>,
    rows: Mutex<Rows>,
}

impl Table {
    pub(super) fn new(columns: Vec<(String, Type)>, room: &Arc<Room>) -> Self {
        let field = |(name, kind): &(String, Type)| Field::new(name, kind.to_arrow(), true);
        Self {
            schema: Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>())),
            columns,
            room: Arc::clone(room),
            rows: Mutex::new(Rows::none(room)),
        }
    }

    /// Names and types, as they were given.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let column = |(name, kind): &(String, Type)| Column {
            name: name.clone(),
            kind: kind.clone(),
        };
        self.columns.iter().map(column).collect()
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many rows there are now.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().count()
    }

    /// The table as it is now, to be read. It stays like that, whatever is added to or removed from the table later. It holds
    /// the batches' room: what is read takes its room after the table has been dropped, too.
    pub(crate) fn snapshot(&self) -> Arc<dyn TableProvider> {
        let held = self.lock().batches();
        let batches = move || Ok(held.iter().map(|held| held.batch().clone()).collect());
        Arc::new(Reading::new(self.schema(), batches))
    }

    pub(super) fn no_rows(&self) -> Rows {
        Rows::none(&self.room)
    }

    /// Adds rows, all at once.
    pub(super) fn add(&self, rows: Rows) {
        self.lock().join(rows);
    }

    /// Removes all rows, and returns how many they were.
    pub(super) fn clear(&self) -> usize {
        let none = self.no_rows();
        let before = std::mem::replace(&mut *self.lock(), none);
        before.count()
    }

    /// Rows are changed batch by batch, so that a thread that died with the lock leaves whole ones.
    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
