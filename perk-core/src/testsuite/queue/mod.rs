//! The clauses of [`Queue`]'s contract.

pub mod delivery;
pub mod order;
pub mod races;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::SuiteTimes;
use crate::ids::{PoolName, QueryId, WorkerId};
use crate::queue::{Delivery, Lane, Queue, Take, Target};
use crate::router::Priority;

type Made = Pin<Box<dyn Future<Output = Arc<dyn Queue>> + Send>>;

/// What the clauses are held against.
pub struct QueueSuite {
    times: SuiteTimes,
    make: Box<dyn Fn() -> Made + Send + Sync>,
}

impl QueueSuite {
    /// A suite over the queues that `make` makes, each new and empty.
    pub fn new<F, M>(times: SuiteTimes, make: F) -> Self
    where
        F: Fn() -> M + Send + Sync + 'static,
        M: Future<Output = Arc<dyn Queue>> + Send + 'static,
    {
        Self {
            times,
            make: Box::new(move || Box::pin(make())),
        }
    }

    async fn queue(&self) -> Arc<dyn Queue> {
        (self.make)().await
    }

    /// Pulls queries that must be there, and only queries.
    async fn pull(&self, queue: &Arc<dyn Queue>, worker: &WorkerId, n: usize) -> Vec<QueryId> {
        let pool = pool();
        let pulled = queue.pull(worker, &pool, Take::Any(n));
        let pulled = self.times.soon("a delivery", pulled).await.unwrap();
        let query = |delivery| match delivery {
            Delivery::Query(id) => id,
            Delivery::Signal(..) => panic!("nobody sent {delivery:?}"),
        };
        pulled.into_iter().map(query).collect()
    }

    /// Pulls one by one what must be there.
    async fn pull_each(&self, queue: &Arc<dyn Queue>, worker: &WorkerId, n: usize) -> Vec<QueryId> {
        let mut pulled = Vec::new();
        for _ in 0..n {
            let one = self.pull(queue, worker, 1).await;
            assert_eq!(one.len(), 1, "one was asked for");
            pulled.extend(one);
        }
        pulled
    }

    /// Nothing is there for the worker.
    async fn nothing(&self, queue: &Arc<dyn Queue>, worker: &WorkerId) {
        let pool = pool();
        let pulled = queue.pull(worker, &pool, Take::Any(9));
        self.times.not_yet("a delivery", pulled).await;
    }
}

impl Debug for QueueSuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueSuite").finish_non_exhaustive()
    }
}

fn pool() -> PoolName {
    PoolName::default_pool()
}

fn worker(name: &str) -> WorkerId {
    name.parse().unwrap()
}

fn query(name: &str) -> QueryId {
    name.parse().unwrap()
}

fn numbered(prefix: &str, n: usize) -> Vec<QueryId> {
    (0..n).map(|i| query(&format!("{prefix}{i}"))).collect()
}

fn lane(user: &str) -> Target {
    urgent(user, Priority::Normal)
}

fn urgent(user: &str, priority: Priority) -> Target {
    Target::Lane(Lane {
        pool: pool(),
        priority,
        user: user.to_owned(),
    })
}

async fn push_all(queue: &Arc<dyn Queue>, target: &Target, ids: &[QueryId]) {
    for id in ids {
        queue.push(target, id).await.unwrap();
    }
}

/// Makes a test of each clause of [`Queue`](crate::Queue)'s contract. The argument makes a new and empty queue each time
/// it is called. With `real_time:` and [`SuiteTimes`](crate::testsuite::SuiteTimes) before it, the tests run in real time.
///
/// ```
/// # use std::sync::Arc;
/// # use perk_core::{Queue, testsuite::MockQueue as MyQueue};
/// perk_core::queue_test_suite!(|| async { Arc::new(MyQueue::new()) as Arc<dyn Queue> });
/// ```
#[macro_export]
macro_rules! queue_test_suite {
    ($make:expr) => {
        $crate::queue_test_suite!(@((start_paused = true)) $crate::testsuite::SuiteTimes::paused(), $crate::testsuite::SuiteTimes::real(), $make);
    };
    (real_time: $times:expr, $make:expr) => {
        $crate::queue_test_suite!(@(()) $times, $times, $make);
    };
    (@($arguments:tt) $times:expr, $real:expr, $make:expr) => {
        $crate::clause_tests! { $arguments, queue::QueueSuite, $times, $make;
            queue::order {
                a_lane_is_first_in_first_out
                lanes_are_served_in_turn
                an_idle_lane_keeps_nobody_waiting
                higher_priorities_come_first
                an_inbox_comes_before_the_pool
                pools_are_apart
                a_released_query_takes_its_old_place
                a_released_query_of_an_inbox_returns_to_it
                depth_and_age_are_counted
            }
            queue::delivery {
                a_pull_waits_for_a_push
                a_pull_waits_for_its_inbox
                a_pull_waits_for_a_release
                a_worker_that_has_enough_leaves_the_rest_to_another
                a_pull_gives_at_most_what_was_asked_for
                a_pull_of_none_gives_signals_only
                a_pull_from_the_inbox_leaves_the_pool_alone
                signals_come_in_order_and_beyond_the_number_asked_for
                a_worker_that_never_pulled_can_be_signalled
                what_waits_or_is_pending_is_not_pushed_twice
                an_acknowledged_query_is_forgotten
                a_pending_query_is_its_worker_s_alone
                only_its_worker_settles_a_pending_query
                a_waiting_query_can_be_removed
                pending_includes_the_inbox
                a_dropped_pull_takes_nothing
            }
        }
        $crate::clause_tests! {
            (flavor = "multi_thread", worker_threads = 4),
            queue::QueueSuite, $real, $make;
            queue::races {
                dropped_pulls_lose_nothing
                every_push_wakes_somebody
                every_word_to_a_worker_wakes_it
                racing_pulls_share_without_overlap
            }
        }
    };
}
