//! The clauses of [`Registry`]'s contract.

pub mod shared;
pub mod workers;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::SuiteTimes;
use crate::ids::{PoolName, WorkerId};
use crate::registry::{Registry, Renewal, WorkerStatus};

type Made = Pin<Box<dyn Future<Output = Arc<dyn Registry>> + Send>>;

/// What the clauses are held against.
pub struct RegistrySuite {
    times: SuiteTimes,
    make: Box<dyn Fn(Duration) -> Made + Send + Sync>,
}

impl RegistrySuite {
    /// A suite over the registries that `make` makes, each new and empty, with the lease it is given.
    pub fn new<F, M>(times: SuiteTimes, make: F) -> Self
    where
        F: Fn(Duration) -> M + Send + Sync + 'static,
        M: Future<Output = Arc<dyn Registry>> + Send + 'static,
    {
        Self {
            times,
            make: Box::new(move |lease| Box::pin(make(lease))),
        }
    }

    async fn registry(&self) -> Arc<dyn Registry> {
        (self.make)(self.times.lease).await
    }

    /// Lets more than a lease pass, in which an observer looks now and then, while these workers renew. Gives what the
    /// observer saw at last.
    async fn observe(&self, registry: &Arc<dyn Registry>, alive: &[&WorkerId]) -> Vec<WorkerId> {
        let mut seen = registry.lost_workers().await.unwrap();
        for _ in 0..6 {
            self.times.pass(self.times.lease / 4).await;
            for worker in alive {
                renew(registry, worker).await;
            }
            seen = registry.lost_workers().await.unwrap();
        }
        seen
    }
}

impl Debug for RegistrySuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrySuite").finish_non_exhaustive()
    }
}

fn worker(name: &str) -> WorkerId {
    name.parse().unwrap()
}

fn status(running: usize) -> WorkerStatus {
    WorkerStatus {
        pool: PoolName::default_pool(),
        cluster: None,
        running,
        draining: false,
    }
}

async fn renew(registry: &Arc<dyn Registry>, worker: &WorkerId) -> Renewal {
    registry.renew(worker, status(0)).await.unwrap()
}

/// Makes a test of each clause of [`Registry`](crate::Registry)'s contract. The argument makes a new and empty registry
/// with the lease that it is called with. With `real_time:` and [`SuiteTimes`](crate::testsuite::SuiteTimes) before it,
/// the tests run in real time.
///
/// ```
/// # use std::sync::Arc;
/// # use perk_core::{Registry, testsuite::MockRegistry};
/// # fn my_registry(_lease: std::time::Duration) -> MockRegistry { MockRegistry::new() }
/// perk_core::registry_test_suite!(|lease| async move {
///     Arc::new(my_registry(lease)) as Arc<dyn Registry>
/// });
/// ```
#[macro_export]
macro_rules! registry_test_suite {
    ($make:expr) => {
        $crate::registry_test_suite!(@((start_paused = true)) $crate::testsuite::SuiteTimes::paused(), $make);
    };
    (real_time: $times:expr, $make:expr) => {
        $crate::registry_test_suite!(@(()) $times, $make);
    };
    (@($arguments:tt) $times:expr, $make:expr) => {
        $crate::clause_tests! { $arguments, registry::RegistrySuite, $times, $make;
            registry::workers {
                a_worker_is_known_by_what_it_said_last
                a_worker_that_renews_is_never_lost
                a_silent_worker_is_lost_and_sealed
                a_silent_worker_is_there_until_it_is_sealed
                a_sealed_name_is_sealed_for_ever
                a_worker_that_left_is_neither_there_nor_lost
            }
            registry::shared {
                a_transaction_is_its_worker_s_until_unbound
                a_transaction_goes_with_its_worker
                everybody_has_the_same_keys
                one_gateway_sweeps_at_a_time
            }
        }
    };
}
