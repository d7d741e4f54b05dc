//! Clusters that come from somewhere else: here from a command that prints a coordinator's address.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use perk_core::{Cluster, ClusterProvisioner, Health, Load, ProvisionError, WorkerId};
use perk_protocol::{Origin, ProbeConfig, StaticProvisioner};
use tokio::process::Command;

/// Asks a command for a cluster whenever a worker needs one, then probes it as one given by address.
#[derive(Debug)]
struct CommandProvisioner {
    command: String,
}

impl CommandProvisioner {
    fn at(origin: Origin) -> StaticProvisioner {
        StaticProvisioner::new(origin, ProbeConfig::default())
    }

    fn of(cluster: &Cluster) -> Result<StaticProvisioner, ProvisionError> {
        cluster
            .origin
            .parse()
            .map(Self::at)
            .map_err(|error| ProvisionError(format!("{error}")))
    }
}

#[async_trait]
impl ClusterProvisioner for CommandProvisioner {
    async fn provision(&self, owner: &WorkerId) -> Result<Cluster, ProvisionError> {
        let failed =
            |what: &dyn std::fmt::Display| ProvisionError(format!("{}: {what}", self.command));
        let output = Command::new(&self.command)
            .arg(owner.as_str())
            .output()
            .await;
        let output = output.map_err(|error| failed(&error))?;
        let address = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let origin = address
            .parse()
            .map_err(|error: perk_protocol::InvalidOrigin| failed(&error))?;
        Self::at(origin).provision(owner).await
    }

    async fn health(&self, cluster: &Cluster) -> Health {
        match Self::of(cluster) {
            Ok(provisioner) => provisioner.health(cluster).await,
            Err(error) => Health::Unhealthy(error.to_string()),
        }
    }

    async fn load(&self, cluster: &Cluster) -> Result<Load, ProvisionError> {
        Self::of(cluster)?.load(cluster).await
    }

    async fn remove(&self, owner: &WorkerId) -> Result<(), ProvisionError> {
        println!("{owner} needs its cluster no more");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let command = std::env::args()
        .nth(1)
        .ok_or("give a command that prints a coordinator's address")?;
    let (_gateway, mut worker) =
        perk_examples::perk_over(Arc::new(CommandProvisioner { command })).await?;
    tokio::signal::ctrl_c().await?;
    worker.drain(Duration::from_secs(30));
    worker.stopped().await;
    Ok(())
}
