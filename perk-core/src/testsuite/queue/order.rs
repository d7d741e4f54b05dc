//! What comes before what.

use std::time::Duration;

use super::{QueueSuite, lane, numbered, pool, push_all, query, urgent, worker};
use crate::queue::{Depth, Lane, Take, Target};
use crate::router::Priority;

/// Within a lane, first in, first out.
pub async fn a_lane_is_first_in_first_out(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 20);
    push_all(&queue, &lane("ann"), &ids).await;
    assert_eq!(suite.pull_each(&queue, &w, 20).await, ids);
}

/// The lanes of one pool and priority are served in turn, one id each, also within one pull.
pub async fn lanes_are_served_in_turn(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let (ann, bob, cy) = (numbered("a", 100), numbered("b", 3), numbered("c", 2));
    push_all(&queue, &lane("ann"), &ann).await;
    push_all(&queue, &lane("bob"), &bob).await;
    push_all(&queue, &lane("cy"), &cy).await;
    let mut first = suite.pull_each(&queue, &w, 3).await;
    let second = suite.pull(&queue, &w, 3).await;
    assert_eq!(second.len(), 3);
    first.sort();
    assert_eq!(first, [ann[0].clone(), bob[0].clone(), cy[0].clone()]);
    for id in [&ann[1], &bob[1], &cy[1]] {
        assert!(second.contains(id), "{id} waits though its lane's turn was");
    }
    let third = suite.pull(&queue, &w, 3).await;
    assert!(third.contains(&bob[2]), "bob's last has its turn");
    // Whoever comes now waits for one turn of ann's at most.
    queue.push(&lane("dan"), &query("d0")).await.unwrap();
    assert!(suite.pull(&queue, &w, 2).await.contains(&query("d0")));
}

/// A lane that has become empty is passed over, and comes back when something is pushed to it.
pub async fn an_idle_lane_keeps_nobody_waiting(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    for round in 0..3 {
        let (a, b) = (query(&format!("a{round}")), query(&format!("b{round}")));
        queue.push(&lane("ann"), &a).await.unwrap();
        assert_eq!(suite.pull(&queue, &w, 5).await, [a]);
        queue.push(&lane("bob"), &b).await.unwrap();
        assert_eq!(suite.pull(&queue, &w, 5).await, [b]);
    }
    push_all(&queue, &lane("ann"), &numbered("x", 2)).await;
    assert!(queue.remove(&query("x0")).await.unwrap());
    assert!(queue.remove(&query("x1")).await.unwrap());
    queue.push(&lane("ann"), &query("x2")).await.unwrap();
    assert_eq!(suite.pull(&queue, &w, 5).await, [query("x2")]);
    suite.nothing(&queue, &w).await;
}

/// Priorities are strict: a higher one before a lower one, whoever asked first.
pub async fn higher_priorities_come_first(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let order = [
        (Priority::Low, "low"),
        (Priority::Normal, "normal"),
        (Priority::High, "high"),
    ];
    for (priority, name) in order {
        push_all(&queue, &urgent("ann", priority), &numbered(name, 2)).await;
    }
    let expected = ["high0", "high1", "normal0", "normal1", "low0", "low1"].map(query);
    assert_eq!(suite.pull_each(&queue, &w, 6).await, expected);
}

/// What waits for one worker comes before what waits for any, and to no other.
pub async fn an_inbox_comes_before_the_pool(suite: &QueueSuite) {
    let (queue, w, other) = (suite.queue().await, worker("w"), worker("other"));
    let high = urgent("ann", Priority::High);
    queue.push(&high, &query("pool")).await.unwrap();
    let inbox = Target::Inbox(w.clone());
    push_all(&queue, &inbox, &numbered("own", 2)).await;
    assert_eq!(suite.pull(&queue, &other, 9).await, [query("pool")]);
    queue.push(&high, &query("again")).await.unwrap();
    let expected = ["own0", "own1", "again"].map(query);
    assert_eq!(suite.pull_each(&queue, &w, 3).await, expected);
}

/// A worker is given nothing of another pool.
pub async fn pools_are_apart(suite: &QueueSuite) {
    let (queue, w, e) = (suite.queue().await, worker("w"), worker("e"));
    let etl: crate::ids::PoolName = "etl".parse().unwrap();
    let target = Target::Lane(Lane {
        pool: etl.clone(),
        priority: Priority::High,
        user: "ann".to_owned(),
    });
    queue.push(&target, &query("q")).await.unwrap();
    suite.nothing(&queue, &w).await;
    assert_eq!(queue.depth(&pool()).await.unwrap(), Depth::default());
    assert_eq!(queue.depth(&etl).await.unwrap().waiting, 1);
    let pulled = queue.pull(&e, &etl, Take::Any(1));
    assert_eq!(suite.times.soon("etl's", pulled).await.unwrap().len(), 1);
}

/// `release` puts a query back before those of its lane that came later.
pub async fn a_released_query_takes_its_old_place(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 5);
    push_all(&queue, &lane("ann"), &ids).await;
    assert_eq!(suite.pull(&queue, &w, 3).await, ids[..3]);
    queue.release(&w, &ids[1]).await.unwrap();
    queue.release(&w, &ids[0]).await.unwrap();
    let expected = [0, 1, 3, 4].map(|i: usize| ids[i].clone());
    assert_eq!(suite.pull_each(&queue, &worker("v"), 4).await, expected);
}

/// `release` puts a query of an inbox back into it.
pub async fn a_released_query_of_an_inbox_returns_to_it(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let ids = numbered("q", 2);
    push_all(&queue, &Target::Inbox(w.clone()), &ids).await;
    assert_eq!(suite.pull(&queue, &w, 1).await, ids[..1]);
    queue.release(&w, &ids[0]).await.unwrap();
    suite.nothing(&queue, &worker("other")).await;
    assert_eq!(suite.pull_each(&queue, &w, 2).await, ids);
}

/// Depth counts what waits and what is pending, and age is the oldest waiting one's since it was pushed.
pub async fn depth_and_age_are_counted(suite: &QueueSuite) {
    let (queue, w) = (suite.queue().await, worker("w"));
    let counted = async || {
        let depth = queue.depth(&pool()).await.unwrap();
        (depth.waiting, depth.pending)
    };
    let age = async || queue.depth(&pool()).await.unwrap().oldest;
    assert_eq!(counted().await, (0, 0));
    assert_eq!(age().await, Duration::ZERO);
    let ids = numbered("q", 4);
    queue.push(&lane("ann"), &ids[0]).await.unwrap();
    let step = suite.times.quiet;
    suite.times.pass(step).await;
    push_all(&queue, &lane("ann"), &ids[1..3]).await;
    let low = urgent("bob", Priority::Low);
    queue.push(&low, &ids[3]).await.unwrap();
    suite.times.pass(step).await;
    assert_eq!(counted().await, (4, 0));
    assert!(age().await >= 2 * step, "the first has waited twice");
    suite.pull(&queue, &w, 1).await;
    assert_eq!(counted().await, (3, 1));
    let second = age().await;
    assert!(second >= step && second < 2 * step, "the second came later");
    queue.release(&w, &ids[0]).await.unwrap();
    assert_eq!(counted().await, (4, 0));
    assert!(
        age().await >= 2 * step,
        "a released one has waited all along"
    );
    suite.pull(&queue, &w, 4).await;
    assert_eq!(counted().await, (0, 4));
    assert_eq!(age().await, Duration::ZERO);
    // Acknowledged out of order: a stream's lag would not know.
    for id in [&ids[2], &ids[0]] {
        queue.ack(&w, id).await.unwrap();
    }
    assert_eq!(counted().await, (0, 2));
    queue.push(&lane("ann"), &query("new")).await.unwrap();
    assert!(queue.remove(&query("new")).await.unwrap());
    assert_eq!(counted().await, (0, 2));
}
