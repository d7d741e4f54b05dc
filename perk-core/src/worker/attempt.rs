//! One query: claim it, execute it, end it, acknowledge it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::Mutex;

use super::retry::{Fenced, until_answered};
use super::sink::{AttemptSink, Controls};
use super::slots::Slots;
use super::transactions::Transactions;
use super::{WorkerConfig, WorkerParts};
use crate::error::QueryError;
use crate::executor::ExecuteError;
use crate::ids::{Attempt, QueryId, WorkerId};
use crate::provisioner::Cluster;
use crate::query::{Ending, Rerunnable, UpstreamRef};
use crate::rerun::{Loss, judge, outcome_unknown};
use crate::statement::Statement;
use crate::store::Claim;

/// How long a query for which nothing can be done now is kept from the queue.
const LATER: Duration = Duration::from_secs(1);

/// What an attempt tells its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing that concerns the cluster.
    Nothing,
    /// The cluster was not there: look at it before giving it more.
    ClusterAway,
}

/// Everything an attempt needs.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) parts: WorkerParts,
    pub(super) config: Arc<WorkerConfig>,
    pub(super) worker: WorkerId,
    /// Where to run it; without one it is given back.
    pub(super) cluster: Option<Cluster>,
    pub(super) id: QueryId,
    pub(super) controls: Arc<Controls>,
    pub(super) slots: Arc<Slots>,
    pub(super) transactions: Arc<Transactions>,
}

impl Job {
    /// Runs it to whatever end. Every step may be the last one (the process dies): a query that was pulled and not
    /// acknowledged is found pending with this worker, and taken over by what the store says of it.
    pub(super) async fn run(self) -> Seen {
        let Some(cluster) = &self.cluster else {
            self.release().await;
            return Seen::Nothing;
        };
        match until_answered(|| self.parts.store.claim(&self.id, &self.worker)).await {
            Ok(Claim::Granted {
                attempt,
                statement,
                superseded,
            }) => {
                let left = self.cancel(superseded).await;
                let (over, seen) = self.execute(cluster, attempt, statement).await;
                self.let_go(over, left).await;
                seen
            }
            Ok(Claim::Over { superseded }) => {
                let left = self.cancel(superseded).await;
                self.let_go(Over::Yes, left).await;
                Seen::Nothing
            }
            Ok(Claim::Held) => {
                // Another's attempt: should that be lost, the query must be found again.
                self.let_go(Over::Unknown, Left::Something).await;
                Seen::Nothing
            }
        }
    }

    async fn execute(
        &self,
        cluster: &Cluster,
        attempt: Attempt,
        statement: Arc<Statement>,
    ) -> (Over, Seen) {
        let used = statement.transaction.as_ref();
        let _used = used.map(|transaction| self.transactions.used(transaction));
        let sink = Arc::new(AttemptSink {
            parts: self.parts.clone(),
            worker: self.worker.clone(),
            id: self.id.clone(),
            attempt,
            statement: statement.clone(),
            controls: self.controls.clone(),
            slots: self.slots.clone(),
            transactions: self.transactions.clone(),
            park_after: self.config.park_after,
            pages: AtomicU64::new(0),
            progress: Mutex::new(None),
        });
        tracing::debug!(id = %self.id, %attempt, user = statement.user, "attempt begins");
        let execution = self
            .parts
            .executor
            .execute(cluster, &statement, sink.clone());
        let executed = execution.await;
        tracing::debug!(id = %self.id, %attempt, "attempt over");
        let (loss, seen) = match executed {
            Ok(ending) => {
                sink.note_transaction(&ending.envelope).await;
                return (self.finish(attempt, ending).await, Seen::Nothing);
            }
            Err(ExecuteError::Failed(error)) => {
                tracing::warn!(id = %self.id, error = error.message, "the cluster did not say how the query ended");
                let ending = Ending::failed(unexpected(&statement, *error));
                return (self.finish(attempt, ending).await, Seen::Nothing);
            }
            Err(ExecuteError::Stopped) => (Loss::GivenBack, Seen::Nothing),
            Err(error @ ExecuteError::Unreachable(_)) => {
                tracing::warn!(id = %self.id, %error, "given back: it was not begun");
                (Loss::NotBegun, Seen::ClusterAway)
            }
            Err(error @ ExecuteError::ClusterLost(_)) => {
                tracing::warn!(id = %self.id, %error, "attempt lost");
                (Loss::ClusterLost, Seen::ClusterAway)
            }
        };
        let Ok(_) = until_answered(|| self.parts.store.give_up(&self.id, attempt, loss)).await;
        (Over::Unknown, seen)
    }

    /// Writes the query's end. Fenced: it was cancelled meanwhile, or is another's; there is nothing to add to that.
    async fn finish(&self, attempt: Attempt, ending: Ending) -> Over {
        let finish = || self.parts.store.finish(&self.id, attempt, ending.clone());
        match until_answered(finish).await {
            Ok(()) => Over::Yes,
            Err(Fenced) => Over::Unknown,
        }
    }

    /// Ends what earlier attempts may have left running. Best effort where a cluster does not answer: what is run again
    /// after this is re-runnable or was never begun, so a late cancel costs load, not truth.
    async fn cancel(&self, superseded: Vec<UpstreamRef>) -> Left {
        let mut canceled = Vec::new();
        let count = superseded.len();
        for upstream in superseded {
            match self.parts.executor.cancel(&upstream).await {
                Ok(()) => canceled.push(upstream),
                Err(error) => {
                    let upstream = &upstream.query_id;
                    tracing::warn!(id = %self.id, upstream, %error, "an earlier attempt's query could not be cancelled yet");
                }
            }
        }
        if !canceled.is_empty() {
            let told = || self.parts.store.superseded_canceled(&self.id, &canceled);
            let Ok(()) = until_answered(told).await;
        }
        if canceled.len() == count {
            Left::Nothing
        } else {
            Left::Something
        }
    }

    /// Lets go of the query: for good when it is over, otherwise back into the queue. Whoever pulls it there learns from
    /// the store what is to be done, or that it is over after all.
    async fn let_go(&self, over: Over, left: Left) {
        if over == Over::Yes && left == Left::Nothing {
            let Ok(()) = until_answered(|| self.parts.queue.ack(&self.worker, &self.id)).await;
            return;
        }
        if left == Left::Something {
            tokio::time::sleep(LATER).await;
        }
        self.release().await;
    }

    async fn release(&self) {
        let Ok(()) = until_answered(|| self.parts.queue.release(&self.worker, &self.id)).await;
    }
}

/// Whether this attempt knows that the query has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Yes,
    Unknown,
}

/// Whether there is still something to be done for a query, though not at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Something,
}

/// The error of a query that the cluster had begun, and of which it then said nothing that makes sense.
fn unexpected(statement: &Statement, error: QueryError) -> QueryError {
    match judge(statement) {
        Rerunnable::Yes => error,
        Rerunnable::No => outcome_unknown(&error.message),
    }
}
