//! What all queries of a store share: the room for pages, and the count of what is not over.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A byte budget that all queries share.
#[derive(Debug)]
pub(super) struct Room {
    bound: usize,
    used: AtomicUsize,
    freed: Notify,
}

impl Room {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            used: AtomicUsize::new(0),
            freed: Notify::new(),
        }
    }

    /// Takes room for a page, if there is enough.
    pub(super) fn try_take(&self, weight: usize) -> bool {
        let mut used = self.used.load(SeqCst);
        while self.fits(used, weight) {
            let more = used + weight;
            match self.used.compare_exchange(used, more, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => used = now,
            }
        }
        false
    }

    /// Takes room for a page that must have it: a query's only one.
    pub(super) fn take(&self, weight: usize) {
        self.used.fetch_add(weight, SeqCst);
    }

    /// Gives room back, and wakes who waits for some. Also where it is none: pages may weigh nothing, and who waits has
    /// to learn as well that its query has no unread page left, or that it has been fenced.
    pub(super) fn give_back(&self, weight: usize) {
        self.used.fetch_sub(weight, SeqCst);
        self.freed.notify_waiters();
    }

    pub(super) fn has(&self, weight: usize) -> bool {
        self.fits(self.used(), weight)
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(SeqCst)
    }

    /// The next time that room is given back, or a query's writer is fenced.
    pub(super) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    fn fits(&self, used: usize, weight: usize) -> bool {
        used.saturating_add(weight) <= self.bound
    }
}

/// How many queries have not ended, or have an end that nobody has read.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    count: AtomicUsize,
    none: Notify,
}

impl Unsettled {
    pub(super) fn add(&self) {
        self.count.fetch_add(1, SeqCst);
    }

    pub(super) fn remove(&self) {
        if self.count.fetch_sub(1, SeqCst) == 1 {
            self.none.notify_waiters();
        }
    }

    pub(super) async fn none(&self) {
        loop {
            let none = self.none.notified();
            if self.count.load(SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }
}

/// What a query needs of its store.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: super::MemoryStoreConfig,
    pub(super) room: Room,
    /// For the statements of queries that have not ended.
    pub(super) statements: Room,
    pub(super) unsettled: Unsettled,
}
