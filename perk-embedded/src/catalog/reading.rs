//! Tables as the plan reads them: batches that are asked for with every read.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::Result as DataFusionResult;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::error::Result;

/// A table whose batches a function gives. A plan holds it for as long as it is worked out, and with it all that the
/// function holds.
pub(crate) struct Reading {
    schema: SchemaRef,
    batches: Box<dyn Fn() -> Result<Vec<RecordBatch>> + Send + Sync>,
}

impl Reading {
    /// All batches are of the schema.
    pub(crate) fn new(
        schema: SchemaRef,
        batches: impl Fn() -> Result<Vec<RecordBatch>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            schema,
            batches: Box::new(batches),
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for Reading {
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
        MemTable::try_new(self.schema(), vec![(self.batches)()?])?
            .scan(state, projection, filters, limit)
            .await
    }
}
