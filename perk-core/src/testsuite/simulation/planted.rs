//! Bugs that the checks must find: decorators around the parts under test, each with one promise broken.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::lock;
use super::parts::Parts;
use super::plan::Settings;
use crate::error::{QueryError, Unavailable};
use crate::ids::{Attempt, PageIndex, PoolName, QueryId, WorkerId};
use crate::query::{Ending, Page, QueryState, UpstreamRef};
use crate::queue::{Delivery, Depth, Offered, Queue, QueueBounds, Signal, Take, Target};
use crate::rerun::Loss;
use crate::store::{
    Abandoned, Claim, Ended, EndedBy, GivenUp, NewQuery, Next, QueryInfo, ReadError, ReadLimits,
    Reading, ResultStore, UnendedQueries, WriteError,
};
use crate::testsuite::every_unended;

/// A promise that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlantedBug {
    /// What an attempt writes that is not the current one any more is taken.
    NoFencing,
    /// Handing pages out and giving an attempt up do not exclude each other: what a reader was given is marked as handed
    /// out only when it asks for more.
    HandingOutRacesAClaim,
    /// Some acknowledgements are forgotten.
    LostAck,
    /// Taking over closes whatever attempt is open, also another worker's.
    DoubleTakeover,
    /// Clients that are silent for a few seconds count as gone.
    EarlyExpiry,
}

impl PlantedBug {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::NoFencing,
        Self::HandingOutRacesAClaim,
        Self::LostAck,
        Self::DoubleTakeover,
        Self::EarlyExpiry,
    ];
}

/// The parts with the bug in them.
pub(super) fn plant(bug: PlantedBug, parts: Parts, settings: &Settings) -> Parts {
    match bug {
        PlantedBug::LostAck => Parts {
            queue: Arc::new(ForgetfulQueue {
                inner: parts.queue,
                acknowledged: AtomicU32::new(0),
            }),
            ..parts
        },
        _ => Parts {
            store: Arc::new(BrokenStore {
                inner: parts.store,
                bug,
                holds: settings.store.hold_results > 0,
                seen: Mutex::default(),
            }),
            ..parts
        },
    }
}

#[derive(Debug)]
struct ForgetfulQueue {
    inner: Arc<dyn Queue>,
    acknowledged: AtomicU32,
}

#[async_trait]
impl Queue for ForgetfulQueue {
    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        self.inner.offer(target, id, bounds).await
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        self.inner.signal(worker, id, signal).await
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        self.inner.pull(worker, pool, take).await
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        if self.acknowledged.fetch_add(1, Ordering::Relaxed) % 7 == 6 {
            return Ok(());
        }
        self.inner.ack(worker, id).await
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.inner.release(worker, id).await
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        self.inner.remove(id).await
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        self.inner.pending_of(worker).await
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        self.inner.leave(worker).await
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        self.inner.holders().await
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        self.inner.pools().await
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        self.inner.depth(pool).await
    }
}

#[derive(Debug)]
struct BrokenStore {
    inner: Arc<dyn ResultStore>,
    bug: PlantedBug,
    /// Whether rows are held back, and so not seen before they are handed out.
    holds: bool,
    seen: Mutex<BTreeMap<QueryId, Seen>>,
}

/// What a broken store remembers of a query by itself.
#[derive(Debug)]
struct Seen {
    heard: Instant,
    attempt: Attempt,
    pages: Vec<Page>,
    /// The token for which pages were given and not marked.
    unmarked: Option<PageIndex>,
}

impl BrokenStore {
    fn seen<T>(&self, id: &QueryId, change: impl FnOnce(&mut Seen) -> T) -> T {
        let mut seen = lock(&self.seen);
        change(seen.entry(id.clone()).or_insert_with(|| Seen {
            heard: Instant::now(),
            attempt: Attempt(0),
            pages: Vec::new(),
            unmarked: None,
        }))
    }

    fn hear(&self, id: &QueryId) {
        self.seen(id, |seen| seen.heard = Instant::now());
    }

    async fn running(&self, id: &QueryId) -> Option<(WorkerId, Attempt)> {
        match self.inner.info(id).await.ok()??.state {
            QueryState::Running { worker, attempt } => Some((worker, attempt)),
            _ => None,
        }
    }

    /// The attempt under which a refused write is taken after all.
    async fn instead(&self, id: &QueryId, refused: &Result<(), WriteError>) -> Option<Attempt> {
        let stale = matches!(refused, Err(WriteError::Fenced));
        if !stale || self.bug != PlantedBug::NoFencing {
            return None;
        }
        self.running(id).await.map(|(_, attempt)| attempt)
    }
}

#[async_trait]
impl ResultStore for BrokenStore {
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable> {
        self.hear(&query.id);
        self.inner.create(query).await
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        self.inner.queued(id).await
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        self.inner.claim(id, worker).await
    }

    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable> {
        self.inner.superseded_canceled(id, canceled).await
    }

    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError> {
        self.inner.posted(id, attempt, upstream).await
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let appended = self.inner.append(id, attempt, index, page.clone()).await;
        if let Some(current) = self.instead(id, &appended).await {
            // Where the current attempt's next page would go.
            let index = self.seen(id, |seen| {
                let current = seen.attempt == current;
                if current {
                    seen.pages.len() as PageIndex
                } else {
                    0
                }
            });
            return self.inner.append(id, current, index, page).await;
        }
        if appended.is_ok() {
            self.seen(id, |seen| {
                if seen.attempt != attempt {
                    seen.attempt = attempt;
                    seen.pages.clear();
                }
                if seen.pages.len() as PageIndex == index {
                    seen.pages.push(page);
                }
            });
        }
        appended
    }

    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        stats: Bytes,
    ) -> Result<(), WriteError> {
        let written = self.inner.progress(id, attempt, stats.clone()).await;
        match self.instead(id, &written).await {
            Some(current) => self.inner.progress(id, current, stats).await,
            None => written,
        }
    }

    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        let finished = self.inner.finish(id, attempt, ending.clone()).await;
        match self.instead(id, &finished).await {
            Some(current) => self.inner.finish(id, current, ending).await,
            None => finished,
        }
    }

    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        self.inner.give_up(id, attempt, loss).await
    }

    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable> {
        if self.bug == PlantedBug::DoubleTakeover
            && let Some((owner, _)) = self.running(id).await
        {
            return self.inner.take_over(id, &owner).await;
        }
        self.inner.take_over(id, from).await
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        self.hear(id);
        let races = self.bug == PlantedBug::HandingOutRacesAClaim && !self.holds;
        if !races {
            return self.inner.read(id, token, limits).await;
        }
        if let Some(unmarked) = self.seen(id, |seen| seen.unmarked.take()) {
            let all_at_once = ReadLimits {
                wait: Duration::ZERO,
                bytes: usize::MAX,
            };
            let _marked = self.inner.read(id, unmarked, all_at_once).await;
        }
        let info = self.inner.info(id).await?;
        let running = info.filter(|info| matches!(info.state, QueryState::Running { .. }));
        let pages: Vec<Page> = self.seen(id, |seen| {
            let skipped = usize::try_from(token).unwrap_or(usize::MAX);
            seen.pages.iter().skip(skipped).cloned().collect()
        });
        let Some(info) = running.filter(|_| !pages.is_empty()) else {
            return self.inner.read(id, token, limits).await;
        };
        self.inner.heard(id).await?;
        self.seen(id, |seen| seen.unmarked = Some(token));
        Ok(Reading {
            dialect: info.statement.dialect,
            statement: info.statement,
            state: info.state,
            elapsed: info.elapsed,
            queued: Duration::ZERO,
            columns: None,
            next: Next::Token(token + pages.len() as PageIndex),
            pages,
            progress: None,
        })
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        self.hear(id);
        self.inner.heard(id).await
    }

    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable> {
        self.inner.end(id, ending, by).await
    }

    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable> {
        self.inner.info(id).await
    }

    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        self.inner.unended(from).await
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        let mut swept = self.inner.sweep().await?;
        if self.bug != PlantedBug::EarlyExpiry {
            return Ok(swept);
        }
        for (id, ..) in every_unended(&*self.inner).await? {
            let silent = self.seen(&id, |seen| seen.heard.elapsed());
            if silent >= Duration::from_secs(15) {
                let ending = Ending::failed(QueryError::abandoned());
                let was = self.inner.end(&id, ending, EndedBy::Perk).await?;
                swept.push(Abandoned { id, was });
            }
        }
        Ok(swept)
    }
}
