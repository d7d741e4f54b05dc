//! Perk joined out of its libraries as `perk serve` joins them, with short times.

use std::sync::Arc;
use std::time::Duration;

use perk_core::{
    Depth, Gateway, GatewayConfig, PoolName, Queue, Random, Registry, Router, Worker, WorkerConfig,
    WorkerHandle, WorkerParts,
};
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use perk_protocol::{
    ClientLimits, ExecutorConfig, PrestoExecutor, PrestoService, ProbeConfig, ServerConfig,
    StaticProvisioner,
};
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryStoreConfig};
use tokio::net::TcpListener;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, oneshot};
use tokio::task::JoinHandle;

use super::client::Client;
use super::watched::Watched;

/// The two flavours, for tests that go over both.
pub(crate) const BOTH: [Flavor; 2] = [Flavor::Presto, Flavor::Trino];

/// Tests that look at the clock run beside each other, but not beside those that keep every core busy.
static BUSY: RwLock<()> = RwLock::const_new(());

/// Held by a test that keeps every core busy.
pub(crate) async fn alone() -> RwLockWriteGuard<'static, ()> {
    BUSY.write().await
}

/// How the parts behave: short times, and generous waits where a test wants an answer and not a delay.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) gateway: GatewayConfig,
    pub(crate) worker: WorkerConfig,
    pub(crate) store: MemoryStoreConfig,
    pub(crate) executor: ExecutorConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway: GatewayConfig {
                sweep_interval: Duration::from_millis(20),
                ..GatewayConfig::default()
            },
            worker: WorkerConfig {
                lease: Duration::from_secs(5),
                health_interval: Duration::from_millis(100),
                unhealthy_after: 2,
                ..WorkerConfig::default()
            },
            store: MemoryStoreConfig {
                client_timeout: Duration::from_secs(30),
                keep_ended: Duration::from_millis(100),
                ..MemoryStoreConfig::default()
            },
            executor: ExecutorConfig {
                patience: Duration::from_millis(300),
                ..ExecutorConfig::default()
            },
        }
    }
}

impl Settings {
    /// The defaults with changes.
    pub(crate) fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut settings = Self::default();
        change(&mut settings);
        settings
    }
}

/// Everything of one deployment, and its HTTP server.
#[derive(Debug)]
pub(crate) struct Perk {
    pub(crate) url: String,
    pub(crate) gateway: Gateway,
    pub(crate) store: Arc<Watched>,
    /// One for each coordinator, in their order.
    pub(crate) workers: Vec<WorkerHandle>,
    parts: Parts,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
    _beside: Option<RwLockReadGuard<'static, ()>>,
}

/// What another worker needs to join.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    settings: Settings,
    queue: Arc<dyn Queue>,
    store: Arc<Watched>,
    registry: Arc<dyn Registry>,
}

impl Parts {
    async fn gateway(&self) -> Gateway {
        let gateway = Gateway::new(
            self.queue.clone(),
            self.store.clone(),
            self.registry.clone(),
            Router::default(),
            self.settings.gateway.clone(),
            Random::system(),
        );
        gateway.await.unwrap()
    }

    /// Starts a worker over a coordinator on the current runtime.
    pub(crate) fn work(&self, coordinator: &ScriptedCoordinator) -> WorkerHandle {
        let probe = ProbeConfig {
            query: "SELECT 'probe'".to_owned(),
            time_limit: Duration::from_secs(2),
            interval: Duration::from_millis(20),
            ..ProbeConfig::default()
        };
        let origin = coordinator.url().parse().unwrap();
        let parts = WorkerParts {
            queue: self.queue.clone(),
            store: self.store.clone(),
            registry: self.registry.clone(),
            provisioner: Arc::new(StaticProvisioner::new(origin, probe)),
            executor: Arc::new(PrestoExecutor::new(self.settings.executor)),
        };
        Worker::new(parts, self.settings.worker.clone(), Random::system()).spawn()
    }
}

impl Perk {
    /// Starts it over these coordinators, and waits until each has answered its probe.
    pub(crate) async fn over(coordinators: &[&ScriptedCoordinator], settings: Settings) -> Self {
        let beside = BUSY.read().await;
        Self::start(coordinators, settings, Some(beside)).await
    }

    /// The same for a test that holds [`alone`]'s guard.
    pub(crate) async fn over_alone(
        coordinators: &[&ScriptedCoordinator],
        settings: Settings,
    ) -> Self {
        Self::start(coordinators, settings, None).await
    }

    async fn start(
        coordinators: &[&ScriptedCoordinator],
        settings: Settings,
        beside: Option<RwLockReadGuard<'static, ()>>,
    ) -> Self {
        let random = Random::system();
        let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new());
        let store = Watched::new(settings.store.clone());
        let registry: Arc<dyn Registry> =
            Arc::new(MemoryRegistry::new(settings.worker.lease, random.bytes()));
        let parts = Parts {
            settings,
            queue,
            store: store.clone(),
            registry,
        };
        let gateway = parts.gateway().await;
        let workers = coordinators
            .iter()
            .map(|cluster| parts.work(cluster))
            .collect();
        let (stop, stopped) = oneshot::channel::<()>();
        let (url, server) = serve(&gateway, stopped).await;
        let housekeeping = tokio::spawn({
            let gateway = gateway.clone();
            async move { gateway.keep_house().await }
        });
        for coordinator in coordinators {
            coordinator.wait_until(|seen| seen.finished > 0).await;
        }
        Self {
            url,
            gateway,
            store,
            workers,
            parts,
            stop,
            server,
            housekeeping,
            _beside: beside,
        }
    }

    /// A client of that dialect which is given no rows in a POST's answer.
    pub(crate) fn client(&self, flavor: Flavor) -> Client {
        Client::new(&self.url, flavor)
    }

    /// The address of another gateway of the same deployment, which serves until the test ends.
    pub(crate) async fn another_gateway(&self) -> String {
        let (stop, stopped) = oneshot::channel();
        std::mem::forget(stop);
        serve(&self.parts.gateway().await, stopped).await.0
    }

    /// What another worker needs to join.
    pub(crate) fn parts(&self) -> Parts {
        self.parts.clone()
    }

    /// Waits until no worker has the transaction any more.
    pub(crate) async fn forgets(&self, transaction: &str) {
        let transaction = transaction.parse().unwrap();
        let forgotten = async {
            while self
                .parts
                .registry
                .transaction_worker(&transaction)
                .await
                .unwrap()
                .is_some()
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let forgotten = tokio::time::timeout(Duration::from_secs(30), forgotten).await;
        forgotten.expect("an idle transaction is forgotten");
    }

    pub(crate) async fn depth(&self) -> Depth {
        let depth = self.parts.queue.depth(&PoolName::default_pool()).await;
        depth.unwrap()
    }

    /// Stops as `perk serve` does on a signal.
    pub(crate) async fn drain(&mut self, grace: Duration) {
        self.gateway.refuse_statements();
        self.workers.iter().for_each(|worker| worker.drain(grace));
        self.gateway.end_waiting().await.unwrap();
        for worker in &mut self.workers {
            worker.stopped().await;
        }
        self.workers.clear();
        self.gateway.end_all().await.unwrap();
    }

    /// What must hold when every client is done or gone: nothing runs, nothing is stored, nothing waits, and no
    /// coordinator was spoken to wrongly.
    pub(crate) async fn leaves_nothing(mut self, coordinators: &[&ScriptedCoordinator]) {
        for coordinator in coordinators {
            coordinator.wait_until(|seen| seen.running == 0).await;
            coordinator.seen().assert_clean();
        }
        self.store.empty().await;
        // With the workers gone, what is neither done nor given up would still be pending.
        self.workers
            .iter()
            .for_each(|worker| worker.drain(Duration::from_secs(10)));
        for worker in &mut self.workers {
            worker.stopped().await;
        }
        assert_eq!(self.depth().await, Depth::default());
        self.housekeeping.abort();
        drop(self.stop);
        self.server.await.unwrap();
        for coordinator in coordinators {
            coordinator.seen().assert_clean();
        }
    }
}

/// Serves a gateway on a port of its own until told to stop.
async fn serve(gateway: &Gateway, stopped: oneshot::Receiver<()>) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = PrestoService::new(gateway.clone(), ServerConfig::default());
    let server = perk_protocol::serve(listener, service, async { drop(stopped.await) });
    (url, tokio::spawn(server))
}

/// An executor's limits with another bound for silence.
pub(crate) fn silence(limit: Duration) -> ClientLimits {
    ClientLimits {
        silence: limit,
        ..ClientLimits::default()
    }
}
