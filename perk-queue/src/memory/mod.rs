//! Queue, result store and registry in the process's own memory.

mod queue;
mod registry;
mod store;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use queue::MemoryQueue;
pub use registry::MemoryRegistry;
pub use store::{MemoryResultStore, MemoryStoreConfig, Usage};

/// Locks, also after a panic elsewhere: every change under these locks is whole before anything in it can panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
