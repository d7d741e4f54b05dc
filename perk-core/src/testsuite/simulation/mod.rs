//! Whole deployments in one process, decided by one number: gateways, workers, clusters and clients, and everything that can
//! go wrong between them.
//!
//! One seed decides what clients ask, what is lost, late, paused or killed, and when. The processes are the real
//! [`Gateway`](crate::Gateway) and [`Worker`](crate::Worker) over the parts under test; between the two stand decorators
//! in which an operation may fail, before it is done or after, and in which a process may stand still or die. Time
//! is tokio's paused time, on one thread, so that a seed replays event by event. What happened is the [`History`], and
//! the promises (P1 to P5) are checked on it.
//!
//! | module | its job |
//! |---|---|
//! | `plan` | what a seed's world is like |
//! | `world` | what all processes share: dice, history, whether the store answers |
//! | `process` | a process that dies or stands still at any operation, and its operations |
//! | `queue`, `store`, `registry` | the parts under test, as one process reaches them |
//! | `clusters`, `execution`, `executor`, `provisioner` | simulated clusters, what runs on them, and how a worker reaches them |
//! | `fleet`, `client`, `troubles` | processes that are started again, clients, what befalls them from outside |
//! | `history`, `statement` | what happened; what clients ask for |
//! | `check` | what must hold of every history |
//! | `planted` | bugs that the checks must find |
//! | `seeds` | many seeds on several threads |

mod check;
mod client;
mod clusters;
mod execution;
mod executor;
mod fleet;
mod history;
mod parts;
mod plan;
mod planted;
mod process;
mod provisioner;
mod queue;
mod registry;
mod seeds;
mod statement;
mod store;
mod troubles;
mod world;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::check::Violation;
use self::client::Client;
use self::clusters::Clusters;
use self::fleet::Fleet;
use self::history::{Event, ProcessEvent, WorldEvent};
use self::world::World;

pub use self::check::Check;
pub use self::history::History;
pub use self::parts::Parts;
pub use self::plan::Settings;
pub use self::planted::PlantedBug;
pub use self::process::Step;
pub use self::seeds::{Found, explore};

/// Every client has been told of an end after this, however much went wrong.
const LONGEST: Duration = Duration::from_hours(1);

/// What came of one seed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// All that happened.
    pub history: History,
    /// Where workers died.
    pub deaths: BTreeSet<Step>,
    /// What did not hold.
    violations: Vec<Violation>,
}

impl Outcome {
    /// Whether all promises were kept.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Which checks found something.
    pub fn found_by(&self) -> BTreeSet<Check> {
        let checks = self.violations.iter().map(|violation| violation.check);
        checks.collect()
    }
}

/// What did not hold, each with the part of the history that concerns it.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for violation in &self.violations {
            writeln!(f, "{violation}")?;
        }
        if let Some(tag) = self.violations.iter().find_map(|violation| violation.about) {
            write!(f, "{}", self.history.about(tag))?;
        }
        Ok(())
    }
}

/// Runs one seed, on a runtime of its own, over the parts that `make` makes.
pub fn simulate(
    seed: u64,
    bug: Option<PlantedBug>,
    make: impl FnOnce(&Settings) -> Parts,
) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O can always be made");
    runtime.block_on(live(seed, bug, make))
}

async fn live(
    seed: u64,
    bug: Option<PlantedBug>,
    make: impl FnOnce(&Settings) -> Parts,
) -> Outcome {
    let world = Arc::new(World::new(seed));
    let settings = world.plan.settings;
    let mut parts = make(&settings);
    if let Some(bug) = bug {
        parts = planted::plant(bug, parts, &settings);
    }
    let clusters = Arc::new(Clusters::new(world.clone()));
    let fleet = Fleet::new(world.clone(), clusters, parts.clone());
    fleet.start();
    let mut clients = JoinSet::new();
    clients.spawn(troubles::make(fleet.clone()));
    for number in 1..=world.plan.clients {
        clients.spawn(Client::new(fleet.clone(), number).run());
    }
    let mut violations = Vec::new();
    let all = async {
        while let Some(ended) = clients.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    };
    if timeout(LONGEST, all).await.is_err() {
        violations.push(check::never_ended());
    } else {
        sleep(settling(&settings)).await;
        world.note(Event::World(WorldEvent::Settled));
        violations.extend(check::leftovers(&fleet, &parts).await);
    }
    let history = world.history();
    violations.extend(check::history(&history, &fleet));
    Outcome {
        seed,
        deaths: deaths(&history),
        history,
        violations,
    }
}

/// In this time all is forgotten that may be: a client that never came back, and then what may still run of its query.
fn settling(settings: &Settings) -> Duration {
    2 * settings.store.client_timeout + 2 * settings.lease + Duration::from_mins(2)
}

fn deaths(history: &History) -> BTreeSet<Step> {
    let steps = history.entries().filter_map(|(_, event)| match event {
        Event::Process(_, ProcessEvent::Crashed(step)) => Some(*step),
        _ => None,
    });
    steps.collect()
}

/// Every change under these locks is whole before anything in it can panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
