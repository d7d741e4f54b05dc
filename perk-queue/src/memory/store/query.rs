//! One query in memory: its state under one lock, and whom a change of it wakes.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use perk_core::rerun::{Loss, Lost, Verdict, verdict};
use perk_core::{
    Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Next, Outcome, Page, PageIndex,
    QueryError, QueryId, QueryInfo, QueryState, ReadError, Reading, Rerunnable, Statement, Target,
    UpstreamRef, WorkerId, WriteError,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::pages::Pages;
use super::shared::Shared;
use super::state::{End, Life, Open, State, Was};
use crate::memory::lock;

#[derive(Debug)]
pub(super) struct Query {
    pub(super) id: QueryId,
    pub(super) target: Target,
    rerunnable: Rerunnable,
    state: Mutex<State>,
    /// Told when there may be something to read.
    pub(super) readable: Notify,
}

/// What an append came to.
#[derive(Debug)]
pub(super) enum Appended {
    Stored,
    /// There is no room yet; the page is given back.
    Full(Page),
}

/// What a sweep found.
#[derive(Debug)]
pub(super) enum Swept {
    Keep,
    Remove,
    Abandoned { was: Ended, remove: bool },
}

impl Query {
    pub(super) fn new(query: NewQuery, shared: &Shared) -> Self {
        let now = Instant::now();
        let state = State {
            life: if query.queued {
                Life::Queued
            } else {
                Life::Stored
            },
            last_attempt: Attempt(0),
            lost: 0,
            upstream: None,
            superseded: Vec::new(),
            handed_out: false,
            dialect: query.statement.dialect,
            statement: query.statement,
            pages: Pages::new(hold(query.rerunnable, shared)),
            progress: None,
            created: now,
            begun: None,
            heard: now,
            settled: false,
        };
        Self {
            id: query.id,
            target: query.target,
            rerunnable: query.rerunnable,
            state: Mutex::new(state),
            readable: Notify::new(),
        }
    }

    pub(super) fn queued(&self) {
        let mut state = lock(&self.state);
        if matches!(state.life, Life::Stored) {
            state.life = Life::Queued;
        }
    }

    pub(super) fn claim(&self, worker: &WorkerId) -> Claim {
        let mut state = lock(&self.state);
        match &state.life {
            Life::Running(open) if open.worker == *worker && state.upstream.is_none() => {
                return Claim::Granted {
                    attempt: open.attempt,
                    statement: state.statement.clone(),
                    superseded: state.superseded.clone(),
                };
            }
            Life::Running(_) => return Claim::Held,
            Life::Ended(_) | Life::Removed => {
                // Where the answer to its first claim was lost, nobody else would close that attempt.
                if state.upstream.is_none() {
                    state.close(|open| open.worker == *worker);
                }
                let superseded = state.superseded.clone();
                return Claim::Over { superseded };
            }
            // A worker may be faster than the gateway, which says `queued` after it has pushed.
            Life::Stored | Life::Queued => {}
        }
        let attempt = state.last_attempt.next();
        state.last_attempt = attempt;
        state.life = Life::Running(Open {
            worker: worker.clone(),
            attempt,
        });
        state.begun.get_or_insert_with(Instant::now);
        Claim::Granted {
            attempt,
            statement: state.statement.clone(),
            superseded: state.superseded.clone(),
        }
    }

    pub(super) fn superseded_canceled(&self, canceled: &[UpstreamRef]) {
        let mut state = lock(&self.state);
        state
            .superseded
            .retain(|upstream| !canceled.contains(upstream));
    }

    pub(super) fn posted(&self, attempt: Attempt, upstream: UpstreamRef) -> Result<(), WriteError> {
        let mut state = self.writing(attempt)?;
        state.dialect = upstream.dialect;
        state.upstream = Some(upstream);
        Ok(())
    }

    /// Whether a page is still to be appended under this attempt.
    pub(super) fn lacks(&self, attempt: Attempt, index: PageIndex) -> Result<bool, WriteError> {
        Ok(index >= self.writing(attempt)?.pages.end())
    }

    pub(super) fn append(
        &self,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
        shared: &Shared,
    ) -> Result<Appended, WriteError> {
        let mut state = self.writing(attempt)?;
        if index < state.pages.end() {
            return Ok(Appended::Stored);
        }
        let weight = page.weight();
        let fits = state.pages.weight().saturating_add(weight) <= shared.config.unread_per_query;
        if state.pages.is_empty() {
            shared.room.take(weight);
        } else if !fits || !shared.room.try_take(weight) {
            return Ok(Appended::Full(page));
        }
        if state.pages.push(page) {
            self.readable.notify_waiters();
        }
        Ok(Appended::Stored)
    }

    /// The writer waits for room, which only a reader can make: what is held back must be shown.
    pub(super) fn break_hold(&self) {
        if lock(&self.state).pages.break_hold() {
            self.readable.notify_waiters();
        }
    }

    pub(super) fn progress(&self, attempt: Attempt, stats: Bytes) -> Result<(), WriteError> {
        self.writing(attempt)?.progress = Some(stats);
        Ok(())
    }

    pub(super) fn finish(
        &self,
        attempt: Attempt,
        ending: Ending,
        shared: &Shared,
    ) -> Result<(), WriteError> {
        let mut state = lock(&self.state);
        let closed = state.close(|open| open.attempt == attempt);
        // Whether it ended by itself or was told to, nothing of the attempt runs on its cluster any more.
        if closed.is_some() {
            state.upstream = None;
        }
        if closed != Some(Was::Running) {
            return Err(WriteError::Fenced);
        }
        self.set_ended(&mut state, ending, None, shared);
        Ok(())
    }

    pub(super) fn give_up(&self, attempt: Attempt, loss: Loss, shared: &Shared) -> GivenUp {
        self.lose(|open| open.attempt == attempt, loss, shared)
    }

    pub(super) fn take_over(&self, from: &WorkerId, shared: &Shared) -> GivenUp {
        self.lose(|open| open.worker == *from, Loss::WorkerLost, shared)
    }

    fn lose(&self, which: impl Fn(&Open) -> bool, loss: Loss, shared: &Shared) -> GivenUp {
        let mut state = lock(&self.state);
        let closed = state.close(which);
        if closed.is_none() {
            return GivenUp::Fenced;
        }
        let upstream = state.upstream.take();
        if closed == Some(Was::Ended) && matches!(loss, Loss::GivenBack | Loss::NotBegun) {
            // Its worker was told to stop, and has cancelled what ran.
            return GivenUp::Fenced;
        }
        let posted = upstream.is_some();
        state.superseded.extend(upstream);
        if closed == Some(Was::Ended) {
            return GivenUp::Failed;
        }
        let attempt = Lost {
            rerunnable: self.rerunnable,
            posted,
            handed_out: state.handed_out,
            lost_before: state.lost,
        };
        match verdict(attempt, loss) {
            Verdict::Again { lost } => {
                shared.room.give_back(state.pages.drop_all());
                // Nothing was handed out, so no client knows of any token but the first.
                state.pages = Pages::new(hold(self.rerunnable, shared));
                state.progress = None;
                state.dialect = state.statement.dialect;
                state.lost = lost;
                state.life = Life::Queued;
                self.readable.notify_waiters();
                GivenUp::Again
            }
            Verdict::Fail(error) => {
                self.set_ended(&mut state, Ending::failed(*error), None, shared);
                GivenUp::Failed
            }
        }
    }

    /// What there is to give from `token` on. `None` when there is nothing yet, unless the client has `waited` for it.
    pub(super) fn read(
        &self,
        token: PageIndex,
        bytes: usize,
        waited: bool,
        shared: &Shared,
    ) -> Result<Option<Reading>, ReadError> {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        if matches!(state.life, Life::Removed) {
            return Err(ReadError::Unknown);
        }
        let now = Instant::now();
        state.heard = now;
        if token < state.pages.first() {
            return Err(ReadError::PageGone);
        }
        if token > state.pages.told() {
            return Err(ReadError::TokenAhead);
        }
        if let Some(freed) = state.pages.drop_before(token) {
            shared.room.give_back(freed);
        }
        let pages = if state.pages.is_held() {
            Vec::new()
        } else {
            state.pages.gather(bytes)
        };
        let after = token + pages.len() as PageIndex;
        let next = match &mut state.life {
            Life::Ended(end) if after >= state.pages.end() => {
                end.read = Some(now);
                let ending = end.ending.clone();
                settle(state, shared);
                Next::End(ending)
            }
            Life::Stored => Next::Token(token),
            _ if pages.is_empty() && !waited => return Ok(None),
            _ => Next::Token(after),
        };
        let gives = !pages.is_empty() || matches!(next, Next::End(_));
        if gives {
            state.handed_out = true;
            state.pages.tell(after);
        }
        Ok(Some(Reading {
            statement: state.statement.clone(),
            state: state.shown(),
            dialect: state.dialect,
            elapsed: state.elapsed(now),
            queued: state.queued(now),
            columns: state.pages.columns().filter(|_| gives).cloned(),
            pages,
            progress: state.progress.clone(),
            next,
        }))
    }

    /// The client is there. `false` when the query is not.
    pub(super) fn heard(&self) -> bool {
        let mut state = lock(&self.state);
        state.heard = Instant::now();
        !matches!(state.life, Life::Removed)
    }

    pub(super) fn end(&self, ending: Ending, by: EndedBy, shared: &Shared) -> Ended {
        let mut state = lock(&self.state);
        let was = self.end_from_outside(&mut state, ending, shared);
        if let (EndedBy::Client, Life::Ended(end)) = (by, &mut state.life) {
            end.read.get_or_insert_with(Instant::now);
            settle(&mut state, shared);
        }
        was
    }

    fn end_from_outside(&self, state: &mut State, ending: Ending, shared: &Shared) -> Ended {
        match &mut state.life {
            Life::Removed => Ended::Before,
            Life::Ended(end) => {
                // The cluster was done, but the client was not: its rows go, and what is left must not look whole. What
                // may have had an effect had it, and must not be said to have failed.
                let gives_way = self.rerunnable == Rerunnable::Yes && end.read.is_none();
                if gives_way && end.ending.outcome == Outcome::Finished {
                    end.ending = Arc::new(ending);
                    shared.room.give_back(state.pages.drop_all());
                    self.readable.notify_waiters();
                }
                Ended::Before
            }
            Life::Stored | Life::Queued => {
                self.set_ended(state, ending, None, shared);
                if state.superseded.is_empty() {
                    Ended::Waiting
                } else {
                    Ended::WaitingToCancel
                }
            }
            Life::Running(open) => {
                let open = open.clone();
                let worker = open.worker.clone();
                self.set_ended(state, ending, Some(open), shared);
                Ended::Running(worker)
            }
        }
    }

    pub(super) fn info(&self) -> Option<QueryInfo> {
        let state = lock(&self.state);
        let ending = match &state.life {
            Life::Removed => return None,
            Life::Ended(end) => Some(end.ending.clone()),
            _ => None,
        };
        Some(QueryInfo {
            statement: state.statement.clone(),
            state: state.shown(),
            ending,
            elapsed: state.elapsed(Instant::now()),
        })
    }

    /// Where the query stands, unless it has ended and no attempt at it is open.
    pub(super) fn unended(&self) -> Option<QueryState> {
        let state = lock(&self.state);
        match &state.life {
            Life::Ended(End { open, .. }) => open.as_ref().map(Open::shown),
            Life::Removed => None,
            _ => Some(state.shown()),
        }
    }

    /// Ends the query when its client has left it, and says whether it can go. The store's map must be locked, so that
    /// what is said here is still true when it is acted on.
    pub(super) fn sweep(&self, shared: &Shared) -> Swept {
        let mut state = lock(&self.state);
        let timeout = shared.config.client_timeout;
        let left = state.heard.elapsed() >= timeout;
        let ended = matches!(state.life, Life::Ended(_));
        if !ended && !left {
            return Swept::Keep;
        }
        let was = (!ended).then(|| {
            let ending = Ending::failed(QueryError::abandoned());
            self.end_from_outside(&mut state, ending, shared)
        });
        if left {
            settle(&mut state, shared);
        }
        // Who pulls the query learns here what is still to be cancelled; a cluster forgets a silent client by itself.
        let to_cancel = |end: &End| !state.superseded.is_empty() && end.at.elapsed() < timeout;
        let remove = match &state.life {
            Life::Ended(end) => {
                let kept = |read: Instant| read.elapsed() < shared.config.keep_ended;
                let over = left || end.read.is_some_and(|read| !kept(read));
                over && end.open.is_none() && !to_cancel(end)
            }
            _ => false,
        };
        if remove {
            self.remove(&mut state, shared);
        }
        match (was, remove) {
            (Some(was), remove) => Swept::Abandoned { was, remove },
            (None, true) => Swept::Remove,
            (None, false) => Swept::Keep,
        }
    }

    /// Lets go of a query that is kept for a repeated request only. `false` when it is kept for more. The store's map must
    /// be locked.
    pub(super) fn evict(&self, shared: &Shared) -> bool {
        let mut state = lock(&self.state);
        let over = match &state.life {
            Life::Ended(end) => end.read.is_some() && end.open.is_none(),
            _ => false,
        };
        let evicted = over && state.superseded.is_empty();
        if evicted {
            self.remove(&mut state, shared);
        }
        evicted
    }

    fn remove(&self, state: &mut State, shared: &Shared) {
        shared.room.give_back(state.pages.drop_all());
        state.life = Life::Removed;
        self.readable.notify_waiters();
    }

    fn set_ended(&self, state: &mut State, ending: Ending, open: Option<Open>, shared: &Shared) {
        let freed = match ending.outcome {
            Outcome::Finished => 0,
            Outcome::Failed(_) => state.pages.drop_all(),
        };
        state.pages.learn_columns(ending.columns.as_ref());
        state.pages.break_hold();
        let weight = state.statement.weight();
        shared.statements.give_back(weight);
        if weight > SMALL_STATEMENT {
            shorten(Arc::make_mut(&mut state.statement));
        }
        // Whom the credentials belong to has no more use for them (a worker that still cancels has its own hold of them).
        if !state.statement.credentials.is_empty() {
            Arc::make_mut(&mut state.statement).credentials.clear();
        }
        state.life = Life::Ended(End {
            ending: Arc::new(ending),
            at: Instant::now(),
            read: None,
            open,
        });
        self.readable.notify_waiters();
        shared.room.give_back(freed);
    }

    /// The state, for a write under this attempt.
    fn writing(&self, attempt: Attempt) -> Result<MutexGuard<'_, State>, WriteError> {
        let state = lock(&self.state);
        match &state.life {
            Life::Running(open) if open.attempt == attempt => Ok(state),
            _ => Err(WriteError::Fenced),
        }
    }
}

/// What a statement may weigh to be kept whole while its result is read.
const SMALL_STATEMENT: usize = 16 << 10;

/// Leaves of a statement that has ended what its answers need, and a beginning of its text for people to know it by.
fn shorten(statement: &mut Statement) {
    let end = statement.sql.char_indices().nth(1000);
    statement
        .sql
        .truncate(end.map_or(statement.sql.len(), |(at, _)| at));
    statement.sql.shrink_to_fit();
    let needed = |name: &str| name.eq_ignore_ascii_case("Client-Capabilities");
    statement.headers.retain(|(name, _)| needed(name));
}

/// The end was read, or never will be.
fn settle(state: &mut State, shared: &Shared) {
    if !std::mem::replace(&mut state.settled, true) {
        shared.unsettled.remove();
    }
}

/// Up to what weight the query's pages are held back.
fn hold(rerunnable: Rerunnable, shared: &Shared) -> Option<usize> {
    let bound = shared.config.hold_results;
    (rerunnable == Rerunnable::Yes && bound > 0).then_some(bound)
}
