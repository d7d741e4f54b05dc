//! `perk serve`: gateway and workers in one process.

use std::net::SocketAddr;

use clap::Args;
use perk_core::PoolName;
use perk_protocol::Origin;
use perk_queue::RedisStoreConfig;

use crate::backend::Backend;
use crate::deployment::{GatewayParts, Process, WorkersParts};
use crate::embedded;
use crate::options::{
    CredentialOptions, LeaseOptions, PageOptions, RedisOptions, ResultOptions, ServingOptions,
    WorkingOptions,
};
use crate::server::{Server, local_url};
use crate::signals::{self, Signals};
use crate::whole::{Settings, Whole};
use crate::worker;

/// What it calls itself.
const PROGRAM: &str = "perk";

/// Serve the Presto and Trino protocols in front of clusters, in one process; queue and results are in its memory, or in
/// Redis.
#[derive(Debug, Args)]
#[command(mut_arg("redis", |redis| redis.required(false)))]
pub(crate) struct Serve {
    /// A coordinator's address, like <http://coordinator:8080>; Presto or Trino is found out by asking. Give one for each
    /// cluster. Without any, the engine inside this process answers, which is for trying, developing and testing.
    #[arg(long, num_args = 1.., value_name = "URL")]
    cluster: Vec<Origin>,
    #[command(flatten)]
    serving: ServingOptions,
    #[command(flatten)]
    working: WorkingOptions,
    #[command(flatten)]
    results: ResultOptions,
    #[command(flatten)]
    redis: Option<RedisOptions>,
    #[command(flatten)]
    credentials: CredentialOptions,
    #[command(flatten)]
    pages: PageOptions,
    #[command(flatten)]
    lease: LeaseOptions,
}

impl Serve {
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        match self.redis.take() {
            Some(redis) => self.over_redis(&redis).await,
            None => self.in_memory().await,
        }
    }

    async fn in_memory(self) -> anyhow::Result<()> {
        let router = self.serving.router_to(&PoolName::default_pool())?;
        let listener = self.serving.bind().await?;
        let mut signals = Signals::new()?;
        let settings = Settings {
            store: self.results.in_memory(),
            worker: self.working.worker_config(PROGRAM, self.lease.lease()),
            router,
            gateway: self.lease.gateway_config(self.serving.bounds()),
            server: self.serving.server_config(true),
        };
        let whole = Whole::start(listener, self.backends()?, settings).await?;
        println!("{}", self.screen(whole.address(), None));

        signals.next().await;
        let grace = self.working.grace();
        tracing::info!(
            seconds = grace.as_secs(),
            "stopping: running queries may finish; a second signal ends at once"
        );
        if !whole.stop(grace, signals.next()).await? {
            signals::end_at_once(PROGRAM, "queries may still run on the clusters");
        }
        Ok(())
    }

    async fn over_redis(self, redis: &RedisOptions) -> anyhow::Result<()> {
        let credential_key = self.credentials.key()?;
        let router = self.serving.router()?;
        let server_config = self.serving.server_config(credential_key.is_some());
        let lease = self.lease.lease();
        let results = RedisStoreConfig {
            compression: self.pages.compression(),
            ..self.results.in_redis(credential_key)
        };
        let config = redis.config(lease, results);
        let backends = self.backends()?;
        let signals = Signals::new()?;
        let server = Server::start(self.serving.bind().await?)?;
        println!("{}", self.screen(server.address(), Some(redis)));
        let gateway = GatewayParts {
            server,
            router,
            config: self.lease.gateway_config(self.serving.bounds()),
            server_config,
        };
        let workers = WorkersParts {
            backends,
            config: self.working.worker_config(&worker::host(), lease),
            grace: self.working.grace(),
        };
        let process = Process {
            program: PROGRAM,
            redis: config,
            gateway: Some(gateway),
            workers: Some(workers),
        };
        process.run(signals).await
    }

    fn backends(&self) -> anyhow::Result<Vec<Backend>> {
        if self.cluster.is_empty() {
            return Ok(vec![embedded::backend()?]);
        }
        Ok(self.working.backends(&self.cluster))
    }

    /// What a newcomer needs, on one screen.
    fn screen(&self, listening: SocketAddr, redis: Option<&RedisOptions>) -> String {
        let local = local_url(listening);
        let reached = self.serving.reached();
        let over = redis.map_or_else(String::new, |redis| format!(", over {redis}"));
        let external = self.serving.external_url.as_ref().map(ToString::to_string);
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
            r#"Perk listens on {local}{reached}{over}, in front of:
  {clusters}

Connect as you would connect to the cluster itself:
  presto-cli  presto --server {url} --catalog tpch --schema tiny
  trino-cli   trino --server {url} --catalog tpch --schema tiny
  JDBC        jdbc:presto://{address}/tpch/tiny{ssl} or jdbc:trino://{address}/tpch/tiny{ssl}
  Python      trino.dbapi.connect(host="{host}", port={port}{http_scheme}, user="me", catalog="tpch", schema="tiny")

Try:          perk query --server {local} "SELECT 1"
Stop:         Ctrl-C; running queries get {grace} s to finish"#,
            grace = self.working.grace,
        )
    }
}
