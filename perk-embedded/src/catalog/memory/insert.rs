//! Rows being added to a table, all of them at once or none.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::rows::{Rows, conformed};
use super::table::Table;
use super::{IfExists, Memory};
use crate::catalog::Column;
use crate::error::Result;

/// Rows on their way into a table. They count against the catalog's room at once, and are nobody's business until
/// [`Insert::commit`]; dropped before, they are gone.
pub(crate) struct Insert {
    memory: Memory,
    schema: String,
    name: String,
    table: Arc<Table>,
    target: Target,
    rows: Rows,
}

/// What rows are added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A table that is there.
    Existing,
    /// One that is there once it has its rows.
    New,
}

impl Insert {
    pub(super) fn new(
        memory: &Memory,
        schema: &str,
        name: &str,
        table: Arc<Table>,
        target: Target,
    ) -> Self {
        Self {
            memory: memory.clone(),
            schema: schema.to_owned(),
            name: name.to_owned(),
            rows: table.no_rows(),
            table,
            target,
        }
    }

    /// The table's columns, in their order.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.table.columns()
    }

    /// What the rows are to be.
    pub(crate) fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    /// Adds rows, with their columns in the table's order; types other than the table's are converted. Fails where they do
    /// not fit, or there is no room.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows.push(conformed(batch, &self.table.schema())?)
    }

    /// Shows the rows to everybody, and returns how many they are. Fails, and adds nothing, if the table has been dropped
    /// meanwhile, though not if it has another name; or if there is one now, where one was to be made.
    pub(crate) fn commit(self) -> Result<usize> {
        let count = self.rows.count();
        match self.target {
            Target::Existing => {
                let add = || self.table.add(self.rows);
                if !self.memory.if_still_there(&self.table, add) {
                    return Err(self.memory.no_table(&self.schema, &self.name));
                }
            }
            Target::New => {
                self.table.add(self.rows);
                self.memory
                    .put(&self.schema, &self.name, self.table, IfExists::Fail)?;
            }
        }
        Ok(count)
    }
}
