//! What has to happen though nobody asks for it.

use std::sync::atomic::Ordering;

use super::{Gateway, transaction_lost};
use std::collections::{HashMap, HashSet};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{PerkError, Unavailable};
use crate::ids::{QueryId, WorkerId};
use crate::query::{Ending, QueryState};
use crate::queue::Target;
use crate::store::EndedBy;

impl Gateway {
    /// Looks after absent clients and lost workers, for ever; one gateway of a deployment at a time does. Spawn it, and
    /// drop it at will: every step may be repeated or left half done.
    pub async fn keep_house(&self) {
        let config = &self.shared.config;
        let mut sweeps = tokio::time::interval(config.sweep_interval);
        let mut reconciliations = tokio::time::interval(config.reconcile_interval);
        for ticks in [&mut sweeps, &mut reconciliations] {
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        }
        loop {
            // Where both are due, the rarer one comes first: it cannot keep the other waiting.
            let done = tokio::select! {
                biased;
                _ = reconciliations.tick() => self.reconcile().await,
                _ = sweeps.tick() => self.sweep().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "housekeeping will be tried again");
            }
        }
    }

    /// Finds queries that wait by their record and yet in no queue, because somebody died between the two steps, and
    /// those that are with a worker that is gone or wait for one. Pushing what waits or is pending already changes nothing.
    pub async fn reconcile(&self) -> Result<(), Unavailable> {
        let shared = &self.shared;
        if !shared.registry.may_sweep(&shared.name).await? {
            return Ok(());
        }
        // Before the workers: one that comes later is there for what was pushed earlier, and who has pulled has said before that
        // it is there.
        let unended = shared.store.unended().await?;
        let holders = shared.queue.holders().await?;
        let present = shared.registry.workers().await?;
        let present: HashSet<WorkerId> = present.into_iter().map(|worker| worker.id).collect();
        // What waits in a lost worker's inbox is the sweep's.
        let lost = shared.registry.lost_workers().await?;
        for (id, target, state) in unended {
            match (&state, &target) {
                (QueryState::Running { worker, .. }, _) if !present.contains(worker) => {
                    self.take_over(&id, worker).await?;
                    // It need not be pending with that worker any more, which may have given it back and claimed it again.
                    if let Target::Lane(_) = target {
                        shared.queue.push(&target, &id).await?;
                    }
                }
                (QueryState::Queued, Target::Inbox(worker))
                    if !present.contains(worker) && !lost.contains(worker) =>
                {
                    self.end(&id, transaction_lost(), EndedBy::Perk).await?;
                }
                (QueryState::Queued, target) => {
                    shared.queue.push(target, &id).await?;
                    self.tidy_inbox(&id, target).await?;
                }
                _ => {}
            }
        }
        // One that pulled when it had long been taken for lost, and died before it heard.
        let gone = |worker: &&WorkerId| !present.contains(worker) && !lost.contains(worker);
        for worker in holders.iter().filter(gone) {
            for id in shared.queue.pending_of(worker).await? {
                self.take_over(&id, worker).await?;
            }
        }
        Ok(())
    }

    /// One round of housekeeping.
    pub async fn sweep(&self) -> Result<(), Unavailable> {
        let shared = &self.shared;
        if !shared.registry.may_sweep(&shared.name).await? {
            return Ok(());
        }
        for abandoned in shared.store.sweep().await? {
            tracing::info!(id = %abandoned.id, "the client has gone: its query is cancelled");
            self.carry_out(&abandoned.id, abandoned.was).await?;
        }
        for worker in shared.registry.lost_workers().await? {
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
        for (id, target, state) in self.shared.store.unended().await? {
            if which(&target, &state) {
                let message = "Perk is being stopped; run the query again in a moment";
                let error = PerkError::ShuttingDown.because(message);
                self.end(&id, error, EndedBy::Perk).await?;
            }
        }
        Ok(())
    }
}
