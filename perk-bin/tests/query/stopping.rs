//! `perk serve` is told to stop: what runs may finish, what waits is told, nothing is left on the cluster.

use std::thread;
use std::time::Duration;

use perk_protocol::testsuite::{Flavor, Mode, ScriptedCoordinator, Seen};
use serde_json::Value;

use super::serve;
use super::support::{self, Perk, poll};
use super::wire::{self, Reply};

/// What ends at once ends within this; the grace period is 30 s unless told.
const SOON: Duration = Duration::from_secs(10);

fn post(perk: &Perk, sql: &str) -> Reply {
    let user = [("X-Trino-User", "ann")];
    wire::ask(perk.url(), "POST", "/v1/statement", &user, sql)
}

/// Asks for the page after this answer.
fn next(perk: &Perk, answer: &Value) -> Value {
    let uri = answer["nextUri"].as_str().expect("there is more");
    let path = uri.find("/v1/").expect("a URI of the protocol's");
    wire::ask(perk.url(), "GET", &uri[path..], &[], "").json()
}

fn begin_to_stop(perk: &Perk, signal: &str) {
    perk.signal(signal);
    let told = || perk.log().contains("stopping: ").then_some(());
    assert!(poll(SOON, told).is_some(), "{}", perk.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_finishes_and_what_waits_is_told() {
    for (signal, flavor) in [("TERM", Flavor::Presto), ("INT", Flavor::Trino)] {
        let (coordinator, perk) = serve(flavor, &["--concurrency", "1"]).await;
        let url = perk.url().to_owned();
        let running = thread::spawn(move || {
            let sql = "SELECT 'running' /*script work_ms=3000 pages=3 rows=10*/";
            support::run(&url, "X-Trino-", "tpch", "tiny", sql)
        });
        coordinator
            .wait_until(|seen| seen.begun_of("running") == 1)
            .await;
        let queued = post(&perk, "SELECT 'waiting' /* in the queue */").json();
        let stored = post(
            &perk,
            "INSERT INTO t SELECT 'waiting' /* for its first GET */",
        )
        .json();

        begin_to_stop(&perk, signal);
        let refused = post(&perk, "SELECT 'late'");
        assert_eq!(refused.status, 503, "{refused:?}");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(refused.body.contains("being stopped"), "{refused:?}");
        for waiting in [&queued, &stored] {
            let answer = next(&perk, waiting);
            assert_eq!(
                answer["error"]["errorName"], "PERK_SHUTTING_DOWN",
                "{answer}"
            );
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains("run the query again"), "{message}");
            assert!(answer["nextUri"].is_null());
        }
        let answer = running.join().unwrap().unwrap();
        assert_eq!((answer.rows.len(), &answer.error), (30, &None));

        let ended = perk.wait(SOON).expect("it ends when nothing runs any more");
        assert_eq!(ended.code(), Some(0), "{signal}: {}", perk.log());
        let seen = coordinator.seen();
        assert_eq!((seen.running, seen.canceled), (0, 0), "{seen:?}");
        assert_eq!(seen.posts_of("waiting") + seen.posts_of("late"), 0);
        seen.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_finish_in_time_is_cancelled_and_told() {
    for flavor in [Flavor::Presto, Flavor::Trino] {
        let (coordinator, perk) = serve(flavor, &["--grace", "1"]).await;
        let clients = ["SELECT 'read'", "INSERT INTO t SELECT 'write'"].map(|sql| {
            let (url, sql) = (perk.url().to_owned(), format!("{sql} /*script hang=1*/"));
            thread::spawn(move || support::run(&url, "X-Presto-", "tpch", "tiny", &sql))
        });
        coordinator.wait_until(|seen| seen.running == 2).await;
        begin_to_stop(&perk, "TERM");
        let names = clients.map(|client| {
            let error = client.join().unwrap().unwrap().error.expect("it was ended");
            error["errorName"].as_str().expect("a name").to_owned()
        });
        // What has begun to write may have written.
        assert_eq!(names, ["PERK_SHUTTING_DOWN", "PERK_OUTCOME_UNKNOWN"]);
        let ended = perk.wait(SOON).expect("it ends after its grace period");
        assert_eq!(ended.code(), Some(0), "{}", perk.log());
        let seen = coordinator.seen();
        assert_eq!((seen.running, seen.canceled), (0, 2), "{}", perk.log());
        seen.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("TERM", "INT")] {
        let (coordinator, perk) = serve(Flavor::Presto, &[]).await;
        drop(post(&perk, "SELECT 'left' /*script hang=1*/").json());
        coordinator.wait_until(|seen| seen.running == 1).await;
        begin_to_stop(&perk, first);
        perk.signal(second);
        let ended = perk.wait(SOON).expect("it ends at once");
        assert_eq!(ended.code(), Some(130), "{}", perk.log());
        let told = "perk: stopped at once; queries may still run on the clusters";
        let logged = poll(SOON, || perk.log().contains(told).then_some(()));
        assert!(logged.is_some(), "{}", perk.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nothing_to_wait_for_it_ends_at_once() {
    let (coordinator, perk) = serve(Flavor::Trino, &[]).await;
    let answer = support::run(perk.url(), "X-Trino-", "tpch", "tiny", "SELECT 1").unwrap();
    assert_eq!(answer.error, None);
    perk.signal("TERM");
    let ended = perk.wait(SOON).expect("it ends");
    assert_eq!(ended.code(), Some(0));
    coordinator.seen().assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_not_there_holds_nothing_up() {
    let frozen = ScriptedCoordinator::start(Flavor::Presto).await;
    frozen.set_mode(Mode::Frozen);
    let dead = ScriptedCoordinator::start(Flavor::Presto).await;
    dead.stop().await;
    for coordinator in [&frozen, &dead] {
        let perk = Perk::start(coordinator.url(), &[]).expect("perk starts");
        let waiting = post(&perk, "SELECT 'waiting'").json();
        assert_eq!(waiting["stats"]["state"], "QUEUED");
        begin_to_stop(&perk, "TERM");
        let answer = next(&perk, &waiting);
        assert_eq!(answer["error"]["errorName"], "PERK_SHUTTING_DOWN");
        let ended = perk.wait(SOON).expect("it ends");
        assert_eq!(ended.code(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_that_nobody_fetches_are_waited_for_no_longer_than_said() {
    let ran = |seen: &Seen| seen.begun_of("unread") == 1 && seen.running == 0;
    let (coordinator, perk) = serve(Flavor::Trino, &["--grace", "3"]).await;
    let posted = post(&perk, "SELECT 'unread' /*script pages=3 rows=1000*/").json();
    coordinator.wait_until(ran).await;
    begin_to_stop(&perk, "TERM");
    // As long as that they are served.
    let answer = next(&perk, &posted);
    assert_eq!(
        answer["data"].as_array().map(Vec::len),
        Some(3000),
        "{answer}"
    );
    let unread = perk.wait(SOON).expect("it ends when all is read");
    assert_eq!(unread.code(), Some(0));

    let (coordinator, perk) = serve(Flavor::Trino, &["--grace", "1"]).await;
    drop(post(&perk, "SELECT 'unread'").json());
    coordinator.wait_until(ran).await;
    begin_to_stop(&perk, "TERM");
    let ended = perk.wait(SOON).expect("it ends after its grace period");
    assert_eq!(ended.code(), Some(0));
    assert!(
        perk.log().contains("not fetched by their clients"),
        "{}",
        perk.log()
    );
}
