//! How the tests make what they try.

use perk_core::testsuite::store::StoreSettings;
use perk_queue::{MemoryResultStore, MemoryStoreConfig};

pub(crate) fn store(settings: StoreSettings) -> MemoryResultStore {
    MemoryResultStore::new(MemoryStoreConfig {
        client_timeout: settings.client_timeout,
        keep_ended: settings.keep_ended,
        hold_results: settings.hold_results,
        unread_per_query: settings.unread_per_query,
        unread_total: settings.unread_total,
        ..MemoryStoreConfig::default()
    })
}
