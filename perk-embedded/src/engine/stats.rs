//! How far a query is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::{Metric, MetricValue};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use serde_json::{Value, json};

/// What is known of a query on its way.
#[derive(Debug)]
pub(super) struct Stats {
    began: Instant,
    /// What it reads, once there is a plan.
    reading: Mutex<Reading>,
}

/// The parts of a plan that read rows.
#[derive(Debug, Default)]
struct Reading {
    leaves: Vec<Arc<dyn ExecutionPlan>>,
    /// How many parts they read in.
    splits: usize,
    /// How many rows there are to read, where all of them know.
    total: Option<usize>,
}

impl Reading {
    fn of(plan: &Arc<dyn ExecutionPlan>) -> Self {
        fn leaves(plan: &Arc<dyn ExecutionPlan>, found: &mut Vec<Arc<dyn ExecutionPlan>>) {
            let children = plan.children();
            if children.is_empty() {
                found.push(plan.clone());
            }
            for child in children {
                leaves(child, found);
            }
        }
        let mut found = Vec::new();
        leaves(plan, &mut found);
        let splits = |leaf: &Arc<dyn ExecutionPlan>| {
            leaf.properties().output_partitioning().partition_count()
        };
        let rows = |leaf: &Arc<dyn ExecutionPlan>| {
            let own = StatisticsContext::new().compute(leaf.as_ref(), &StatisticsArgs::new());
            own.ok()?.num_rows.get_value().copied()
        };
        Self {
            splits: found.iter().map(splits).sum(),
            total: found.iter().map(rows).sum(),
            leaves: found,
        }
    }

    /// How many rows were read so far, and bytes of them.
    fn so_far(&self) -> (usize, usize) {
        let of_bytes = |metric: &Metric| matches!(metric.value(), MetricValue::OutputBytes(_));
        let metrics = self.leaves.iter().filter_map(|leaf| leaf.metrics());
        metrics.fold((0, 0), |(rows, bytes), metrics| {
            let own = metrics.sum(of_bytes).map_or(0, |bytes| bytes.as_usize());
            (rows + metrics.output_rows().unwrap_or(0), bytes + own)
        })
    }
}

impl Stats {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            reading: Mutex::default(),
        }
    }

    /// The plan runs from now on.
    pub(super) fn watch(&self, plan: &Arc<dyn ExecutionPlan>) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Reading::of(plan);
    }

    /// Trino's `stats`.
    pub(super) fn json(&self, state: &str) -> Bytes {
        let ended = state != "RUNNING";
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, bytes) = reading.so_far();
        let (splits, total) = (reading.splits, reading.total);
        drop(reading);
        let elapsed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let done = if ended { splits } else { 0 };
        // What is read is most of the work; the rest is not known before it is done.
        let progress = match total {
            _ if ended => Some(100.0),
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            Some(total) if total > 0 => Some((rows as f64 * 100.0 / total as f64).min(99.0)),
            _ => None,
        };
        let mut all = json!({
            "state": state,
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
        });
        // The only stage has done all that was done.
        let only_stage = json!({
            "stageId": "0",
            "done": ended,
            "failedTasks": 0,
            "coordinatorOnly": false,
            "subStages": [],
        });
        let only_stage = with(all.clone(), only_stage);
        all = with(
            all,
            json!({
                "queued": false,
                "scheduled": true,
                "queuedTimeMillis": 0,
                "elapsedTimeMillis": elapsed,
                "physicalWrittenBytes": 0,
                "peakMemoryBytes": 0,
                "spilledBytes": 0,
                "rootStage": only_stage,
            }),
        );
        if let (Some(progress), Some(fields)) = (progress, all.as_object_mut()) {
            fields.insert("progressPercentage".into(), json!(progress));
        }
        all.to_string().into()
    }
}

/// An object with another's fields too.
fn with(mut object: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), more) {
        fields.extend(more);
    }
    object
}
