//! What is kept of results, and for how long.

use std::time::Duration;

use clap::Args;
use perk_queue::{CredentialKey, MemoryStoreConfig, RedisStoreConfig};

use super::{seconds, size};

#[derive(Debug, Args)]
#[command(next_help_heading = "Results (the same for all gateways and workers of a deployment)")]
pub(crate) struct ResultOptions {
    /// After how many seconds without a sign of its client a query is cancelled.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = seconds())]
    client_timeout: u64,
    /// Up to how many bytes a read's rows are kept back until it ends, so that it can run again if its cluster is lost;
    /// or off, or all.
    #[arg(long, default_value = "1MiB", value_name = "SIZE", value_parser = size::parse_bound)]
    hold_results: usize,
    /// How many bytes of results may wait for their clients. By default 256MiB; in Redis half of its maxmemory, where it has one.
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    result_memory: Option<usize>,
}

impl ResultOptions {
    pub(crate) fn in_memory(&self) -> MemoryStoreConfig {
        let usual = MemoryStoreConfig::default();
        MemoryStoreConfig {
            client_timeout: Duration::from_secs(self.client_timeout),
            hold_results: self.hold_results,
            unread_total: self.result_memory.unwrap_or(usual.unread_total),
            ..usual
        }
    }

    pub(crate) fn in_redis(&self, credential_key: Option<CredentialKey>) -> RedisStoreConfig {
        RedisStoreConfig {
            client_timeout: Duration::from_secs(self.client_timeout),
            hold_results: self.hold_results,
            unread_total: self.result_memory,
            credential_key,
            ..RedisStoreConfig::default()
        }
    }
}
