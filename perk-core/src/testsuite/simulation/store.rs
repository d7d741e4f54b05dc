//! The result store, as one process reaches it. What its answers say goes into the history.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::execution::run_of;
use super::history::QueryEvent;
use super::process::{Site, Step, elsewhere};
use crate::error::Unavailable;
use crate::ids::{Attempt, PageIndex, QueryId, WorkerId};
use crate::query::{Ending, Outcome, Page, UpstreamRef};
use crate::rerun::Loss;
use crate::store::{
    Abandoned, Claim, Ended, EndedBy, GivenUp, NewQuery, Next, QueryInfo, ReadError, ReadLimits,
    Reading, ResultStore, UnendedQueries, WriteError,
};

#[derive(Debug)]
pub(super) struct SiteStore {
    pub(super) site: Site,
    pub(super) inner: Arc<dyn ResultStore>,
}

impl SiteStore {
    fn note(&self, id: &QueryId, event: QueryEvent) {
        self.site.world.query(id, event);
    }

    /// Notes what a write came to, and says where the worker is after it.
    fn written(
        &self,
        id: &QueryId,
        attempt: Attempt,
        written: &Result<(), WriteError>,
        event: QueryEvent,
        step: Step,
    ) -> Step {
        match written {
            Ok(()) => {
                self.note(id, event);
                step
            }
            Err(WriteError::Fenced) => {
                self.note(id, QueryEvent::Fenced { attempt });
                Step::Elsewhere
            }
            Err(WriteError::Unavailable(_)) => Step::Elsewhere,
        }
    }
}

fn error_name(ending: &Ending) -> String {
    match &ending.outcome {
        Outcome::Finished => "none".to_owned(),
        Outcome::Failed(error) => error.name.clone(),
    }
}

#[async_trait]
impl ResultStore for SiteStore {
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable> {
        let (id, statement) = (query.id.clone(), query.statement.clone());
        let seen = |created: &Result<(), _>| {
            if created.is_ok() {
                self.site.world.created(&id, &statement.sql);
            }
            Step::Elsewhere
        };
        let create = self.inner.create(query);
        self.site.perform(Step::Elsewhere, create, seen).await
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        let queued = self.inner.queued(id);
        self.site.perform(Step::Elsewhere, queued, elsewhere).await
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        let seen = |claim: &Result<Claim, _>| {
            let Ok(Claim::Granted { attempt, .. }) = claim else {
                return Step::Elsewhere;
            };
            let (worker, attempt) = (worker.clone(), *attempt);
            self.note(id, QueryEvent::Claimed { worker, attempt });
            Step::Claimed
        };
        let claim = self.inner.claim(id, worker);
        self.site.perform(Step::Elsewhere, claim, seen).await
    }

    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable> {
        let told = self.inner.superseded_canceled(id, canceled);
        self.site.perform(Step::Elsewhere, told, elsewhere).await
    }

    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError> {
        let run = run_of(&upstream);
        let seen = |posted: &Result<_, _>| {
            let recorded = QueryEvent::Recorded { attempt, run };
            self.written(id, attempt, posted, recorded, Step::Recorded)
        };
        let posted = self.inner.posted(id, attempt, upstream);
        self.site.perform(Step::Elsewhere, posted, seen).await
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let seen = |appended: &Result<_, _>| {
            let event = QueryEvent::Appended { attempt, index };
            let step = if index == 0 {
                Step::FirstPage
            } else {
                Step::Middle
            };
            self.written(id, attempt, appended, event, step)
        };
        let append = self.inner.append(id, attempt, index, page);
        self.site.perform(Step::Elsewhere, append, seen).await
    }

    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        stats: Bytes,
    ) -> Result<(), WriteError> {
        let progress = self.inner.progress(id, attempt, stats);
        self.site
            .perform(Step::Elsewhere, progress, elsewhere)
            .await
    }

    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        let seen = |finished: &Result<_, _>| {
            let event = QueryEvent::Finished { attempt };
            self.written(id, attempt, finished, event, Step::Finished)
        };
        let finish = self.inner.finish(id, attempt, ending);
        self.site.perform(Step::Elsewhere, finish, seen).await
    }

    async fn finish_with_page(
        &self,
        id: &QueryId,
        attempt: Attempt,
        last: (PageIndex, Page),
        ending: Ending,
    ) -> Result<(), WriteError> {
        let index = last.0;
        let seen = |finished: &Result<_, _>| {
            if finished.is_ok() {
                self.note(id, QueryEvent::Appended { attempt, index });
            }
            let event = QueryEvent::Finished { attempt };
            self.written(id, attempt, finished, event, Step::Finished)
        };
        let finish = self.inner.finish_with_page(id, attempt, last, ending);
        self.site.perform(Step::Elsewhere, finish, seen).await
    }

    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        let seen = |given_up: &Result<GivenUp, _>| {
            if let Ok(became) = given_up.clone() {
                let event = QueryEvent::GivenUp {
                    attempt,
                    loss,
                    became,
                };
                self.note(id, event);
            }
            Step::Elsewhere
        };
        let give_up = self.inner.give_up(id, attempt, loss);
        self.site.perform(Step::Elsewhere, give_up, seen).await
    }

    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable> {
        let seen = |taken_over: &Result<GivenUp, _>| {
            if let Ok(became) = taken_over.clone() {
                let (from, by) = (from.clone(), self.site.process.name.clone());
                self.note(id, QueryEvent::TakenOver { from, by, became });
            }
            Step::Elsewhere
        };
        let take_over = self.inner.take_over(id, from);
        self.site.perform(Step::Elsewhere, take_over, seen).await
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        let seen = |read: &Result<Reading, _>| {
            if let Ok(reading) = read {
                self.site.world.hear(id);
                let (pages, end) = (reading.pages.len(), matches!(reading.next, Next::End(_)));
                if pages > 0 || end {
                    self.note(id, QueryEvent::Read { token, pages, end });
                }
            }
            Step::Elsewhere
        };
        let read = self.inner.read(id, token, limits);
        self.site.perform(Step::Elsewhere, read, seen).await
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        let heard = self.inner.heard(id);
        let seen = |heard: &Result<bool, _>| {
            if matches!(heard, Ok(true)) {
                self.site.world.hear(id);
            }
            Step::Elsewhere
        };
        self.site.perform(Step::Elsewhere, heard, seen).await
    }

    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable> {
        let error = error_name(&ending);
        let seen = |ended: &Result<Ended, _>| {
            if let Ok(was) = ended.clone() {
                self.note(id, QueryEvent::Ended { error, by, was });
            }
            Step::Elsewhere
        };
        let end = self.inner.end(id, ending, by);
        self.site.perform(Step::Elsewhere, end, seen).await
    }

    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable> {
        let info = self.inner.info(id);
        self.site.perform(Step::Elsewhere, info, elsewhere).await
    }

    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        let unended = self.inner.unended(from);
        self.site.perform(Step::Elsewhere, unended, elsewhere).await
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        let seen = |swept: &Result<Vec<Abandoned>, _>| {
            for abandoned in swept.iter().flatten() {
                let silent = self.site.world.silent_for(&abandoned.id);
                self.note(&abandoned.id, QueryEvent::Abandoned { silent });
            }
            Step::Elsewhere
        };
        let sweep = self.inner.sweep();
        self.site.perform(Step::Elsewhere, sweep, seen).await
    }
}
