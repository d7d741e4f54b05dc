//! One query, by the result store's contract.

use std::sync::Arc;

use bytes::Bytes;

use super::pages::Pages;
use crate::ids::{Attempt, WorkerId};
use crate::query::{Ending, Outcome, QueryState, Rerunnable, UpstreamRef};
use crate::rerun::{Loss, Lost, Verdict, verdict};
use crate::statement::{Dialect, Statement};
use crate::store::{Claim, Ended, EndedBy, GivenUp, NewQuery};
use crate::testsuite::models::perhaps::Perhaps;
use crate::testsuite::models::trial::{Moment, Unlike, same};

/// What is known of a query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) asked: NewQuery,
    pub(super) life: Life,
    pub(super) last: Attempt,
    lost: u32,
    /// The present attempt's query on a cluster.
    upstream: Option<UpstreamRef>,
    /// Earlier attempts' queries on clusters, still to be cancelled.
    pub(super) superseded: Vec<UpstreamRef>,
    pub(super) handed_out: bool,
    pub(super) dialect: Dialect,
    pub(super) progress: Option<Bytes>,
    pub(super) pages: Pages,
    pub(super) created: Moment,
    pub(super) begun: Option<Moment>,
    pub(super) heard: Moment,
    /// Whether it has been removed, where that can be seen only by looking.
    pub(super) gone: Perhaps,
    /// Whether its rows are held back.
    held: bool,
}

#[derive(Debug)]
pub(super) enum Life {
    Stored,
    Queued,
    Running(Open),
    Ended(Box<End>),
}

/// An attempt that nobody has closed.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) worker: WorkerId,
    pub(super) attempt: Attempt,
}

impl Open {
    fn shown(&self) -> QueryState {
        QueryState::Running {
            worker: self.worker.clone(),
            attempt: self.attempt,
        }
    }
}

#[derive(Debug)]
pub(super) struct End {
    pub(super) ending: Ending,
    pub(super) at: Moment,
    /// When its client learnt of it: from the first time to the last.
    pub(super) read: Option<Moment>,
    pub(super) open: Option<Open>,
}

impl Query {
    /// A new query; its rows are held back if it may run again and the store `holds` rows.
    pub(super) fn new(asked: NewQuery, holds: bool, now: Moment) -> Self {
        let held = holds && asked.rerunnable == Rerunnable::Yes;
        Self {
            life: if asked.queued {
                Life::Queued
            } else {
                Life::Stored
            },
            last: Attempt(0),
            lost: 0,
            upstream: None,
            superseded: Vec::new(),
            handed_out: false,
            dialect: asked.statement.dialect,
            progress: None,
            pages: Pages::new(held),
            created: now,
            begun: None,
            heard: now,
            gone: Perhaps::No,
            held,
            asked,
        }
    }

    pub(super) fn statement(&self) -> &Arc<Statement> {
        &self.asked.statement
    }

    pub(super) fn state(&self) -> QueryState {
        match &self.life {
            Life::Stored => QueryState::Stored,
            Life::Queued => QueryState::Queued,
            Life::Running(open) => open.shown(),
            Life::Ended(_) => QueryState::Ended,
        }
    }

    /// Where it stands, unless it has ended and no attempt at it is open.
    pub(super) fn unended(&self) -> Option<QueryState> {
        match &self.life {
            Life::Ended(end) => end.open.as_ref().map(Open::shown),
            _ => Some(self.state()),
        }
    }

    pub(super) fn end(&self) -> Option<&End> {
        match &self.life {
            Life::Ended(end) => Some(end),
            _ => None,
        }
    }

    pub(super) fn open(&self) -> Option<&Open> {
        match &self.life {
            Life::Running(open) => Some(open),
            Life::Ended(end) => end.open.as_ref(),
            _ => None,
        }
    }

    /// Fencing: whether a write under this attempt is taken.
    pub(super) fn takes(&self, attempt: Attempt) -> bool {
        matches!(&self.life, Life::Running(open) if open.attempt == attempt)
    }

    /// What is kept of it is kept for a repeated request only.
    pub(super) fn is_over(&self) -> bool {
        let end = self.end();
        end.is_some_and(|end| end.read.is_some() && end.open.is_none())
            && self.superseded.is_empty()
    }

    pub(super) fn queued(&mut self) {
        if matches!(self.life, Life::Stored) {
            self.life = Life::Queued;
        }
    }

    pub(super) fn claimed(
        &mut self,
        by: &WorkerId,
        answer: &Claim,
        now: Moment,
    ) -> Result<(), Unlike> {
        let granted = match &self.life {
            Life::Stored | Life::Queued => None,
            Life::Running(open) if open.worker == *by && self.upstream.is_none() => {
                Some(open.attempt)
            }
            Life::Running(_) => {
                let held = matches!(answer, Claim::Held);
                return same("held", &held, &true);
            }
            Life::Ended(_) => {
                // Perhaps it was granted before, and does not know.
                if self.upstream.is_none() {
                    self.close(|open| open.worker == *by);
                }
                return over(answer, &self.superseded);
            }
        };
        let Claim::Granted {
            attempt,
            statement,
            superseded,
        } = answer
        else {
            return Err(format!("{by} should have been granted it").into());
        };
        same("the statement", &statement.sql, &self.statement().sql)?;
        same(
            "what to cancel first",
            &sorted(superseded),
            &sorted(&self.superseded),
        )?;
        match granted {
            Some(same_again) => same("the same attempt", attempt, &same_again),
            None if *attempt <= self.last => {
                Err(format!("attempt {attempt} is not more than {}", self.last).into())
            }
            None => {
                let (worker, attempt) = (by.clone(), *attempt);
                self.last = attempt;
                self.begun.get_or_insert(now);
                self.life = Life::Running(Open { worker, attempt });
                Ok(())
            }
        }
    }

    /// What is written under the present attempt.
    pub(super) fn posted(&mut self, upstream: UpstreamRef) {
        self.dialect = upstream.dialect;
        self.upstream = Some(upstream);
    }

    /// Whether the end was taken: the query's, and not only its attempt's.
    pub(super) fn finish(&mut self, attempt: Attempt, ending: Ending, now: Moment) -> bool {
        let taken = self.takes(attempt);
        if self.close(|open| open.attempt == attempt) {
            self.upstream = None;
        }
        if taken {
            self.ends(ending, None, now);
        }
        taken
    }

    /// An attempt ends without a result.
    pub(super) fn lose(
        &mut self,
        which: impl Fn(&Open) -> bool,
        loss: Loss,
        now: Moment,
    ) -> GivenUp {
        let ran = self.end().is_none();
        if !self.close(which) {
            return GivenUp::Fenced;
        }
        let upstream = self.upstream.take();
        if !ran && matches!(loss, Loss::GivenBack | Loss::NotBegun) {
            return GivenUp::Fenced;
        }
        let attempt = Lost {
            rerunnable: self.asked.rerunnable,
            posted: upstream.is_some(),
            handed_out: self.handed_out,
            lost_before: self.lost,
        };
        self.superseded.extend(upstream);
        if !ran {
            return GivenUp::Failed;
        }
        match verdict(attempt, loss) {
            Verdict::Again { lost } => {
                self.lost = lost;
                self.life = Life::Queued;
                self.dialect = self.statement().dialect;
                self.progress = None;
                self.pages = Pages::new(self.held);
                GivenUp::Again
            }
            Verdict::Fail(error) => {
                self.ends(Ending::failed(*error), None, now);
                GivenUp::Failed
            }
        }
    }

    pub(super) fn end_from_outside(&mut self, ending: Ending, by: EndedBy, now: Moment) -> Ended {
        let was = match &mut self.life {
            Life::Stored | Life::Queued => {
                self.ends(ending, None, now);
                if self.superseded.is_empty() {
                    Ended::Waiting
                } else {
                    Ended::WaitingToCancel
                }
            }
            Life::Running(open) => {
                let open = open.clone();
                let worker = open.worker.clone();
                self.ends(ending, Some(open), now);
                Ended::Running(worker)
            }
            Life::Ended(end) => {
                let unread = end.read.is_none() && end.ending.outcome == Outcome::Finished;
                if unread && self.asked.rerunnable == Rerunnable::Yes {
                    end.ending = ending;
                    // Whether it ended then or now is not said.
                    end.at = end.at.or(now);
                    self.pages.drop_all();
                }
                Ended::Before
            }
        };
        if by == EndedBy::Client {
            self.client_knows(now);
        }
        was
    }

    /// Its client knows of the end. Whether what is kept for a repeated request is kept since the first or the last time
    /// is not said.
    pub(super) fn client_knows(&mut self, now: Moment) {
        if let Life::Ended(end) = &mut self.life {
            end.read = Some(end.read.map_or(now, |first| first.or(now)));
        }
    }

    fn ends(&mut self, ending: Ending, open: Option<Open>, now: Moment) {
        match ending.outcome {
            Outcome::Finished => self.pages.are_complete(),
            Outcome::Failed(_) => self.pages.drop_all(),
        }
        self.pages.learn(ending.columns.as_ref());
        self.life = Life::Ended(Box::new(End {
            ending,
            at: now,
            read: None,
            open,
        }));
    }

    /// Closes the open attempt, if it is the one meant. What its query was doing is for the caller to say.
    fn close(&mut self, which: impl Fn(&Open) -> bool) -> bool {
        match &mut self.life {
            Life::Running(open) => which(open),
            Life::Ended(end) => end.open.take_if(|open| which(open)).is_some(),
            _ => false,
        }
    }
}

/// There is nothing to run, but perhaps to cancel.
pub(super) fn over(answer: &Claim, superseded: &[UpstreamRef]) -> Result<(), Unlike> {
    let Claim::Over { superseded: told } = answer else {
        return Err("the claim should have been answered with `Over`"
            .to_owned()
            .into());
    };
    same("what to cancel", &sorted(told), &sorted(superseded))
}

/// In which order they are named is not said.
fn sorted(upstreams: &[UpstreamRef]) -> Vec<&UpstreamRef> {
    let mut sorted: Vec<&UpstreamRef> = upstreams.iter().collect();
    sorted.sort_by_key(|upstream| &upstream.query_id);
    sorted
}
