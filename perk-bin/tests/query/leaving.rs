//! `perk query` is left before its end: by Ctrl-C, or by who reads its output. Nothing stays running.

use std::io::{self, BufRead, BufReader, Read};
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use perk_protocol::testsuite::ScriptedCoordinator;

use super::command::{self, Running};
use super::{FLAVORS, query, serve};

/// More rows than anybody waits for.
const ENDLESS: &str = "SELECT * FROM t /*script pages=1000000 rows=1000*/";
/// What ends at once ends within this.
const SOON: Duration = Duration::from_secs(10);

async fn assert_nothing_runs(coordinator: &ScriptedCoordinator, canceled: u64) {
    coordinator.wait_until(|seen| seen.running == 0).await;
    let seen = coordinator.seen();
    assert_eq!(
        (seen.begun_of("FROM t"), seen.canceled),
        (canceled, canceled)
    );
    // A server by itself is asked in both dialects until one is understood.
    let guessed = |violation: &String| violation.starts_with("dialect: ");
    assert!(seen.violations.iter().all(guessed), "{:?}", seen.violations);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_cancels_on_the_cluster() {
    for flavor in FLAVORS {
        let (coordinator, perk) = serve(flavor, &[]).await;
        // Through Perk, and from the server itself.
        for (server, canceled) in [(perk.url(), 1), (coordinator.url(), 2)] {
            let arguments = query(server, "SELECT * FROM t /*script hang=1*/");
            let running = Running::start(&mut command::perk(&arguments));
            coordinator
                .wait_until(|seen| seen.begun_of("FROM t") == canceled)
                .await;
            let since = Instant::now();
            running.signal("INT");
            let done = running.done();
            done.assert_code(130).assert_told("Query was canceled");
            assert_eq!(done.stdout, "");
            assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
            assert_nothing_runs(&coordinator, canceled).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_is_heard_while_rows_are_printed() {
    let (coordinator, perk) = serve(FLAVORS[1], &[]).await;
    let mut arguments = query(perk.url(), ENDLESS);
    arguments.extend(["--output", "csv"]);
    let (running, stdout) = Running::start_unread(&mut command::perk(&arguments));
    let stdout = first_line(stdout, "k,v");
    // The pipe is soon full, so that most likely it is writing just now.
    running.signal("INT");
    // What is written already is read; more than this would be all of it.
    let mut rest = stdout.take(256 << 20);
    io::copy(&mut rest, &mut io::sink()).unwrap();
    drop(rest);
    running
        .done()
        .assert_code(130)
        .assert_told("Query was canceled");
    assert_nothing_runs(&coordinator, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_read_enough_ends_the_query() {
    for flavor in FLAVORS {
        let (coordinator, perk) = serve(flavor, &[]).await;
        let mut canceled = 0;
        for (output, first) in [("table", " k "), ("csv", "k,v"), ("json", "{\"k\":0,")] {
            let mut arguments = query(perk.url(), ENDLESS);
            arguments.extend(["--output", output]);
            let (running, stdout) = Running::start_unread(&mut command::perk(&arguments));
            drop(first_line(stdout, first));
            running.done().assert_code(0).assert_told("");
            canceled += 1;
            assert_nothing_runs(&coordinator, canceled).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_ends_the_query_too() {
    let (coordinator, perk) = serve(FLAVORS[0], &[]).await;
    let mut canceled = 0;
    for output in ["table", "csv", "json"] {
        let mut arguments = query(perk.url(), ENDLESS);
        arguments.extend(["--output", output]);
        let (running, stdout) = Running::start_unread(&mut command::perk(&arguments));
        drop(stdout);
        running.done().assert_code(0).assert_told("");
        canceled += 1;
        assert_nothing_runs(&coordinator, canceled).await;
    }
}

/// Reads one line, which begins so.
fn first_line(stdout: ChildStdout, begins: &str) -> BufReader<ChildStdout> {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with(begins), "{line:?}");
    stdout
}
