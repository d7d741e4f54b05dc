//! How many bytes there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Kind, Result};

/// Bytes for everybody.
pub(super) struct Room {
    limit: usize,
    used: AtomicUsize,
}

impl Room {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: AtomicUsize::new(0),
        }
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// Bytes that somebody has, until it is dropped.
pub(super) struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

impl Taken {
    /// Takes as much as that, or nothing.
    pub(super) fn new(room: &Arc<Room>, bytes: usize) -> Result<Self> {
        let (used, limit) = (&room.used, room.limit);
        let taken = used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|used| *used <= limit)
        });
        if taken.is_err() {
            // In the words of Presto's memory connector.
            let message = format!("Memory limit [{limit}] for memory connector exceeded");
            return Err(Error::new(Kind::MemoryTables, message));
        }
        Ok(Self {
            room: Arc::clone(room),
            bytes,
        })
    }

    /// Keeps so much, and gives back what is more than that.
    pub(super) fn keep(&mut self, bytes: usize) {
        let back = self.bytes.saturating_sub(bytes);
        self.bytes -= back;
        self.room.used.fetch_sub(back, Ordering::Relaxed);
    }

    /// Takes over what another has.
    pub(super) fn join(&mut self, other: &mut Self) {
        debug_assert!(Arc::ptr_eq(&self.room, &other.room));
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.keep(0);
    }
}
