//! What a gateway tells its clients, and what it does by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use perk_core::testsuite::{MockQueue, MockRegistry, MockResultStore};
use perk_core::{
    Attempt, DeploymentKeys, Ended, EndedBy, Ending, Gateway, GatewayConfig, GivenUp, Next,
    Offered, Outcome, PoolName, PostAnswer, QueryId, QueryState, Router, SubmitError, Target,
    UnendedQueries, WorkerEntry, WorkerId, WorkerStatus,
};

use super::{away, random, statement};

async fn gateway(queue: MockQueue, store: MockResultStore) -> Gateway {
    let mut registry = MockRegistry::new();
    registry
        .expect_deployment_keys()
        .returning(|| Ok(DeploymentKeys::new([1; 32])));
    gateway_with(queue, store, registry).await
}

async fn gateway_with(queue: MockQueue, store: MockResultStore, registry: MockRegistry) -> Gateway {
    let (router, config) = (Router::default(), GatewayConfig::default());
    Gateway::new(
        Arc::new(queue),
        Arc::new(store),
        Arc::new(registry),
        router,
        config,
        random(),
    )
    .await
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_could_not_be_stored_is_refused() {
    let mut store = MockResultStore::new();
    store.expect_create().returning(|_| Err(away()));
    // The query was never told to anyone, and what may have been stored of it is ended.
    store.expect_end().returning(|_, _, _| Err(away()));
    let mut queue = MockQueue::new();
    queue.expect_offer().returning(|_, _, _| Ok(Offered::Taken));
    // Nor does anything of it stay in the queue.
    queue.expect_remove().times(1).returning(|_| Ok(true));
    let gateway = gateway(queue, store).await;
    let refused = gateway
        .submit(statement("SELECT 1"), PostAnswer::TokenOnly)
        .await;
    assert!(
        matches!(refused, Err(SubmitError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn once_stored_a_statement_is_never_refused() {
    let mut store = MockResultStore::new();
    store.expect_create().returning(|_| Ok(()));
    let mut queue = MockQueue::new();
    queue.expect_offer().returning(|_, _, _| Err(away()));
    let gateway = gateway(queue, store).await;
    let answer = gateway
        .submit(statement("SELECT 1"), PostAnswer::MayHoldRows)
        .await
        .unwrap();
    assert!(matches!(answer.reading.next, Next::Token(0)));
}

#[tokio::test(start_paused = true)]
async fn a_query_too_many_fails_and_is_not_refused() {
    let mut store = MockResultStore::new();
    store.expect_create().returning(|_| Ok(()));
    let full = |ending: &Ending| match &ending.outcome {
        Outcome::Failed(error) => error.name == "PERK_QUEUE_FULL",
        Outcome::Finished => false,
    };
    store
        .expect_end()
        .withf(move |_, ending, by| full(ending) && *by == EndedBy::Perk)
        .times(1)
        .returning(|_, _, _| Ok(Ended::Waiting));
    let mut queue = MockQueue::new();
    queue
        .expect_offer()
        .returning(|_, _, _| Ok(Offered::UserFull));
    let gateway = gateway(queue, store).await;
    let answer = gateway
        .submit(statement("SELECT 1"), PostAnswer::TokenOnly)
        .await
        .unwrap();
    assert!(matches!(answer.reading.next, Next::Token(0)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_rerunnable_is_only_stored_by_its_post() {
    let mut store = MockResultStore::new();
    store.expect_create().times(1).returning(|_| Ok(()));
    let gateway = gateway(MockQueue::new(), store).await;
    let answer = gateway
        .submit(statement("INSERT INTO t SELECT 1"), PostAnswer::MayHoldRows)
        .await
        .unwrap();
    assert_eq!(answer.reading.state, QueryState::Stored);
}

/// Queries are listed a few at a time, while workers come and go.
#[tokio::test(start_paused = true)]
async fn a_worker_that_has_come_since_is_not_taken_for_gone() {
    let (here, gone) = (
        WorkerId::new("here", [1; 10]),
        WorkerId::new("gone", [2; 10]),
    );
    let running = |worker: &WorkerId, number: u8| {
        let state = QueryState::Running {
            worker: worker.clone(),
            attempt: Attempt(1),
        };
        let id = QueryId::new(std::time::UNIX_EPOCH, [number; 10]);
        (id, Target::Inbox(worker.clone()), state)
    };
    let lists = [(0, &here), (7, &gone)].map(|(from, worker)| {
        let queries = vec![running(worker, 1)];
        let next = (from == 0).then_some(7);
        (from, UnendedQueries { queries, next })
    });
    let mut store = MockResultStore::new();
    for (at, list) in lists {
        let list = move |_| Ok(list.clone());
        store
            .expect_unended()
            .withf(move |from| *from == at)
            .times(1)
            .returning(list);
    }
    let lost = gone.clone();
    store
        .expect_take_over()
        .withf(move |_, worker| *worker == lost)
        .times(1)
        .returning(|_, _| Ok(GivenUp::Fenced));
    store.expect_info().returning(|_| Ok(None));
    let mut queue = MockQueue::new();
    queue.expect_holders().returning(|| Ok(Vec::new()));
    queue.expect_remove().returning(|_| Ok(false));
    queue.expect_ack().returning(|_, _| Ok(()));
    let mut registry = MockRegistry::new();
    registry
        .expect_deployment_keys()
        .returning(|| Ok(DeploymentKeys::new([1; 32])));
    registry.expect_may_sweep().returning(|_| Ok(true));
    registry.expect_lost_workers().returning(|| Ok(Vec::new()));
    // There is nobody at first.
    let asked = AtomicU32::new(0);
    registry.expect_workers().returning(move || {
        let entry = WorkerEntry {
            id: here.clone(),
            status: WorkerStatus {
                pool: PoolName::default_pool(),
                cluster: None,
                running: 1,
                draining: false,
            },
            silent_for: Duration::ZERO,
        };
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(if first { Vec::new() } else { vec![entry] })
    });
    let gateway = gateway_with(queue, store, registry).await;
    gateway.reconcile().await.unwrap();
}
