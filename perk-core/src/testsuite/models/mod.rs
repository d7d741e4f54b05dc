//! Models of [`Queue`](crate::Queue) and [`ResultStore`](crate::ResultStore): the contracts as plain data, and random
//! operations in which an implementation and its model must agree.
//!
//! The suites' clauses say of chosen situations what must come of them. These find the situations nobody chose: each
//! operation is done to the implementation and told to the model, which says whether the answer is one that the contract
//! allows; after each, what can be observed is compared. A run that fails is made as short as it goes, and shown.
//!
//! A run is a function for a plain `#[test]`: it makes the runtime itself, because time may have to be paused in it.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use perk_core::{Queue, testsuite::MockQueue as MyQueue};
//! use perk_core::testsuite::models::{self, ModelRun};
//! models::queue::agrees(&ModelRun::paused(), || async { Arc::new(MyQueue::new()) as Arc<dyn Queue> });
//! ```

mod perhaps;
pub mod queue;
pub mod store;
mod trial;

use std::fmt::Debug;
use std::time::Duration;

use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner, contextualize_config};
use tokio::runtime::{Builder, Runtime};

use super::SuiteTimes;
use trial::{Trial, Unlike};

/// Whether time passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It passes only when all wait for it: durations are exact, and expiry is part of the run.
    Paused,
    /// It passes as it does, for an implementation that waits for a real server: durations are compared roughly, and
    /// nothing is left to expire.
    Real,
}

/// How much is tried, and in what time.
#[derive(Debug, Clone, Copy)]
pub struct ModelRun {
    /// How many lists of operations are tried, each on a new implementation. Where time is paused, and so costs nothing,
    /// the environment's `PROPTEST_CASES` has the last word.
    pub cases: u32,
    /// How long a list may be.
    pub operations: usize,
    /// How many shorter lists are tried of one that failed.
    pub shrinks: u32,
    /// Whether time is paused.
    pub clock: Clock,
    /// What an implementation is made with, and how long is waited for it. A case waits often for `quiet`.
    pub times: SuiteTimes,
}

impl ModelRun {
    /// For an implementation in this process, which knows no other time than tokio's.
    pub fn paused() -> Self {
        Self {
            cases: 4096,
            operations: 60,
            shrinks: 4096,
            clock: Clock::Paused,
            times: SuiteTimes::paused(),
        }
    }

    /// For an implementation that waits for a real server: some seconds' worth. What it is made with never expires.
    pub fn real() -> Self {
        Self {
            cases: 24,
            operations: 30,
            shrinks: 200,
            clock: Clock::Real,
            times: SuiteTimes {
                quiet: Duration::from_millis(25),
                client_timeout: Duration::from_hours(2),
                keep_ended: Duration::from_mins(30),
                ..SuiteTimes::real()
            },
        }
    }

    fn runtime(&self) -> Runtime {
        Builder::new_current_thread()
            .enable_all()
            .start_paused(self.clock == Clock::Paused)
            .build()
            .unwrap()
    }

    /// Tries lists of operations, each with settings; gives the first failure, made short.
    fn check<S: Debug, O: Debug>(
        &self,
        settings: impl Strategy<Value = S>,
        operation: impl Strategy<Value = O>,
        case: &impl AsyncFn(S, Vec<O>, &mut Trial) -> Result<(), Unlike>,
    ) -> Result<(), String> {
        let runtime = self.runtime();
        let mut config = Config {
            cases: self.cases,
            max_shrink_iters: self.shrinks,
            // What failed is shown; nothing is written into anybody's repository.
            failure_persistence: None,
            ..Config::default()
        };
        if self.clock == Clock::Paused {
            config = contextualize_config(config);
        }
        let cases = (settings, vec(operation, 1..=self.operations));
        let tried = TestRunner::new(config).run(&cases, |(settings, list)| {
            let mut trial = Trial::new(self);
            let agreed = runtime.block_on(case(settings, list, &mut trial));
            agreed.map_err(|unlike| TestCaseError::fail(format!("{unlike}\n{trial}")))
        });
        tried.map_err(|error| match error {
            TestError::Fail(why, (settings, list)) => {
                let lines = list.iter().map(|operation| format!("\n  {operation:?}"));
                let lines: String = lines.collect();
                format!("{why}settings: {settings:?}\noperations:{lines}")
            }
            TestError::Abort(why) => why.to_string(),
        })
    }
}
