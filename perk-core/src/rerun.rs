//! What may be run again, and when (promise P3).

mod judge;

pub use judge::judge;

use crate::error::{PerkError, QueryError};
use crate::query::Rerunnable;

/// After this many attempts that lost their worker or their cluster, a query fails (promise P4).
pub const MAX_LOST_ATTEMPTS: u32 = 3;

/// How an attempt came to an end without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It was given back in order: the worker is being stopped, or never began it. No failure of the query's.
    GivenBack,
    /// The cluster could not be reached, or said that it has not begun it. No failure of the query's, and no doubt.
    NotBegun,
    /// The worker is gone.
    WorkerLost,
    /// The cluster is gone, or has forgotten the query.
    ClusterLost,
}

/// What a store knows of an attempt that came to an end without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Whether running it again can be noticed.
    pub rerunnable: Rerunnable,
    /// Whether a cluster was, or may have been, told to run it: its upstream query had been recorded.
    pub posted: bool,
    /// Whether a client has been given columns, headers or rows of it.
    pub handed_out: bool,
    /// How many attempts were lost before this one.
    pub lost_before: u32,
}

/// What becomes of a query whose attempt was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It waits again, in its old place; `lost` attempts count against it.
    Again {
        /// How many attempts have been lost by now.
        lost: u32,
    },
    /// It ends with this error.
    Fail(Box<QueryError>),
}

/// Decides what becomes of a query whose attempt was lost. Pure, so that every store decides alike.
///
/// ```
/// use perk_core::rerun::{verdict, Loss, Lost, Verdict};
/// use perk_core::Rerunnable;
/// let read = Lost { rerunnable: Rerunnable::Yes, posted: true, handed_out: false, lost_before: 0 };
/// assert_eq!(verdict(read, Loss::ClusterLost), Verdict::Again { lost: 1 });
/// let insert = Lost { rerunnable: Rerunnable::No, ..read };
/// assert!(matches!(verdict(insert, Loss::ClusterLost), Verdict::Fail(e) if e.name == "PERK_OUTCOME_UNKNOWN"));
/// ```
pub fn verdict(query: Lost, loss: Loss) -> Verdict {
    let gone = match loss {
        Loss::GivenBack | Loss::NotBegun => "the worker that ran this query was stopped",
        Loss::WorkerLost => "the worker that ran this query was lost",
        Loss::ClusterLost => "the cluster that ran this query was lost",
    };
    let fail = |error: PerkError, rest: &str| {
        Verdict::Fail(Box::new(error.because(format!("{gone}{rest}"))))
    };
    let begun = query.posted && loss != Loss::NotBegun;
    if begun && query.rerunnable == Rerunnable::No {
        return Verdict::Fail(Box::new(outcome_unknown(gone)));
    }
    if query.handed_out {
        return fail(
            PerkError::ClusterLost,
            " after part of its result had been read; run it again",
        );
    }
    let this = u32::from(!matches!(loss, Loss::GivenBack | Loss::NotBegun));
    let attempts = query.lost_before.saturating_add(this);
    if attempts >= MAX_LOST_ATTEMPTS {
        let rest = format!(
            "; {attempts} attempts ended so, and the query may be the cause: it is not tried again"
        );
        return fail(PerkError::AttemptsExhausted, &rest);
    }
    Verdict::Again { lost: attempts }
}

/// The error of a begun statement that may not run again, of which nobody knows how it ended after what was `seen`.
pub(crate) fn outcome_unknown(seen: &str) -> QueryError {
    let rest = "the statement may have taken effect or may still run: look before you run it again";
    PerkError::OutcomeUnknown.because(format!("{seen}; {rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Loss::{ClusterLost, GivenBack, NotBegun, WorkerLost};
    use Rerunnable::{No, Yes};

    #[test]
    fn what_becomes_of_a_lost_attempt() {
        // (re-runnable, posted, handed out, lost before, how) → the error's name, or how many are lost now
        type Line = (Rerunnable, bool, bool, u32, Loss, Result<u32, &'static str>);
        let table: &[Line] = &[
            (Yes, false, false, 0, GivenBack, Ok(0)),
            (Yes, true, false, 0, GivenBack, Ok(0)),
            (Yes, true, false, 2, GivenBack, Ok(2)),
            (Yes, true, true, 0, GivenBack, Err("PERK_CLUSTER_LOST")),
            (Yes, true, false, 0, WorkerLost, Ok(1)),
            (Yes, true, false, 1, ClusterLost, Ok(2)),
            (
                Yes,
                true,
                false,
                2,
                ClusterLost,
                Err("PERK_ATTEMPTS_EXHAUSTED"),
            ),
            (
                Yes,
                false,
                false,
                2,
                WorkerLost,
                Err("PERK_ATTEMPTS_EXHAUSTED"),
            ),
            (Yes, true, true, 0, ClusterLost, Err("PERK_CLUSTER_LOST")),
            (No, false, false, 0, WorkerLost, Ok(1)),
            (No, true, false, 0, GivenBack, Err("PERK_OUTCOME_UNKNOWN")),
            (No, true, false, 2, NotBegun, Ok(2)),
            (No, true, false, 0, ClusterLost, Err("PERK_OUTCOME_UNKNOWN")),
            (No, true, true, 0, ClusterLost, Err("PERK_OUTCOME_UNKNOWN")),
        ];
        for &(rerunnable, posted, handed_out, lost_before, loss, expected) in table {
            let lost = Lost {
                rerunnable,
                posted,
                handed_out,
                lost_before,
            };
            let got = match verdict(lost, loss) {
                Verdict::Again { lost } => Ok(lost),
                Verdict::Fail(error) => Err(error.name),
            };
            assert_eq!(
                got.as_ref().map_err(String::as_str),
                expected.as_ref().map_err(|e| *e),
                "{lost:?} {loss:?}"
            );
        }
    }
}
