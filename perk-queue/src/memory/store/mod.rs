//! The result store in memory.

mod pages;
mod query;
mod shared;
mod state;

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::rerun::Loss;
use perk_core::{
    Abandoned, Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Next, Page, PageIndex,
    QueryId, QueryInfo, ReadError, ReadLimits, Reading, ResultStore, Unavailable, UnendedQueries,
    UpstreamRef, WorkerId, WriteError,
};
use tokio::time::{Instant, timeout_at};

use self::query::{Appended, Query, Swept};
use self::shared::{Room, Shared, Unsettled};
use super::lock;

/// Over how many maps the queries are spread, so that requests for different ones do not wait for each other.
const SHARDS: usize = 64;

/// A wait that is longer than any client's, for one that cannot be added to a point in time.
const LONG: Duration = Duration::from_hours(24);

/// What a store in memory keeps, and for how long.
#[derive(Debug, Clone)]
pub struct MemoryStoreConfig {
    /// A query whose client has not been heard of for this long is abandoned. 5 minutes by default.
    pub client_timeout: Duration,
    /// How long a result is kept after its end was read, for a repeated request: 10 seconds by default. Less while its
    /// room is needed for unread pages.
    pub keep_ended: Duration,
    /// How many bytes of a re-runnable query's pages are held back until it ends: 1 MiB by default; 0 holds nothing back,
    /// `usize::MAX` as much as there is room for.
    pub hold_results: usize,
    /// How many bytes of unread pages one query may have, 16 MiB by default. One page is always taken.
    pub unread_per_query: usize,
    /// How many bytes of pages all queries may have, 256 MiB by default. A query's only page is always taken.
    pub unread_total: usize,
    /// How many bytes of statements, with their headers, may wait or run, 256 MiB by default: no more are taken beyond it.
    pub statements_total: usize,
}

impl Default for MemoryStoreConfig {
    fn default() -> Self {
        Self {
            client_timeout: Duration::from_mins(5),
            keep_ended: Duration::from_secs(10),
            hold_results: 1 << 20,
            unread_per_query: 16 << 20,
            unread_total: 256 << 20,
            statements_total: 256 << 20,
        }
    }
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Queries, the ended ones included.
    pub queries: usize,
    /// Bytes of pages.
    pub bytes: usize,
}

type Shard = Mutex<HashMap<QueryId, Arc<Query>>>;

/// Queries and their results in this process.
///
/// A lock belongs to one query, or to one of many small maps, and none is held across an `await`. Map before query is the
/// order in which both are taken.
#[derive(Debug)]
pub struct MemoryResultStore {
    shards: Box<[Shard]>,
    /// The same in every run, so that whoever goes through all queries does so in the same order.
    hasher: BuildHasherDefault<DefaultHasher>,
    shared: Shared,
    /// Queries that are kept for a repeated request only, the longest kept first: the first to go when room is short.
    read: Mutex<VecDeque<(Instant, QueryId)>>,
}

impl MemoryResultStore {
    /// An empty store.
    pub fn new(config: MemoryStoreConfig) -> Self {
        let shared = Shared {
            room: Room::new(config.unread_total),
            statements: Room::new(config.statements_total),
            unsettled: Unsettled::default(),
            config,
        };
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            hasher: BuildHasherDefault::default(),
            shared,
            read: Mutex::default(),
        }
    }

    /// Waits until every query has ended and every end has been read, or its client is gone.
    pub async fn settled(&self) {
        self.shared.unsettled.none().await;
    }

    /// What is held now.
    pub fn usage(&self) -> Usage {
        Usage {
            queries: self.shards.iter().map(|shard| lock(shard).len()).sum(),
            bytes: self.shared.room.used(),
        }
    }

    fn shard(&self, id: &QueryId) -> &Shard {
        let hash = self.hasher.hash_one(id);
        // The remainder is less than the number of shards, whatever is cut off before.
        #[allow(clippy::cast_possible_truncation)]
        let index = hash as usize % SHARDS;
        &self.shards[index]
    }

    fn get(&self, id: &QueryId) -> Option<Arc<Query>> {
        lock(self.shard(id)).get(id).cloned()
    }

    fn written(&self, id: &QueryId) -> Result<Arc<Query>, WriteError> {
        self.get(id).ok_or(WriteError::Fenced)
    }

    /// Makes room for a page out of what is kept for repeated requests only.
    fn make_room(&self, weight: usize) {
        while !self.shared.room.has(weight) {
            let Some((_, id)) = lock(&self.read).pop_front() else {
                return;
            };
            let mut shard = lock(self.shard(&id));
            if shard
                .get(&id)
                .is_some_and(|query| query.evict(&self.shared))
            {
                shard.remove(&id);
            }
        }
    }
}

#[async_trait]
impl ResultStore for MemoryResultStore {
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable> {
        let mut shard = lock(self.shard(&query.id));
        // The same query once more is its creator's second try.
        if !shard.contains_key(&query.id) {
            if !self.shared.statements.try_take(query.statement.weight()) {
                let bound = self.shared.config.statements_total;
                return Err(Unavailable {
                    service: "the result store",
                    reason: format!("the statements that wait or run have {bound} bytes already"),
                });
            }
            self.shared.unsettled.add();
            let query = Arc::new(Query::new(query, &self.shared));
            shard.insert(query.id.clone(), query);
        }
        Ok(())
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        if let Some(query) = self.get(id) {
            query.queued();
        }
        Ok(())
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        let query = self.get(id);
        let unknown = || Claim::Over {
            superseded: Vec::new(),
        };
        Ok(query.map_or_else(unknown, |query| query.claim(worker)))
    }

    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable> {
        if let Some(query) = self.get(id) {
            query.superseded_canceled(canceled);
        }
        Ok(())
    }

    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError> {
        self.written(id)?.posted(attempt, upstream)
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        mut page: Page,
    ) -> Result<(), WriteError> {
        let query = self.written(id)?;
        // What is refused or there already must not cost anybody room.
        if !query.lacks(attempt, index)? {
            return Ok(());
        }
        // A query's only page is taken whether there is room or not.
        self.make_room(page.weight());
        loop {
            page = match query.append(attempt, index, page, &self.shared)? {
                Appended::Stored => return Ok(()),
                Appended::Full(page) => page,
            };
            self.make_room(page.weight());
            // This counts from here on, so that no word between looking again and waiting is missed.
            let freed = self.shared.room.freed();
            page = match query.append(attempt, index, page, &self.shared)? {
                Appended::Stored => return Ok(()),
                Appended::Full(page) => page,
            };
            query.break_hold();
            freed.await;
        }
    }

    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        stats: Bytes,
    ) -> Result<(), WriteError> {
        self.written(id)?.progress(attempt, stats)
    }

    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        self.written(id)?.finish(attempt, ending, &self.shared)
    }

    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        let query = self.get(id);
        Ok(query.map_or(GivenUp::Fenced, |query| {
            query.give_up(attempt, loss, &self.shared)
        }))
    }

    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable> {
        let query = self.get(id);
        Ok(query.map_or(GivenUp::Fenced, |query| query.take_over(from, &self.shared)))
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        let query = self.get(id).ok_or(ReadError::Unknown)?;
        let now = Instant::now();
        // Who waits is there, and must be heard of again before it counts as gone.
        let wait = limits.wait.min(self.shared.config.client_timeout / 2);
        let deadline = now.checked_add(wait).unwrap_or_else(|| now + LONG);
        let mut waited = wait.is_zero();
        loop {
            // This counts from here on, so that no word between looking and waiting is missed.
            let changed = query.readable.notified();
            if let Some(reading) = query.read(token, limits.bytes, waited, &self.shared)? {
                if matches!(reading.next, Next::End(_)) && !reading.pages.is_empty() {
                    lock(&self.read).push_back((Instant::now(), id.clone()));
                    // Its room can be had now, by whoever waits for some.
                    self.shared.room.give_back(0);
                }
                return Ok(reading);
            }
            waited = timeout_at(deadline, changed).await.is_err();
        }
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        Ok(self.get(id).is_some_and(|query| query.heard()))
    }

    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable> {
        let query = self.get(id);
        Ok(query.map_or(Ended::Before, |query| query.end(ending, by, &self.shared)))
    }

    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable> {
        Ok(self.get(id).and_then(|query| query.info()))
    }

    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        let of = |query: &Arc<Query>| {
            let state = query.unended()?;
            Some((query.id.clone(), query.target.clone(), state))
        };
        let at = usize::try_from(from).unwrap_or(usize::MAX);
        let shard = self.shards.get(at).map(lock);
        let mut queries: Vec<_> = shard
            .iter()
            .flat_map(|shard| shard.values().filter_map(of))
            .collect();
        // Who goes through them does so alike in every run.
        queries.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
        let next = (at + 1 < self.shards.len()).then_some(from + 1);
        Ok(UnendedQueries { queries, next })
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        let mut abandoned = Vec::new();
        for shard in &self.shards {
            lock(shard).retain(|id, query| match query.sweep(&self.shared) {
                Swept::Keep => true,
                Swept::Remove => false,
                Swept::Abandoned { was, remove } => {
                    let id = id.clone();
                    abandoned.push(Abandoned { id, was });
                    !remove
                }
            });
        }
        let keep = self.shared.config.keep_ended;
        let mut read = lock(&self.read);
        while read.front().is_some_and(|(at, _)| at.elapsed() >= keep) {
            read.pop_front();
        }
        abandoned.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(abandoned)
    }
}
