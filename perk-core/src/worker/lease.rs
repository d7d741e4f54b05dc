//! Renews one life's lease.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::ids::WorkerId;
use crate::registry::{Registry, Renewal, WorkerStatus};

/// After how long a renewal that was not answered is tried again: nothing is pulled before one is.
const AGAIN: Duration = Duration::from_secs(1);

/// Renews until the worker is sealed, then returns. Three renewals fit into a lease, so that one may fail; a cluster that
/// came or went is told at once. `held` is when the last renewal that was taken began.
///
/// A registry that does not answer does not end the life: its silence counts for nothing on either side.
pub(super) async fn keep(
    registry: Arc<dyn Registry>,
    worker: WorkerId,
    mut status: watch::Receiver<WorkerStatus>,
    lease: Duration,
    held: watch::Sender<Option<Instant>>,
) {
    let mut ticks = tokio::time::interval(lease / 3);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut said: Option<WorkerStatus> = None;
    loop {
        let news = async {
            // How many queries run changes all the time, and is told with the next tick.
            let differs = |now: &WorkerStatus, said: &WorkerStatus| {
                (&now.cluster, now.draining) != (&said.cluster, said.draining)
            };
            let told = status.wait_for(|now| said.as_ref().is_some_and(|said| differs(now, said)));
            if told.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            _ = ticks.tick() => {}
            () = news => {}
        }
        let now = status.borrow().clone();
        said = Some(now.clone());
        let began = Instant::now();
        match registry.renew(&worker, now).await {
            Ok(Renewal::Renewed) => {
                held.send_replace(Some(began));
            }
            Ok(Renewal::Sealed) => return,
            Err(error) => {
                tracing::warn!(%worker, %error, "the lease could not be renewed; trying again");
                ticks.reset_after(AGAIN.min(lease / 3));
            }
        }
    }
}
