//! Gateway and worker against parts that fail: mocks where the real parts would not.

#[path = "faults/gateway.rs"]
mod gateway;
#[path = "faults/worker.rs"]
mod worker;

use std::sync::atomic::{AtomicU32, Ordering};

use perk_core::{Dialect, Random, Statement, Unavailable};

fn away() -> Unavailable {
    Unavailable {
        service: "store",
        reason: "test".to_owned(),
    }
}

fn random() -> Random {
    let count = AtomicU32::new(0);
    Random::new(move |bytes| {
        bytes.fill(u8::try_from(count.fetch_add(1, Ordering::Relaxed)).unwrap_or(0));
    })
}

fn statement(sql: &str) -> Statement {
    Statement::new(Dialect::Trino, "ann", sql)
}
