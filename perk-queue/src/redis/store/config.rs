//! What a store in Redis is made with.

use std::time::Duration;

use super::packing::PageCompression;
use super::sealed::CredentialKey;

/// What a store in Redis keeps, and for how long.
#[derive(Debug, Clone)]
pub struct RedisStoreConfig {
    /// A query whose client has not been heard of for this long is abandoned. 5 minutes by default.
    pub client_timeout: Duration,
    /// How long a result is kept after its end was read, for a repeated request: 10 seconds by default.
    pub keep_ended: Duration,
    /// How many bytes of a re-runnable query's pages are held back until it ends: 1 MiB by default; 0 holds nothing back,
    /// `usize::MAX` as much as there is room for.
    pub hold_results: usize,
    /// How many bytes of unread pages one query may have, 16 MiB by default. One page is always taken.
    pub unread_per_query: usize,
    /// How many bytes of pages all queries may have; by default half of Redis's `maxmemory`, and 256 MiB where it has none. A query's
    /// only page is always taken.
    pub unread_total: Option<usize>,
    /// Encrypts clients' credentials. Without one no query that carries any is stored.
    pub credential_key: Option<CredentialKey>,
    /// How pages are stored by who writes them; readers read any. With LZ4 by default.
    pub compression: PageCompression,
    /// From how many bytes on a page's rows pass by the scripts instead of through them, which costs a command more when they are
    /// written and a round trip more when they are read. 32 KiB by default: what is as large Redis takes without copying it.
    pub apart_from: usize,
}

impl Default for RedisStoreConfig {
    fn default() -> Self {
        Self {
            client_timeout: Duration::from_mins(5),
            keep_ended: Duration::from_secs(10),
            hold_results: 1 << 20,
            unread_per_query: 16 << 20,
            unread_total: None,
            credential_key: None,
            compression: PageCompression::default(),
            apart_from: 32 << 10,
        }
    }
}
