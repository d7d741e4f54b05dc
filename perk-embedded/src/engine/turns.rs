//! Letting others have their turn. A task is stopped where it waits, and a join that finds nothing may work for hours without
//! waiting for anything: `DataFusion` waits now and then where rows are read, which a join of two collected tables does no more.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::unnest::UnnestExec;
use futures::{StreamExt, stream};

use super::passing::{self, Passing, passed_on};

/// How many rows a nested loop compares with all those of its other side before it waits.
const ROWS: usize = 512;

/// The plan with waits in it, wherever there may be many more rows than were read.
pub(super) fn taken(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let taken = plan.transform_up(|node| {
        Ok(if node.is::<NestedLoopJoinExec>() {
            let mut children: Vec<_> = node.children().into_iter().cloned().collect();
            if let Some(probed) = children.pop() {
                children.push(passed_on(&probed, InTurns));
            }
            let keep = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
            Transformed::yes(node.replace_children(children, keep)?)
        } else if node.is::<CrossJoinExec>() || node.is::<HashJoinExec>() || node.is::<UnnestExec>()
        {
            Transformed::yes(Arc::new(CooperativeExec::new(node)))
        } else {
            Transformed::no(node)
        })
    })?;
    Ok(taken.data)
}

/// Passes rows on, a few at a time, and waits before each time.
#[derive(Debug)]
struct InTurns;

impl Passing for InTurns {
    const NAME: &'static str = "InTurns";

    fn execute(
        &self,
        input: &Arc<dyn ExecutionPlan>,
        part: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = input.execute(part, context)?.flat_map(|batch| {
            let slices = match batch {
                Ok(batch) => slices(&batch).into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            stream::iter(slices)
        });
        let in_turns = rows.then(|rows| async {
            tokio::task::yield_now().await;
            rows
        });
        Ok(passing::stream(input, in_turns))
    }
}

fn slices(batch: &RecordBatch) -> Vec<RecordBatch> {
    let rows = batch.num_rows();
    let starts = (0..rows).step_by(ROWS);
    starts
        .map(|start| batch.slice(start, ROWS.min(rows - start)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use datafusion::arrow::array::{ArrayRef, Int64Array};
    use datafusion::physical_plan::{displayable, execute_stream};
    use datafusion::prelude::SessionContext;
    use tokio::time::timeout;

    use super::*;

    /// Working it out would take days.
    const ENDLESS: &str = "SELECT a.n FROM t a, t b, t c WHERE a.n + b.n + c.n = -1";

    fn batch(rows: i64) -> RecordBatch {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        RecordBatch::try_from_iter([("n", numbers)]).unwrap()
    }

    #[tokio::test]
    async fn a_join_that_finds_nothing_can_be_stopped() {
        let session = SessionContext::new();
        session.register_batch("t", batch(20_000)).unwrap();
        let plan = session.sql(ENDLESS).await.unwrap();
        let plan = taken(plan.create_physical_plan().await.unwrap()).unwrap();
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        assert!(shown.contains("InTurns"), "{shown}");
        let begun = Instant::now();
        let mut rows = execute_stream(plan, session.task_ctx()).unwrap();
        // On the one thread of this test, the time is looked at only when the join waits.
        assert!(
            timeout(Duration::from_millis(50), rows.next())
                .await
                .is_err()
        );
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            begun.elapsed()
        );
    }

    #[test]
    fn a_batch_goes_in_slices_and_none_is_lost() {
        let lengths = slices(&batch(1300));
        let lengths: Vec<_> = lengths.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(lengths, [512, 512, 276]);
    }
}
