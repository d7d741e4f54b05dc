//! What a deployment knows beside its workers.

use super::{RegistrySuite, renew, worker};
use crate::ids::{QueryId, TransactionId};

fn transaction(name: &str) -> TransactionId {
    name.parse().unwrap()
}

/// A transaction is found with the worker that bound it, until it is unbound.
pub async fn a_transaction_is_its_worker_s_until_unbound(suite: &RegistrySuite) {
    let (registry, w) = (suite.registry().await, worker("w"));
    let (one, two) = (transaction("one"), transaction("two"));
    renew(&registry, &w).await;
    assert_eq!(registry.transaction_worker(&one).await.unwrap(), None);
    for bound in [&one, &two] {
        registry.bind_transaction(bound, &w).await.unwrap();
    }
    let owner = registry.transaction_worker(&one).await.unwrap();
    assert_eq!(owner, Some(w.clone()));
    registry.unbind_transaction(&one).await.unwrap();
    assert_eq!(registry.transaction_worker(&one).await.unwrap(), None);
    assert_eq!(registry.transaction_worker(&two).await.unwrap(), Some(w));
    registry.unbind_transaction(&one).await.unwrap();
}

/// A worker that has left, or was sealed, has no transactions: nothing may be sent to where nobody pulls.
pub async fn a_transaction_goes_with_its_worker(suite: &RegistrySuite) {
    let registry = suite.registry().await;
    let (left, lost, there) = (worker("left"), worker("lost"), worker("there"));
    for w in [&left, &lost, &there] {
        renew(&registry, w).await;
        let own = transaction(w.as_str());
        registry.bind_transaction(&own, w).await.unwrap();
    }
    registry.leave(&left).await.unwrap();
    suite.observe(&registry, &[&there]).await;
    let owner = async |of: &str| {
        let of = transaction(of);
        registry.transaction_worker(&of).await.unwrap()
    };
    assert_eq!(owner("left").await, None);
    assert_eq!(owner("lost").await, None);
    assert_eq!(owner("there").await, Some(there));
    registry
        .bind_transaction(&transaction("late"), &lost)
        .await
        .unwrap();
    assert_eq!(owner("late").await, None, "a sealed worker binds nothing");
}

/// What one caller's keys sign, another's accept.
pub async fn everybody_has_the_same_keys(suite: &RegistrySuite) {
    let registry = suite.registry().await;
    let id: QueryId = "q".parse().unwrap();
    let (one, other) = tokio::join!(registry.deployment_keys(), registry.deployment_keys());
    let slug = one.unwrap().slug(&id, 5);
    assert!(other.unwrap().verify(&id, 5, slug.as_str()));
    let later = registry.deployment_keys().await.unwrap();
    assert!(later.verify(&id, 5, slug.as_str()));
}

/// One gateway sweeps, as long as it asks; when it does not, another may.
pub async fn one_gateway_sweeps_at_a_time(suite: &RegistrySuite) {
    let registry = suite.registry().await;
    assert!(registry.may_sweep("one").await.unwrap());
    for _ in 0..8 {
        assert!(registry.may_sweep("one").await.unwrap());
        assert!(!registry.may_sweep("two").await.unwrap());
        suite.times.pass(suite.times.lease / 4).await;
    }
    suite.times.pass(suite.times.sweep_turn).await;
    assert!(registry.may_sweep("two").await.unwrap());
    assert!(!registry.may_sweep("one").await.unwrap());
}
