//! Many seeds, on as many threads as there are processors.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::parts::Parts;
use super::plan::Settings;
use super::planted::PlantedBug;
use super::process::Step;
use super::{Outcome, lock, simulate};

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Found {
    /// The lowest seed for which a promise was not kept.
    pub first: Option<Outcome>,
    /// Where workers died, in any seed.
    pub deaths: BTreeSet<Step>,
    /// How much happened, in events.
    pub events: usize,
}

/// Runs these seeds, up to the first that finds something. A seed that panics says which it was.
pub fn explore(
    seeds: Range<u64>,
    bug: Option<PlantedBug>,
    make: impl Fn(&Settings) -> Parts + Sync,
) -> Found {
    let (next, over) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let found = Mutex::new(Found::default());
    let work = || {
        while !over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| simulate(seed, bug, &make)));
            let outcome = outcome.unwrap_or_else(|panic| {
                eprintln!("seed {seed} panicked");
                resume_unwind(panic)
            });
            let mut found = lock(&found);
            found.deaths.extend(&outcome.deaths);
            found.events += outcome.history.len();
            if !outcome.is_clean() {
                over.store(true, Ordering::Relaxed);
                // Lower seeds may still be under way elsewhere.
                if found.first.as_ref().is_none_or(|first| first.seed > seed) {
                    found.first = Some(outcome);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap_or_default()
}
