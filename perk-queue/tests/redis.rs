//! The implementations over a real Redis, held to the contracts.
//!
//! They start a `redis-server` of their own. Where there is none they say so and do nothing; with `redis` in
//! `PERK_TEST_REQUIRE` that is a failure.

#[path = "redis/acl.rs"]
mod acl;
#[path = "redis/beyond.rs"]
mod beyond;
#[path = "redis/changed.rs"]
mod changed;
#[path = "redis/cluster.rs"]
mod cluster;
#[path = "redis/format.rs"]
mod format;
#[path = "redis/kept.rs"]
mod kept;
#[path = "redis/pages.rs"]
mod pages;
#[path = "redis/recorded.rs"]
mod recorded;
#[path = "redis/round.rs"]
mod round;
#[path = "redis/round_trips.rs"]
mod round_trips;
#[path = "redis/sentinel.rs"]
mod sentinel;
#[path = "redis/server.rs"]
mod server;
#[path = "redis/tls.rs"]
mod tls;

use std::sync::Arc;

use perk_core::testsuite::store::StoreSettings;
use perk_core::{Queue, Registry, ResultStore};
use perk_queue::{RedisConfig, RedisStoreConfig};

async fn queue() -> Arc<dyn Queue> {
    server::connect(&server::config()).await.queue
}

async fn store(settings: StoreSettings) -> Arc<dyn ResultStore> {
    store_over(settings, RedisStoreConfig::default()).await
}

/// One that keeps every page under a key of its own.
async fn store_apart(settings: StoreSettings) -> Arc<dyn ResultStore> {
    let apart = RedisStoreConfig {
        apart_from: 0,
        ..RedisStoreConfig::default()
    };
    store_over(settings, apart).await
}

async fn store_over(settings: StoreSettings, usual: RedisStoreConfig) -> Arc<dyn ResultStore> {
    let mut config = server::config();
    config.store = RedisStoreConfig {
        client_timeout: settings.client_timeout,
        keep_ended: settings.keep_ended,
        hold_results: settings.hold_results,
        unread_per_query: settings.unread_per_query,
        unread_total: Some(settings.unread_total),
        ..usual
    };
    server::connect(&config).await.store
}

mod queue {
    use super::*;

    perk_core::queue_test_suite!(real_time: server::times(), queue);
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

    perk_core::result_store_test_suite!(real_time: server::times(), store);
}

mod store_apart {
    use super::*;

    perk_core::result_store_test_suite!(real_time: server::times(), store_apart);
}

mod models {
    //! Beside the contracts' models.

    use perk_core::testsuite::models::{self, ModelRun};

    use super::*;

    /// As many cases as a moment allows, or as `PERK_TEST_CASES` says.
    fn run() -> ModelRun {
        let mut run = ModelRun::real();
        if let Ok(cases) = std::env::var("PERK_TEST_CASES") {
            run.cases = cases.parse().expect("PERK_TEST_CASES is a number");
        }
        run
    }

    #[test]
    fn the_queue_agrees_with_its_model() {
        if server::times().is_some() {
            models::queue::agrees(&run(), queue);
        }
    }

    #[test]
    fn the_store_with_pages_apart_agrees_with_its_model() {
        if server::times().is_some() {
            models::store::agrees(&run(), store_apart);
        }
    }

    #[test]
    fn the_store_agrees_with_its_model() {
        if server::times().is_some() {
            models::store::agrees(&run(), store);
        }
    }
}
