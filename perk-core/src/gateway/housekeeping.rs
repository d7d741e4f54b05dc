//! What has to happen though nobody asks for it.

use std::sync::atomic::Ordering;

use super::{Gateway, transaction_lost};
use crate::error::PerkError;
use crate::error::Unavailable;
use crate::ids::{QueryId, WorkerId};
use crate::query::{Ending, QueryState};

impl Gateway {
    /// Looks after absent clients and lost workers, for ever; one gateway of a deployment at a time does. Spawn it, and
    /// drop it at will: every step may be repeated or left half done.
    pub async fn keep_house(&self) {
        let mut ticks = tokio::time::interval(self.shared.config.sweep_interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "housekeeping will be tried again");
            }
        }
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
            tracing::warn!(%worker, "worker lost: its queries are taken over");
            for id in shared.queue.pending_of(&worker).await? {
                self.take_over(&id, &worker).await?;
            }
            shared.registry.forget(&worker).await?;
        }
        Ok(())
    }

    async fn take_over(&self, id: &QueryId, worker: &WorkerId) -> Result<(), Unavailable> {
        let shared = &self.shared;
        shared.store.take_over(id, worker).await?;
        let statement = shared.store.info(id).await?.map(|info| info.statement);
        match statement.filter(|statement| statement.transaction.is_some()) {
            // Its transaction is lost with the worker. It goes to the pool only so that whoever pulls it cancels what may
            // still run of it.
            Some(statement) => {
                shared
                    .store
                    .end(id, Ending::failed(transaction_lost()))
                    .await?;
                shared.queue.remove(id).await?;
                shared.queue.ack(worker, id).await?;
                shared
                    .queue
                    .push(&crate::queue::Target::Lane(self.lane(&statement)), id)
                    .await
            }
            None => shared.queue.release(worker, id).await,
        }
    }

    /// Takes no more statements from now on; polls are answered as before.
    pub fn refuse_statements(&self) {
        self.shared.shutting_down.store(true, Ordering::Release);
    }

    /// Ends the queries that no worker runs, because Perk is being stopped.
    pub async fn end_waiting(&self) -> Result<(), Unavailable> {
        self.end_unended(|state| matches!(state, QueryState::Stored | QueryState::Queued))
            .await
    }

    /// Ends all queries, because Perk is being stopped.
    pub async fn end_all(&self) -> Result<(), Unavailable> {
        self.end_unended(|_| true).await
    }

    async fn end_unended(
        &self,
        which: impl Fn(&QueryState) -> bool + Send,
    ) -> Result<(), Unavailable> {
        for (id, _, state) in self.shared.store.unended().await? {
            if which(&state) {
                let message = "Perk is being stopped; run the query again in a moment";
                self.end(&id, PerkError::ShuttingDown.because(message))
                    .await?;
            }
        }
        Ok(())
    }
}
