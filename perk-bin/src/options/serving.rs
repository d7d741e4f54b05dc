//! Where a gateway listens, and what it does with what comes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ipnet::IpNet;
use perk_core::{PoolName, QueueBounds, Router, RoutingRule};
use perk_protocol::{PublicAddress, ServerConfig};
use tokio::net::TcpListener;

#[derive(Debug, Args)]
pub(crate) struct ServingOptions {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The address to give to clients, like <https://perk.example>; by default the one they ask.
    #[arg(long, value_name = "URL")]
    pub(crate) external_url: Option<PublicAddress>,
    /// From which addresses X-Forwarded-Proto, -Host and -Port are believed.
    #[arg(long, num_args = 1.., value_name = "CIDR")]
    trusted_proxies: Vec<IpNet>,
    /// A file that tells which statements go to which pool: a JSON array of rules like `{"user": "etl-*", "source":
    /// "airflow*", "client_tag": "night", "pool": "etl", "priority": "low"}`, of which the first that matches decides. What a
    /// rule leaves out matches everything; priorities are high, normal and low. Where no rule matches, it is the pool
    /// default. The same for all gateways of a deployment.
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// How many queries may wait in each pool. One more fails with PERK_QUEUE_FULL. By default any number.
    #[arg(long, value_name = "NUMBER")]
    max_queued: Option<usize>,
    /// How many of one user may wait in each pool, likewise.
    #[arg(long, value_name = "NUMBER")]
    max_queued_per_user: Option<usize>,
}

impl ServingOptions {
    pub(crate) async fn bind(&self) -> anyhow::Result<TcpListener> {
        TcpListener::bind(self.listen).await.with_context(|| {
            let address = self.listen;
            format!("cannot listen on {address}; give another address with --listen")
        })
    }

    /// What a server does whose store keeps credentials, or does not.
    pub(crate) fn server_config(&self, takes_credentials: bool) -> ServerConfig {
        ServerConfig {
            external_url: self.external_url.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            takes_credentials,
            ..ServerConfig::default()
        }
    }

    /// How many queries may wait.
    pub(crate) fn bounds(&self) -> QueueBounds {
        QueueBounds {
            pool: self.max_queued,
            user: self.max_queued_per_user,
        }
    }

    /// What is to be said of the address that clients are given.
    pub(crate) fn reached(&self) -> String {
        let external = self.external_url.as_ref();
        external.map_or_else(String::new, |url| format!(", reached as {url}"))
    }

    /// The router that the file asks for.
    pub(crate) fn router(&self) -> anyhow::Result<Router> {
        self.rules().map(Router::new)
    }

    /// The same where only these workers can be reached: a statement that no worker takes would wait for ever.
    pub(crate) fn router_to(&self, pool: &PoolName) -> anyhow::Result<Router> {
        let rules = self.rules()?;
        if let Some(rule) = rules.iter().find(|rule| rule.pool != *pool) {
            let elsewhere = &rule.pool;
            bail!(
                "a route leads to the pool {elsewhere}, which nobody serves here; without --redis there is only the pool {pool}"
            );
        }
        Ok(Router::new(rules))
    }

    fn rules(&self) -> anyhow::Result<Vec<RoutingRule>> {
        self.routes.as_deref().map_or(Ok(Vec::new()), read)
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<RoutingRule>> {
    let name = file.display();
    let text =
        std::fs::read(file).with_context(|| format!("the routes in {name} cannot be read"))?;
    serde_json::from_slice(&text).with_context(|| format!("the routes in {name} make no sense"))
}
