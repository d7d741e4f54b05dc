//! How many queries a worker runs.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the queries that wait only for their readers ("parked") and so leave their slots to others.
#[derive(Debug)]
pub(super) struct Slots {
    concurrency: usize,
    may_park: usize,
    parked: AtomicUsize,
    changed: Notify,
}

impl Slots {
    pub(super) fn new(concurrency: usize, may_park: usize) -> Self {
        Self {
            concurrency,
            may_park,
            parked: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// How many more queries may begin when `running` have begun, parked ones included. A query that comes back from
    /// parking runs on at once, so for a while there may be more than `concurrency`; then none begins.
    pub(super) fn room(&self, running: usize) -> usize {
        self.concurrency
            .saturating_sub(running.saturating_sub(self.parked.load(Ordering::Acquire)))
    }

    /// Gives a query's slot away until the guard is dropped; `None` when too many have.
    pub(super) fn park(&self) -> Option<Parked<'_>> {
        let more = |parked| (parked < self.may_park).then_some(parked + 1);
        self.parked
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .ok()?;
        self.changed.notify_one();
        Some(Parked(self))
    }

    /// Waits until a slot was given away or taken back.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// A slot given away.
#[derive(Debug)]
pub(super) struct Parked<'a>(&'a Slots);

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.0.parked.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parked_query_leaves_its_slot_within_a_bound() {
        let slots = Slots::new(2, 1);
        assert_eq!(slots.room(2), 0);
        let parked = slots.park().unwrap();
        assert_eq!(slots.room(2), 1);
        assert!(slots.park().is_none());
        drop(parked);
        assert_eq!(slots.room(3), 0);
        assert_eq!(slots.room(1), 1);
    }
}
