//! One process of a deployment whose queue and results are in Redis: a gateway, workers, or both.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use perk_core::{
    Gateway, GatewayConfig, Random, Router, Worker, WorkerConfig, WorkerHandle, WorkerParts,
};
use perk_protocol::ServerConfig;
use perk_queue::{Redis, RedisConfig};
use tokio::time::Instant;

use crate::backend::Backend;
use crate::options::without_secrets;
use crate::server::Server;
use crate::signals::{self, Signals};

/// Between two tries to reach Redis.
const PAUSE: Duration = Duration::from_millis(500);
/// How often it is said that Redis is still away.
const SAY_AGAIN: Duration = Duration::from_secs(30);

/// What a process does in a deployment. What waits or rests in Redis is all processes': it stays there when one stops.
#[derive(Debug)]
pub(crate) struct Process {
    /// What it calls itself.
    pub(crate) program: &'static str,
    pub(crate) redis: RedisConfig,
    pub(crate) gateway: Option<GatewayParts>,
    pub(crate) workers: Option<WorkersParts>,
}

/// What a gateway is made of beside Redis.
#[derive(Debug)]
pub(crate) struct GatewayParts {
    pub(crate) server: Server,
    pub(crate) router: Router,
    pub(crate) config: GatewayConfig,
    pub(crate) server_config: ServerConfig,
}

/// What workers are made of beside Redis.
#[derive(Debug)]
pub(crate) struct WorkersParts {
    pub(crate) backends: Vec<Backend>,
    pub(crate) config: WorkerConfig,
    pub(crate) grace: Duration,
}

impl Process {
    /// Does it until told to stop.
    pub(crate) async fn run(self, mut signals: Signals) -> anyhow::Result<()> {
        let Self {
            program,
            redis,
            gateway,
            workers,
        } = self;
        let random = Random::system();
        let begun = tokio::select! {
            begun = begin(&redis, gateway, workers, &random) => begun,
            () = signals.next() => return Ok(()),
        };
        signals.next().await;
        let left = begun.left();
        tokio::select! {
            stopped = begun.stop() => stopped,
            () = signals.next() => signals::end_at_once(program, left),
        }
    }
}

/// What runs in this process.
struct Begun {
    gateway: Option<(Gateway, Server)>,
    workers: Vec<WorkerHandle>,
    grace: Duration,
}

impl Begun {
    /// What a process that ends at once leaves behind.
    fn left(&self) -> &'static str {
        if self.workers.is_empty() {
            "answers under way were cut off"
        } else {
            "queries may still run on the clusters; other workers take them over when the lease has ended"
        }
    }

    async fn stop(mut self) -> anyhow::Result<()> {
        if self.workers.is_empty() {
            tracing::info!(
                "stopping: answers under way are finished; a second signal ends at once"
            );
        } else {
            tracing::info!(
                seconds = self.grace.as_secs(),
                "stopping: running queries may finish; a second signal ends at once"
            );
            // Meanwhile their rows are read here; statements are for who stays.
            if let Some((gateway, _)) = &self.gateway {
                gateway.refuse_statements();
            }
            for worker in &self.workers {
                worker.drain(self.grace);
            }
            for worker in &mut self.workers {
                worker.stopped().await;
            }
        }
        match self.gateway {
            Some((_, server)) => server.stop().await,
            None => Ok(()),
        }
    }
}

/// Begins as soon as Redis is there.
async fn begin(
    redis: &RedisConfig,
    gateway: Option<GatewayParts>,
    workers: Option<WorkersParts>,
    random: &Random,
) -> Begun {
    let shared = until_there(|| Redis::connect(redis.clone(), random.clone())).await;
    let gateway = match gateway {
        None => None,
        Some(mut parts) => {
            let gateway = until_there(|| {
                Gateway::new(
                    shared.queue.clone(),
                    shared.store.clone(),
                    shared.registry.clone(),
                    parts.router.clone(),
                    parts.config.clone(),
                    random.clone(),
                )
            })
            .await;
            parts.server.begin(gateway.clone(), parts.server_config);
            Some((gateway, parts.server))
        }
    };
    let grace = workers.as_ref().map_or(Duration::ZERO, |parts| parts.grace);
    let workers = workers.map_or_else(Vec::new, |parts| {
        let start = |backend: Backend| {
            let worker = WorkerParts {
                queue: shared.queue.clone(),
                store: shared.store.clone(),
                registry: shared.registry.clone(),
                provisioner: backend.provisioner,
                executor: backend.executor,
            };
            Worker::new(worker, parts.config.clone(), random.clone()).spawn()
        };
        parts.backends.into_iter().map(start).collect()
    });
    Begun {
        gateway,
        workers,
        grace,
    }
}

/// Tries until it works, and says what it waits for: once, and now and then.
async fn until_there<T, E, F>(attempt: impl Fn() -> F) -> T
where
    E: Display,
    F: Future<Output = Result<T, E>>,
{
    let mut said: Option<Instant> = None;
    loop {
        match attempt().await {
            Ok(there) => {
                if said.is_some() {
                    tracing::info!("Redis is there");
                }
                return there;
            }
            Err(error) if said.is_none_or(|said| said.elapsed() >= SAY_AGAIN) => {
                let error = without_secrets(&error.to_string());
                tracing::warn!(error, "waiting for Redis; trying again until it is there");
                said = Some(Instant::now());
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}
