//! Who is there: workers and their leases, transactions, the deployment's keys.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Unavailable;
use crate::ids::{PoolName, TransactionId, WorkerId};
use crate::provisioner::Cluster;
use crate::slug::DeploymentKeys;

/// What a worker says of itself with every renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerStatus {
    /// The pool it serves.
    pub pool: PoolName,
    /// Its cluster, once that is ready.
    pub cluster: Option<Cluster>,
    /// How many queries it runs.
    pub running: usize,
    /// Whether it takes no more queries, but those of open transactions, because it is being stopped.
    pub draining: bool,
}

/// What a renewal got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The lease goes on.
    Renewed,
    /// The worker was taken for lost and its name is sealed: what it runs is another's now.
    Sealed,
}

/// A worker, as another sees it.
#[derive(Debug, Clone)]
pub struct WorkerEntry {
    /// Its name.
    pub id: WorkerId,
    /// What it said last.
    pub status: WorkerStatus,
    /// Since it was last heard of.
    pub silent_for: Duration,
}

/// A deployment's common knowledge beside its queries.
///
/// # Contract
///
/// - A worker is lost, and its name sealed for ever, when an observer has seen no renewal of it for a full lease on its own
///   monotonic clock, in which the registry answered. `lost_workers` gives the sealed ones until they are forgotten;
///   a forgotten one is sealed still.
/// - A worker is there, however silent, until it has left or is sealed: one that `workers` does not give is gone for good.
/// - A transaction belongs to the worker that bound it until it is unbound, or the worker has left or is
///   sealed; a sealed worker binds nothing.
/// - `deployment_keys` gives every caller the same keys; the first one makes them.
/// - `may_sweep` is `true` for one caller at a time; its turn ends by itself when it does not ask again.
///
/// `testsuite::registry` holds an implementation to this.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait Registry: Debug + Send + Sync {
    /// The worker is there: its first renewal begins its lease.
    async fn renew(&self, worker: &WorkerId, status: WorkerStatus) -> Result<Renewal, Unavailable>;

    /// The worker has nothing left and goes.
    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable>;

    /// The workers that have renewed, and have neither left nor been sealed.
    async fn workers(&self) -> Result<Vec<WorkerEntry>, Unavailable>;

    /// Looks for workers whose lease has ended, and seals them; gives all that are sealed and not forgotten.
    async fn lost_workers(&self) -> Result<Vec<WorkerId>, Unavailable>;

    /// A sealed worker's queries have been taken over.
    async fn forget(&self, worker: &WorkerId) -> Result<(), Unavailable>;

    /// The worker's cluster began this transaction.
    async fn bind_transaction(
        &self,
        transaction: &TransactionId,
        worker: &WorkerId,
    ) -> Result<(), Unavailable>;

    /// The transaction has ended.
    async fn unbind_transaction(&self, transaction: &TransactionId) -> Result<(), Unavailable>;

    /// Whose cluster began this transaction.
    async fn transaction_worker(
        &self,
        transaction: &TransactionId,
    ) -> Result<Option<WorkerId>, Unavailable>;

    /// The deployment's keys.
    async fn deployment_keys(&self) -> Result<DeploymentKeys, Unavailable>;

    /// Whether this gateway is the one that sweeps now.
    async fn may_sweep(&self, gateway: &str) -> Result<bool, Unavailable>;
}
