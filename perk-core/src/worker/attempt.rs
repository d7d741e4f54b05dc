//! One query: claim it, execute it, end it, acknowledge it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::retry::{Fenced, until_answered};
use super::sink::{AttemptSink, Controls, SMALL};
use super::slots::Slots;
use super::transactions::Transactions;
use super::{WorkerConfig, WorkerParts};
use crate::error::{PerkError, QueryError};
use crate::executor::ExecuteError;
use crate::ids::{Attempt, QueryId, WorkerId};
use crate::provisioner::Cluster;
use crate::query::{Ending, Outcome, Rerunnable, UpstreamRef};
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
                self.execute(cluster, attempt, statement, left).await
            }
            Ok(Claim::Over { superseded }) => {
                let left = self.cancel(superseded).await;
                match left {
                    Left::Nothing => self.ack().await,
                    Left::Something => self.release_later().await,
                }
                Seen::Nothing
            }
            Ok(Claim::Held) => {
                // Another's attempt: should that be lost, the query must be found again.
                self.release_later().await;
                Seen::Nothing
            }
        }
    }

    async fn execute(
        &self,
        cluster: &Cluster,
        attempt: Attempt,
        statement: Arc<Statement>,
        left: Left,
    ) -> Seen {
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
            last: Mutex::new(None),
            kept: Notify::new(),
            progress: Mutex::new(None),
        });
        tracing::debug!(id = %self.id, %attempt, user = statement.user, "attempt begins");
        let executed = self.run_within_limit(cluster, &statement, &sink).await;
        tracing::debug!(id = %self.id, %attempt, "attempt over");
        let (loss, seen) = match executed {
            Ok(ending) => {
                sink.note_transaction(&ending.envelope).await;
                self.finish(&sink, ending, left).await;
                return Seen::Nothing;
            }
            Err(ExecuteError::Failed(error)) => {
                tracing::warn!(id = %self.id, error = error.message, "the cluster did not say how the query ended");
                let ending = Ending::failed(unexpected(&statement, *error));
                self.finish(&sink, ending, left).await;
                return Seen::Nothing;
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
        // Whoever pulls it next learns from the store what is to be done, or that it is over after all.
        match left {
            Left::Nothing => self.release().await,
            Left::Something => self.release_later().await,
        }
        seen
    }

    /// Executes the statement, and stops it on its cluster when it has run for as long as it may.
    async fn run_within_limit(
        &self,
        cluster: &Cluster,
        statement: &Arc<Statement>,
        sink: &Arc<AttemptSink>,
    ) -> Result<Ending, ExecuteError> {
        let execution = self
            .parts
            .executor
            .execute(cluster, statement, sink.clone());
        let limit = async {
            match self.config.max_run_time {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let beside = sink.store_beside();
        tokio::pin!(execution, limit, beside);
        let mut exceeded = false;
        loop {
            tokio::select! {
                biased;
                executed = &mut execution => {
                    // What is half stored would be sent once more with the end.
                    let stopped = executed.is_ok() && tokio::select! {
                        biased;
                        () = sink.at_rest() => false,
                        () = self.controls.stopped() => true,
                        never = &mut beside => match never {},
                    };
                    let executed = if stopped { Err(ExecuteError::Stopped) } else { executed };
                    return match executed {
                        Err(ExecuteError::Stopped) if exceeded => Ok(Ending::failed(self.too_long(statement))),
                        executed => executed,
                    };
                }
                () = &mut limit, if !exceeded => {
                    exceeded = true;
                    self.controls.stop();
                }
                never = &mut beside => match never {},
            }
        }
    }

    fn too_long(&self, statement: &Statement) -> QueryError {
        let limit = self.config.max_run_time.unwrap_or_default();
        let effect = match judge(statement) {
            Rerunnable::Yes => "",
            Rerunnable::No => {
                "; it may have had an effect by then, so look before you run it again"
            }
        };
        let message = format!(
            "the query ran for {limit:?}, which is as long as it may in the pool {}, and was cancelled{effect}",
            self.config.pool
        );
        PerkError::RunTimeExceeded.because(message)
    }

    /// Writes the query's end, with the last page if that is still to be stored, and lets go of it: in the same breath where that page is
    /// the only one and small, since such are stored in one step with the end. Any other may have to wait for room, and the query
    /// must be found with this worker until then. Fenced: it was cancelled meanwhile, or is another's; there is nothing to add.
    async fn finish(&self, sink: &AttemptSink, ending: Ending, left: Left) {
        let (store, id, attempt) = (&self.parts.store, &self.id, sink.attempt);
        // A failed query's rows are not read.
        let last = sink.take_last().await;
        let last = last.filter(|_| ending.outcome == Outcome::Finished);
        let at_once = last
            .as_ref()
            .is_none_or(|(index, page)| *index == 0 && page.weight() <= SMALL);
        let finish = until_answered(|| async {
            match last.clone() {
                Some(last) => {
                    store
                        .finish_with_page(id, attempt, last, ending.clone())
                        .await
                }
                None => store.finish(id, attempt, ending.clone()).await,
            }
        });
        let finish = sink.parking(finish);
        match left {
            Left::Nothing if at_once => {
                let _ = tokio::join!(biased; finish, self.ack());
            }
            Left::Nothing => {
                let _: Result<(), Fenced> = finish.await;
                self.ack().await;
            }
            Left::Something => {
                let _: Result<(), Fenced> = finish.await;
                self.release_later().await;
            }
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

    async fn ack(&self) {
        let Ok(()) = until_answered(|| self.parts.queue.ack(&self.worker, &self.id)).await;
    }

    /// Gives the query back when what is left to be done for it may be possible.
    async fn release_later(&self) {
        tokio::time::sleep(LATER).await;
        self.release().await;
    }

    async fn release(&self) {
        let Ok(()) = until_answered(|| self.parts.queue.release(&self.worker, &self.id)).await;
    }
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
