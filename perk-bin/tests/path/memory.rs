//! Memory stays flat over any number of queries.
//!
//! What is measured is a process's, so it has to be one of its own: the test runs itself again, alone.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use perk_protocol::testsuite::ScriptedCoordinator;
use tokio::task::JoinSet;

use super::client::{FAST, PLAIN};
use super::fixture::{BOTH, Perk, Settings, alone};
use super::many::run_one;

const CLIENTS: usize = 32;
/// How many queries.
const QUERIES: &str = "PERK_TEST_QUERIES";
/// Set in the process that measures itself.
const ALONE: &str = "PERK_TEST_ALONE";
/// How many queries it takes at least until the scripted coordinators remember no more: 1,000 each.
const WARM: usize = 2_500;
/// By how much the process may grow, in KiB: what buffers need to settle, and less than 32 bytes for each query of the
/// long form.
const GROWTH: usize = 3 << 10;
/// One heap for all threads, so that what is freed in one is used again by any, and growth is growth.
const ONE_HEAP: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.arena_max=1");

#[test]
fn memory_is_flat_over_five_thousand_queries() {
    run_alone("5000");
}

#[test]
#[ignore = "takes minutes; PERK_TEST_QUERIES says how many queries, 100,000 unless set"]
fn memory_is_flat_over_a_hundred_thousand_queries() {
    run_alone(&std::env::var(QUERIES).unwrap_or_else(|_| "100000".to_owned()));
}

fn run_alone(queries: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _alone = runtime.block_on(alone());
    let measured = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "memory::measured_alone",
            "--ignored",
            "--nocapture",
        ])
        .envs([(QUERIES, queries), (ALONE, "1"), ONE_HEAP])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&measured.stderr);
    let figures = said.lines().filter(|line| line.contains("KiB"));
    figures.for_each(|line| eprintln!("{line}"));
    let tested = String::from_utf8_lossy(&measured.stdout);
    assert!(measured.status.success(), "{tested}\n{said}");
    assert!(
        tested.contains("1 passed"),
        "nothing was measured: {tested}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests here run it, in a process of its own"]
async fn measured_alone() {
    if std::env::var_os(ALONE).is_none() {
        return;
    }
    let queries: usize = std::env::var(QUERIES).unwrap().parse().unwrap();
    let presto = ScriptedCoordinator::start(BOTH[0]).await;
    let trino = ScriptedCoordinator::start(BOTH[1]).await;
    let settings = Settings::with(|settings| settings.store.hold_results = 16 << 10);
    let perk = Perk::over_alone(&[&presto, &trino], settings).await;
    let begun = Instant::now();
    // The first ones fill whatever keeps the latest of something; the rest must then fit into the same memory.
    let first = (queries / 5).max(WARM);
    round(&perk, first).await;
    let early = rss();
    round(&perk, queries - first).await;
    let late = rss();
    let took = begun.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let rate = queries as f64 / took;
    eprintln!(
        "{queries} queries: {early} KiB after {first}, {late} KiB at the end; {took:.1} s, {rate:.0} queries/s"
    );
    perk.leaves_nothing(&[&presto, &trino]).await;
    assert!(late < early + GROWTH, "{early} KiB have become {late} KiB");
}

/// Runs that many queries, and waits until the store is empty.
async fn round(perk: &Perk, queries: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let agent = if number / 2 % 2 == 0 { FAST } else { PLAIN };
        let client = perk.client(BOTH[number % 2]).agent(agent);
        let client = client.user(&format!("user{number}"));
        let next = next.clone();
        clients.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= queries {
                    return;
                }
                run_one(&client, n, "").await;
            }
        });
    }
    clients.join_all().await;
    perk.store.empty().await;
}

/// This process's resident memory, in KiB.
fn rss() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
