//! Where an attempt's results go.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

use super::WorkerParts;
use super::retry::{Fenced, until_answered};
use super::slots::Slots;
use super::transactions::Transactions;
use crate::executor::{Control, QuerySink, SinkClosed};
use crate::ids::{Attempt, PageIndex, QueryId, TransactionId, WorkerId};
use crate::query::{Envelope, Page, UpstreamRef};
use crate::statement::Statement;
use crate::store::WriteError;

/// How often a query's progress is worth storing.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);
/// How long a page waits for the end that may follow it, to be stored with it in one step: a cluster tells the end of a short
/// query at once.
const MOMENT: Duration = Duration::from_millis(10);
/// What such a page weighs at most, in bytes.
pub(super) const SMALL: usize = 64 << 10;

/// The words to one attempt, kept by the life that runs it.
#[derive(Debug)]
pub(super) struct Controls {
    stop: watch::Sender<bool>,
    leaf_stage: Notify,
}

impl Controls {
    pub(super) fn new() -> Self {
        Self {
            stop: watch::Sender::new(false),
            leaf_stage: Notify::new(),
        }
    }

    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub(super) fn cancel_leaf_stage(&self) {
        self.leaf_stage.notify_one();
    }

    pub(super) async fn stopped(&self) {
        // Its sender is here.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    async fn next(&self) -> Control {
        tokio::select! {
            biased;
            () = self.stopped() => Control::Stop,
            () = self.leaf_stage.notified() => Control::CancelLeafStage,
        }
    }
}

/// Writes one attempt's results under its fencing token.
#[derive(Debug)]
pub(super) struct AttemptSink {
    pub(super) parts: WorkerParts,
    pub(super) worker: WorkerId,
    pub(super) id: QueryId,
    pub(super) attempt: Attempt,
    pub(super) statement: Arc<Statement>,
    pub(super) controls: Arc<Controls>,
    pub(super) slots: Arc<Slots>,
    pub(super) transactions: Arc<Transactions>,
    pub(super) park_after: Duration,
    /// How many pages came.
    pub(super) pages: AtomicU64,
    /// The last of them, as long as it is not stored.
    pub(super) last: Mutex<Option<(PageIndex, Page)>>,
    /// There is one.
    pub(super) kept: Notify,
    /// When progress was last stored.
    pub(super) progress: Mutex<Option<Instant>>,
}

impl AttemptSink {
    /// Stores large pages while the execution gets the next, and small ones that have waited for an end in vain, for as long as the
    /// execution goes on.
    pub(super) async fn store_beside(&self) -> Infallible {
        loop {
            self.kept.notified().await;
            let is_small = |(_, page): &(PageIndex, Page)| page.weight() <= SMALL;
            if self.last.lock().await.as_ref().is_some_and(is_small) {
                tokio::time::sleep(MOMENT).await;
            }
            // Fenced: the execution will be told with its next write.
            let _ = self.store(&mut *self.last.lock().await).await;
        }
    }

    /// Waits for the page that is being stored, if one is.
    pub(super) async fn at_rest(&self) {
        drop(self.last.lock().await);
    }

    /// The page that is still to be stored.
    pub(super) async fn take_last(&self) -> Option<(PageIndex, Page)> {
        self.last.lock().await.take()
    }

    /// Stores a page, and then has it no more.
    async fn store(&self, kept: &mut Option<(PageIndex, Page)>) -> Result<(), SinkClosed> {
        if let Some((index, page)) = kept {
            self.append(*index, page).await?;
            *kept = None;
        }
        Ok(())
    }

    async fn append(&self, index: PageIndex, page: &Page) -> Result<(), SinkClosed> {
        let (store, id, attempt) = (&self.parts.store, &self.id, self.attempt);
        let append = until_answered(|| store.append(id, attempt, index, page.clone()));
        self.parking(append).await.map_err(|Fenced| SinkClosed)
    }

    /// Waits for a write, and gives the query's slot to another while that waits for the query's reader.
    pub(super) async fn parking<T>(&self, write: impl Future<Output = T>) -> T {
        tokio::pin!(write);
        if let Ok(written) = tokio::time::timeout(self.park_after, &mut write).await {
            return written;
        }
        let _parked = self.slots.park();
        write.await
    }

    /// Notes a begun or ended transaction before the client can hear of it.
    pub(super) async fn note_transaction(&self, envelope: &Envelope) {
        for (name, value) in &envelope.headers {
            if name.eq_ignore_ascii_case("Started-Transaction-Id") {
                if let Ok(transaction) = value.parse::<TransactionId>() {
                    let Ok(()) = until_answered(|| {
                        self.parts
                            .registry
                            .bind_transaction(&transaction, &self.worker)
                    })
                    .await;
                    self.transactions.begin(transaction);
                }
            } else if name.eq_ignore_ascii_case("Clear-Transaction-Id")
                && let Some(transaction) = &self.statement.transaction
            {
                self.transactions.end(transaction);
                let Ok(()) =
                    until_answered(|| self.parts.registry.unbind_transaction(transaction)).await;
            }
        }
    }
}

#[async_trait]
impl QuerySink for AttemptSink {
    async fn posted(&self, upstream: UpstreamRef) -> Result<(), SinkClosed> {
        tracing::debug!(
            upstream = upstream.query_id,
            "the cluster knows the statement"
        );
        let (id, attempt) = (&self.id, self.attempt);
        until_answered(|| self.parts.store.posted(id, attempt, upstream.clone()))
            .await
            .map_err(|Fenced| SinkClosed)
    }

    async fn page(&self, page: Page) -> Result<(), SinkClosed> {
        self.note_transaction(&page.envelope).await;
        let mut last = self.last.lock().await;
        self.store(&mut last).await?;
        let index = self.pages.fetch_add(1, Ordering::Relaxed);
        *last = Some((index, page));
        self.kept.notify_one();
        Ok(())
    }

    async fn progress(&self, stats: Bytes) -> Result<(), SinkClosed> {
        let mut last = self.progress.lock().await;
        if last.is_some_and(|last| last.elapsed() < PROGRESS_INTERVAL) {
            return Ok(());
        }
        // Progress is not worth trying twice: newer progress follows.
        match self
            .parts
            .store
            .progress(&self.id, self.attempt, stats)
            .await
        {
            Ok(()) | Err(WriteError::Unavailable(_)) => *last = Some(Instant::now()),
            Err(WriteError::Fenced) => return Err(SinkClosed),
        }
        Ok(())
    }

    async fn control(&self) -> Control {
        self.controls.next().await
    }
}
