//! Sentinel: a replica takes over.

use std::time::Duration;

use perk_core::{QueryState, Rerunnable};
use perk_queue::RedisConfig;
use tokio::time::{Instant, sleep};

use crate::round::Processes;
use crate::server::{Server, until};

/// Within what time after its master's death everything works again: a second until Sentinel says that it is gone, the election, and
/// what connecting takes.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_was_written_is_there_when_a_replica_has_taken_over() {
    let Some(master) = Server::own() else { return };
    let port = master.port();
    let replica = Server::with(|_| format!("replicaof 127.0.0.1 {port}\n")).unwrap();
    until("the replica follows", || {
        master.send(&["WAIT", "1", "100"]).starts_with(":1")
    })
    .await;
    let sentinel = Server::sentinel(&format!(
        "sentinel monitor perk 127.0.0.1 {port} 1\n\
         sentinel down-after-milliseconds perk 1000\n\
         sentinel failover-timeout perk 5000\n"
    ))
    .unwrap();
    until("Sentinel knows the replica", || {
        let known = sentinel.send(&["SENTINEL", "REPLICAS", "perk"]);
        known.contains(&replica.port().to_string())
            && known.contains("master-link-status\r\n$2\r\nok")
    })
    .await;
    let config = RedisConfig {
        replicas: 1,
        ..sentinel.config_as("redis-sentinel", "?sentinelServiceName=perk")
    };
    let processes = Processes::over(&config).await;
    processes.round("before", Rerunnable::No).await.unwrap();
    let begun = processes.write_begun("begun").await.unwrap();
    let slug = processes.slug().await.unwrap();
    drop(master.kill());
    let killed = Instant::now();
    let mut tries = 0;
    while let Err(error) = processes
        .round(&format!("after{tries}"), Rerunnable::Yes)
        .await
    {
        assert!(killed.elapsed() < TAKEN_OVER_WITHIN, "{error}");
        tries += 1;
        sleep(Duration::from_millis(100)).await;
    }
    // Nobody else may begin it.
    let known = processes.state(&begun).await.unwrap();
    assert!(
        matches!(known, Some(QueryState::Running { .. })),
        "{known:?}"
    );
    // There is no second replica.
    let error = processes.write_begun("another").await.unwrap_err();
    assert!(error.to_string().contains("0 of 1 replicas"), "{error}");
    println!(
        "{:?} after its master's death, and {tries} tries",
        killed.elapsed()
    );
    assert_eq!(
        processes.slug().await.unwrap(),
        slug,
        "it is the same deployment"
    );
}
