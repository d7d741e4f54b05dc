//! What is known of one query.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{Attempt, Dialect, Ending, QueryState, Statement, UpstreamRef, WorkerId};
use tokio::time::Instant;

use super::pages::Pages;

#[derive(Debug)]
pub(super) struct State {
    pub(super) life: Life,
    /// Without its credentials once the query has ended.
    pub(super) statement: Arc<Statement>,
    pub(super) last_attempt: Attempt,
    /// How many attempts lost their worker or cluster.
    pub(super) lost: u32,
    /// The present attempt's query on the cluster.
    pub(super) upstream: Option<UpstreamRef>,
    /// Earlier attempts' queries on their clusters, which nobody has cancelled yet.
    pub(super) superseded: Vec<UpstreamRef>,
    pub(super) handed_out: bool,
    /// What the present attempt's cluster speaks; the client's dialect while none was asked.
    pub(super) dialect: Dialect,
    pub(super) pages: Pages,
    pub(super) progress: Option<Bytes>,
    pub(super) created: Instant,
    pub(super) begun: Option<Instant>,
    pub(super) heard: Instant,
    /// Ended, and the end was read or never will be.
    pub(super) settled: bool,
}

/// An attempt whose worker may still write, or has still to be told that it may not.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) worker: WorkerId,
    pub(super) attempt: Attempt,
}

#[derive(Debug)]
pub(super) enum Life {
    Stored,
    Queued,
    Running(Open),
    Ended(End),
    /// Swept away; only who had hold of the query before still sees it.
    Removed,
}

#[derive(Debug)]
pub(super) struct End {
    pub(super) ending: Arc<Ending>,
    pub(super) at: Instant,
    /// When the end was last given to a client.
    pub(super) read: Option<Instant>,
    /// The attempt that ran when the query was ended from outside, until it is closed.
    pub(super) open: Option<Open>,
}

/// What the query of a closed attempt was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    Running,
    Ended,
}

impl Open {
    pub(super) fn shown(&self) -> QueryState {
        QueryState::Running {
            worker: self.worker.clone(),
            attempt: self.attempt,
        }
    }
}

impl State {
    /// Closes the open attempt, if it is the one meant.
    pub(super) fn close(&mut self, which: impl Fn(&Open) -> bool) -> Option<Was> {
        match &mut self.life {
            Life::Running(open) if which(open) => Some(Was::Running),
            Life::Ended(end) => end.open.take_if(|open| which(open)).map(|_| Was::Ended),
            _ => None,
        }
    }

    pub(super) fn shown(&self) -> QueryState {
        match &self.life {
            Life::Stored => QueryState::Stored,
            Life::Queued => QueryState::Queued,
            Life::Running(open) => open.shown(),
            Life::Ended(_) | Life::Removed => QueryState::Ended,
        }
    }

    fn ended_at(&self) -> Option<Instant> {
        match &self.life {
            Life::Ended(end) => Some(end.at),
            _ => None,
        }
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.ended_at().unwrap_or(now) - self.created
    }

    pub(super) fn queued(&self, now: Instant) -> Duration {
        self.begun.or(self.ended_at()).unwrap_or(now) - self.created
    }
}
