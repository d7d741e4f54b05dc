//! The implementations over a real Redis, held to the contracts.
//!
//! They start a `redis-server` of their own. Where there is none they say so and do nothing; with `redis` in
//! `PERK_TEST_REQUIRE` that is a failure.

#[path = "redis/beyond.rs"]
mod beyond;
#[path = "redis/kept.rs"]
mod kept;
#[path = "redis/server.rs"]
mod server;

use std::sync::Arc;

use perk_core::{Queue, Registry, ResultStore};
use perk_queue::{RedisConfig, RedisStoreConfig};

mod queue {
    use super::*;

    perk_core::queue_test_suite!(real_time: server::times(), || async {
        server::connect(&server::config()).await.queue as Arc<dyn Queue>
    });
}

mod registry {
    use super::*;

    perk_core::registry_test_suite!(real_time: server::times(), |lease| async move {
        let config = RedisConfig {
            lease,
            ..server::config()
        };
        server::connect(&config).await.registry as Arc<dyn Registry>
    });
}

mod store {
    use super::*;

    perk_core::result_store_test_suite!(real_time: server::times(), |settings| async move {
        let mut config = server::config();
        config.store = RedisStoreConfig {
            client_timeout: settings.client_timeout,
            keep_ended: settings.keep_ended,
            hold_results: settings.hold_results,
            unread_per_query: settings.unread_per_query,
            unread_total: settings.unread_total,
            ..RedisStoreConfig::default()
        };
        server::connect(&config).await.store as Arc<dyn ResultStore>
    });
}
