//! Mocks of the traits, and suites that hold an implementation to a trait's contract.
//!
//! A suite is a list of clauses, each an async function that panics where an implementation does not keep it. A macro
//! makes a test of each, over whatever its argument makes; every clause gets a new and empty one:
//!
//! | trait | macro | clauses |
//! |---|---|---|
//! | [`Queue`](crate::Queue) | [`queue_test_suite!`](crate::queue_test_suite) | [`queue`] |
//! | [`ResultStore`](crate::ResultStore) | [`result_store_test_suite!`](crate::result_store_test_suite) | [`store`] |
//! | [`Registry`](crate::Registry) | [`registry_test_suite!`](crate::registry_test_suite) | [`registry`] |
//! | [`QueryExecutor`](crate::QueryExecutor) | [`executor_test_suite!`](crate::executor_test_suite) | [`executor`] |
//! | [`ClusterProvisioner`](crate::ClusterProvisioner) | [`provisioner_test_suite!`](crate::provisioner_test_suite) | [`provisioner`] |
//!
//! What the parts promise together is held by [`simulation`]: whole deployments in one process, decided by one seed.
//!
//! [`models`] holds queues and result stores to their contracts in random operations, beside a model of each.
//!
//! [`hostile`] gives honest inputs, changed at random, to whatever must bear any.
//!
//! By themselves the tests of the first three run under paused time. For an implementation that waits for a real server,
//! the macros take [`SuiteTimes`] that are short, and its tests run in real time; or `None` where there is no server, and
//! they do nothing.

pub mod executor;
pub mod hostile;
pub mod models;
pub mod provisioner;
pub mod queue;
pub mod registry;
pub mod simulation;
pub mod store;
mod times;

pub use crate::executor::{MockQueryExecutor, MockQuerySink};
pub use crate::provisioner::MockClusterProvisioner;
pub use crate::queue::MockQueue;
pub use crate::registry::MockRegistry;
pub use crate::store::MockResultStore;
pub use times::SuiteTimes;

use crate::{QueryId, QueryState, ResultStore, Target, Unavailable};

/// A source of decisions that is the same in every run, for clauses that do things at random.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        // xorshift64: enough to mix up an order.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// A place in something of this length.
    pub(crate) fn below(&mut self, length: usize) -> usize {
        usize::try_from(self.roll(length as u64)).unwrap_or_default()
    }

    /// A number below `sides`.
    pub(crate) fn roll_u32(&mut self, sides: u32) -> u32 {
        u32::try_from(self.roll(u64::from(sides))).unwrap_or_default()
    }
}

/// All queries of a store that have not ended, by their ids.
pub(crate) async fn every_unended(
    store: &dyn ResultStore,
) -> Result<Vec<(QueryId, Target, QueryState)>, Unavailable> {
    let mut unended = Vec::new();
    let mut from = Some(0);
    while let Some(at) = from {
        let some = store.unended(at).await?;
        unended.extend(some.queries);
        from = some.next;
    }
    unended.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    unended.dedup_by(|(one, ..), (other, ..)| one == other);
    Ok(unended)
}

/// Makes a test of each clause, for the suites' macros. Without times there is nothing to test against.
#[doc(hidden)]
#[macro_export]
macro_rules! clause_tests {
    ($arguments:tt, $suite:ident::$Suite:ident, $times:expr, $make:expr; $($topic:ident::$module:ident { $($clause:ident)* })*) => {$($(
        #[::tokio::test $arguments]
        async fn $clause() {
            let times = ::core::option::Option::<$crate::testsuite::SuiteTimes>::from($times);
            if let Some(times) = times {
                let suite = $crate::testsuite::$suite::$Suite::new(times, $make);
                $crate::testsuite::$topic::$module::$clause(&suite).await;
            }
        }
    )*)*};
}
