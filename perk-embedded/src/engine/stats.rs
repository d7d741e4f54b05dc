//! How far a query is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use serde_json::json;

/// What is known of a query on its way.
#[derive(Debug)]
pub(super) struct Stats {
    began: Instant,
    /// The parts of its plan that read rows, once there is one.
    leaves: Mutex<Vec<Arc<dyn ExecutionPlan>>>,
}

impl Stats {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            leaves: Mutex::default(),
        }
    }

    /// The plan runs from now on.
    pub(super) fn watch(&self, plan: &Arc<dyn ExecutionPlan>) {
        fn leaves(plan: &Arc<dyn ExecutionPlan>, found: &mut Vec<Arc<dyn ExecutionPlan>>) {
            let children = plan.children();
            if children.is_empty() {
                found.push(plan.clone());
            }
            for child in children {
                leaves(child, found);
            }
        }
        let mut known = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        leaves(plan, &mut known);
    }

    /// Trino's `stats`.
    pub(super) fn json(&self, state: &str) -> Bytes {
        let ended = state != "RUNNING";
        let leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rows, mut bytes, mut splits) = (0, 0, 0);
        let mut total = Some(0_usize);
        for leaf in leaves.iter() {
            if let Some(metrics) = leaf.metrics() {
                rows += metrics.output_rows().unwrap_or(0);
                let of_bytes =
                    metrics.sum(|metric| matches!(metric.value(), MetricValue::OutputBytes(_)));
                bytes += of_bytes.map_or(0, |bytes| bytes.as_usize());
            }
            splits += leaf.properties().output_partitioning().partition_count();
            let own = StatisticsContext::new().compute(leaf.as_ref(), &StatisticsArgs::new());
            let own = own.ok();
            let own = own.and_then(|own| own.num_rows.get_value().copied());
            total = total.zip(own).map(|(a, b)| a + b);
        }
        let elapsed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let done = if ended { splits } else { 0 };
        // What is read is most of the work; the rest is not known before it is done.
        let progress = match total {
            _ if ended => Some(100.0),
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            Some(total) if total > 0 => Some((rows as f64 * 100.0 / total as f64).min(99.0)),
            _ => None,
        };
        let root = json!({
            "stageId": "0",
            "state": state,
            "done": ended,
            "nodes": 1,
            "totalSplits": splits,
            "queuedSplits": 0,
            "runningSplits": splits - done,
            "completedSplits": done,
            "cpuTimeMillis": elapsed,
            "wallTimeMillis": elapsed,
            "processedRows": rows,
            "processedBytes": bytes,
            "physicalInputBytes": bytes,
            "failedTasks": 0,
            "coordinatorOnly": false,
            "subStages": [],
        });
        let mut all = json!({
            "state": state,
            "queued": false,
            "scheduled": true,
            "nodes": 1,
            "totalSplits": splits,
            "queuedSplits": 0,
            "runningSplits": splits - done,
            "completedSplits": done,
            "cpuTimeMillis": elapsed,
            "wallTimeMillis": elapsed,
            "queuedTimeMillis": 0,
            "elapsedTimeMillis": elapsed,
            "processedRows": rows,
            "processedBytes": bytes,
            "physicalInputBytes": bytes,
            "physicalWrittenBytes": 0,
            "peakMemoryBytes": 0,
            "spilledBytes": 0,
            "rootStage": root,
        });
        if let (Some(progress), Some(fields)) = (progress, all.as_object_mut()) {
            fields.insert("progressPercentage".into(), json!(progress));
        }
        all.to_string().into()
    }
}
