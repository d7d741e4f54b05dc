//! The engine as a cluster: which clusters of it there are, and what runs on them.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the engine, its clusters and their queries |
//! | [`executor`] | it as a [`QueryExecutor`](perk_core::QueryExecutor) |
//! | [`provisioner`] | it as a [`ClusterProvisioner`](perk_core::ClusterProvisioner) |
//! | [`run`] | a query on its way |
//! | [`memory`], [`windows`] | how many bytes it may hold |
//! | [`stats`] | how far it is |
//! | [`turns`] | that it can be stopped at any time |

mod executor;
mod memory;
mod passing;
mod provisioner;
mod run;
mod stats;
#[cfg(test)]
mod tests;
mod turns;
mod windows;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::execution::memory_pool::GreedyMemoryPool;
use perk_core::WorkerId;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use crate::catalog::{Catalogs, registry};
use crate::transaction::Transactions;

/// How many bytes of stack each of the engine's threads may use; what is not used takes no memory.
const STACK: usize = 16 << 20;

/// What an [`EmbeddedEngine`] may use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmbeddedConfig {
    /// How many bytes one query may hold while it runs. Beyond that it fails with `EXCEEDED_LOCAL_MEMORY_LIMIT`.
    ///
    /// What is counted is what grows with the rows: those that are sorted, joined, grouped or in a window as a whole. Not
    /// counted are the batches on their way from one to the next, some megabytes for each thread; what a window of so many
    /// rows before or behind keeps; and the pages that wait for their reader.
    pub memory_per_query: usize,
    /// How many bytes all queries may hold together, counted in the same way. One that wants more then fails with
    /// `CLUSTER_OUT_OF_MEMORY`.
    pub memory: usize,
    /// How many bytes the tables of the catalog `memory` may hold, all together: beside what queries may. A table that was
    /// emptied or dropped counts for as long as a query reads it.
    pub memory_tables: usize,
    /// How many threads work on queries. They are the engine's own, so that whoever embeds it is not kept waiting.
    pub threads: usize,
}

impl Default for EmbeddedConfig {
    /// 512 MiB for a query, 2 GiB for all of them, 256 MiB for tables, a thread for each processor.
    fn default() -> Self {
        Self {
            memory_per_query: 512 << 20,
            memory: 2 << 30,
            memory_tables: 256 << 20,
            threads: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }
}

/// An engine inside the process that answers Presto's SQL: a [`QueryExecutor`](perk_core::QueryExecutor) and a
/// [`ClusterProvisioner`](perk_core::ClusterProvisioner) of the clusters that it plays. All clones are the same engine.
///
/// It has the catalogs `tpch` (schemas `tiny` and `sf1`, made up as they are read), `memory` (empty tables to create and fill,
/// which are gone with the engine) and `system`. Pages are in Trino's form, whichever dialect the statement is in.
///
/// Transactions are those of the cluster that began them. Within one, nothing can be written. A query ends when it has taken
/// as long as the session properties `query_max_run_time` and `query_max_execution_time` let it, counted from its execution
/// on; other properties can be set, and have no effect.
///
/// It is for trying, developing and testing; it does not replace a cluster.
///
/// ```
/// use perk_core::{ClusterProvisioner, WorkerId};
/// use perk_embedded::{EmbeddedConfig, EmbeddedEngine};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = EmbeddedEngine::new(EmbeddedConfig::default())?;
/// let cluster = engine.provision(&WorkerId::new("me", [1; 10])).await?;
/// assert!(cluster.version.starts_with("DataFusion"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct EmbeddedEngine {
    shared: Arc<Shared>,
}

/// What an engine does, as [`EmbeddedEngine::activity`] tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// How many statements have begun, ever.
    pub begun: u64,
    /// How many run now.
    pub running: usize,
}

#[derive(Debug)]
struct Shared {
    config: EmbeddedConfig,
    catalogs: Catalogs,
    /// What all queries hold.
    memory: Arc<GreedyMemoryPool>,
    /// Some until it is dropped.
    threads: Option<Runtime>,
    next: AtomicU64,
    begun: AtomicU64,
    clusters: Mutex<Vec<Playing>>,
    /// How many queries run, for whoever waits for that.
    running: watch::Sender<usize>,
}

/// A cluster that the engine plays.
#[derive(Debug)]
struct Playing {
    owner: WorkerId,
    origin: String,
    /// By their ids. Dropping what is in here is what ends a query.
    queries: HashMap<String, watch::Sender<Wanted>>,
    transactions: Transactions,
}

/// What becomes of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// It goes on.
    On,
    /// Somebody has cancelled it.
    Cancelled,
}

impl EmbeddedEngine {
    /// A new engine, with nothing in its `memory` catalog. Fails where the system gives no threads.
    pub fn new(config: EmbeddedConfig) -> std::io::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .thread_name("perk-embedded")
            // Statements and plans are trees that are gone through by recursion. A statement may be as deep as its reader
            // lets it, which in a debug build takes more than the 2 MiB that threads have otherwise.
            .thread_stack_size(STACK)
            .enable_time()
            .build()?;
        let shared = Shared {
            catalogs: registry::catalogs(config.memory_tables),
            memory: Arc::new(GreedyMemoryPool::new(config.memory)),
            config,
            threads: Some(threads),
            next: AtomicU64::new(1),
            begun: AtomicU64::new(0),
            clusters: Mutex::default(),
            running: watch::Sender::new(0),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// What it does.
    pub fn activity(&self) -> Activity {
        Activity {
            begun: self.shared.begun.load(Ordering::Relaxed),
            running: *self.shared.running.borrow(),
        }
    }

    /// Waits until exactly this many statements run.
    pub async fn runs(&self, count: usize) {
        let mut running = self.shared.running.subscribe();
        // The sender lives as long as the engine does.
        let _ = running.wait_for(|running| *running == count).await;
    }

    /// Loses all its clusters at once, with all that they run, as a crash would: for tests of what becomes of it.
    pub fn lose_clusters(&self) {
        self.shared.clusters().clear();
    }
}

impl Shared {
    fn clusters(&self) -> MutexGuard<'_, Vec<Playing>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn threads(&self) -> &Handle {
        // Only `drop` takes it.
        self.threads
            .as_ref()
            .map_or_else(|| unreachable!(), Runtime::handle)
    }

    /// A number that nothing else here has.
    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Waiting for threads would block whoever drops the last clone, which may be a task.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}
