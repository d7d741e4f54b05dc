//! The provisioner of one simulated process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::clusters::Clusters;
use super::history::ClusterName;
use super::process::{Site, Step};
use crate::ids::WorkerId;
use crate::provisioner::{Cluster, ClusterProvisioner, Health, Load, ProvisionError};
use crate::statement::Dialect;

#[derive(Debug)]
pub(super) struct SiteProvisioner {
    pub(super) site: Site,
    pub(super) clusters: Arc<Clusters>,
}

impl SiteProvisioner {
    async fn reach(&self, cluster: ClusterName) -> Result<(), ProvisionError> {
        let silent = || ProvisionError(format!("{cluster:?} does not answer"));
        self.site
            .befalls(Step::Elsewhere)
            .await
            .map_err(|_| silent())?;
        self.clusters.reach(cluster).map_err(|_| silent())
    }
}

#[async_trait]
impl ClusterProvisioner for SiteProvisioner {
    async fn provision(&self, owner: &WorkerId) -> Result<Cluster, ProvisionError> {
        let world = &self.site.world;
        self.site.running().await;
        if world.goes_wrong(world.plan.rates.cluster_refused) {
            sleep(Duration::from_secs(1)).await;
            return Err(ProvisionError("there is no room for a cluster".to_owned()));
        }
        let mut cluster = None;
        for made in self.clusters.of(owner) {
            if cluster.is_none() && self.reach(made).await.is_ok() {
                cluster = Some(made);
            } else {
                self.clusters.remove(made);
            }
        }
        if cluster.is_none() {
            let most = Duration::from_secs(5);
            sleep(world.between(Duration::from_millis(100), most)).await;
            self.site.running().await;
        }
        let cluster = cluster.unwrap_or_else(|| self.clusters.make(owner));
        Ok(Cluster {
            origin: cluster.origin(),
            dialect: Dialect::Trino,
            version: "476".to_owned(),
        })
    }

    async fn health(&self, cluster: &Cluster) -> Health {
        match self.reach(ClusterName::of(&cluster.origin)).await {
            Ok(()) => Health::Healthy,
            Err(ProvisionError(seen)) => Health::Unhealthy(seen),
        }
    }

    async fn load(&self, cluster: &Cluster) -> Result<Load, ProvisionError> {
        let cluster = ClusterName::of(&cluster.origin);
        self.reach(cluster).await?;
        let running = self.clusters.running_on(cluster);
        Ok(Load { running, queued: 0 })
    }

    async fn remove(&self, owner: &WorkerId) -> Result<(), ProvisionError> {
        self.site.running().await;
        for cluster in self.clusters.of(owner) {
            self.clusters.remove(cluster);
        }
        Ok(())
    }
}
