//! Processes are told to stop: a worker drains, a gateway finishes its answers, and the others go on with the rest.

use std::io::Write;
use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;
use perk_protocol::testsuite::Flavor;

use crate::deployment::{Deployment, Outcome, next, next_path, post, rest};
use crate::support::Perk;
use crate::{command, test, wire};

/// What nothing holds up ends within this.
const SOON: Duration = Duration::from_secs(10);

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("a_worker_finishes_what_runs", worker_finishes),
        test(
            "a_worker_gives_back_what_does_not_finish",
            worker_gives_back,
        ),
        test("a_gateway_finishes_its_answers", gateway_finishes),
        test("a_second_signal_ends_a_process_at_once", second_signal),
        test("a_worker_stops_while_redis_is_away", worker_without_redis),
        test("a_gateway_stops_while_redis_is_away", gateway_without_redis),
    ]
}

#[track_caller]
fn assert_ended(perk: &Perk, code: i32) {
    let ended = perk.wait(SOON).expect("it ends");
    assert_eq!(ended.code(), Some(code), "{}", perk.log());
}

fn workers(deployment: &Deployment) -> usize {
    let done = command::run(&["workers", "--json", "--redis", &deployment.redis.url()]);
    done.assert_code(0);
    let workers: Vec<serde_json::Value> = serde_json::from_str(&done.stdout).unwrap();
    workers.len()
}

fn worker_finishes() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway(&[]);
    let worker = deployment.worker(&cluster, &[]);
    let running = post(&gateway, "SELECT 'running' /*script work_ms=1500 rows=10*/");
    cluster.wait_until(|seen| seen.begun_of("running") == 1);
    worker.signal("TERM");
    worker.says("stopping: ", 1);
    // It takes nothing more.
    let waiting = post(&gateway, "SELECT 'waiting'");
    let outcome = rest(&[&gateway], running);
    assert_eq!((outcome.rows.len(), outcome.error), (10, None));
    assert_ended(&worker, 0);
    assert_eq!(workers(&deployment), 0);
    assert_eq!(next(&gateway, &waiting)["stats"]["state"], "QUEUED");
    assert_eq!(cluster.coordinator.seen().posts_of("waiting"), 0);

    let _another = deployment.worker(&cluster, &[]);
    assert_eq!(rest(&[&gateway], waiting).error, None);
    cluster.coordinator.seen().assert_clean();
}

fn worker_gives_back() {
    let deployment = Deployment::new();
    let (left, taken) = (
        deployment.cluster(Flavor::Trino),
        deployment.cluster(Flavor::Presto),
    );
    let gateway = deployment.gateway(&[]);
    let worker = deployment.worker(&left, &["--grace", "1"]);
    let read = post(&gateway, "SELECT 'read' /*script work_ms=4000 rows=10*/");
    let write = post(&gateway, "INSERT INTO t SELECT 'write' /*script hang=1*/");
    let write = next(&gateway, &write);
    left.wait_until(|seen| seen.begun_of("'read'") + seen.begun_of("'write'") == 2);
    worker.signal("INT");
    assert_ended(&worker, 0);
    let seen = left.coordinator.seen();
    assert_eq!((seen.running, seen.canceled), (0, 2), "{}", worker.log());
    assert_eq!(workers(&deployment), 0);

    let _another = deployment.worker(&taken, &[]);
    let outcome = rest(&[&gateway], read);
    assert_eq!((outcome.rows.len(), outcome.error), (10, None));
    // What has begun to write may have written.
    let error = rest(&[&gateway], write).error;
    assert_eq!(error.as_deref(), Some("PERK_OUTCOME_UNKNOWN"));
    assert_eq!(taken.coordinator.seen().posts_of("write"), 0);
    for cluster in [&left, &taken] {
        cluster.coordinator.seen().assert_clean();
    }
}

fn gateway_finishes() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let (gateway, another) = (deployment.gateway(&[]), deployment.gateway(&[]));
    let _worker = deployment.worker(&cluster, &[]);
    let sql = "INSERT INTO t SELECT 'long' /*script work_ms=3000 update=INSERT count=3*/";
    let posted = post(&gateway, sql);
    let (url, path) = (
        gateway.url().to_owned(),
        next_path(&posted).unwrap().to_owned(),
    );
    // Its first poll begins it, and waits for what it gives.
    let poll = thread::spawn(move || wire::ask(&url, "GET", &path, &[], ""));
    cluster.wait_until(|seen| seen.begun_of("long") == 1);
    gateway.signal("TERM");
    assert_ended(&gateway, 0);
    let polled = poll.join().unwrap().json();
    assert!(polled["error"].is_null(), "{polled}");
    assert_eq!(rest(&[&another], polled), Outcome::default());
}

fn second_signal() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway(&[]);
    let worker = deployment.worker(&cluster, &[]);
    let _ = post(&gateway, "SELECT 'left' /*script hang=1*/");
    cluster.wait_until(|seen| seen.begun_of("left") == 1);
    worker.signal("TERM");
    worker.says("stopping: ", 1);
    worker.signal("INT");
    assert_ended(&worker, 130);
    worker.says("perk-worker: stopped at once; queries may still run", 1);

    // A connection whose request has not come whole holds a gateway up for a moment.
    let mut stream = wire::connect(gateway.url());
    let part = wire::request(
        "POST",
        "/v1/statement",
        &[("X-Trino-User", "ann")],
        "SELECT 1",
    );
    stream.write_all(&part[..part.len() - 1]).unwrap();
    let info = wire::ask(gateway.url(), "GET", "/v1/info", &[], "");
    assert_eq!(info.status, 200);
    gateway.signal("INT");
    gateway.says("stopping: ", 1);
    gateway.signal("TERM");
    assert_ended(&gateway, 130);
    gateway.says("perk-gateway: stopped at once", 1);
}

fn worker_without_redis() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway(&[]);
    let idle = deployment.worker(&cluster, &["--grace", "1"]);
    idle.says("cluster ready", 1);
    deployment.redis.kill();
    idle.signal("TERM");
    assert_ended(&idle, 0);

    deployment.redis.start();
    let busy = deployment.worker(&cluster, &["--grace", "1"]);
    let read = post(&gateway, "SELECT 'read' /*script work_ms=3000 rows=10*/");
    cluster.wait_until(|seen| seen.begun_of("read") == 1);
    deployment.redis.kill();
    busy.signal("TERM");
    let ended = busy.wait(Duration::from_secs(30)).expect("it ends");
    assert_eq!(ended.code(), Some(0), "{}", busy.log());

    deployment.redis.start();
    let _another = deployment.worker(&cluster, &[]);
    let outcome = rest(&[&gateway], read);
    assert_eq!((outcome.rows.len(), outcome.error), (10, None));
}

fn gateway_without_redis() {
    let deployment = Deployment::new();
    let gateway = deployment.gateway(&[]);
    deployment.redis.kill();
    gateway.signal("TERM");
    assert_ended(&gateway, 0);
}
