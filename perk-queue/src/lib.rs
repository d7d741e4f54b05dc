//! Where queries wait and results rest: implementations of what a deployment shares.
//!
//! [`memory`] keeps it all in one process, for `perk serve`, for tests and for embedding: nothing survives a restart, and
//! nothing is shared with another process.
//!
//! `redis` (cargo feature `redis`) keeps it where any number of processes share it.
//!
//! ```
//! use std::time::Duration;
//! use perk_core::{Queue, Registry, ResultStore};
//! use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig};
//!
//! let queue: Box<dyn Queue> = Box::new(MemoryQueue::new());
//! let store: Box<dyn ResultStore> = Box::new(MemoryResultStore::new(MemoryStoreConfig::default()));
//! // The key must come from a source that cannot be guessed.
//! let registry: Box<dyn Registry> = Box::new(MemoryRegistry::new(Duration::from_secs(15), [7; 32]));
//! ```

pub mod memory;
#[cfg(feature = "redis")]
pub mod redis;

pub use memory::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig, Usage};
#[cfg(feature = "redis")]
pub use redis::{
    ConnectError, CredentialKey, PageCompression, Redis, RedisConfig, RedisQueue, RedisRegistry,
    RedisResultStore, RedisStoreConfig,
};
