//! Leases, and what becomes of who does not renew.

use super::{RegistrySuite, renew, status, worker};
use crate::provisioner::Cluster;
use crate::registry::{Renewal, WorkerStatus};
use crate::statement::Dialect;

/// `workers` gives each worker with its last status.
pub async fn a_worker_is_known_by_what_it_said_last(suite: &RegistrySuite) {
    let registry = suite.registry().await;
    assert!(registry.workers().await.unwrap().is_empty());
    let (a, b) = (worker("a"), worker("b"));
    let cluster = Cluster {
        origin: "http://coordinator:8080".to_owned(),
        dialect: Dialect::Presto,
        version: "0.296".to_owned(),
    };
    let last = WorkerStatus {
        pool: "etl".parse().unwrap(),
        cluster: Some(cluster),
        running: 7,
        draining: true,
    };
    assert_eq!(renew(&registry, &a).await, Renewal::Renewed);
    assert_eq!(renew(&registry, &b).await, Renewal::Renewed);
    let renewed = registry.renew(&b, last.clone()).await.unwrap();
    assert_eq!(renewed, Renewal::Renewed);
    let mut there = registry.workers().await.unwrap();
    there.sort_by(|one, other| one.id.cmp(&other.id));
    let said: Vec<_> = there.iter().map(|w| (&w.id, &w.status)).collect();
    assert_eq!(said, [(&a, &status(0)), (&b, &last)]);
    assert!(there.iter().all(|w| w.silent_for < suite.times.lease));
}

/// However long it lives.
pub async fn a_worker_that_renews_is_never_lost(suite: &RegistrySuite) {
    let (registry, w) = (suite.registry().await, worker("w"));
    renew(&registry, &w).await;
    for _ in 0..3 {
        assert!(suite.observe(&registry, &[&w]).await.is_empty());
    }
    assert_eq!(renew(&registry, &w).await, Renewal::Renewed);
    assert_eq!(registry.workers().await.unwrap().len(), 1);
}

/// A worker that was silent for a full lease is lost, and no other.
pub async fn a_silent_worker_is_lost_and_sealed(suite: &RegistrySuite) {
    let (registry, silent, other) = (suite.registry().await, worker("silent"), worker("other"));
    renew(&registry, &silent).await;
    renew(&registry, &other).await;
    assert!(registry.lost_workers().await.unwrap().is_empty());
    let lost = suite.observe(&registry, &[&other]).await;
    assert_eq!(lost, vec![silent.clone()]);
    assert_eq!(renew(&registry, &silent).await, Renewal::Sealed);
    let there = registry.workers().await.unwrap();
    assert!(there.iter().all(|w| w.id == other), "it holds no lease");
    // Until it is forgotten, every observer is told of it: the first may have died on the way.
    assert_eq!(registry.lost_workers().await.unwrap(), vec![silent.clone()]);
    registry.forget(&silent).await.unwrap();
    assert!(registry.lost_workers().await.unwrap().is_empty());
}

/// Silence alone does not end a lease: whoever compares what runs with who is there must not take it for gone.
pub async fn a_silent_worker_is_there_until_it_is_sealed(suite: &RegistrySuite) {
    let (registry, silent) = (suite.registry().await, worker("silent"));
    renew(&registry, &silent).await;
    suite.times.pass(suite.times.lease * 2).await;
    let there = registry.workers().await.unwrap();
    assert_eq!(there.len(), 1, "nobody has looked for it");
    assert!(there[0].silent_for >= suite.times.lease);
    suite.observe(&registry, &[]).await;
    assert!(registry.workers().await.unwrap().is_empty());
}

/// Neither time, nor being forgotten, nor leaving opens a seal.
pub async fn a_sealed_name_is_sealed_for_ever(suite: &RegistrySuite) {
    let (registry, w) = (suite.registry().await, worker("w"));
    renew(&registry, &w).await;
    suite.observe(&registry, &[]).await;
    registry.leave(&w).await.unwrap();
    let lost = registry.lost_workers().await.unwrap();
    assert_eq!(
        lost,
        vec![w.clone()],
        "what it ran is still to be taken over"
    );
    registry.forget(&w).await.unwrap();
    assert_eq!(renew(&registry, &w).await, Renewal::Sealed);
    assert!(suite.observe(&registry, &[]).await.is_empty());
    assert_eq!(renew(&registry, &w).await, Renewal::Sealed);
    assert!(registry.workers().await.unwrap().is_empty());
}

/// Who leaves in order leaves nothing to take over.
pub async fn a_worker_that_left_is_neither_there_nor_lost(suite: &RegistrySuite) {
    let (registry, w) = (suite.registry().await, worker("w"));
    renew(&registry, &w).await;
    registry.leave(&w).await.unwrap();
    assert!(registry.workers().await.unwrap().is_empty());
    assert!(suite.observe(&registry, &[]).await.is_empty());
}
