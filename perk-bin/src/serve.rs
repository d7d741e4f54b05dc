//! `perk serve`: gateway and workers in one process, queue and results in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use ipnet::IpNet;
use perk_core::WorkerConfig;
use perk_protocol::{
    ClientLimits, ExecutorConfig, Origin, PrestoExecutor, ProbeConfig, PublicAddress, ServerConfig,
    StaticProvisioner,
};
use perk_queue::MemoryStoreConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::whole::{Backend, Settings, Whole};
use crate::{embedded, size};

/// Serve the Presto and Trino protocols in front of clusters, in one process.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A coordinator's address, like <http://coordinator:8080>; Presto or Trino is found out by asking. Give one for each
    /// cluster. Without any, the engine inside this process answers, which is for trying, developing and testing.
    #[arg(long, num_args = 1.., value_name = "URL")]
    cluster: Vec<Origin>,
    /// How many queries each cluster runs at once.
    #[arg(long, default_value_t = 32, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    concurrency: usize,
    /// The address to give to clients, like <https://perk.example>; by default the one they ask.
    #[arg(long, value_name = "URL")]
    external_url: Option<PublicAddress>,
    /// From which addresses X-Forwarded-Proto, -Host and -Port are believed.
    #[arg(long, num_args = 1.., value_name = "CIDR")]
    trusted_proxies: Vec<IpNet>,
    /// The statement that a ready cluster answers, best one that reads data. Without it SELECT 1, and a moment for a
    /// Trino that has just started.
    #[arg(long, value_name = "SQL")]
    probe_query: Option<String>,
    /// Up to how many bytes a read's rows are kept back until it ends, so that it can run again if its cluster is lost;
    /// or off, or all.
    #[arg(long, default_value = "1MiB", value_name = "SIZE", value_parser = size::parse_bound)]
    hold_results: usize,
    /// How many bytes of results may wait for their clients.
    #[arg(long, default_value = "256MiB", value_name = "SIZE", value_parser = size::parse)]
    result_memory: usize,
    /// The largest page of rows that a cluster may send.
    #[arg(long, default_value = "64MiB", value_name = "SIZE", value_parser = size::parse)]
    max_page: usize,
    /// Ask clusters for compressed answers: worth it where the network to them is slower than the processors.
    #[arg(long)]
    cluster_gzip: bool,
    /// After how many seconds without a sign of its client a query is cancelled.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    client_timeout: u64,
    /// After how many seconds without a statement a transaction is forgotten: as long as the cluster itself bears it.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    transaction_idle: u64,
    /// How many seconds running queries and open transactions get to finish when Perk is stopped.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=86_400))]
    grace: u64,
}

impl Serve {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!(
                "cannot listen on {}; give another address with --listen",
                self.listen
            )
        })?;
        let mut signals = Signals::new()?;
        let settings = Settings {
            store: self.store_config(),
            worker: WorkerConfig {
                concurrency: self.concurrency,
                host: "perk".into(),
                transaction_idle: Duration::from_secs(self.transaction_idle),
                ..WorkerConfig::default()
            },
            server: ServerConfig {
                external_url: self.external_url.clone(),
                trusted_proxies: self.trusted_proxies.clone(),
                ..ServerConfig::default()
            },
        };
        let whole = Whole::start(listener, self.backends()?, settings).await?;
        println!("{}", self.screen(whole.address()));

        signals.next().await;
        tracing::info!(
            seconds = self.grace,
            "stopping: running queries may finish; a second signal ends at once"
        );
        let grace = Duration::from_secs(self.grace);
        if !whole.stop(grace, signals.next()).await? {
            eprintln!("perk: stopped at once; queries may still run on the clusters");
            std::process::exit(130);
        }
        Ok(())
    }

    fn backends(&self) -> anyhow::Result<Vec<Backend>> {
        if self.cluster.is_empty() {
            return Ok(vec![embedded::backend()?]);
        }
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
        Ok(self.cluster.iter().map(backend).collect())
    }

    fn store_config(&self) -> MemoryStoreConfig {
        MemoryStoreConfig {
            client_timeout: Duration::from_secs(self.client_timeout),
            hold_results: self.hold_results,
            unread_total: self.result_memory,
            ..MemoryStoreConfig::default()
        }
    }

    /// What a newcomer needs, on one screen.
    fn screen(&self, listening: SocketAddr) -> String {
        let host = match listening.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            ip if ip.is_ipv6() => format!("[{ip}]"),
            ip => ip.to_string(),
        };
        let local = format!("http://{host}:{}", listening.port());
        let external = self.external_url.as_ref().map(ToString::to_string);
        let reached = external
            .as_ref()
            .map(|url| format!(", reached as {url}"))
            .unwrap_or_default();
        let url = external.unwrap_or_else(|| local.clone());
        let (scheme, address) = url.split_once("://").unwrap_or(("http", &url));
        let (ssl, http_scheme, usual_port) = match scheme {
            "https" => ("?SSL=true", r#", http_scheme="https""#, "443"),
            _ => ("", "", "80"),
        };
        let (host, port) = address
            .rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .unwrap_or((address, usual_port));
        let clusters: Vec<String> = self.cluster.iter().map(Origin::to_string).collect();
        let clusters = match clusters.as_slice() {
            [] => "the engine inside this process, for trying, developing and testing\n  \
                   (catalogs: tpch with schemas tiny and sf1, memory; --cluster URL for a real one)"
                .to_owned(),
            clusters => clusters.join("\n  "),
        };
        format!(
            r#"Perk listens on {local}{reached}, in front of:
  {clusters}

Connect as you would connect to the cluster itself:
  presto-cli  presto --server {url} --catalog tpch --schema tiny
  trino-cli   trino --server {url} --catalog tpch --schema tiny
  JDBC        jdbc:presto://{address}/tpch/tiny{ssl} or jdbc:trino://{address}/tpch/tiny{ssl}
  Python      trino.dbapi.connect(host="{host}", port={port}{http_scheme}, user="me", catalog="tpch", schema="tiny")

Try:          perk query --server {local} "SELECT 1"
Stop:         Ctrl-C; running queries get {grace} s to finish"#,
            grace = self.grace,
        )
    }
}

/// Ctrl-C and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be heard");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
