//! The memory implementations beside the contracts' models, and flawed ones that the models must tell from them.

mod flawed;

use std::sync::Arc;

use perk_core::Queue;
use perk_core::testsuite::models::{self, ModelRun};
use perk_queue::MemoryQueue;

use flawed::{FlawedQueue, QueueFlaw};

#[test]
fn the_queue_agrees_with_its_model() {
    models::queue::agrees(&ModelRun::paused(), || async {
        Arc::new(MemoryQueue::new()) as Arc<dyn Queue>
    });
}

#[test]
fn the_queue_s_model_tells_flaws() {
    for flaw in QueueFlaw::ALL {
        let found = models::queue::differs(&ModelRun::paused(), || async {
            Arc::new(FlawedQueue::new(*flaw)) as Arc<dyn Queue>
        });
        assert!(found.is_err(), "nobody noticed {flaw:?}");
    }
}
