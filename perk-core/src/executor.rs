//! How a statement runs on a cluster.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::QueryError;
use crate::provisioner::Cluster;
use crate::query::{Ending, Page, UpstreamRef};
use crate::statement::Statement;

/// Why an execution came to no end of the query's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// The cluster could not be reached, or said that it has not begun the statement: nothing runs.
    #[error("the cluster does not take statements now: {0}")]
    Unreachable(String),
    /// The cluster was lost, or forgot the query, or took the statement and did not say so; or the sink said to stop and
    /// the upstream query could not be cancelled.
    #[error("the cluster was lost: {0}")]
    ClusterLost(String),
    /// The cluster had begun the query, or may have, and then answered something from which its end cannot be told. It was
    /// cancelled as far as that could be. The error says what was answered.
    #[error("{}", _0.message)]
    Failed(Box<QueryError>),
    /// The sink said to stop; the upstream query has been cancelled.
    #[error("stopped")]
    Stopped,
}

/// The sink takes no more: the attempt is fenced, or was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query's sink is closed")]
pub struct SinkClosed;

/// A word to a running execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Cancel the upstream query, then return [`ExecuteError::Stopped`].
    Stop,
    /// Cancel the upstream query's leaf stage and go on.
    CancelLeafStage,
}

/// Where an execution's results go.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait QuerySink: Debug + Send + Sync {
    /// The cluster knows the statement. Durable when this returns; before that nothing may make the cluster begin it.
    async fn posted(&self, upstream: UpstreamRef) -> Result<(), SinkClosed>;

    /// The next page. Waits for room, as long as that takes; the last page given may still be on its way into the store.
    async fn page(&self, page: Page) -> Result<(), SinkClosed>;

    /// The cluster's latest stats, as often as they come; the sink passes on what is worth it.
    async fn progress(&self, stats: Bytes) -> Result<(), SinkClosed>;

    /// Waits for the next word to this execution.
    async fn control(&self) -> Control;
}

/// Runs statements on clusters of one kind.
///
/// # Contract
///
/// - `execute` tells the cluster of the statement so that nothing runs yet, calls `sink.posted`, and only then lets it
///   begin. It returns an [`Ending`] when the query has ended on the cluster, by success or by an error of the
///   cluster's, and passes every row on exactly once and in order before that.
/// - While `sink.page` waits it keeps the upstream query alive.
/// - It heeds `sink.control` at any time, also while it waits for the cluster or for room. On `Stop` and on
///   [`SinkClosed`] it cancels the upstream query, if that has begun, before it returns `Stopped`.
/// - Its future may be dropped; then someone calls `cancel` with what was posted.
/// - `cancel` ends an upstream query wherever it was begun, and never begins one. It is `Ok` when the query does not run
///   any more, also because it is unknown.
///
/// `testsuite::executor` holds an implementation to this.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait QueryExecutor: Debug + Send + Sync {
    /// Runs a statement to its end.
    async fn execute(
        &self,
        cluster: &Cluster,
        statement: &Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Ending, ExecuteError>;

    /// Ends an upstream query.
    async fn cancel(&self, upstream: &UpstreamRef) -> Result<(), ExecuteError>;
}
