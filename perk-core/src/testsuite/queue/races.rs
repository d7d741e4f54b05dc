//! What must hold however things interleave. On several threads, and in real time.

use std::collections::BTreeSet;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::{QueueSuite, lane, numbered, pool, push_all, worker};
use crate::ids::QueryId;
use crate::queue::{Delivery, Queue, Signal, Take, Target};
use crate::testsuite::Dice;

const QUERIES: usize = 300;
const WORKERS: u64 = 4;

fn queries(deliveries: Vec<Delivery>) -> impl Iterator<Item = QueryId> {
    deliveries
        .into_iter()
        .filter_map(|delivery| match delivery {
            Delivery::Query(id) => Some(id),
            Delivery::Signal(..) => None,
        })
}

/// Pulls are dropped at random while queries and signals are pushed: every query comes to somebody.
pub async fn dropped_pulls_lose_nothing(suite: &QueueSuite) {
    let queue = suite.queue().await;
    let ids = numbered("q", QUERIES);
    let left = Arc::new(AtomicUsize::new(QUERIES));
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let (queue, left) = (queue.clone(), left.clone());
        workers.spawn(async move {
            let (me, pool) = (worker(&format!("w{number}")), pool());
            let mut dice = Dice::new(number + 1);
            let mut got = Vec::new();
            while left.load(Ordering::SeqCst) > 0 {
                let n = usize::try_from(dice.roll(3)).unwrap();
                let pull = queue.pull(&me, &pool, Take::Any(n));
                // Some are dropped wherever they first wait, others a moment later; some are given time for an answer.
                let pulled = match dice.roll(4) {
                    0 => tokio::select! {
                        biased;
                        pulled = pull => pulled,
                        () = ready(()) => continue,
                    },
                    longer => {
                        let patience = Duration::from_millis(longer * longer * 5);
                        let Ok(pulled) = timeout(patience, pull).await else {
                            continue;
                        };
                        pulled
                    }
                };
                for id in queries(pulled.unwrap()) {
                    if dice.roll(4) == 0 {
                        queue.release(&me, &id).await.unwrap();
                    } else {
                        queue.ack(&me, &id).await.unwrap();
                        left.fetch_sub(1, Ordering::SeqCst);
                        got.push(id);
                    }
                }
            }
            got
        });
    }
    for (number, id) in ids.iter().enumerate() {
        let target = match number % 7 {
            0 => Target::Inbox(worker(&format!("w{}", number as u64 % WORKERS))),
            n => lane(&format!("user{n}")),
        };
        queue.push(&target, id).await.unwrap();
        let told = worker(&format!("w{}", number as u64 % WORKERS));
        queue.signal(&told, id, Signal::Cancel).await.unwrap();
        yield_now().await;
    }
    let got = suite.times.soon("every query", workers.join_all()).await;
    let got: Vec<QueryId> = got.into_iter().flatten().collect();
    assert_eq!(got.len(), QUERIES, "none is acknowledged twice");
    assert_eq!(BTreeSet::from_iter(got), BTreeSet::from_iter(ids));
    let depth = queue.depth(&pool()).await.unwrap();
    assert_eq!((depth.waiting, depth.pending), (0, 0));
}

/// Each of many waiting workers takes one query: no push wakes nobody.
pub async fn every_push_wakes_somebody(suite: &QueueSuite) {
    let queue = suite.queue().await;
    for round in 0..20 {
        let ids = numbered(&format!("r{round}q"), 16);
        let mut pulls = JoinSet::new();
        for number in 0..ids.len() {
            let queue = queue.clone();
            pulls.spawn(async move {
                let me = worker(&format!("w{number}"));
                let pulled = queue.pull(&me, &pool(), Take::Any(1)).await.unwrap();
                for id in queries(pulled.clone()) {
                    queue.ack(&me, &id).await.unwrap();
                }
                queries(pulled).collect::<Vec<_>>()
            });
        }
        for (number, id) in ids.iter().enumerate() {
            let user = format!("user{}", number % 3);
            queue.push(&lane(&user), id).await.unwrap();
        }
        let got = suite.times.soon("a query each", pulls.join_all()).await;
        let got: BTreeSet<QueryId> = got.into_iter().flatten().collect();
        assert_eq!(got, BTreeSet::from_iter(ids));
    }
}

/// Workers that pull at once are never given the same query.
pub async fn racing_pulls_share_without_overlap(suite: &QueueSuite) {
    let queue: Arc<dyn Queue> = suite.queue().await;
    let ids = numbered("q", QUERIES);
    push_all(&queue, &lane("ann"), &ids).await;
    let mut pulls = JoinSet::new();
    for number in 0..WORKERS {
        let (queue, quiet) = (queue.clone(), suite.times.quiet);
        pulls.spawn(async move {
            let (me, pool) = (worker(&format!("w{number}")), pool());
            let mut got = Vec::new();
            while queue.depth(&pool).await.unwrap().waiting > 0 {
                let pull = timeout(
                    Duration::from_millis(20),
                    queue.pull(&me, &pool, Take::Any(3)),
                );
                let Ok(pulled) = pull.await else { continue };
                got.extend(queries(pulled.unwrap()));
            }
            // What a pull that was dropped would have given comes now.
            while let Ok(pulled) = timeout(quiet, queue.pull(&me, &pool, Take::Any(3))).await {
                got.extend(queries(pulled.unwrap()));
            }
            got
        });
    }
    let got = suite.times.soon("every query", pulls.join_all()).await;
    let mut got: Vec<QueryId> = got.into_iter().flatten().collect();
    got.sort();
    let mut ids = ids;
    ids.sort();
    assert_eq!(got, ids);
}

/// What is sent to one worker alone, just as it comes back to ask for more, ends its wait.
pub async fn every_word_to_a_worker_wakes_it(suite: &QueueSuite) {
    let queue = suite.queue().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let asking = {
        let queue = queue.clone();
        tokio::spawn(async move {
            let (me, pool) = (worker("w"), pool());
            loop {
                for delivery in queue.pull(&me, &pool, Take::Any(1)).await.unwrap() {
                    if let Delivery::Query(id) = &delivery {
                        queue.ack(&me, id).await.unwrap();
                    }
                    told.send(delivery).unwrap();
                }
            }
        })
    };
    let inbox = Target::Inbox(worker("w"));
    for id in numbered("q", 10 * QUERIES) {
        queue.push(&inbox, &id).await.unwrap();
        let delivery = suite.times.soon("the query", heard.recv()).await;
        assert_eq!(delivery, Some(Delivery::Query(id.clone())));
        queue
            .signal(&worker("w"), &id, Signal::Cancel)
            .await
            .unwrap();
        let delivery = suite.times.soon("the signal", heard.recv()).await;
        assert_eq!(delivery, Some(Delivery::Signal(id, Signal::Cancel)));
    }
    asking.abort();
}
