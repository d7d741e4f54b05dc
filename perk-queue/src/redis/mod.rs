//! Redis: what several processes share, and what survives all of them.
//!
//! | module | its job |
//! |---|---|
//! | `connection` | the only one that knows the client library |
//! | `topics` | words to whoever waits |
//! | `script`, `reply` | what Redis is asked and how its answers are read |
//! | `format` | what is written as text, with its version |
//! | `queue` | streams and the scripts over them |
//! | `registry` | leases, transactions, keys |
//! | `store` | records, pages, and the books of all queries |
//! | `hostile` | what is stored, as bytes that mean ill (feature `testsuite`) |
//!
//! Each change is one script on one slot (`lua/`), so it happens wholly or not at all. An answer that was lost may be asked
//! for again: every script bears being run twice.

mod connection;
mod format;
#[cfg(feature = "testsuite")]
pub mod hostile;
mod queue;
mod registry;
mod reply;
mod script;
mod store;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use perk_core::Random;

pub use self::connection::ConnectError;
use self::connection::Connection;
pub use self::queue::RedisQueue;
pub use self::registry::RedisRegistry;
pub use self::store::{CredentialKey, PageCompression, RedisResultStore, RedisStoreConfig};

/// Which Redis, and how it is used.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// Its address: `redis://`, or `rediss://` with TLS, then `[user:password@]host[:port][/database]`; for a cluster
    /// `redis-cluster://` with one of its nodes, for Sentinel `redis-sentinel://host:port?sentinelServiceName=name`.
    pub url: String,
    /// What all keys begin with, `perk` by default: deployments that share a Redis each have their own.
    pub prefix: String,
    /// For how long an answer is waited for, 5 seconds by default.
    pub timeout: Duration,
    /// A worker that has not renewed for this long is lost, 15 seconds by default.
    pub lease: Duration,
    /// How many replicas must know that a statement which may not run twice has been posted, before the cluster is made to begin it:
    /// with as many, a failover to one of them forgets no write. None by default; not with a cluster's address.
    pub replicas: u16,
    /// What is kept of queries, and for how long.
    pub store: RedisStoreConfig,
}

impl RedisConfig {
    /// What addresses begin with, before their `://`.
    pub const SCHEMES: [&str; 6] = [
        "redis",
        "rediss",
        "redis-cluster",
        "rediss-cluster",
        "redis-sentinel",
        "rediss-sentinel",
    ];

    /// What is used when nothing else is said, of the Redis at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: "perk".to_owned(),
            timeout: Duration::from_secs(5),
            lease: Duration::from_secs(15),
            replicas: 0,
            store: RedisStoreConfig::default(),
        }
    }
}

/// What `EVALSHA` names each script by, and its folder and name in `lua/`: for who watches what passes between a process and
/// Redis.
#[doc(hidden)]
pub fn script_names() -> Vec<(String, &'static str)> {
    let all = [
        queue::script_names(),
        registry::script_names(),
        store::script_names(),
        store::books_script_names(),
    ];
    all.concat()
}

/// The parts of a deployment that are in one Redis, over connections that they share.
#[derive(Debug, Clone)]
pub struct Redis {
    /// Where query ids wait.
    pub queue: Arc<RedisQueue>,
    /// Where records and results rest.
    pub store: Arc<RedisResultStore>,
    /// Who is there.
    pub registry: Arc<RedisRegistry>,
}

impl Redis {
    /// Connects. From then on a connection that is lost comes about again by itself; meanwhile everything is
    /// [`Unavailable`](perk_core::Unavailable).
    pub async fn connect(config: RedisConfig, random: Random) -> Result<Self, ConnectError> {
        let connection = Connection::open(&config, &random).await?;
        let unread_total = match config.store.unread_total {
            Some(bytes) => bytes as u64,
            None => connection.budget().await?,
        };
        let connection = Arc::new(connection);
        Ok(Self {
            queue: Arc::new(RedisQueue::new(connection.clone())),
            store: Arc::new(RedisResultStore::new(
                connection.clone(),
                config.store,
                unread_total,
                random.clone(),
            )),
            registry: Arc::new(RedisRegistry::new(connection, config.lease, random)),
        })
    }
}
