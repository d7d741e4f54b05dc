//! What has to happen though nobody asks for it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::try_join_all;
use tokio::time::Instant;

use super::{Gateway, transaction_lost};
use crate::error::{PerkError, Unavailable};
use crate::ids::{QueryId, WorkerId};
use crate::query::{Ending, QueryState};
use crate::queue::Target;
use crate::store::{EndedBy, UnendedQueries};

impl Gateway {
    /// Looks after absent clients and lost workers, for ever; one gateway of a deployment at a time does. Spawn it, and
    /// drop it at will: every step may be repeated or left half done.
    pub async fn keep_house(&self) {
        let config = &self.shared.config;
        // Side by side: going through very many queries takes a while, and whose worker is lost cannot wait for that.
        let sweeps = every(config.sweep_interval, 0, || self.sweep());
        let reconciliations = every(config.reconcile_interval, PAUSES, || self.reconcile());
        tokio::join!(sweeps, reconciliations);
    }

    /// Finds queries that wait by their record and yet in no queue, because somebody died between the two steps, and
    /// those that are with a worker that is gone or wait for one. Pushing what waits or is pending already changes nothing.
    pub async fn reconcile(&self) -> Result<(), Unavailable> {
        let shared = &self.shared;
        if !shared.registry.may_sweep(&shared.name).await? {
            return Ok(());
        }
        // Before the workers: who has pulled has said before that it is there.
        let holders = shared.queue.holders().await?;
        let workers = self.workers().await?;
        // However many there are, only some are in memory at a time.
        let mut from = Some(0);
        while let Some(at) = from {
            let UnendedQueries { queries, next } = shared.store.unended(at).await?;
            let each = queries
                .into_iter()
                .map(|(id, target, state)| self.reconcile_one(id, target, state, &workers));
            try_join_all(each).await?;
            from = next;
        }
        // One that pulled when it had long been taken for lost, and died before it heard.
        for worker in holders
            .iter()
            .filter(|worker| workers.have_forgotten(worker))
        {
            for id in shared.queue.pending_of(worker).await? {
                self.take_over(&id, worker).await?;
            }
        }
        Ok(())
    }

    async fn reconcile_one(
        &self,
        id: QueryId,
        target: Target,
        state: QueryState,
        workers: &Workers,
    ) -> Result<(), Unavailable> {
        let shared = &self.shared;
        match (&state, &target) {
            (QueryState::Running { worker, .. }, _) if !workers.present.contains(worker) => {
                // It may have come since: whoever runs a query has said before that it is there.
                if self.workers().await?.present.contains(worker) {
                    return Ok(());
                }
                self.take_over(&id, worker).await?;
                // It need not be pending with that worker any more, which may have given it back and claimed it again.
                if let Target::Lane(_) = target {
                    shared.queue.push(&target, &id).await?;
                }
            }
            (QueryState::Queued, Target::Inbox(worker))
                if workers.have_forgotten(worker)
                    && self.workers().await?.have_forgotten(worker) =>
            {
                self.end(&id, transaction_lost(), EndedBy::Perk).await?;
            }
            (QueryState::Queued, target) => {
                shared.queue.push(target, &id).await?;
                self.tidy_inbox(&id, target).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The workers that there are now.
    async fn workers(&self) -> Result<Workers, Unavailable> {
        let registry = &self.shared.registry;
        let present = registry.workers().await?;
        Ok(Workers {
            present: present.into_iter().map(|worker| worker.id).collect(),
            lost: registry.lost_workers().await?.into_iter().collect(),
        })
    }

    /// One round of housekeeping.
    pub async fn sweep(&self) -> Result<(), Unavailable> {
        let shared = &self.shared;
        // Every gateway watches the workers, so that the next one to sweep need not begin with a lease's watching.
        let lost = shared.registry.lost_workers().await?;
        if !shared.registry.may_sweep(&shared.name).await? {
            return Ok(());
        }
        for abandoned in shared.store.sweep().await? {
            tracing::info!(id = %abandoned.id, "the client has gone: its query is cancelled");
            self.carry_out(&abandoned.id, abandoned.was).await?;
        }
        for worker in lost {
            let lost_for = self.lost_for(&worker);
            let pending = shared.queue.pending_of(&worker).await?;
            for id in &pending {
                self.take_over(id, &worker).await?;
            }
            // Until it has heard that it is sealed, it may pull again, even what was just released.
            if pending.is_empty() && lost_for >= shared.config.forget_after {
                shared.registry.forget(&worker).await?;
                self.lost().remove(&worker);
            }
        }
        Ok(())
    }

    /// For how long this gateway has known that the worker is lost.
    fn lost_for(&self, worker: &WorkerId) -> Duration {
        let mut lost = self.lost();
        if let Some(since) = lost.get(worker) {
            return since.elapsed();
        }
        tracing::warn!(%worker, "worker lost: its queries are taken over");
        lost.insert(worker.clone(), Instant::now());
        Duration::ZERO
    }

    fn lost(&self) -> MutexGuard<'_, HashMap<WorkerId, Instant>> {
        self.shared
            .lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_over(&self, id: &QueryId, worker: &WorkerId) -> Result<(), Unavailable> {
        let shared = &self.shared;
        shared.store.take_over(id, worker).await?;
        let Some(info) = shared.store.info(id).await? else {
            // It is over and its record is gone. Released, a transaction's would wait in that worker's inbox for ever.
            shared.queue.remove(id).await?;
            return shared.queue.ack(worker, id).await;
        };
        if info.statement.transaction.is_none() {
            return shared.queue.release(worker, id).await;
        }
        // Its transaction is lost with the worker. It goes to the pool only so that whoever pulls it cancels what may
        // still run of it.
        let ending = Ending::failed(transaction_lost());
        shared.store.end(id, ending, EndedBy::Perk).await?;
        shared.queue.remove(id).await?;
        shared.queue.ack(worker, id).await?;
        let lane = Target::Lane(self.lane(&info.statement));
        shared.queue.push(&lane, id).await
    }

    /// Takes no more statements from now on, but those of open transactions; polls are answered as before.
    pub fn refuse_statements(&self) {
        self.shared.shutting_down.store(true, Ordering::Release);
    }

    /// Ends the queries that no worker runs nor will, because Perk is being stopped. Those in an open transaction are still to be
    /// run by the worker that drains.
    pub async fn end_waiting(&self) -> Result<(), Unavailable> {
        self.end_unended(|target, state| {
            matches!(state, QueryState::Stored | QueryState::Queued)
                && matches!(target, Target::Lane(_))
        })
        .await
    }

    /// Ends all queries, because Perk is being stopped.
    pub async fn end_all(&self) -> Result<(), Unavailable> {
        self.end_unended(|_, _| true).await
    }

    async fn end_unended(
        &self,
        which: impl Fn(&Target, &QueryState) -> bool + Send,
    ) -> Result<(), Unavailable> {
        let message = "Perk is being stopped; run the query again in a moment";
        let mut from = Some(0);
        while let Some(at) = from {
            let UnendedQueries { queries, next } = self.shared.store.unended(at).await?;
            let which = queries
                .into_iter()
                .filter(|(_, target, state)| which(target, state));
            let end = which.map(async |(id, ..)| {
                let error = PerkError::ShuttingDown.because(message);
                self.end(&id, error, EndedBy::Perk).await
            });
            try_join_all(end).await?;
            from = next;
        }
        Ok(())
    }
}

/// The workers that there were at some time.
struct Workers {
    /// Those that have said that they are there, and have not been forgotten.
    present: HashSet<WorkerId>,
    /// Those that were not heard of for too long. What is theirs is the sweep's to take over.
    lost: HashSet<WorkerId>,
}

impl Workers {
    fn have_forgotten(&self, worker: &WorkerId) -> bool {
        !self.present.contains(worker) && !self.lost.contains(worker)
    }
}

/// How many times as long as a reconciliation took there is until the next: going through very many queries leaves Redis to others
/// for the most part.
const PAUSES: u32 = 10;
/// But no longer than this: it may have been Redis that took its time.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Does something at once and then again and again, with pauses of so many times as long as it took.
async fn every<R>(interval: Duration, pauses: u32, round: impl Fn() -> R)
where
    R: Future<Output = Result<(), Unavailable>>,
{
    loop {
        let began = Instant::now();
        if let Err(error) = round().await {
            tracing::warn!(%error, "housekeeping will be tried again");
        }
        let took = began.elapsed();
        let pause = took.saturating_mul(pauses).min(LONGEST_PAUSE);
        tokio::time::sleep(interval.saturating_sub(took).max(pause)).await;
    }
}
