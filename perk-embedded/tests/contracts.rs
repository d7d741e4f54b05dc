//! The engine, held to the contracts of the traits that it stands behind.

use std::sync::Arc;

use async_trait::async_trait;
use perk_core::testsuite::executor::{ExecutorSubject, Work};
use perk_core::testsuite::provisioner::ProvisionerSubject;
use perk_core::{Cluster, ClusterProvisioner, Dialect, QueryExecutor, Statement, WorkerId};
use perk_embedded::{EmbeddedConfig, EmbeddedEngine};

struct Embedded {
    engine: EmbeddedEngine,
    cluster: Cluster,
}

async fn embedded() -> Arc<Embedded> {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    let owner = WorkerId::new("suite", [1; 10]);
    let cluster = engine.provision(&owner).await.unwrap();
    Arc::new(Embedded { engine, cluster })
}

#[async_trait]
impl ExecutorSubject for Embedded {
    fn executor(&self) -> Arc<dyn QueryExecutor> {
        Arc::new(self.engine.clone())
    }

    fn cluster(&self) -> Cluster {
        self.cluster.clone()
    }

    fn statement(&self, work: Work) -> Statement {
        let sql = match work {
            Work::Rows(rows) => format!(
                "SELECT x, rpad('', 1000, 'x') FROM UNNEST(sequence(0, {})) AS t (x)",
                rows - 1
            ),
            Work::Failure => "SELECT 1 / 0".to_owned(),
            // 10^14 pairs and more.
            Work::Forever => "SELECT count(*) FROM tpch.tiny.lineitem a, tpch.tiny.lineitem b, tpch.tiny.lineitem c \
                              WHERE a.extendedprice < b.extendedprice AND b.extendedprice < c.extendedprice"
                .to_owned(),
        };
        Statement::new(Dialect::Presto, "suite", &sql)
    }

    fn begun(&self) -> u64 {
        self.engine.activity().begun
    }

    async fn runs(&self, count: u64) {
        self.engine.runs(usize::try_from(count).unwrap()).await;
    }

    async fn lose_cluster(&self) {
        self.engine.lose_clusters();
    }
}

#[async_trait]
impl ProvisionerSubject for Embedded {
    fn provisioner(&self) -> Arc<dyn ClusterProvisioner> {
        Arc::new(self.engine.clone())
    }

    async fn break_cluster(&self) {
        self.engine.lose_clusters();
    }

    async fn mend_cluster(&self) {}
}

mod executor {
    perk_core::executor_test_suite!(super::embedded);
}

mod provisioner {
    perk_core::provisioner_test_suite!(super::embedded);
}
