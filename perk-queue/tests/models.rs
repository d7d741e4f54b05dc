//! The memory implementations beside the contracts' models, and flawed ones that the models must tell from them.

mod flawed;
mod made;

use std::sync::Arc;

use perk_core::testsuite::models::{self, ModelRun};
use perk_core::{Queue, ResultStore};
use perk_queue::MemoryQueue;

use flawed::{FlawedQueue, FlawedStore, QueueFlaw, StoreFlaw};

/// What a run over a real server does, here for a moment only: nothing expires, and waits are real.
fn real() -> ModelRun {
    ModelRun {
        cases: 3,
        ..ModelRun::real()
    }
}

#[test]
fn the_queue_agrees_with_its_model() {
    models::queue::agrees(&ModelRun::paused(), || async {
        Arc::new(MemoryQueue::new()) as Arc<dyn Queue>
    });
}

#[test]
fn the_queue_agrees_in_real_time() {
    models::queue::agrees(&real(), || async {
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

#[test]
fn the_store_agrees_with_its_model() {
    models::store::agrees(&ModelRun::paused(), |settings| async move {
        Arc::new(made::store(settings)) as Arc<dyn ResultStore>
    });
}

#[test]
fn the_store_agrees_in_real_time() {
    models::store::agrees(&real(), |settings| async move {
        Arc::new(made::store(settings)) as Arc<dyn ResultStore>
    });
}

#[test]
fn the_store_s_model_tells_flaws() {
    for flaw in StoreFlaw::ALL {
        let found = models::store::differs(&ModelRun::paused(), |settings| async move {
            Arc::new(FlawedStore::new(*flaw, settings)) as Arc<dyn ResultStore>
        });
        assert!(found.is_err(), "nobody noticed {flaw:?}");
    }
}
