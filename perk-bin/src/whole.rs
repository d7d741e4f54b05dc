//! The whole of Perk in this process: gateway, workers, queue and results, with their clusters.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use perk_core::{
    Gateway, GatewayConfig, Random, Router, Worker, WorkerConfig, WorkerHandle, WorkerParts,
};
use perk_protocol::ServerConfig;
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig};
use tokio::net::TcpListener;

use crate::backend::Backend;
use crate::server::Server;

/// How long clients get to read the errors of queries that a shutdown ended.
const LAST_READS: Duration = Duration::from_secs(2);

/// What the whole is made with.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) store: MemoryStoreConfig,
    pub(crate) worker: WorkerConfig,
    pub(crate) router: Router,
    pub(crate) gateway: GatewayConfig,
    pub(crate) server: ServerConfig,
}

/// Perk, serving.
pub(crate) struct Whole {
    gateway: Gateway,
    memory: Arc<MemoryResultStore>,
    workers: Vec<WorkerHandle>,
    server: Server,
}

impl Whole {
    /// Serves on this listener, with a worker for each backend.
    pub(crate) async fn start(
        listener: TcpListener,
        backends: Vec<Backend>,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        let random = Random::system();
        let queue = Arc::new(MemoryQueue::new());
        let memory = Arc::new(MemoryResultStore::new(settings.store));
        let registry = Arc::new(MemoryRegistry::new(settings.worker.lease, random.bytes()));
        let gateway = Gateway::new(
            queue.clone(),
            memory.clone(),
            registry.clone(),
            settings.router,
            settings.gateway,
            random.clone(),
        )
        .await?;
        let mut server = Server::start(listener)?;
        server.begin(gateway.clone(), settings.server);
        let start = |backend: Backend| {
            let parts = WorkerParts {
                queue: queue.clone(),
                store: memory.clone(),
                registry: registry.clone(),
                provisioner: backend.provisioner,
                executor: backend.executor,
            };
            Worker::new(parts, settings.worker.clone(), random.clone()).spawn()
        };
        Ok(Self {
            gateway,
            workers: backends.into_iter().map(start).collect(),
            memory,
            server,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Takes no more statements, lets what runs finish and be read within the grace period, ends the rest, and serves no
    /// more. `false` where `at_once` came before all that was done.
    pub(crate) async fn stop(
        mut self,
        grace: Duration,
        at_once: impl Future<Output = ()>,
    ) -> anyhow::Result<bool> {
        tokio::select! {
            () = self.drain(grace) => {}
            () = at_once => return Ok(false),
        }
        self.server.stop().await?;
        Ok(true)
    }

    async fn drain(&mut self, grace: Duration) {
        let deadline = tokio::time::Instant::now() + grace;
        self.gateway.refuse_statements();
        for worker in &self.workers {
            worker.drain(grace);
        }
        if let Err(error) = self.gateway.end_waiting().await {
            tracing::warn!(%error, "waiting queries could not be ended");
        }
        for worker in &mut self.workers {
            worker.stopped().await;
        }
        // What was taken in just before the statements were refused, or given back at the deadline.
        if let Err(error) = self.gateway.end_all().await {
            tracing::warn!(%error, "queries could not be ended");
        }
        let last = deadline.max(tokio::time::Instant::now() + LAST_READS);
        if tokio::time::timeout_at(last, self.memory.settled())
            .await
            .is_err()
        {
            tracing::warn!("some results were not fetched by their clients");
        }
    }
}
