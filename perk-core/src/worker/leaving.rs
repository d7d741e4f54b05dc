//! The end of a life: nothing stays with a name that never comes back.

use super::WorkerParts;
use super::life::LifeEnd;
use crate::error::{PerkError, Unavailable};
use crate::ids::{QueryId, WorkerId};
use crate::query::Ending;
use crate::store::EndedBy;

/// Hands over what is still pending, removes the cluster, and, after a drain, leaves the registry. Whatever fails here is
/// found by others when the lease has run out.
pub(super) async fn leave(parts: &WorkerParts, worker: &WorkerId, end: &LifeEnd) {
    let handed_over = hand_over_all(parts, worker, end).await;
    if let Err(error) = &handed_over {
        tracing::warn!(%error, "some queries could not be handed over; the lease will run out");
    }
    if let Err(error) = parts.queue.leave(worker).await {
        tracing::warn!(%error, "the queue does not know that this name is given up");
    }
    // The next life has another name, for which another cluster is made.
    if let Err(error) = parts.provisioner.remove(worker).await {
        tracing::warn!(%error, "the cluster could not be removed");
    }
    if *end == LifeEnd::Drained
        && handed_over.is_ok()
        && let Err(error) = parts.registry.leave(worker).await
    {
        tracing::warn!(%error, "leaving without a word; the lease will run out");
    }
}

/// What was pulled and not acknowledged: by attempts that were aborted, or by a pull that outlived the lease.
async fn hand_over_all(
    parts: &WorkerParts,
    worker: &WorkerId,
    end: &LifeEnd,
) -> Result<(), Unavailable> {
    for id in parts.queue.pending_of(worker).await? {
        parts.store.take_over(&id, worker).await?;
        parts.queue.release(worker, &id).await?;
        // A transaction's statement waits in this life's inbox. Of a sealed life's inbox the sweep takes care.
        if *end == LifeEnd::Drained
            && !waits_for_anyone(parts, &id).await?
            && parts.queue.remove(&id).await?
        {
            let why = "the worker whose cluster began the transaction was stopped";
            let ending = Ending::failed(PerkError::TransactionLost.because(why));
            parts.store.end(&id, ending, EndedBy::Perk).await?;
        }
    }
    Ok(())
}

/// Not where it waits for this life alone, nor where it is over and its record is gone, so that one cannot tell.
async fn waits_for_anyone(parts: &WorkerParts, id: &QueryId) -> Result<bool, Unavailable> {
    let info = parts.store.info(id).await?;
    Ok(info.is_some_and(|info| info.statement.transaction.is_none()))
}
