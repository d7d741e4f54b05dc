//! Whole deployments over the memory implementations, with everything going wrong that can: many seeds, each replayable.
//!
//! | variable | what it says |
//! |---|---|
//! | `PERK_TEST_SEEDS` | how many seeds are run, 200 by default |
//! | `PERK_TEST_SEED` | one seed to run alone, with its history printed |

use std::sync::Arc;
use std::time::Instant;

use perk_core::testsuite::simulation::{
    Check, Parts, PlantedBug, Settings, Step, explore, simulate,
};
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig, Usage};

fn parts(settings: &Settings) -> Parts {
    let config = MemoryStoreConfig {
        client_timeout: settings.store.client_timeout,
        keep_ended: settings.store.keep_ended,
        hold_results: settings.store.hold_results,
        unread_per_query: settings.store.unread_per_query,
        unread_total: settings.store.unread_total,
        ..MemoryStoreConfig::default()
    };
    let store = Arc::new(MemoryResultStore::new(config));
    let used = store.clone();
    Parts {
        queue: Arc::new(MemoryQueue::new()),
        store,
        registry: Arc::new(MemoryRegistry::new(settings.lease, [7; 32])),
        nothing_left: Arc::new(move || match used.usage() {
            usage if usage == Usage::default() => Ok(()),
            usage => Err(format!("{usage:?}")),
        }),
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().expect("a number"))
}

#[test]
fn every_promise_is_kept_whatever_fails() {
    if let Some(seed) = number("PERK_TEST_SEED") {
        let outcome = simulate(seed, None, parts);
        print!("{}", outcome.history);
        assert!(outcome.is_clean(), "{outcome}");
        return;
    }
    let seeds = number("PERK_TEST_SEEDS").unwrap_or(200);
    let began = Instant::now();
    let found = explore(0..seeds, None, parts);
    let events = found.events;
    println!("{seeds} seeds, {events} events, {:?}", began.elapsed());
    if let Some(outcome) = found.first {
        panic!("{outcome}");
    }
    for step in Step::ALL {
        assert!(found.deaths.contains(&step), "no worker died at {step:?}");
    }
}

#[test]
fn a_seed_replays_event_by_event() {
    for seed in 0..10 {
        let [once, again] = [(); 2].map(|()| simulate(seed, None, parts).history);
        assert_eq!(once.to_string(), again.to_string(), "seed {seed}");
    }
}

/// The bug is found, and not by chance: by one of the checks that look for such.
fn is_found(bug: PlantedBug, by: &[Check]) {
    let found = explore(0..200, Some(bug), parts);
    let outcome = found.first.expect("200 seeds find it");
    println!(
        "{bug:?} at seed {} by {:?}",
        outcome.seed,
        outcome.found_by()
    );
    let found_by = outcome.found_by();
    assert!(by.iter().any(|check| found_by.contains(check)), "{outcome}");
}

#[test]
fn writes_of_stale_attempts_are_found() {
    is_found(
        PlantedBug::NoFencing,
        &[
            Check::WritesAreFenced,
            Check::RowsAreRight,
            Check::ResultsAreWhole,
        ],
    );
}

#[test]
fn handing_out_what_is_run_again_is_found() {
    is_found(
        PlantedBug::HandingOutRacesAClaim,
        &[
            Check::RowsAreRight,
            Check::ResultsAreWhole,
            Check::ErrorsAreTrue,
        ],
    );
}

#[test]
fn a_lost_acknowledgement_is_found() {
    is_found(PlantedBug::LostAck, &[Check::NothingIsLeft]);
}

#[test]
fn taking_over_from_the_wrong_worker_is_found() {
    is_found(
        PlantedBug::DoubleTakeover,
        &[Check::AttemptsAreClosedForAReason],
    );
}

#[test]
fn taking_a_client_for_gone_is_found() {
    is_found(PlantedBug::EarlyExpiry, &[Check::ClientsAreWaitedFor]);
}
