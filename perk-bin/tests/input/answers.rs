//! Clusters that answer wrongly, too much, too late, or not at all.

use std::fs;
use std::net::TcpListener;

use perk_protocol::testsuite::{Flavor, Script, cell_text};
use serde_json::{Value, json};

use super::{FLAVORS, Front};

/// The most memory that one page without end may make Perk take, in KiB: twice the largest page and something over.
const MOST_MEMORY: u64 = 200 << 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_the_protocol_is_told_and_cancelled() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        for script in [
            "post_html=1",
            "html=1",
            "html=2",
            "html=4 pages=5 rows=10000 cell=100",
            "truncated=1",
            "truncated=3 pages=5 rows=10000 cell=100",
        ] {
            let sql = format!("SELECT 'bad' /*script {script}*/");
            let url = front.coordinator.url();
            let failure = front.fail(&sql);
            failure.assert("PERK_BAD_CLUSTER_ANSWER", &[url, "not the Presto protocol"]);
            if script.contains("html") {
                failure.assert("PERK_BAD_CLUSTER_ANSWER", &["Please sign in"]);
            }
            front.is_unharmed().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_s_word_leads_to_no_other_host() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let port = elsewhere.local_addr().unwrap().port();
        let own = front.coordinator.addr().port();
        for foreign in [
            format!("http://127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}/v1/statement/executing/x/y/1"),
            format!("https://127.0.0.1:{own}"),
            format!("http://127.0.0.1:{own}@127.0.0.1:{port}/"),
            format!("//127.0.0.1:{port}/"),
            "file:///etc/passwd".to_owned(),
            "nonsense".to_owned(),
        ] {
            let failure = front.fail(&format!("SELECT 'bad' /*script foreign={foreign}*/"));
            let parts = [front.coordinator.url(), "points to another host"];
            failure.assert("PERK_BAD_CLUSTER_ANSWER", &parts);
            front.is_unharmed().await;
        }
        let error = elsewhere.accept().expect_err("nobody came");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_without_end_is_given_up_in_bounded_memory() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        for get in [1, 2] {
            let failure = front.fail(&format!("SELECT 'bad' /*script endless={get}*/"));
            let parts = [front.coordinator.url(), "bytes", "select fewer columns"];
            failure.assert("PERK_PAGE_TOO_LARGE", &parts);
            front.is_unharmed().await;
        }
        let most = peak_memory(front.perk.pid());
        assert!(most < MOST_MEMORY, "perk took {most} KiB");
        // It is the largest page that counts, not the largest cell.
        let answer = front.run("SELECT 'large' /*script huge=40*/");
        assert_eq!(answer.rows, [vec![json!(0), json!(cell_text(0, 40 << 20))]]);
        let failure = front.fail("SELECT 'bad' /*script huge=70*/");
        failure.assert("PERK_PAGE_TOO_LARGE", &["select fewer columns"]);
        front.is_unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_that_were_read_do_not_add_up() {
    let front = Front::start_with(Flavor::Presto, &["--result-memory", "16MiB"]).await;
    for n in 0..200 {
        let answer = front.run(&format!("SELECT {n} /*script huge=1*/"));
        assert_eq!((answer.rows.len(), answer.error), (1, None));
    }
    let most = peak_memory(front.perk.pid());
    assert!(most < 100 << 10, "perk took {most} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_statement_says_who_refused_it() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        for (script, told) in [
            ("post_status=500", "answered 500 Internal Server Error"),
            ("post_status=401", "answered 401 Unauthorized"),
            ("post_status=403", "answered 403 Forbidden"),
            ("post_status=302", "answered 302 Found"),
        ] {
            let failure = front.fail(&format!("SELECT 'bad' /*script {script}*/"));
            let parts = [front.coordinator.url(), told, "scripted status"];
            failure.assert("PERK_CLUSTER_REFUSED", &parts);
            front.is_unharmed().await;
        }
        // What has begun was not refused.
        let failure = front.fail("SELECT 'bad' /*script status=500@2*/");
        let parts = [front.coordinator.url(), "answered 500", "scripted status"];
        failure.assert("PERK_BAD_CLUSTER_ANSWER", &parts);
        front.is_unharmed().await;
        let failure = front.fail("INSERT INTO t SELECT 'bad' /*script status=500@2*/");
        failure.assert("PERK_OUTCOME_UNKNOWN", &["answered 500", "look before"]);
        front.is_unharmed().await;
        // A moment's refusal is borne.
        for script in ["post_status=503x2", "post_status=502x1", "post_drop=1"] {
            let answer = front.run(&format!("SELECT 'later' /*script {script}*/"));
            assert_eq!((answer.rows.len(), answer.error), (1, None), "{script}");
            front.is_unharmed().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_is_lost_or_doubled_by_what_the_network_does() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        let scripts = (1..=7)
            .flat_map(|get| [format!("drop={get}"), format!("cut={get}")])
            .chain(["drop=2 cut=3 drop=4 cut=5 drop=7".to_owned()])
            .chain((1..=4).map(|get| format!("status=503x3@{get}")))
            .chain(["status=502@2 status=504@4 status=429@6".to_owned()])
            .chain(["slow_header_ms=300 page_ms=50".to_owned()]);
        for script in scripts {
            let sql = format!("SELECT 'safe' /*script pages=4 rows=100 nested=1 {script}*/");
            let answer = front.run(&sql);
            assert_eq!(answer.error, None, "{script}");
            let rows: Vec<_> = answer.rows.into_iter().map(Value::Array).collect();
            assert!(
                rows == Script::parse(&sql).all_rows(flavor),
                "{script}: {} rows, and not the right ones",
                rows.len()
            );
        }
        front.is_unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_s_own_errors_come_through_as_they_are() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        let answer = front.run("SELECT 'bad' /*script error=COLUMN_NOT_FOUND at=3:9 early=1*/");
        let error = answer.error.unwrap();
        assert_eq!(error["errorName"], "COLUMN_NOT_FOUND");
        assert_eq!(
            error["errorLocation"],
            json!({ "lineNumber": 3, "columnNumber": 9 })
        );
        let parts = ["line 3:9: scripted COLUMN_NOT_FOUND"];
        super::Failure::read(&error).assert("COLUMN_NOT_FOUND", &parts);
        // Rows that came before are given first; then the error says that they are not all.
        let answer = front.run(
            "SELECT 'bad' /*script pages=4 rows=10000 cell=100 error=DIVISION_BY_ZERO after_pages=3*/",
        );
        assert_eq!(answer.error.unwrap()["errorName"], "DIVISION_BY_ZERO");
        front.is_unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_the_cluster_forgets_every_time_is_given_up() {
    let front = Front::start(Flavor::Presto).await;
    let failure = front.fail("SELECT 'bad' /*script hang=1 forget=2*/");
    failure.assert("PERK_ATTEMPTS_EXHAUSTED", &["3", "attempts ended so"]);
    assert_eq!(front.coordinator.seen().begun_of("bad"), 3);
    front.is_unharmed().await;
    // What may not run twice is tried once.
    let failure = front.fail("INSERT INTO t SELECT 'bad once' /*script hang=1 forget=2*/");
    failure.assert(
        "PERK_OUTCOME_UNKNOWN",
        &["may have taken effect", "look before"],
    );
    assert_eq!(front.coordinator.seen().begun_of("bad once"), 1);
    front.is_unharmed().await;
}

/// The most memory that a process has had at a time, in KiB.
fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
    peak.and_then(|peak| peak.trim().parse().ok())
        .expect("Linux tells it")
}
