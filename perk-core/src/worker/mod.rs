//! The worker: takes queries from one pool and runs them on a cluster of its own.
//!
//! | module | its job |
//! |---|---|
//! | here | what a worker is built from, started, and told to drain with |
//! | `life` | one life under one [`WorkerId`](crate::WorkerId): pull while the cluster is well, hear signals, drain |
//! | `lease` | renews the life's lease |
//! | `leaving` | the end of a life: nothing stays with its name |
//! | `attempt` | one query: claim, execute, end, acknowledge |
//! | `retry` | trying a write again while the store is away |
//! | `sink` | where an attempt's results go: fenced writes, room, progress, control |
//! | `slots` | how many queries it runs |
//! | `transactions` | which transactions its cluster began, and when they are idle |

mod attempt;
mod lease;
mod leaving;
mod life;
mod retry;
mod sink;
mod slots;
mod transactions;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::executor::QueryExecutor;
use crate::ids::PoolName;
use crate::provisioner::ClusterProvisioner;
use crate::queue::Queue;
use crate::random::Random;
use crate::registry::Registry;
use crate::store::ResultStore;

/// What a worker is made of.
#[derive(Debug, Clone)]
pub struct WorkerParts {
    /// Where it takes queries from.
    pub queue: Arc<dyn Queue>,
    /// Where it puts results.
    pub store: Arc<dyn ResultStore>,
    /// Where it says that it lives.
    pub registry: Arc<dyn Registry>,
    /// Where its cluster comes from.
    pub provisioner: Arc<dyn ClusterProvisioner>,
    /// How it runs statements there.
    pub executor: Arc<dyn QueryExecutor>,
}

/// How a worker behaves.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// What its names begin with: its host's.
    pub host: String,
    /// The pool it serves.
    pub pool: PoolName,
    /// How many queries it runs at once.
    pub concurrency: usize,
    /// After how long a query that waits only for its reader gives its slot to another.
    pub park_after: Duration,
    /// How many queries may have given their slots away.
    pub parked: usize,
    /// For how long a query may run. One that runs for longer is cancelled and fails with `PERK_RUN_TIME_EXCEEDED`.
    pub max_run_time: Option<Duration>,
    /// For how long its silence is borne before it counts as lost.
    pub lease: Duration,
    /// How often it looks at its cluster.
    pub health_interval: Duration,
    /// After how many bad looks in a row it has its cluster replaced.
    pub unhealthy_after: u32,
    /// For how long a transaction may have no statement before it counts as lost: as long as the cluster itself bears it
    /// (`transaction.idle-timeout`).
    pub transaction_idle: Duration,
    /// The same while it drains: what is idle for longer does not hold it up.
    pub transaction_idle_draining: Duration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            host: "worker".to_owned(),
            pool: PoolName::default_pool(),
            concurrency: 32,
            park_after: Duration::from_secs(10),
            parked: 64,
            max_run_time: None,
            lease: Duration::from_secs(15),
            health_interval: Duration::from_secs(2),
            unhealthy_after: 3,
            transaction_idle: Duration::from_mins(5),
            transaction_idle_draining: Duration::from_secs(5),
        }
    }
}

/// A worker, ready to be started.
///
/// Each life of it has a new [`WorkerId`](crate::WorkerId): the first begins when it is spawned, another whenever a lease was
/// lost (a long pause, a store that was away): what ran then is another's, and it goes on with new work.
#[derive(Debug)]
pub struct Worker {
    parts: WorkerParts,
    config: WorkerConfig,
    random: Random,
}

impl Worker {
    /// A worker of these parts.
    pub fn new(parts: WorkerParts, config: WorkerConfig, random: Random) -> Self {
        Self {
            parts,
            config,
            random,
        }
    }

    /// Starts it on the current runtime.
    pub fn spawn(self) -> WorkerHandle {
        let (orders, heard) = watch::channel(Order::Serve);
        WorkerHandle {
            orders,
            task: Some(tokio::spawn(life::live(self, heard))),
        }
    }
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Take queries and run them.
    Serve,
    /// Take no more but for open transactions; at the deadline give back what still runs.
    Drain { deadline: Instant },
}

/// A started worker. Dropping this drains it at once.
#[derive(Debug)]
pub struct WorkerHandle {
    orders: watch::Sender<Order>,
    /// Until it was seen to have stopped.
    task: Option<JoinHandle<()>>,
}

impl WorkerHandle {
    /// Has it take no more queries but those of open transactions, finish what runs within `grace`, give back the rest and remove its cluster. May be
    /// called again with another grace.
    pub fn drain(&self, grace: Duration) {
        self.orders.send_replace(Order::Drain {
            deadline: Instant::now() + grace,
        });
    }

    /// Waits until it has stopped.
    pub async fn stopped(&mut self) {
        if let Some(task) = &mut self.task {
            if let Err(error) = task.await {
                tracing::error!(%error, "a worker ended abnormally");
            }
            self.task = None;
        }
    }
}
