//! One operation, done to the store and told to the model.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::Beside;
use super::operations::{Bulk, By, Index, Outcome, Step};
use super::query::over;
use super::reading::Answer;
use crate::error::QueryError;
use crate::ids::{Attempt, PageIndex, PoolName, QueryId, WorkerId};
use crate::query::{Ending, Page, Rerunnable, UpstreamRef};
use crate::queue::{Lane, Target};
use crate::rerun::Loss;
use crate::router::Priority;
use crate::statement::{Dialect, Statement};
use crate::store::{Ended, EndedBy, GivenUp, NewQuery, ReadError, ReadLimits, WriteError};
use crate::testsuite::models::perhaps::Perhaps;
use crate::testsuite::models::trial::{Moment, Unlike, same};
use crate::testsuite::store::{Subject, page, upstream};

/// A page, and where it is appended.
#[derive(Debug, Clone)]
pub(super) struct Appended {
    id: QueryId,
    attempt: Attempt,
    index: usize,
    pub(super) page: Page,
}

impl fmt::Display for Appended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, index) = (self.page.weight(), self.index);
        write!(
            f,
            "{} under {} gets page {index} of {bytes} bytes",
            self.id, self.attempt
        )
    }
}

impl Beside<'_> {
    pub(super) async fn step(&mut self, step: &Step) -> Result<(), Unlike> {
        let store = self.store.clone();
        match step {
            Step::Create(id, rerunnable, queued) => self.create(id, *rerunnable, *queued).await?,
            Step::Queued(id) => {
                let what = format!("{id} is queued");
                self.trial.soon(what, store.queued(id)).await?.0?;
                if let Some(query) = self.model.queries.get_mut(id) {
                    query.queued();
                }
            }
            Step::Claim(id, worker) => {
                let what = format!("{worker} claims {id}");
                let (claim, at) = self.trial.soon(what, store.claim(id, worker)).await?;
                match self.model.queries.get_mut(id) {
                    Some(query) => query.claimed(worker, &claim?, at)?,
                    None => over(&claim?, &[])?,
                }
            }
            Step::Canceled(id, which) => self.canceled(id, *which).await?,
            Step::Posted(id, by) => {
                let attempt = self.model.attempt(id, *by);
                let upstream = upstream_of(id, attempt);
                let what = format!("{id} is posted under {attempt}");
                let call = store.posted(id, attempt, upstream.clone());
                let (answer, _) = self.trial.soon(what, call).await?;
                if self.written(id, attempt, answer)? {
                    self.model.running(id).posted(upstream);
                }
            }
            Step::Append(id, by, index, bulk) => {
                let page = self.page(id, *by, *index, *bulk);
                self.append(page).await?;
            }
            Step::Progress(id, by, n) => {
                let attempt = self.model.attempt(id, *by);
                let stats = Bytes::from(format!("{{\"n\":{n}}}"));
                let what = format!("{id} under {attempt} has progress {n}");
                let call = store.progress(id, attempt, stats.clone());
                let (answer, _) = self.trial.soon(what, call).await?;
                if self.written(id, attempt, answer)? {
                    self.model.running(id).progress = Some(stats);
                }
            }
            Step::Finish(id, by, outcome, page) => self.finish(id, *by, *outcome, *page).await?,
            Step::GiveUp(id, by, loss) => self.give_up(id, *by, *loss).await?,
            Step::TakeOver(id, from) => self.take_over(id, from.as_ref()).await?,
            Step::Read(id, token, bytes) => {
                let (token, bytes) = (self.model.token(id, *token), *bytes);
                let wait = Duration::ZERO;
                let call = self.reading(id, token, ReadLimits { wait, bytes });
                let what = format!("{id} is read at {token}, {bytes} bytes");
                let (answer, at) = self.trial.soon(what, call).await?;
                self.has_read(id, token, bytes, &answer, at)?;
            }
            Step::Heard(id) => {
                let (heard, at) = self
                    .trial
                    .soon(format!("{id} is heard of"), store.heard(id))
                    .await?;
                same("heard", &heard?, &self.model.queries.contains_key(id))?;
                self.hears(id, at);
            }
            Step::End(id, by) => self.end(id, *by).await?,
            Step::Sweep => {
                let (abandoned, at) = self.trial.soon("a sweep", store.sweep()).await?;
                self.model.swept(&abandoned?, at)?;
            }
        }
        self.look().await
    }

    async fn create(
        &mut self,
        id: &QueryId,
        rerunnable: Rerunnable,
        queued: bool,
    ) -> Result<(), Unlike> {
        // A name is never used again.
        if self.model.removed.contains(id) {
            return Ok(());
        }
        // What a second try brings differs, so that it shows if it changes anything.
        let (dialect, user) = match rerunnable {
            Rerunnable::Yes => (Dialect::Presto, "ann"),
            Rerunnable::No => (Dialect::Trino, "bob"),
        };
        let query = NewQuery {
            id: id.clone(),
            statement: Arc::new(Statement::new(
                dialect,
                user,
                &format!("SELECT '{id} {user}'"),
            )),
            target: Target::Lane(Lane {
                pool: PoolName::default_pool(),
                priority: Priority::Normal,
                user: user.to_owned(),
            }),
            rerunnable,
            queued,
        };
        let what = format!("{id} is created, re-runnable {rerunnable:?}, queued {queued}");
        let (created, at) = self
            .trial
            .soon(what, self.store.create(query.clone()))
            .await?;
        created?;
        self.model.create(query, at);
        Ok(())
    }

    async fn canceled(&mut self, id: &QueryId, which: Option<usize>) -> Result<(), Unlike> {
        let query = self.model.queries.get_mut(id);
        let mut canceled = query
            .as_ref()
            .map(|query| query.superseded.clone())
            .unwrap_or_default();
        if let Some(which) = which {
            canceled = canceled.into_iter().skip(which).take(1).collect();
        }
        if let Some(query) = query {
            query
                .superseded
                .retain(|upstream| !canceled.contains(upstream));
        }
        let call = self.store.superseded_canceled(id, &canceled);
        let what = format!(
            "{} of {id}'s superseded queries are canceled",
            canceled.len()
        );
        Ok(self.trial.soon(what, call).await?.0?)
    }

    async fn finish(
        &mut self,
        id: &QueryId,
        by: By,
        outcome: Outcome,
        with_page: bool,
    ) -> Result<(), Unlike> {
        let attempt = self.model.attempt(id, by);
        let ending = match outcome {
            Outcome::Finished => Subject::finished(),
            Outcome::FinishedWithColumns => Ending {
                columns: Some(Bytes::from_static(b"[\"end's\"]")),
                ..Subject::finished()
            },
            Outcome::Failed => Subject::failed("WHY"),
        };
        // Where its page would have to wait for room, so would the end.
        let last = self.page(id, by, Index::Next, Bulk::RowsAndColumns);
        let last = (with_page && self.room(&last) == Perhaps::Yes).then_some(last);
        let what = format!("{id} under {attempt} ends: {outcome:?}");
        let (answer, at) = if let Some(last) = &last {
            self.wants_room(last);
            let page = (last.index as PageIndex, last.page.clone());
            let call = self
                .store
                .finish_with_page(id, attempt, page, ending.clone());
            self.trial.soon(format!("{what}, and {last}"), call).await?
        } else {
            let call = self.store.finish(id, attempt, ending.clone());
            self.trial.soon(what, call).await?
        };
        let taken = self.written(id, attempt, answer)?;
        if let Some(last) = last.filter(|_| taken) {
            self.model.append(id, last.index, last.page);
        }
        if let Some(query) = self.model.queries.get_mut(id) {
            query.finish(attempt, ending, at);
        }
        Ok(())
    }

    async fn give_up(&mut self, id: &QueryId, by: By, loss: Loss) -> Result<(), Unlike> {
        let attempt = self.model.attempt(id, by);
        let what = format!("{id} under {attempt} is given up: {loss:?}");
        let call = self.store.give_up(id, attempt, loss);
        let (given_up, at) = self.trial.soon(what, call).await?;
        let query = self.model.queries.get_mut(id);
        let expected = query.map(|query| query.lose(|open| open.attempt == attempt, loss, at));
        same("given up", &given_up?, &expected.unwrap_or(GivenUp::Fenced))
    }

    async fn take_over(&mut self, id: &QueryId, from: Option<&WorkerId>) -> Result<(), Unlike> {
        let query = self.model.queries.get_mut(id);
        let open = query.as_ref().and_then(|query| query.open());
        let holder = open.map(|open| open.worker.clone());
        let Some(from) = from.cloned().or(holder) else {
            return Ok(());
        };
        let what = format!("{id} is taken over from {from}");
        let (given_up, at) = self
            .trial
            .soon(what, self.store.take_over(id, &from))
            .await?;
        let expected =
            query.map(|query| query.lose(|open| open.worker == from, Loss::WorkerLost, at));
        same(
            "taken over",
            &given_up?,
            &expected.unwrap_or(GivenUp::Fenced),
        )
    }

    async fn end(&mut self, id: &QueryId, by: EndedBy) -> Result<(), Unlike> {
        let ending = match by {
            EndedBy::Client => Ending::failed(QueryError::user_canceled()),
            EndedBy::Perk => Subject::failed("STOP"),
        };
        let call = self.store.end(id, ending.clone(), by);
        let (was, at) = self
            .trial
            .soon(format!("{id} is ended by {by:?}"), call)
            .await?;
        let query = self.model.queries.get_mut(id);
        let expected = query.map(|query| query.end_from_outside(ending, by, at));
        same(
            "what it was doing",
            &was?,
            &expected.unwrap_or(Ended::Before),
        )
    }

    pub(super) fn reading(
        &self,
        id: &QueryId,
        token: usize,
        limits: ReadLimits,
    ) -> impl Future<Output = Answer> + Send + use<> {
        let (store, id) = (self.store.clone(), id.clone());
        async move { Answer(store.read(&id, token as PageIndex, limits).await) }
    }

    pub(super) fn has_read(
        &mut self,
        id: &QueryId,
        token: usize,
        bytes: usize,
        answer: &Answer,
        at: Moment,
    ) -> Result<(), Unlike> {
        let Some(query) = self.model.queries.get_mut(id) else {
            let unknown = matches!(answer.0, Err(ReadError::Unknown));
            return same("an unknown query", &unknown, &true);
        };
        query.read(token, bytes, &answer.0, at, self.trial)
    }

    /// A page that says where it belongs; a repeated one differs, so that it shows if it is stored.
    pub(super) fn page(&self, id: &QueryId, by: By, index: Index, bulk: Bulk) -> Appended {
        let attempt = self.model.attempt(id, by);
        let count = self
            .model
            .queries
            .get(id)
            .map_or(0, |query| query.pages.count());
        let (index, again) = match index {
            Index::Again(index) if index < count => (index, "again"),
            Index::Next | Index::Again(_) => (count, ""),
        };
        let text = format!("{id}_{attempt}_{index}{again}");
        let page = match bulk {
            Bulk::Rows => page(&text),
            Bulk::ManyRows => page(&text.repeat(4)),
            Bulk::RowsAndColumns => Page {
                columns: Some(Bytes::from(format!("[{index}]"))),
                ..page(&text)
            },
            Bulk::Nothing => Page::default(),
        };
        let id = id.clone();
        Appended {
            id,
            attempt,
            index,
            page,
        }
    }

    /// Whether an append is answered without having to wait.
    pub(super) fn room(&self, page: &Appended) -> Perhaps {
        self.model
            .has_room(&page.id, page.attempt, page.index, page.page.weight())
    }

    pub(super) fn wants_room(&mut self, page: &Appended) {
        let weight = page.page.weight();
        self.model
            .wants_room(&page.id, page.attempt, page.index, weight);
    }

    pub(super) fn appending(
        &self,
        page: &Appended,
    ) -> impl Future<Output = Result<(), WriteError>> + Send + use<> {
        let (store, to) = (self.store.clone(), page.clone());
        async move {
            let index = to.index as PageIndex;
            store.append(&to.id, to.attempt, index, to.page).await
        }
    }

    /// Appends when there is room. Otherwise the writer waits and is dropped, which must store nothing: later readings show
    /// it.
    pub(super) async fn append(&mut self, page: Appended) -> Result<(), Unlike> {
        let due = self.room(&page);
        self.wants_room(&page);
        let (call, what) = (self.appending(&page), page.to_string());
        let answer = match due {
            Perhaps::Yes => Some(self.trial.soon(what, call).await?.0),
            Perhaps::No | Perhaps::Either => self.trial.now(what, call).await.0,
        };
        self.has_appended(page, due, answer)
    }

    pub(super) fn has_appended(
        &mut self,
        page: Appended,
        due: Perhaps,
        answer: Option<Result<(), WriteError>>,
    ) -> Result<(), Unlike> {
        if !due.allows(answer.is_some()) {
            return Err(format!("{page}, which should have waited").into());
        }
        match answer {
            None => self.model.waits_for_room(&page.id),
            Some(answer) => {
                if self.written(&page.id, page.attempt, answer)? {
                    self.model.append(&page.id, page.index, page.page);
                }
            }
        }
        Ok(())
    }

    /// Whether a write was taken, which the model must allow, and must have refused otherwise.
    fn written(
        &self,
        id: &QueryId,
        attempt: Attempt,
        answer: Result<(), WriteError>,
    ) -> Result<bool, Unlike> {
        let taken = match answer {
            Ok(()) => true,
            Err(WriteError::Fenced) => false,
            Err(WriteError::Unavailable(error)) => return Err(error.into()),
        };
        same(
            "a write's being taken",
            &taken,
            &self.model.takes(id, attempt),
        )?;
        Ok(taken)
    }
}

/// The query that an attempt posts, in one dialect or the other.
fn upstream_of(id: &QueryId, attempt: Attempt) -> UpstreamRef {
    let upstream = upstream(&format!("{id}_{attempt}"));
    let dialect = if attempt.0.is_multiple_of(2) {
        Dialect::Presto
    } else {
        Dialect::Trino
    };
    UpstreamRef {
        dialect,
        ..upstream
    }
}
