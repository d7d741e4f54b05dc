//! Programs that embed Perk's libraries. Each is one file in `src/bin`:
//!
//! | program | what it shows |
//! |---|---|
//! | `whole_perk` | gateway, worker and HTTP server in a program of one's own, without the `perk` binary |
//! | `without_http` | a statement submitted to a [`Gateway`](perk_core::Gateway) value, its rows read as bytes |
//! | `own_provisioner` | clusters that come from somewhere else: an implementation of [`ClusterProvisioner`](perk_core::ClusterProvisioner) |
//!
//! Run one with `cargo run -p perk-examples --bin whole_perk -- http://coordinator:8080`.

use std::sync::Arc;
use std::time::Duration;

use perk_core::{
    ClusterProvisioner, Gateway, GatewayConfig, Random, Router, Unavailable, Worker, WorkerConfig,
    WorkerHandle, WorkerParts,
};
use perk_protocol::{ExecutorConfig, PrestoExecutor};
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig};

/// A gateway and one worker over a provisioner's cluster, joined by a queue and results in memory.
///
/// # Errors
///
/// None with parts in memory; other parts may be away.
pub async fn perk_over(
    provisioner: Arc<dyn ClusterProvisioner>,
) -> Result<(Gateway, WorkerHandle), Unavailable> {
    let random = Random::system();
    let parts = WorkerParts {
        queue: Arc::new(MemoryQueue::new()),
        store: Arc::new(MemoryResultStore::new(MemoryStoreConfig::default())),
        registry: Arc::new(MemoryRegistry::new(Duration::from_secs(15), random.bytes())),
        provisioner,
        executor: Arc::new(PrestoExecutor::new(ExecutorConfig::default())),
    };
    let (queue, store, registry) = (
        parts.queue.clone(),
        parts.store.clone(),
        parts.registry.clone(),
    );
    let (router, config) = (Router::default(), GatewayConfig::default());
    let gateway = Gateway::new(queue, store, registry, router, config, random.clone()).await?;
    let worker = Worker::new(parts, WorkerConfig::default(), random).spawn();
    Ok((gateway, worker))
}
