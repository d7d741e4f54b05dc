//! A client's reading, which waits for something to give.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use perk_core::{Next, Page, PageIndex, QueryId, ReadError, ReadLimits, Reading, Unavailable};
use tokio::time::{Instant, timeout, timeout_at};

use super::books::When;
use super::record::Record;
use super::{Answer, READ, RedisResultStore, written};
use crate::redis::connection::SERVICE;
use crate::redis::reply::Reply;
use crate::redis::script::text;
use crate::redis::topics::Topic;

/// After how long one that has heard nothing looks all the same: a word may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// A wait that is longer than any client's, for one that cannot be added to a point in time.
const LONG: Duration = Duration::from_hours(24);

/// The queries that were stored by this process with its name as whom to tell of a change, and at which nobody has looked since: until
/// that word has come there is nothing to give.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    queries: Mutex<HashMap<QueryId, Untouched>>,
}

/// What was known of a query when it was stored.
#[derive(Debug)]
pub(super) struct Untouched {
    topic: Arc<Topic>,
    words: u64,
}

impl Untouched {
    /// Of a query that is about to be stored.
    pub(super) fn of(topic: Arc<Topic>) -> Self {
        let words = topic.words();
        Self { topic, words }
    }
}

impl Fresh {
    /// How many are kept in mind. Then all are forgotten, which costs each of them a look.
    const MOST: usize = 4096;

    pub(super) fn keep(&self, id: QueryId, untouched: Untouched) {
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if queries.len() >= Self::MOST {
            queries.clear();
        }
        queries.insert(id, untouched);
    }

    fn take(&self, id: &QueryId) -> Option<Untouched> {
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        queries.remove(id)
    }
}

impl RedisResultStore {
    pub(super) async fn read_waiting(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        let topic = self.topic(id);
        // Who waits is there, and must be heard of again before it counts as gone.
        let wait = limits.wait.min(self.config.client_timeout / 2);
        let now = Instant::now();
        let deadline = now.checked_add(wait).unwrap_or_else(|| now + LONG);
        let mut waited = wait.is_zero();
        let mut untouched = self.fresh.take(id).filter(|_| token == 0 && !waited);
        loop {
            // This counts from here on, so that no word between looking and waiting is missed.
            let changed = topic.told();
            let nothing_yet = untouched
                .take()
                .is_some_and(|at| at.words == at.topic.words());
            if !nothing_yet
                && let Some(reading) = self.look(id, token, limits.bytes, waited).await?
            {
                return Ok(reading);
            }
            let patience = timeout(LOOK_AGAIN, changed);
            waited = timeout_at(deadline, patience).await.is_err();
        }
    }

    async fn look(
        &self,
        id: &QueryId,
        token: PageIndex,
        bytes: usize,
        waited: bool,
    ) -> Result<Option<Reading>, ReadError> {
        self.look_at(id, token, bytes, waited, false).await
    }

    /// Once more where what the script gave was gone when it was fetched.
    async fn look_at(
        &self,
        id: &QueryId,
        token: PageIndex,
        bytes: usize,
        waited: bool,
        again: bool,
    ) -> Result<Option<Reading>, ReadError> {
        let arguments = [
            text(&token),
            text(&bytes),
            text(&u8::from(waited)),
            self.connection.channel(),
        ];
        let answer = Answer::of(&self.run(&READ, id, arguments).await?)?;
        match answer.how.as_str() {
            "unknown" => return Err(ReadError::Unknown),
            "gone" => return Err(ReadError::PageGone),
            "ahead" => return Err(ReadError::TokenAhead),
            "nothing" => {
                self.note(id, answer.at(0), 0, When::Now)?;
                return Ok(None);
            }
            _ => {}
        }
        let [now, is_end, after, fields, rows, said] = &answer.rest[..] else {
            return Err(Reply::List(answer.rest).unexpected().into());
        };
        // Room that the end's reader leaves is left when the query goes.
        let when = if is_end.number()? == 1 {
            When::Soon
        } else {
            When::Now
        };
        self.note(id, said, 0, when)?;
        let record = Record::read(now, fields)?.ok_or(ReadError::Unknown)?;
        let pages = match self.pages(id, token, rows).await? {
            Some(pages) => pages,
            // The query has ended meanwhile without them, or somebody was told more.
            None if !again => return Box::pin(self.look_at(id, token, bytes, waited, true)).await,
            None => return Err(missing().into()),
        };
        let next = match is_end.number()? {
            1 => Next::End(record.ending()?.ok_or_else(|| fields.unexpected())?),
            _ => Next::Token(after.count()?),
        };
        let gives = !pages.is_empty() || matches!(next, Next::End(_));
        Ok(Some(Reading {
            statement: record.statement()?,
            state: record.state()?,
            dialect: record.dialect()?,
            elapsed: record.elapsed()?,
            queued: record.queued()?,
            columns: record.columns().filter(|_| gives),
            pages,
            progress: record.progress(),
            next,
        }))
    }

    /// The pages from `token` on that the script gave: rows and what came with them, in turn. What is apart is fetched; `None` when
    /// some of that is gone.
    async fn pages(
        &self,
        id: &QueryId,
        token: PageIndex,
        given: &Reply,
    ) -> Result<Option<Vec<Page>>, Unavailable> {
        let given: Vec<_> = given.list()?.chunks_exact(2).collect();
        let base = self.base(id);
        let apart = (0..).zip(&given).filter(|(_, page)| page[0] == Reply::Nil);
        let names: Vec<_> = apart
            .map(|(at, _)| format!("{base}:page:{}", token.saturating_add(at)))
            .collect();
        let mut fetched = self.connection.fetch(names).await?.into_iter();
        let mut pages = Vec::with_capacity(given.len());
        for page in given {
            let rows = match &page[0] {
                Reply::Nil => match fetched.next() {
                    Some(rows @ Reply::Bytes(_)) => rows,
                    _ => return Ok(None),
                },
                rows => rows.clone(),
            };
            pages.push(written::page(&rows, &page[1])?);
        }
        Ok(Some(pages))
    }
}

fn missing() -> Unavailable {
    Unavailable {
        service: SERVICE,
        reason: "a page is not there that must be: does Redis evict keys? its maxmemory-policy must be noeviction".to_owned(),
    }
}
