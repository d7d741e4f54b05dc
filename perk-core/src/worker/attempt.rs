//! One query: claim it, execute it, end it, acknowledge it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::Mutex;

use super::retry::{Fenced, until_answered};
use super::sink::{AttemptSink, Controls};
use super::slots::Slots;
use super::{WorkerConfig, WorkerParts};
use crate::executor::ExecuteError;
use crate::ids::{Attempt, QueryId, WorkerId};
use crate::provisioner::Cluster;
use crate::query::UpstreamRef;
use crate::rerun::Loss;
use crate::statement::Statement;
use crate::store::{Claim, GivenUp};

/// How long a query that another attempt holds is kept from the queue.
const HELD_PAUSE: Duration = Duration::from_secs(1);

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
                self.cancel(superseded).await;
                self.execute(cluster, attempt, statement).await
            }
            Ok(Claim::Over { superseded }) => {
                self.cancel(superseded).await;
                self.acknowledge().await;
                Seen::Nothing
            }
            Ok(Claim::Held) => {
                // Another's attempt: should that be lost, the query must be found again.
                tokio::time::sleep(HELD_PAUSE).await;
                self.release().await;
                Seen::Nothing
            }
        }
    }

    async fn execute(
        &self,
        cluster: &Cluster,
        attempt: Attempt,
        statement: Arc<Statement>,
    ) -> Seen {
        let sink = Arc::new(AttemptSink {
            parts: self.parts.clone(),
            worker: self.worker.clone(),
            id: self.id.clone(),
            attempt,
            statement: statement.clone(),
            controls: self.controls.clone(),
            slots: self.slots.clone(),
            park_after: self.config.park_after,
            pages: AtomicU64::new(0),
            progress: Mutex::new(None),
        });
        tracing::debug!(id = %self.id, %attempt, "attempt begins");
        let (loss, seen) = match self
            .parts
            .executor
            .execute(cluster, &statement, sink.clone())
            .await
        {
            Ok(ending) => {
                sink.note_transaction(&ending.envelope).await;
                // Fenced: it was cancelled meanwhile, or is another's. Either way there is nothing left to do here.
                let finish = || self.parts.store.finish(&self.id, attempt, ending.clone());
                let _: Result<(), Fenced> = until_answered(finish).await;
                self.acknowledge().await;
                return Seen::Nothing;
            }
            Err(ExecuteError::Stopped) => (Loss::GivenBack, Seen::Nothing),
            Err(error @ ExecuteError::Unreachable(_)) => {
                tracing::warn!(id = %self.id, %error, "given back: it was not begun");
                (Loss::GivenBack, Seen::ClusterAway)
            }
            Err(error @ ExecuteError::ClusterLost(_)) => {
                tracing::warn!(id = %self.id, %error, "attempt lost");
                (Loss::ClusterLost, Seen::ClusterAway)
            }
        };
        match until_answered(|| self.parts.store.give_up(&self.id, attempt, loss)).await {
            Ok(GivenUp::Again | GivenUp::Failed) => self.release().await,
            Ok(GivenUp::Fenced) => self.acknowledge().await,
        }
        seen
    }

    /// Ends what earlier attempts may have left running. Best effort where a cluster does not answer: what is run again
    /// after this is re-runnable or was never begun, so a lost cancel costs load, not truth.
    async fn cancel(&self, superseded: Vec<UpstreamRef>) {
        if superseded.is_empty() {
            return;
        }
        for upstream in &superseded {
            if let Err(error) = self.parts.executor.cancel(upstream).await {
                let upstream = &upstream.query_id;
                tracing::warn!(id = %self.id, upstream, %error, "an earlier attempt's query could not be cancelled");
            }
        }
        let canceled = || self.parts.store.superseded_canceled(&self.id, &superseded);
        let Ok(()) = until_answered(canceled).await;
    }

    async fn acknowledge(&self) {
        let Ok(()) = until_answered(|| self.parts.queue.ack(&self.worker, &self.id)).await;
    }

    async fn release(&self) {
        let Ok(()) = until_answered(|| self.parts.queue.release(&self.worker, &self.id)).await;
    }
}
