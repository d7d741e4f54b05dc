//! Renews one life's lease.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::ids::WorkerId;
use crate::registry::{Registry, Renewal, WorkerStatus};

/// Renews until the worker is sealed, then returns. Three renewals fit into a lease, so that one may fail.
///
/// A registry that does not answer does not end the life: its silence counts for nothing on either side.
pub(super) async fn keep(
    registry: Arc<dyn Registry>,
    worker: WorkerId,
    status: watch::Receiver<WorkerStatus>,
    lease: Duration,
) {
    let mut ticks = tokio::time::interval(lease / 3);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = status.borrow().clone();
        match registry.renew(&worker, now).await {
            Ok(Renewal::Renewed) => {}
            Ok(Renewal::Sealed) => return,
            Err(error) => {
                tracing::warn!(%worker, %error, "the lease could not be renewed; trying again")
            }
        }
    }
}
