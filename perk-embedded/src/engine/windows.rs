//! The memory of window functions. `DataFusion` collects all the rows that a window is over, and counts none of them.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::WindowAggExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

/// The plan with its windows' rows counted.
pub(super) fn counted(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let counted = plan.transform_up(|node| {
        Ok(if node.is::<WindowAggExec>() {
            let input = Arc::clone(&node);
            Transformed::yes(Arc::new(PassedOn {
                input,
                counting: Counting::Window,
            }))
        } else {
            Transformed::no(node)
        })
    })?;
    Ok(counted.data)
}

/// Passes rows on as they are, and has to do with what they take.
#[derive(Debug, Clone)]
struct PassedOn {
    input: Arc<dyn ExecutionPlan>,
    counting: Counting,
}

#[derive(Debug, Clone)]
enum Counting {
    /// The input is a window: what its rows take is given back when nobody reads it any more.
    Window,
    /// The rows are on their way into one.
    Rows(Arc<MemoryReservation>),
}

impl PassedOn {
    /// Begins to work a window out, with its rows counted on their way into it. It lets go of its input before it is done,
    /// so that it is not the input's to hold what is reserved.
    fn window(&self, part: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let reservation = MemoryConsumer::new("window").register(context.memory_pool());
        let reservation = Arc::new(reservation);
        let rows = self.input.children().into_iter().map(|input| {
            let passed_on = Self {
                input: Arc::clone(input),
                counting: Counting::Rows(Arc::clone(&reservation)),
            };
            Arc::new(passed_on) as Arc<dyn ExecutionPlan>
        });
        let keep = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
        let window = Arc::clone(&self.input).replace_children(rows.collect(), keep)?;
        let results = window.execute(part, context)?;
        let held = results.inspect(move |_| {
            // Here only to be held for as long as there may be results.
            let _ = &reservation;
        });
        Ok(self.stream(held))
    }

    fn stream(
        &self,
        rows: impl futures::Stream<Item = Result<RecordBatch>> + Send + 'static,
    ) -> SendableRecordBatchStream {
        Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))
    }
}

/// How many bytes a batch's rows take, without what they may be a small part of.
fn size(batch: &RecordBatch) -> std::result::Result<usize, ArrowError> {
    let columns = batch.columns().iter();
    columns
        .map(|column| column.to_data().get_slice_memory_size())
        .sum()
}

impl DisplayAs for PassedOn {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ExecutionPlan for PassedOn {
    fn name(&self) -> &'static str {
        "PassedOn"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match children.pop() {
            Some(input) => Arc::new(Self {
                input,
                counting: self.counting.clone(),
            }),
            None => self,
        })
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let recompute = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, recompute)
    }

    fn execute(&self, part: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let reservation = match &self.counting {
            Counting::Window => return self.window(part, context),
            Counting::Rows(reservation) => Arc::clone(reservation),
        };
        let rows = self.input.execute(part, context)?;
        Ok(self.stream(rows.map(move |batch| {
            let batch = batch?;
            // The window puts them together as one batch, and has them twice then.
            reservation.try_grow(2 * size(&batch)?)?;
            Ok(batch)
        })))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, Int64Array};
    use datafusion::catalog::{MemTable, TableProvider};
    use datafusion::functions_aggregate::count::count_udaf;
    use datafusion::logical_expr::{WindowFrame, WindowFunctionDefinition};
    use datafusion::physical_plan::expressions::col;
    use datafusion::physical_plan::windows::create_window_expr;
    use datafusion::prelude::SessionContext;

    use super::*;

    #[tokio::test]
    async fn what_a_window_holds_is_given_back_with_its_results() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10_000));
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let schema = batch.schema();
        let session = SessionContext::new();
        let table = MemTable::try_new(Arc::clone(&schema), vec![vec![batch]]).unwrap();
        let input = table.scan(&session.state(), None, &[], None).await.unwrap();
        let count = create_window_expr(
            &WindowFunctionDefinition::AggregateUDF(count_udaf()),
            "count".to_owned(),
            &[col("n", &schema).unwrap()],
            &[],
            &[],
            Arc::new(WindowFrame::new(None)),
            schema,
            false,
            false,
            None,
        );
        let window = WindowAggExec::try_new(vec![count.unwrap()], input, true).unwrap();
        let plan = counted(Arc::new(window)).unwrap();
        let context = session.task_ctx();
        let mut results = plan.execute(0, Arc::clone(&context)).unwrap();
        drop(plan);
        let reserved = || context.memory_pool().reserved();
        assert_eq!(reserved(), 0);
        // Its input is gone by then.
        let rows = results.next().await.unwrap().unwrap();
        assert_eq!(rows.num_rows(), 10_000);
        assert!(reserved() >= 2 * 80_000, "{}", reserved());
        drop(results);
        assert_eq!(reserved(), 0);
    }
}
