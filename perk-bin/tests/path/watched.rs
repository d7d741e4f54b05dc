//! The store in memory, with a word after everything that is done to it: what a test waits for can be waited for.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::rerun::Loss;
use perk_core::{
    Abandoned, Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Page, PageIndex, QueryId,
    QueryInfo, QueryState, ReadError, ReadLimits, Reading, ResultStore, Unavailable,
    UnendedQueries, UpstreamRef, WorkerId, WriteError,
};
use perk_queue::{MemoryResultStore, MemoryStoreConfig, Usage};
use tokio::sync::Notify;

/// How long a condition is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store that tells when something was done to it.
#[derive(Debug)]
pub(crate) struct Watched {
    store: MemoryResultStore,
    changed: Notify,
}

impl Watched {
    pub(crate) fn new(config: MemoryStoreConfig) -> Arc<Self> {
        Arc::new(Self {
            store: MemoryResultStore::new(config),
            changed: Notify::new(),
        })
    }

    pub(crate) fn usage(&self) -> Usage {
        self.store.usage()
    }

    /// Waits until every end has been read.
    pub(crate) async fn settled(&self) {
        let settled = tokio::time::timeout(PATIENCE, self.store.settled()).await;
        settled.unwrap_or_else(|_| panic!("not settled: {:?}", self.usage()));
    }

    /// Waits until `condition` holds; asks again whenever the store was used. Panics, naming `what`, after a while.
    pub(crate) async fn until(
        &self,
        what: &str,
        condition: impl AsyncFn(&MemoryResultStore) -> bool,
    ) {
        let held = async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                changed.as_mut().enable();
                if condition(&self.store).await {
                    return;
                }
                changed.await;
            }
        };
        let held = tokio::time::timeout(PATIENCE, held).await;
        assert!(
            held.is_ok(),
            "waited in vain for: {what}; there is {:?}",
            self.usage()
        );
    }

    /// Waits until nothing is stored any more.
    pub(crate) async fn empty(&self) {
        let empty = async |store: &MemoryResultStore| store.usage() == Usage::default();
        self.until("an empty store", empty).await;
    }

    /// Waits until a query is in such a state.
    pub(crate) async fn state(&self, id: &str, what: &str, fits: impl Fn(&QueryState) -> bool) {
        let id: QueryId = id.parse().unwrap();
        let condition = async |store: &MemoryResultStore| {
            let info = store.info(&id).await.unwrap();
            info.is_some_and(|info| fits(&info.state))
        };
        self.until(what, condition).await;
    }
}

macro_rules! pass_on {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl ResultStore for Watched {
            $(async fn $name(&self, $($argument: $type),*) -> $answer {
                let answer = self.store.$name($($argument),*).await;
                self.changed.notify_waiters();
                answer
            })*
        }
    };
}

pass_on! {
    fn create(query: NewQuery) -> Result<(), Unavailable>;
    fn queued(id: &QueryId) -> Result<(), Unavailable>;
    fn claim(id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable>;
    fn superseded_canceled(id: &QueryId, canceled: &[UpstreamRef]) -> Result<(), Unavailable>;
    fn posted(id: &QueryId, attempt: Attempt, upstream: UpstreamRef) -> Result<(), WriteError>;
    fn append(id: &QueryId, attempt: Attempt, index: PageIndex, page: Page) -> Result<(), WriteError>;
    fn progress(id: &QueryId, attempt: Attempt, stats: Bytes) -> Result<(), WriteError>;
    fn finish(id: &QueryId, attempt: Attempt, ending: Ending) -> Result<(), WriteError>;
    fn finish_with_page(id: &QueryId, attempt: Attempt, last: (PageIndex, Page), ending: Ending) -> Result<(), WriteError>;
    fn give_up(id: &QueryId, attempt: Attempt, loss: Loss) -> Result<GivenUp, Unavailable>;
    fn take_over(id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable>;
    fn read(id: &QueryId, token: PageIndex, limits: ReadLimits) -> Result<Reading, ReadError>;
    fn heard(id: &QueryId) -> Result<bool, Unavailable>;
    fn end(id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable>;
    fn info(id: &QueryId) -> Result<Option<QueryInfo>, Unavailable>;
    fn unended(from: u64) -> Result<UnendedQueries, Unavailable>;
    fn sweep() -> Result<Vec<Abandoned>, Unavailable>;
}
