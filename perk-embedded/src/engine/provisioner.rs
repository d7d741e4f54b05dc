//! The engine as a provisioner of the clusters that it plays.

use async_trait::async_trait;
use perk_core::{Cluster, ClusterProvisioner, Dialect, Health, Load, ProvisionError, WorkerId};

use super::{EmbeddedEngine, Playing};
use crate::transaction::Transactions;
use std::collections::HashMap;

#[async_trait]
impl ClusterProvisioner for EmbeddedEngine {
    async fn provision(&self, owner: &WorkerId) -> Result<Cluster, ProvisionError> {
        let number = self.shared.number();
        let mut clusters = self.shared.clusters();
        let known = clusters.iter().find(|cluster| cluster.owner == *owner);
        let known = known.map(|cluster| cluster.origin.clone());
        let origin = known.unwrap_or_else(|| {
            let origin = format!("embedded:{number}");
            clusters.push(Playing {
                owner: owner.clone(),
                origin: origin.clone(),
                queries: HashMap::new(),
                transactions: Transactions::default(),
            });
            origin
        });
        Ok(Cluster {
            origin,
            dialect: Dialect::Trino,
            version: format!("DataFusion {}", datafusion::DATAFUSION_VERSION),
        })
    }

    async fn health(&self, cluster: &Cluster) -> Health {
        if self.shared.queries_of(cluster).is_some() {
            Health::Healthy
        } else {
            Health::Unhealthy("this engine has no such cluster".to_owned())
        }
    }

    async fn load(&self, cluster: &Cluster) -> Result<Load, ProvisionError> {
        let running = self.shared.queries_of(cluster);
        let running =
            running.ok_or_else(|| ProvisionError("this engine has no such cluster".to_owned()))?;
        Ok(Load { running, queued: 0 })
    }

    async fn remove(&self, owner: &WorkerId) -> Result<(), ProvisionError> {
        self.shared
            .clusters()
            .retain(|cluster| cluster.owner != *owner);
        Ok(())
    }
}

impl super::Shared {
    /// How many queries a cluster has, if there is that cluster.
    fn queries_of(&self, cluster: &Cluster) -> Option<usize> {
        let clusters = self.clusters();
        let playing = clusters
            .iter()
            .find(|playing| playing.origin == cluster.origin)?;
        Some(playing.queries.len())
    }
}
