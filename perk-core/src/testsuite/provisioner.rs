//! The clauses of [`ClusterProvisioner`]'s contract. They run in real time, over clusters that the implementation brings.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use crate::ids::WorkerId;
use crate::provisioner::{ClusterProvisioner, Health};

/// What must come has come after this.
const PATIENCE: Duration = Duration::from_mins(1);

/// An implementation, and what a clause does to the cluster it gives.
#[async_trait]
pub trait ProvisionerSubject: Send + Sync {
    /// The implementation.
    fn provisioner(&self) -> Arc<dyn ClusterProvisioner>;

    /// The cluster stops answering.
    async fn break_cluster(&self);

    /// What stood in the way of a cluster is out of the way: one that was broken may answer again.
    async fn mend_cluster(&self);
}

type Subject = dyn ProvisionerSubject;

fn worker() -> WorkerId {
    WorkerId::new("suite", [7; 10])
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}

/// What `provision` gives is healthy, and its load can be told.
pub async fn a_provisioned_cluster_is_well(subject: Arc<Subject>) {
    let provisioner = subject.provisioner();
    let cluster = soon("the cluster", provisioner.provision(&worker()))
        .await
        .unwrap();
    assert_eq!(
        soon("its health", provisioner.health(&cluster)).await,
        Health::Healthy
    );
    let load = soon("its load", provisioner.load(&cluster)).await.unwrap();
    assert_eq!(load.queued, 0);
}

/// A worker that asks again gets the cluster it has.
pub async fn a_cluster_that_answers_is_given_again(subject: Arc<Subject>) {
    let provisioner = subject.provisioner();
    let first = soon("the cluster", provisioner.provision(&worker()))
        .await
        .unwrap();
    let again = soon("the cluster again", provisioner.provision(&worker()))
        .await
        .unwrap();
    assert_eq!(first, again);
}

/// A cluster that does not answer is unhealthy; `provision` waits, and then gives one that does.
pub async fn a_broken_cluster_is_waited_for_or_replaced(subject: Arc<Subject>) {
    let provisioner = subject.provisioner();
    let cluster = soon("the cluster", provisioner.provision(&worker()))
        .await
        .unwrap();
    subject.break_cluster().await;
    let health = soon("its health", provisioner.health(&cluster)).await;
    assert!(matches!(health, Health::Unhealthy(_)), "{health:?}");
    // Dropped in the middle: a later call takes over what this one began.
    let owner = worker();
    let early = timeout(Duration::from_millis(200), provisioner.provision(&owner)).await;
    if let Ok(given) = early {
        assert_ne!(given.unwrap(), cluster, "a broken cluster was given");
    }
    subject.mend_cluster().await;
    let cluster = soon("a cluster", provisioner.provision(&owner))
        .await
        .unwrap();
    assert_eq!(
        soon("its health", provisioner.health(&cluster)).await,
        Health::Healthy
    );
}

/// Removing what is gone, or never was, is no error.
pub async fn removing_twice_is_no_error(subject: Arc<Subject>) {
    let provisioner = subject.provisioner();
    soon("removing nothing", provisioner.remove(&worker()))
        .await
        .unwrap();
    soon("the cluster", provisioner.provision(&worker()))
        .await
        .unwrap();
    soon("removing", provisioner.remove(&worker()))
        .await
        .unwrap();
    soon("removing again", provisioner.remove(&worker()))
        .await
        .unwrap();
}

/// Makes a test of each clause of [`ClusterProvisioner`](crate::ClusterProvisioner)'s contract. The argument makes a future
/// of a new [`ProvisionerSubject`](crate::testsuite::provisioner::ProvisionerSubject) in an `Arc`.
#[macro_export]
macro_rules! provisioner_test_suite {
    ($make:expr) => {
        $crate::provisioner_test_suite!(@ $make;
            a_provisioned_cluster_is_well
            a_cluster_that_answers_is_given_again
            a_broken_cluster_is_waited_for_or_replaced
            removing_twice_is_no_error
        );
    };
    (@ $make:expr; $($clause:ident)*) => {$(
        #[::tokio::test]
        async fn $clause() {
            $crate::testsuite::provisioner::$clause($make().await).await;
        }
    )*};
}
