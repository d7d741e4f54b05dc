//! What is in a table, and reading it as it was at one moment.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::Result as DataFusionResult;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::room::Room;
use super::rows::{Held, Rows};
use crate::catalog::Column;
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

    /// The table as it is now, to be read. It stays like that, whatever is added to or removed from the table later.
    pub(crate) fn snapshot(&self) -> Arc<dyn TableProvider> {
        Arc::new(Snapshot {
            schema: self.schema(),
            batches: self.lock().batches(),
        })
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

/// A table as it was at one moment. A plan holds it for as long as it is worked out, and with it the batches' room: what is
/// read takes its room after the table has been dropped, too.
struct Snapshot {
    schema: SchemaRef,
    batches: Vec<Arc<Held>>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for Snapshot {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        let batches = self.batches.iter().map(|held| held.batch().clone());
        MemTable::try_new(self.schema(), vec![batches.collect()])?
            .scan(state, projection, filters, limit)
            .await
    }
}
