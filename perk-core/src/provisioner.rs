//! Where clusters come from.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::ids::WorkerId;
use crate::statement::Dialect;

/// A Presto or Trino installation that is ready for queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The coordinator's address: scheme, host and port.
    pub origin: String,
    /// What it speaks.
    pub dialect: Dialect,
    /// The version it says it has.
    pub version: String,
}

/// Whether a cluster can be given work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Healthy,
    /// It does not, and this is what was seen.
    Unhealthy(String),
}

/// How much a cluster has to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Queries it runs.
    pub running: usize,
    /// Queries that wait inside it.
    pub queued: usize,
}

/// A cluster could not be had, looked at or removed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct ProvisionError(pub String);

/// Makes a worker's cluster, watches it, removes it.
///
/// # Contract
///
/// - `provision` returns when the cluster answers a probe query over its nodes, however long that takes, and says in the
///   log what it waits for. Called again for the same worker it gives the same cluster when that still answers, and
///   otherwise replaces it. Its future may be dropped at any time; a later call takes over what it began.
/// - `health` is one cheap look, answered within seconds; who calls it decides after how many bad ones a cluster is lost.
/// - `load` is one cheap look at how much the cluster has to do, whoever gave it that.
/// - `remove` leaves nothing of the cluster, and is `Ok` when there was nothing. A cluster that was merely pointed out,
///   not made, stays.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait ClusterProvisioner: Debug + Send + Sync {
    /// A ready cluster for this worker.
    async fn provision(&self, owner: &WorkerId) -> Result<Cluster, ProvisionError>;

    /// Whether the cluster answers.
    async fn health(&self, cluster: &Cluster) -> Health;

    /// How much the cluster has to do.
    async fn load(&self, cluster: &Cluster) -> Result<Load, ProvisionError>;

    /// Removes the worker's cluster.
    async fn remove(&self, owner: &WorkerId) -> Result<(), ProvisionError>;
}
