//! The implementations over a real Redis, held to the contracts.
//!
//! They start a `redis-server` of their own. Where there is none they say so and do nothing; with `redis` in
//! `PERK_TEST_REQUIRE` that is a failure.

#[path = "redis/beyond.rs"]
mod beyond;
#[path = "redis/server.rs"]
mod server;

use std::sync::Arc;

use perk_core::{Queue, Registry};
use perk_queue::RedisConfig;

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
