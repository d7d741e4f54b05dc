//! `perk-worker`: a worker as a process of its own.

use std::fs;

use clap::Parser;
use perk_protocol::Origin;
use perk_queue::RedisStoreConfig;

use crate::deployment::{Process, WorkersParts};
use crate::options::{
    CredentialOptions, LeaseOptions, PageOptions, RedisOptions, ResultOptions, WorkingOptions,
};
use crate::signals::Signals;

/// What it calls itself.
pub(crate) const PROGRAM: &str = "perk-worker";

/// Run queries out of Redis on a cluster, for any number of gateways.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version)]
pub(crate) struct Arguments {
    /// The coordinator's address, like <http://coordinator:8080>; Presto or Trino is found out by asking. Each worker has
    /// a cluster of its own.
    #[arg(long, value_name = "URL")]
    cluster: Origin,
    #[command(flatten)]
    working: WorkingOptions,
    #[command(flatten)]
    redis: RedisOptions,
    #[command(flatten)]
    credentials: CredentialOptions,
    #[command(flatten)]
    pages: PageOptions,
    #[command(flatten)]
    lease: LeaseOptions,
    #[command(flatten)]
    results: ResultOptions,
}

impl Arguments {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let lease = self.lease.lease();
        let results = RedisStoreConfig {
            compression: self.pages.compression(),
            ..self.results.in_redis(self.credentials.key()?)
        };
        let redis = self.redis.config(lease, results);
        let signals = Signals::new()?;
        println!(
            "{PROGRAM} runs queries of the pool {} on {}, {} at once, over {}\nStop: Ctrl-C; running queries get {} s to finish",
            self.working.pool,
            self.cluster,
            self.working.concurrency,
            self.redis,
            self.working.grace,
        );
        let workers = WorkersParts {
            backends: self.working.backends(&[self.cluster]),
            config: self.working.worker_config(&host(), lease),
            grace: self.working.grace(),
        };
        let process = Process {
            program: PROGRAM,
            redis,
            gateway: None,
            workers: Some(workers),
        };
        process.run(signals).await
    }
}

/// What this machine is called, for people who look at a list of workers.
pub(crate) fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok());
    name.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "worker".to_owned())
}
