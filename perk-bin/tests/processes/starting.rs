//! Processes start in any order, and bear that Redis is not there yet, or no more for a while.

use std::time::Duration;

use libtest_mimic::Trial;
use perk_protocol::testsuite::Flavor;

use crate::deployment::{Deployment, post, rest, send};
use crate::support::Perk;
use crate::support::redis::{DURABLE, RedisServer};
use crate::{test, wire};

/// What Redis holds up no more happens within this.
const SOON: Duration = Duration::from_secs(30);

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("redis_may_be_started_last", redis_last),
        test("who_waits_for_redis_may_be_stopped", stopped_while_waiting),
        test("redis_may_be_away_for_a_while", redis_away),
    ]
}

/// Asserts that a statement was refused in a way that clients understand.
#[track_caller]
fn assert_refused(gateway: &Perk, expected: &str) {
    let refused = send(gateway, &[], "SELECT 'refused'");
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.body.contains(expected), "{refused:?}");
}

fn redis_last() {
    let deployment = Deployment::over(RedisServer::new(&DURABLE));
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway_listening(&[]);
    let worker = deployment.worker(&cluster, &[]);
    for process in [&gateway, &worker] {
        process.says("waiting for Redis", 1);
    }
    assert_refused(&gateway, "Perk is starting");
    let info = wire::ask(gateway.url(), "GET", "/v1/info", &[], "");
    assert_eq!(info.status, 503, "{info:?}");
    deployment.redis.start();
    let outcome = rest(&[&gateway], post(&gateway, "SELECT 1"));
    assert_eq!((outcome.rows.len(), outcome.error), (1, None));
    for process in [&gateway, &worker] {
        process.says("Redis is there", 1);
        assert_eq!(process.log().matches("waiting for Redis").count(), 1);
    }
    assert_eq!(cluster.coordinator.seen().posts_of("refused"), 0);
}

fn stopped_while_waiting() {
    let deployment = Deployment::over(RedisServer::new(&DURABLE));
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway_listening(&[]);
    let worker = deployment.worker(&cluster, &[]);
    for process in [&gateway, &worker] {
        process.says("waiting for Redis", 1);
        process.signal("TERM");
        let ended = process.wait(SOON).expect("it ends");
        assert_eq!(ended.code(), Some(0), "{}", process.log());
    }
}

fn redis_away() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Trino);
    let gateway = deployment.gateway(&[]);
    let worker = deployment.worker(&cluster, &[]);
    worker.says("cluster ready", 1);
    let running = post(&gateway, "SELECT 'running' /*script work_ms=3000 rows=10*/");
    cluster.wait_until(|seen| seen.begun_of("running") == 1);
    deployment.redis.kill();
    assert_refused(&gateway, "Redis does not answer");
    // It serves, though it has nothing to serve.
    let info = wire::ask(gateway.url(), "GET", "/v1/info", &[], "");
    assert_eq!(info.status, 200, "{info:?}");
    // For longer than a lease, of which each renewal is tried three times.
    worker.says("the lease could not be renewed", 4);
    deployment.redis.start();
    for answer in [running, post(&gateway, "SELECT 'next' /*script rows=10*/")] {
        let outcome = rest(&[&gateway], answer);
        assert_eq!((outcome.rows.len(), outcome.error), (10, None));
    }
    let seen = cluster.coordinator.seen();
    assert_eq!((seen.begun_of("running"), seen.posts_of("refused")), (1, 0));
    seen.assert_clean();
    // It wrote as soon as Redis was there, as the same worker.
    assert!(
        !worker.log().contains("the lease was lost"),
        "{}",
        worker.log()
    );
}
