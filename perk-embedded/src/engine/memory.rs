//! How many bytes a query may hold: so many itself, and no more than all queries may hold together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::common::Result;
use datafusion::execution::memory_pool::{
    GreedyMemoryPool, MemoryLimit, MemoryPool, MemoryReservation,
};

use crate::error::{Error, Kind};

/// One query's memory, of its own and of what all have.
#[derive(Debug)]
pub(super) struct QueryMemory {
    own: GreedyMemoryPool,
    all: Arc<GreedyMemoryPool>,
    /// Whether what was refused last was for the other queries' sake.
    crowded: AtomicBool,
}

impl QueryMemory {
    pub(super) fn new(own: usize, all: Arc<GreedyMemoryPool>) -> Self {
        Self {
            own: GreedyMemoryPool::new(own),
            all,
            crowded: AtomicBool::new(false),
        }
    }

    /// The same error, or what the engines say where it is not the query that wants too much. What runs a query makes errors
    /// of its own of the pool's, so that it cannot be told from them.
    pub(super) fn told(&self, error: Error) -> Error {
        if error.kind != Kind::MemoryLimit || !self.crowded.load(Ordering::Relaxed) {
            return error;
        }
        let message =
            "Query killed because the cluster is out of memory. Please try again in a few minutes.";
        Error::new(Kind::ClusterOutOfMemory, message)
    }
}

impl MemoryPool for QueryMemory {
    fn name(&self) -> &'static str {
        "query"
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.own.grow(reservation, additional);
        self.all.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.all.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.crowded.store(false, Ordering::Relaxed);
        self.own.try_grow(reservation, additional)?;
        self.all.try_grow(reservation, additional).inspect_err(|_| {
            self.own.shrink(reservation, additional);
            self.crowded.store(true, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.own.memory_limit()
    }
}

impl fmt::Display for QueryMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(used: {})", self.name(), self.reserved())
    }
}
