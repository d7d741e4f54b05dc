//! Where query ids wait for workers.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Unavailable;
use crate::ids::{PoolName, QueryId, WorkerId};
use crate::router::Priority;

/// The queries of one user in one pool and priority: first in, first out; lanes are served in turn.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Whose workers serve it.
    pub pool: PoolName,
    /// Before or after which other lanes.
    pub priority: Priority,
    /// Whose queries.
    pub user: String,
}

/// Where a query id is pushed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// To wait for any worker of a pool.
    Lane(Lane),
    /// To wait for one worker: the statements of a transaction go to the cluster that began it.
    Inbox(WorkerId),
}

/// What a worker is told about a query it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The query has ended: end it on the cluster.
    Cancel,
    /// The client has rows enough: end the query's last running leaf stage (the CLIs' partial cancel).
    CancelLeafStage,
}

/// What a worker pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A query to run. It is pending until it is acknowledged or released.
    Query(QueryId),
    /// A word about a query it runs. Not pending; may come for a query that has ended.
    Signal(QueryId, Signal),
}

/// How many queries a worker takes, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Up to so many: from its inbox first, then from its pool.
    Any(usize),
    /// Up to so many, from its inbox alone.
    Inbox(usize),
}

/// How full a pool is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Queries that wait in the pool's lanes.
    pub waiting: usize,
    /// Queries that were delivered to the pool's workers and not yet acknowledged.
    pub pending: usize,
    /// For how long the oldest of the waiting ones has waited, since it was pushed.
    pub oldest: Duration,
}

/// How many queries may wait in a pool before no more are taken. `None` is any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueBounds {
    /// In all of the pool's lanes.
    pub pool: Option<usize>,
    /// Of one user in the pool, whatever their priority.
    pub user: Option<usize>,
}

/// What became of a query that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// It waits, or did already.
    Taken,
    /// As many as may wait in the pool already.
    PoolFull,
    /// As many of its user's as may wait in the pool already.
    UserFull,
}

/// A durable queue of query ids: what a client asked for and no worker has finished.
///
/// # Contract
///
/// - **At least once.** An id that `push` accepted is delivered until it is acknowledged or removed. While it waits or
///   is pending, pushing it again changes nothing.
/// - **Order.** Within a lane or an inbox first in, first out; the lanes of one pool and priority are served in turn, one
///   id each; a higher priority before a lower one. An inbox comes before the pool.
/// - **`pull` waits** until there is something, without polling, and gives at most as many queries as were asked for and any
///   number of signals, but never nothing; with none asked for, signals only. Dropping its future loses nothing: what it
///   would have given is given to a later pull.
/// - **Pending.** A delivered query belongs to that worker alone until `ack` or `release`, which puts it back in its old
///   place. Both do nothing when it is not pending with that worker; `remove` does nothing while it is pending.
/// - **Signals** reach the worker they were sent to in order, or are lost with it. A worker that never pulled may be
///   signalled. When a worker settles a query, by `ack` or `release`, what was still to be said to it about that query may
///   be forgotten.
/// - Depth and age are counted, never estimated; `offer` compares and pushes in one step, so that no bound is passed.
///
/// `testsuite::queue` holds an implementation to this.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait Queue: Debug + Send + Sync {
    /// Lets a query wait at `target`.
    async fn push(&self, target: &Target, id: &QueryId) -> Result<(), Unavailable> {
        let offered = self.offer(target, id, QueueBounds::default());
        offered.await.map(drop)
    }

    /// Lets a query wait at `target`, unless too many wait there already. An inbox has no bounds.
    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable>;

    /// Tells a worker something about a query it runs.
    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable>;

    /// Waits for something from the worker's inbox or its pool: queries, as many as may be taken, and any signals.
    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable>;

    /// The worker is done with a query: it is forgotten.
    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable>;

    /// The worker gives a query back: it waits again where it was pushed, in its old place.
    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable>;

    /// Takes out a query that waits. `false` when it does not wait (unknown, or pending).
    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable>;

    /// The queries delivered to a worker and not acknowledged, and those that wait in its inbox.
    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable>;

    /// The worker pulls no more under this name: nothing is to be said to it any more, and no push is to wait for it. What is pending
    /// with it, or waits in its inbox, stays.
    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable>;

    /// The workers that have something: those of which `pending_of` would give anything.
    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable>;

    /// The pools in whose lanes a query has ever waited. One in which none does may be left out.
    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable>;

    /// How full a pool is.
    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable>;
}
