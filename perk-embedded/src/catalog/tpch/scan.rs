//! Reading a generated table.

use std::fmt;
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ColumnStatistics, DataFusionError, Result, Statistics, project_schema};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    ReplaceChildrenOptions,
};
use futures::{StreamExt, TryStreamExt, stream};
use tpchgen::distribution::Distributions;
use tpchgen::text::TextPool;

use super::tables::{COMMENT, Rows, Share, Table};
use crate::types::Type;

/// The most parts that a table is read in. More do not make it faster on the machines this engine is for.
const MOST_PARTS: usize = 4;
/// Fewer rows than this are not worth a part of their own.
const ROWS_PER_PART: usize = 50_000;
/// The most rows generated without a pause, so that no thread is kept for long.
const MOST_ROWS_AT_ONCE: usize = 8_192;

/// A table at a scale.
#[derive(Debug)]
pub(super) struct Tpch {
    table: &'static dyn Table,
    scale: f64,
    schema: SchemaRef,
}

impl Tpch {
    pub(super) fn new(table: &'static dyn Table, scale: f64) -> Self {
        let columns = table.columns().into_iter();
        let fields = columns.map(|(name, kind)| Field::new(name, kind.to_arrow(), true));
        Self {
            table,
            scale,
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        }
    }

    fn statistics_of(&self, columns: &[usize], rows: usize, exact: bool) -> Statistics {
        let known = if exact {
            Precision::Exact(rows)
        } else {
            Precision::Inexact(rows)
        };
        let all = self.table.columns();
        let column = |at: &usize| {
            let (name, _) = &all[*at];
            let distinct = distinct(name, self.scale).map(|distinct| distinct.min(rows));
            ColumnStatistics {
                null_count: Precision::Exact(0),
                distinct_count: distinct.map_or(Precision::Absent, Precision::Inexact),
                ..ColumnStatistics::new_unknown()
            }
        };
        let width: usize = columns.iter().map(|at| width(&all[*at].1)).sum();
        Statistics {
            num_rows: known,
            // What joins compare, to hash the smaller side.
            total_byte_size: Precision::Inexact(rows * width),
            column_statistics: columns.iter().map(column).collect(),
        }
    }
}

#[async_trait::async_trait]
impl TableProvider for Tpch {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        Some(self.statistics_of(&all, self.table.count(self.scale), true))
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = project_schema(&self.schema, projection)?;
        let columns = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.schema.fields().len()).collect(),
        };
        let all = self.table.count(self.scale);
        let rows = limit.map_or(all, |limit| limit.min(all));
        // A few rows are had soonest from one place.
        let parts = match limit {
            Some(_) => 1,
            None => (all / ROWS_PER_PART)
                .min(state.config().target_partitions())
                .clamp(1, MOST_PARTS),
        };
        let wants_text =
            self.table.has_text() && schema.fields().iter().any(|field| field.name() == COMMENT);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(parts),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        Ok(Arc::new(Scan {
            table: self.table,
            scale: self.scale,
            statistics: Arc::new(self.statistics_of(&columns, rows, true)),
            part_statistics: Arc::new(self.statistics_of(&columns, rows / parts, parts == 1)),
            columns,
            limit,
            wants_text,
            parts,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }))
    }
}

/// How many different keys there are.
fn distinct(column: &str, scale: f64) -> Option<usize> {
    let at_scale_1: u32 = match column {
        "regionkey" => return Some(5),
        "nationkey" => return Some(25),
        "suppkey" => 10_000,
        "custkey" => 150_000,
        "partkey" => 200_000,
        "orderkey" => 1_500_000,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let scaled = (f64::from(at_scale_1) * scale) as usize;
    Some(scaled)
}

/// About how many bytes a value takes.
fn width(kind: &Type) -> usize {
    match kind {
        Type::Varchar(Some(length)) => 4 + usize::try_from(*length).unwrap_or(0) * 2 / 3,
        Type::Integer | Type::Date => 4,
        _ => 8,
    }
}

/// A table's rows, being read.
#[derive(Debug)]
struct Scan {
    table: &'static dyn Table,
    scale: f64,
    columns: Vec<usize>,
    limit: Option<usize>,
    wants_text: bool,
    parts: usize,
    statistics: Arc<Statistics>,
    part_statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    /// What has been read, for whoever watches.
    metrics: ExecutionPlanMetricsSet,
}

impl DisplayAs for Scan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, parts) = (self.table.name(), self.parts);
        let schema = self.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
        write!(
            f,
            "TpchScan: table={table}, parts={parts}, columns={names:?}"
        )?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for Scan {
    fn name(&self) -> &'static str {
        "TpchScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let of_part = args.partition().is_some();
        let statistics = if of_part {
            &self.part_statistics
        } else {
            &self.statistics
        };
        Ok(Arc::clone(statistics))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let outside = |_| DataFusionError::Internal(format!("there is no part {partition}"));
        let part = i32::try_from(partition + 1).map_err(outside)?;
        let parts = i32::try_from(self.parts).map_err(outside)?;
        let (table, scale, columns) = (self.table, self.scale, self.columns.clone());
        let batch_size = context.session_config().batch_size();
        let mut reader = Reader {
            schema: self.schema(),
            left: self.limit.unwrap_or(usize::MAX),
            at_once: batch_size.clamp(1, MOST_ROWS_AT_ONCE),
            metrics: BaselineMetrics::new(&self.metrics, partition),
        };
        let wants_text = self.wants_text;
        let begun = async move {
            let text = if wants_text {
                whole_text().await?
            } else {
                any_text()
            };
            let share = Share {
                scale,
                part,
                parts,
                text,
            };
            let mut rows = table.rows(share, &columns);
            let batches =
                stream::poll_fn(move |_| std::task::Poll::Ready(reader.next(rows.as_mut())));
            // Whoever reads may be cancelled here, and others get the thread: a batch is some milliseconds of work.
            Ok::<_, DataFusionError>(batches.then(|batch| async move {
                tokio::task::yield_now().await;
                batch
            }))
        };
        let stream = stream::once(begun).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(
            self.schema(),
            stream,
        )))
    }
}

/// What makes batches of rows.
struct Reader {
    schema: SchemaRef,
    /// How many rows are still wanted.
    left: usize,
    at_once: usize,
    metrics: BaselineMetrics,
}

impl Reader {
    fn next(&mut self, rows: &mut dyn Rows) -> Option<Result<RecordBatch>> {
        let most = self.left.min(self.at_once);
        if most == 0 {
            return None;
        }
        let (arrays, count) = rows.next(most)?;
        self.left -= count;
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let schema = Arc::clone(&self.schema);
        let batch = RecordBatch::try_new_with_options(schema, arrays, &options);
        let counted = batch.map(|batch| batch.record_output(&self.metrics));
        Some(counted.map_err(Into::into))
    }
}

/// The text that comments are cut out of. It takes a second or more to generate, once, on a thread that nobody waits on.
async fn whole_text() -> Result<&'static TextPool> {
    static WHOLE: tokio::sync::OnceCell<&'static TextPool> = tokio::sync::OnceCell::const_new();
    let generate = || async {
        tokio::task::spawn_blocking(TextPool::get_or_init_default)
            .await
            .map_err(|error| DataFusionError::External(Box::new(error)))
    };
    WHOLE.get_or_try_init(generate).await.copied()
}

/// A text for comments that nobody looks at.
fn any_text() -> &'static TextPool {
    static ANY: OnceLock<TextPool> = OnceLock::new();
    ANY.get_or_init(|| TextPool::new(4_096, Distributions::static_default()))
}
