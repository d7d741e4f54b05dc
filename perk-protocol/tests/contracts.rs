//! The executor and the provisioner of this crate, held to the contracts of their traits over a scripted coordinator of
//! either dialect.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use perk_core::testsuite::executor::{ExecutorSubject, Work};
use perk_core::testsuite::provisioner::ProvisionerSubject;
use perk_core::{Cluster, ClusterProvisioner, Dialect, QueryExecutor, Statement};
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use perk_protocol::{ExecutorConfig, PrestoExecutor, ProbeConfig, StaticProvisioner};

struct Scripted {
    coordinator: ScriptedCoordinator,
    dialect: Dialect,
}

impl Scripted {
    async fn new(dialect: Dialect) -> Arc<Self> {
        let flavor = match dialect {
            Dialect::Presto => Flavor::Presto,
            Dialect::Trino => Flavor::Trino,
        };
        let coordinator = ScriptedCoordinator::start(flavor).await;
        Arc::new(Self {
            coordinator,
            dialect,
        })
    }
}

#[async_trait]
impl ExecutorSubject for Scripted {
    fn executor(&self) -> Arc<dyn QueryExecutor> {
        let patience = Duration::from_millis(500);
        Arc::new(PrestoExecutor::new(ExecutorConfig {
            patience,
            ..ExecutorConfig::default()
        }))
    }

    fn cluster(&self) -> Cluster {
        let origin = self.coordinator.url().to_owned();
        Cluster {
            origin,
            dialect: self.dialect,
            version: "test".to_owned(),
        }
    }

    fn statement(&self, work: Work) -> Statement {
        let script = match work {
            Work::Rows(rows) => format!("pages={} rows={}", rows.div_ceil(100), rows.min(100)),
            Work::Failure => "error=SYNTAX_ERROR".to_owned(),
            Work::Forever => "hang=1".to_owned(),
        };
        Statement::new(
            self.dialect,
            "suite",
            &format!("SELECT 1 /*script {script}*/"),
        )
    }

    fn begun(&self) -> u64 {
        self.coordinator.seen().begun
    }

    async fn runs(&self, count: u64) {
        self.coordinator
            .wait_until(|seen| seen.running == count)
            .await;
    }

    async fn lose_cluster(&self) {
        self.coordinator.stop().await;
    }
}

#[async_trait]
impl ProvisionerSubject for Scripted {
    fn provisioner(&self) -> Arc<dyn ClusterProvisioner> {
        let interval = Duration::from_millis(20);
        let probe = ProbeConfig {
            interval,
            ..ProbeConfig::default()
        };
        Arc::new(StaticProvisioner::new(
            self.coordinator.url().parse().unwrap(),
            probe,
        ))
    }

    async fn break_cluster(&self) {
        self.coordinator.stop().await;
    }

    async fn mend_cluster(&self) {
        self.coordinator.restart().await;
    }
}

macro_rules! contracts {
    ($name:ident, $dialect:expr) => {
        mod $name {
            use super::*;

            mod executor {
                use super::*;

                perk_core::executor_test_suite!(|| async {
                    Scripted::new($dialect).await as Arc<dyn ExecutorSubject>
                });
            }

            mod provisioner {
                use super::*;

                perk_core::provisioner_test_suite!(|| async {
                    Scripted::new($dialect).await as Arc<dyn ProvisionerSubject>
                });
            }
        }
    };
}

contracts!(presto, Dialect::Presto);
contracts!(trino, Dialect::Trino);
