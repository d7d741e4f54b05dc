//! The transactions that a life's cluster began.
//!
//! A transaction takes no slot: between its statements it only has to be found again, by the registry's binding. What is never
//! ended by its client must not stay bound, nor hold up a drain, forever: the servers too end what is idle
//! (`transaction.idle-timeout`, 5 minutes).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ids::TransactionId;

/// The open ones.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    open: Mutex<BTreeMap<TransactionId, Use>>,
    changed: Notify,
}

#[derive(Debug)]
struct Use {
    /// How many statements of it run.
    running: usize,
    /// When it began, or the last of them ended.
    since: Instant,
}

impl Transactions {
    pub(super) fn begin(&self, transaction: TransactionId) {
        let fresh = Use {
            running: 0,
            since: Instant::now(),
        };
        self.lock().insert(transaction, fresh);
        self.changed.notify_one();
    }

    pub(super) fn end(&self, transaction: &TransactionId) {
        self.lock().remove(transaction);
        self.changed.notify_one();
    }

    /// Ends all, and says which they were.
    pub(super) fn take_all(&self) -> Vec<TransactionId> {
        std::mem::take(&mut *self.lock()).into_keys().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// A statement of it runs until this is dropped.
    pub(super) fn used<'a>(&'a self, transaction: &'a TransactionId) -> Used<'a> {
        if let Some(known) = self.lock().get_mut(transaction) {
            known.running += 1;
        }
        Used {
            transactions: self,
            transaction,
        }
    }

    /// Waits until one has been idle for `limit`, and ends it. Dropping the future ends none.
    pub(super) async fn idle(&self, limit: Duration) -> TransactionId {
        loop {
            let changed = self.changed.notified();
            let next = {
                let mut open = self.lock();
                let idle = open.iter().filter(|(_, used)| used.running == 0);
                let next = idle.min_by_key(|(_, used)| used.since);
                let next = next.map(|(id, used)| (id.clone(), used.since + limit));
                match next {
                    Some((id, end)) if end <= Instant::now() => {
                        open.remove(&id);
                        return id;
                    }
                    next => next.map(|(_, end)| end),
                }
            };
            match next {
                Some(end) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = tokio::time::sleep_until(end) => {}
                },
                None => changed.await,
            }
        }
    }

    /// Every change is whole, so that a thread that died with the lock leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TransactionId, Use>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement that runs in a transaction.
#[derive(Debug)]
pub(super) struct Used<'a> {
    transactions: &'a Transactions,
    transaction: &'a TransactionId,
}

impl Drop for Used<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.transactions.lock().get_mut(self.transaction) {
            known.running = known.running.saturating_sub(1);
            known.since = Instant::now();
        }
        self.transactions.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, timeout};

    use super::Transactions;
    use crate::ids::TransactionId;

    const LIMIT: Duration = Duration::from_mins(5);

    fn transaction(name: &str) -> TransactionId {
        name.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_idle_is_ended_and_what_is_used_is_not() {
        let transactions = Transactions::default();
        let (idle, used) = (transaction("idle"), transaction("used"));
        transactions.begin(used.clone());
        transactions.begin(idle.clone());
        let begun = Instant::now();
        let guard = transactions.used(&used);
        assert_eq!(transactions.idle(LIMIT).await, idle);
        assert_eq!(begun.elapsed(), LIMIT);
        assert!(timeout(LIMIT * 10, transactions.idle(LIMIT)).await.is_err());
        assert!(!transactions.is_empty());
        drop(guard);
        assert_eq!(transactions.idle(LIMIT).await, used);
        assert_eq!(begun.elapsed(), LIMIT * 12);
        assert!(transactions.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_ended_is_not_waited_for() {
        let transactions = Transactions::default();
        let (one, two) = (transaction("one"), transaction("two"));
        transactions.begin(one.clone());
        tokio::time::advance(LIMIT / 2).await;
        transactions.begin(two.clone());
        let (ended, ()) = tokio::join!(transactions.idle(LIMIT), async { transactions.end(&one) });
        assert_eq!(ended, two);
        // A statement of one that is over, or of another's, changes nothing.
        drop(transactions.used(&two));
        assert!(transactions.is_empty());
    }
}
