//! The memory of window functions. `DataFusion` collects all the rows that a window is over, and counts none of them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::windows::WindowAggExec;
use futures::StreamExt;

use super::passing::{self, Passing, passed_on};

/// The plan with its windows' rows counted.
pub(super) fn counted(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let counted = plan.transform_up(|node| {
        Ok(if node.is::<WindowAggExec>() {
            Transformed::yes(passed_on(&node, Counted))
        } else {
            Transformed::no(node)
        })
    })?;
    Ok(counted.data)
}

/// Passes on what a window makes of its input, and gives what that takes back when nobody reads it any more.
#[derive(Debug)]
struct Counted;

impl Passing for Counted {
    const NAME: &'static str = "Counted";

    /// Begins to work the window out, with its rows counted on their way into it. It lets go of its input before it is done,
    /// so that it is not the input's to hold what is reserved.
    fn execute(
        &self,
        window: &Arc<dyn ExecutionPlan>,
        part: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let reservation = MemoryConsumer::new("window").register(context.memory_pool());
        let reservation = Arc::new(reservation);
        let counted = |input| passed_on(input, Counting(Arc::clone(&reservation)));
        let rows = window.children().into_iter().map(counted).collect();
        let keep = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
        let results = Arc::clone(window)
            .replace_children(rows, keep)?
            .execute(part, context)?;
        let held = results.inspect(move |_| {
            // Here only to be held for as long as there may be results.
            let _ = &reservation;
        });
        Ok(passing::stream(window, held))
    }
}

/// Passes rows on into a window, and counts them.
#[derive(Debug)]
struct Counting(Arc<MemoryReservation>);

impl Passing for Counting {
    const NAME: &'static str = "Counting";

    fn execute(
        &self,
        input: &Arc<dyn ExecutionPlan>,
        part: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let reservation = Arc::clone(&self.0);
        let rows = input.execute(part, context)?.map(move |batch| {
            let batch = batch?;
            // The window puts them together as one batch, and has them twice then.
            reservation.try_grow(2 * size(&batch)?)?;
            Ok(batch)
        });
        Ok(passing::stream(input, rows))
    }
}

/// How many bytes a batch's rows take, without what they may be a small part of.
fn size(batch: &RecordBatch) -> std::result::Result<usize, ArrowError> {
    let columns = batch.columns().iter();
    columns
        .map(|column| column.to_data().get_slice_memory_size())
        .sum()
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
