//! What must hold of every history.
//!
//! | module | what it looks at |
//! |---|---|
//! | `story` | the events of one statement, put together |
//! | `results` | what clients were given: whole results, true errors |
//! | `attempts` | who closed which attempt, and whether anything justified it; how often |
//! | `fencing` | which writes were taken |
//! | `writes` | how often a write was begun |
//! | `cancels` | how soon a cancel reached the cluster |
//! | `leftovers` | what is left when all is over |

mod attempts;
mod cancels;
mod fencing;
mod leftovers;
mod results;
mod story;
mod writes;

use std::fmt;

use self::story::Stories;
use super::fleet::Fleet;
use super::history::History;
use super::statement::Tag;

pub(super) use self::leftovers::leftovers;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Every client that keeps asking is told of an end.
    EverythingEnds,
    /// A success has every row once, all of one execution.
    ResultsAreWhole,
    /// What is asked for again is given again; what a failed query gave is the beginning of its result.
    RowsAreRight,
    /// An error is told only for what happened to the query.
    ErrorsAreTrue,
    /// A query is abandoned only when its client was silent for a client timeout.
    ClientsAreWaitedFor,
    /// A write begins at most once, and exactly once where it is said to have succeeded.
    WritesBeginOnce,
    /// What is written under an attempt is taken only while that is the open one.
    WritesAreFenced,
    /// An attempt is closed by who may close it, for a reason.
    AttemptsAreClosedForAReason,
    /// At most three attempts of a query are lost.
    NoPoison,
    /// What a client cancels does not run a second later, where nothing is wrong.
    CancelsReachTheCluster,
    /// A worker is lost after a lease without a renewal, not before.
    LeasesLast,
    /// When all is over nothing is left.
    NothingIsLeft,
}

/// Something that did not hold.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) check: Check,
    pub(super) about: Option<Tag>,
    pub(super) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.check, self.what)
    }
}

impl Violation {
    fn new(check: Check, about: Option<Tag>, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { check, about, what }
    }
}

pub(super) fn never_ended() -> Violation {
    let what = "not all clients came to an end";
    Violation::new(Check::EverythingEnds, None, what)
}

/// Checks all that was recorded.
pub(super) fn history(history: &History, fleet: &Fleet) -> Vec<Violation> {
    let stories = Stories::of(history, fleet);
    let mut violations = results::check(&stories, &fleet.world.plan.settings);
    violations.extend(attempts::check(&stories, &fleet.world.plan.settings));
    violations.extend(fencing::check(&stories));
    violations.extend(writes::check(&stories));
    violations.extend(cancels::check(&stories));
    violations
}
