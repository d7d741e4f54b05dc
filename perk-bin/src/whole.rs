//! The whole of Perk in this process: gateway, workers, queue and results, with their clusters.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use perk_core::{
    ClusterProvisioner, Gateway, GatewayConfig, QueryExecutor, Queue, Random, Registry,
    ResultStore, Router, Worker, WorkerConfig, WorkerHandle, WorkerParts,
};
use perk_protocol::{PrestoService, ServerConfig};
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long clients get to read the errors of queries that a shutdown ended.
const LAST_READS: Duration = Duration::from_secs(2);

/// Where a worker's cluster comes from, and what runs statements on it.
pub(crate) struct Backend {
    pub(crate) provisioner: Arc<dyn ClusterProvisioner>,
    pub(crate) executor: Arc<dyn QueryExecutor>,
}

/// What the whole is made with.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) store: MemoryStoreConfig,
    pub(crate) worker: WorkerConfig,
    pub(crate) server: ServerConfig,
}

/// Perk, serving.
pub(crate) struct Whole {
    address: SocketAddr,
    gateway: Gateway,
    memory: Arc<MemoryResultStore>,
    workers: Vec<WorkerHandle>,
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    housekeeping: JoinHandle<()>,
}

impl Whole {
    /// Serves on this listener, with a worker for each backend.
    pub(crate) async fn start(
        listener: TcpListener,
        backends: Vec<Backend>,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let random = Random::system();
        let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new());
        let memory = Arc::new(MemoryResultStore::new(settings.store));
        let store: Arc<dyn ResultStore> = memory.clone();
        let registry: Arc<dyn Registry> =
            Arc::new(MemoryRegistry::new(settings.worker.lease, random.bytes()));
        let config = GatewayConfig::default();
        let (router, parts) = (
            Router::default(),
            (queue.clone(), store.clone(), registry.clone()),
        );
        let gateway =
            Gateway::new(parts.0, parts.1, parts.2, router, config, random.clone()).await?;
        let start = |backend: Backend| {
            let parts = WorkerParts {
                queue: queue.clone(),
                store: store.clone(),
                registry: registry.clone(),
                provisioner: backend.provisioner,
                executor: backend.executor,
            };
            Worker::new(parts, settings.worker.clone(), random.clone()).spawn()
        };
        let workers = backends.into_iter().map(start).collect();
        let service = PrestoService::new(gateway.clone(), settings.server);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(perk_protocol::serve(listener, service, async {
            let _ = stopped.await;
        }));
        let housekeeping = tokio::spawn({
            let gateway = gateway.clone();
            async move { gateway.keep_house().await }
        });
        Ok(Self {
            address,
            gateway,
            memory,
            workers,
            server,
            stop,
            housekeeping,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
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
        self.housekeeping.abort();
        let _ = self.stop.send(());
        self.server.await.context("the server ended abnormally")?;
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
