//! How clusters are used.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use perk_core::{PoolName, WorkerConfig};
use perk_protocol::{
    ClientLimits, ExecutorConfig, Origin, PrestoExecutor, ProbeConfig, StaticProvisioner,
};

use super::{seconds, size};
use crate::backend::Backend;

#[derive(Debug, Args)]
#[command(next_help_heading = "Clusters")]
pub(crate) struct WorkingOptions {
    /// How many queries each cluster runs at once.
    #[arg(long, default_value_t = 32, value_name = "NUMBER", value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    pub(crate) concurrency: usize,
    /// The pool whose queries they run.
    #[arg(
        long,
        default_value = "default",
        value_name = "NAME",
        requires = "redis"
    )]
    pub(crate) pool: PoolName,
    /// After how many seconds a running query is cancelled, and fails with PERK_RUN_TIME_EXCEEDED. By default never.
    #[arg(long, value_name = "SECONDS", value_parser = seconds())]
    max_run_time: Option<u64>,
    /// The statement that a ready cluster answers, best one that reads data. Without it SELECT 1, and a moment for a
    /// Trino that has just started.
    #[arg(long, value_name = "SQL")]
    probe_query: Option<String>,
    /// The largest page of rows that a cluster may send.
    #[arg(long, default_value = "64MiB", value_name = "SIZE", value_parser = size::parse)]
    max_page: usize,
    /// Ask clusters for compressed answers: worth it where the network to them is slower than the processors.
    #[arg(long)]
    cluster_gzip: bool,
    /// After how many seconds without a statement a transaction is forgotten: as long as the cluster itself bears it.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = seconds())]
    transaction_idle: u64,
    /// How many seconds running queries and open transactions get to finish when Perk is stopped.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) grace: u64,
}

impl WorkingOptions {
    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs(self.grace)
    }

    pub(crate) fn worker_config(&self, host: &str, lease: Duration) -> WorkerConfig {
        WorkerConfig {
            concurrency: self.concurrency,
            host: host.to_owned(),
            pool: self.pool.clone(),
            lease,
            max_run_time: self.max_run_time.map(Duration::from_secs),
            transaction_idle: Duration::from_secs(self.transaction_idle),
            ..WorkerConfig::default()
        }
    }

    /// What runs statements on each of these clusters.
    pub(crate) fn backends(&self, clusters: &[Origin]) -> Vec<Backend> {
        let executor = Arc::new(PrestoExecutor::new(ExecutorConfig {
            limits: ClientLimits {
                answer_bytes: self.max_page,
                gzip: self.cluster_gzip,
                ..ClientLimits::default()
            },
            ..ExecutorConfig::default()
        }));
        let backend = |cluster: &Origin| {
            let mut probe = ProbeConfig::default();
            if let Some(query) = &self.probe_query {
                // Whoever names one names one that tells.
                probe.settle = Duration::ZERO;
                probe.query.clone_from(query);
            }
            Backend {
                provisioner: Arc::new(StaticProvisioner::new(cluster.clone(), probe)),
                executor: executor.clone(),
            }
        };
        clusters.iter().map(backend).collect()
    }
}
