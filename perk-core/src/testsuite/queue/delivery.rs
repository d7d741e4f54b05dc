//! Who is given what, and until when.

use std::pin::pin;

use super::{QueueSuite, lane, numbered, pool, push_all, query, worker};
use crate::queue::{Delivery, Signal, Take, Target};

/// A pull that finds nothing waits, and a push to its pool ends the wait.
pub async fn a_pull_waits_for_a_push(suite: &QueueSuite) {
    let (queue, w, pool) = (suite.queue().await, worker("w"), pool());
    let mut pull = pin!(queue.pull(&w, &pool, Take::Any(2)));
    suite.times.not_yet("a delivery", &mut pull).await;
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    let pulled = suite.times.soon("the push", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
}

/// A push or a signal to its inbox ends a worker's wait.
pub async fn a_pull_waits_for_its_inbox(suite: &QueueSuite) {
    let (queue, w, pool) = (suite.queue().await, worker("w"), pool());
    let mut pull = pin!(queue.pull(&w, &pool, Take::Any(2)));
    suite.times.not_yet("a delivery", &mut pull).await;
    let inbox = Target::Inbox(w.clone());
    queue.push(&inbox, &query("q")).await.unwrap();
    let pulled = suite.times.soon("the push", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);

    let mut pull = pin!(queue.pull(&w, &pool, Take::Any(2)));
    suite.times.not_yet("a delivery", &mut pull).await;
    queue.signal(&w, &query("q"), Signal::Cancel).await.unwrap();
    let pulled = suite.times.soon("the signal", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Signal(query("q"), Signal::Cancel)]);
}

/// What a worker gives back ends another's wait.
pub async fn a_pull_waits_for_a_release(suite: &QueueSuite) {
    let (queue, w, v, pool) = (suite.queue().await, worker("w"), worker("v"), pool());
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    suite.pull(&queue, &w, 1).await;
    let mut pull = pin!(queue.pull(&v, &pool, Take::Any(1)));
    suite.times.not_yet("a delivery", &mut pull).await;
    queue.release(&w, &query("q")).await.unwrap();
    let pulled = suite.times.soon("the release", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
}

/// A push may wake a worker that is then given something else: what it leaves goes to another that waits.
pub async fn a_worker_that_has_enough_leaves_the_rest_to_another(suite: &QueueSuite) {
    let (queue, w, v, pool) = (suite.queue().await, worker("w"), worker("v"), pool());
    let mut first = pin!(queue.pull(&w, &pool, Take::Any(1)));
    suite.times.not_yet("a delivery", &mut first).await;
    let mut second = pin!(queue.pull(&v, &pool, Take::Any(1)));
    suite.times.not_yet("a delivery", &mut second).await;
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    let inbox = Target::Inbox(w.clone());
    queue.push(&inbox, &query("own")).await.unwrap();
    let pulled = suite.times.soon("its own", first).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("own"))]);
    let pulled = suite.times.soon("the rest", second).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
}

/// A pull gives no more queries than were asked for, and what there is of fewer.
pub async fn a_pull_gives_at_most_what_was_asked_for(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 7);
    push_all(&queue, &lane("ann"), &ids[..6]).await;
    queue
        .push(&Target::Inbox(w.clone()), &ids[6])
        .await
        .unwrap();
    assert_eq!(suite.pull(&queue, &w, 3).await.len(), 3);
    let rest = suite.pull(&queue, &w, 9).await;
    assert!((1..=4).contains(&rest.len()));
    let left = 4 - rest.len();
    assert_eq!(suite.pull_each(&queue, &w, left).await.len(), left);
    suite.nothing(&queue, &w).await;
}

/// A worker that has no room is given signals, and no query.
pub async fn a_pull_of_none_gives_signals_only(suite: &QueueSuite) {
    let (queue, w, pool) = (suite.queue().await, worker("w"), pool());
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    let inbox = Target::Inbox(w.clone());
    queue.push(&inbox, &query("own")).await.unwrap();
    let mut pull = pin!(queue.pull(&w, &pool, Take::Any(0)));
    suite.times.not_yet("a delivery", &mut pull).await;
    queue.signal(&w, &query("x"), Signal::Cancel).await.unwrap();
    let pulled = suite.times.soon("the signal", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Signal(query("x"), Signal::Cancel)]);
    let taken = suite.pull_each(&queue, &w, 2).await;
    assert_eq!(taken, ["own", "q"].map(query));
}

/// A worker that drains is given what only it can run, and keeps nothing of its pool's from others.
pub async fn a_pull_from_the_inbox_leaves_the_pool_alone(suite: &QueueSuite) {
    let (queue, w, pool) = (suite.queue().await, worker("w"), pool());
    queue.push(&lane("ann"), &query("before")).await.unwrap();
    let mut pull = pin!(queue.pull(&w, &pool, Take::Inbox(2)));
    suite.times.not_yet("a delivery", &mut pull).await;
    let other = worker("other");
    assert_eq!(suite.pull(&queue, &other, 2).await, [query("before")]);
    // The word about what is pushed comes to the one of both who may have it.
    let mut others = pin!(queue.pull(&other, &pool, Take::Any(2)));
    suite.times.not_yet("a delivery", &mut others).await;
    queue.push(&lane("ann"), &query("after")).await.unwrap();
    let pulled = suite.times.soon("the query", others).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("after"))]);
    suite.times.not_yet("a delivery", &mut pull).await;
    let inbox = Target::Inbox(w.clone());
    queue.push(&inbox, &query("own")).await.unwrap();
    let pulled = suite.times.soon("its own", pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("own"))]);
    let mut pull = pin!(queue.pull(&w, &pool, Take::Inbox(2)));
    queue
        .signal(&w, &query("own"), Signal::Cancel)
        .await
        .unwrap();
    let pulled = suite.times.soon("the signal", &mut pull).await.unwrap();
    assert_eq!(pulled, [Delivery::Signal(query("own"), Signal::Cancel)]);
}

/// A worker's signals come in the order in which they were sent, once, and however few queries were asked for.
pub async fn signals_come_in_order_and_beyond_the_number_asked_for(suite: &QueueSuite) {
    let (queue, w, pool) = (suite.queue().await, worker("w"), pool());
    let ids = numbered("q", 5);
    let mut sent = Vec::new();
    for id in &ids {
        for signal in [Signal::CancelLeafStage, Signal::Cancel] {
            queue.signal(&w, id, signal).await.unwrap();
            sent.push(Delivery::Signal(id.clone(), signal));
        }
    }
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    let mut got = Vec::new();
    let mut queries = 0;
    while got.len() < sent.len() || queries == 0 {
        let pulled = queue.pull(&w, &pool, Take::Any(1));
        for delivery in suite.times.soon("a delivery", pulled).await.unwrap() {
            match delivery {
                Delivery::Signal(..) => got.push(delivery),
                Delivery::Query(_) => queries += 1,
            }
        }
    }
    assert_eq!((got, queries), (sent, 1));
    suite.nothing(&queue, &w).await;
    suite.nothing(&queue, &worker("other")).await;
}

/// A signal waits for a worker that has not asked for anything yet.
pub async fn a_worker_that_never_pulled_can_be_signalled(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("new"));
    queue.signal(&w, &query("q"), Signal::Cancel).await.unwrap();
    let pool = pool();
    let pulled = queue.pull(&w, &pool, Take::Any(0));
    let pulled = suite.times.soon("the signal", pulled).await.unwrap();
    assert_eq!(pulled, [Delivery::Signal(query("q"), Signal::Cancel)]);
}

/// Pushing what waits or is pending changes nothing: neither place nor target, and it is delivered once.
pub async fn what_waits_or_is_pending_is_not_pushed_twice(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 2);
    push_all(&queue, &lane("ann"), &ids).await;
    push_all(&queue, &lane("ann"), &ids).await;
    queue.push(&lane("bob"), &ids[0]).await.unwrap();
    assert_eq!(queue.depth(&pool()).await.unwrap().waiting, 2);
    assert_eq!(suite.pull_each(&queue, &w, 2).await, ids);
    push_all(&queue, &lane("ann"), &ids).await;
    queue
        .push(&Target::Inbox(w.clone()), &ids[0])
        .await
        .unwrap();
    suite.nothing(&queue, &w).await;
    let mut pending = queue.pending_of(&w).await.unwrap();
    pending.sort();
    assert_eq!(pending, ids);
}

/// An acknowledged query does not come again, and may be pushed anew.
pub async fn an_acknowledged_query_is_forgotten(suite: &QueueSuite) {
    let (queue, w, q) = (suite.queue().await, worker("w"), query("q"));
    queue.push(&lane("ann"), &q).await.unwrap();
    suite.pull(&queue, &w, 1).await;
    queue.ack(&w, &q).await.unwrap();
    queue.release(&w, &q).await.unwrap();
    suite.nothing(&queue, &w).await;
    assert!(queue.pending_of(&w).await.unwrap().is_empty());
    queue.ack(&w, &q).await.unwrap();
    queue.push(&lane("ann"), &q).await.unwrap();
    assert_eq!(suite.pull(&queue, &w, 1).await, [q]);
}

/// A delivered query is delivered to nobody else until it is settled, however long that takes.
pub async fn a_pending_query_is_its_worker_s_alone(suite: &QueueSuite) {
    let (queue, w, q) = (suite.queue().await, worker("w"), query("q"));
    queue.push(&lane("ann"), &q).await.unwrap();
    suite.pull(&queue, &w, 1).await;
    suite.nothing(&queue, &worker("other")).await;
    suite.nothing(&queue, &w).await;
    assert_eq!(queue.pending_of(&w).await.unwrap(), vec![q.clone()]);
    let other = queue.pending_of(&worker("other")).await.unwrap();
    assert!(other.is_empty());
    queue.release(&w, &q).await.unwrap();
    assert!(queue.pending_of(&w).await.unwrap().is_empty());
    assert_eq!(suite.pull(&queue, &worker("other"), 1).await, [q]);
}

/// `ack` and `release` by another worker, or for what is not pending, do nothing.
pub async fn only_its_worker_settles_a_pending_query(suite: &QueueSuite) {
    let (queue, w, v, q) = (suite.queue().await, worker("w"), worker("v"), query("q"));
    queue.push(&lane("ann"), &q).await.unwrap();
    queue.ack(&w, &q).await.unwrap();
    queue.release(&w, &q).await.unwrap();
    assert_eq!(suite.pull(&queue, &w, 9).await, vec![q.clone()]);
    queue.ack(&v, &q).await.unwrap();
    queue.release(&v, &q).await.unwrap();
    suite.nothing(&queue, &v).await;
    assert_eq!(queue.pending_of(&w).await.unwrap(), vec![q.clone()]);
    // Given back and taken by another, it is not the first one's any more.
    queue.release(&w, &q).await.unwrap();
    suite.pull(&queue, &v, 1).await;
    queue.ack(&w, &q).await.unwrap();
    assert_eq!(queue.pending_of(&v).await.unwrap(), [q]);
}

/// `remove` takes out what waits in a lane or an inbox, and nothing else.
pub async fn a_waiting_query_can_be_removed(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 3);
    push_all(&queue, &lane("ann"), &ids).await;
    queue
        .push(&Target::Inbox(w.clone()), &query("own"))
        .await
        .unwrap();
    assert!(queue.remove(&ids[1]).await.unwrap());
    assert!(!queue.remove(&ids[1]).await.unwrap(), "it is gone");
    assert!(!queue.remove(&query("unknown")).await.unwrap());
    assert!(queue.remove(&query("own")).await.unwrap());
    let rest = [ids[0].clone(), ids[2].clone()];
    assert_eq!(suite.pull_each(&queue, &w, 2).await, rest);
    assert!(!queue.remove(&ids[0]).await.unwrap(), "it is pending");
    assert_eq!(queue.pending_of(&w).await.unwrap().len(), 2);
    suite.nothing(&queue, &w).await;
}

/// A worker's pending queries are those delivered to it and those that wait in its inbox.
pub async fn pending_includes_the_inbox(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    queue.push(&lane("ann"), &query("a")).await.unwrap();
    suite.pull(&queue, &w, 1).await;
    queue.push(&lane("ann"), &query("b")).await.unwrap();
    queue
        .push(&Target::Inbox(w.clone()), &query("own"))
        .await
        .unwrap();
    let mut pending = queue.pending_of(&w).await.unwrap();
    pending.sort();
    assert_eq!(pending, ["a", "own"].map(query));
}

/// A pull that is dropped while it waits takes nothing with it.
pub async fn a_dropped_pull_takes_nothing(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    suite.nothing(&queue, &w).await;
    suite.nothing(&queue, &worker("v")).await;
    queue.push(&lane("ann"), &query("q")).await.unwrap();
    queue.signal(&w, &query("x"), Signal::Cancel).await.unwrap();
    let pool = pool();
    let mut got = Vec::new();
    while got.len() < 2 {
        let pulled = queue.pull(&w, &pool, Take::Any(1));
        got.extend(suite.times.soon("both", pulled).await.unwrap());
    }
    assert!(got.contains(&Delivery::Query(query("q"))));
}
