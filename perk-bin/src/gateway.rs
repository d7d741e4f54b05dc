//! `perk-gateway`: a gateway as a process of its own.

use clap::Parser;

use crate::deployment::{GatewayParts, Process};
use crate::options::{
    CredentialOptions, LeaseOptions, RedisOptions, ResultOptions, ServingOptions,
};
use crate::server::{Server, local_url};
use crate::signals::Signals;

/// What it calls itself.
pub(crate) const PROGRAM: &str = "perk-gateway";

/// Serve the Presto and Trino protocols, in front of a queue and results in Redis that any number of gateways and workers
/// share. What one gateway has begun, any other goes on with.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    serving: ServingOptions,
    #[command(flatten)]
    redis: RedisOptions,
    #[command(flatten)]
    credentials: CredentialOptions,
    #[command(flatten)]
    lease: LeaseOptions,
    #[command(flatten)]
    results: ResultOptions,
}

impl Arguments {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let credential_key = self.credentials.key()?;
        let router = self.serving.router()?;
        let server_config = self.serving.server_config(credential_key.is_some());
        let redis = self
            .redis
            .config(self.lease.lease(), self.results.in_redis(credential_key));
        let signals = Signals::new()?;
        let server = Server::start(self.serving.bind().await?)?;
        println!(
            "{PROGRAM} listens on {}{}, over {}\nStop: Ctrl-C; clients go on at another gateway",
            local_url(server.address()),
            self.serving.reached(),
            self.redis,
        );
        let gateway = GatewayParts {
            server,
            router,
            config: self.lease.gateway_config(self.serving.bounds()),
            server_config,
        };
        let process = Process {
            program: PROGRAM,
            redis,
            gateway: Some(gateway),
            workers: None,
        };
        process.run(signals).await
    }
}
