//! Results that are larger than the room for them.

use std::time::{Duration, Instant};

use perk_core::WorkerConfig;
use perk_protocol::testsuite::{Flavor, Load, Script, ScriptedCoordinator};
use perk_queue::{MemoryResultStore, MemoryStoreConfig};

use super::client::{Client, Reply};
use super::fixture::{BOTH, Perk, Settings};

/// What one page of [`LARGE`] weighs, at most.
const PAGE: usize = 21_000;
/// 3 MB.
const LARGE: &str = "SELECT 1 /*script pages=150 rows=10 cell=2000*/";

fn narrow() -> Settings {
    Settings::with(|settings| {
        settings.store.hold_results = 3 * PAGE;
        settings.store.unread_per_query = 5 * PAGE;
        settings.store.unread_total = 8 * PAGE;
        settings.gateway.answer_bytes = 2 * PAGE;
        settings.executor.keep_alive = Duration::from_millis(50);
    })
}

/// Posts a statement and reads its first rows.
async fn begin(client: &Client, sql: &str) -> (Vec<serde_json::Value>, Reply) {
    let reply = client.get_something(&client.post(sql).await.token()).await;
    (reply.rows(), reply)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_every_row_out_of_little_room() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], narrow()).await;
        cluster.set_abandon_after(Duration::from_millis(400));
        let client = perk.client(flavor);
        let (mut rows, mut reply) = begin(&client, LARGE).await;
        let (mut most, mut answers) = (0, 0);
        while let Some(token) = reply.next() {
            answers += 1;
            // Between two pages a reader may be away for long.
            let away = if answers == 10 { 1200 } else { 2 };
            tokio::time::sleep(Duration::from_millis(away)).await;
            let used = perk.store.usage().bytes;
            most = most.max(used);
            assert!(used <= 5 * PAGE, "{used} bytes");
            reply = client.get(&token).await;
            rows.extend(reply.rows());
        }
        assert!(most > 3 * PAGE, "the room was used: {most}");
        assert!(
            rows == Script::parse(LARGE).all_rows(flavor),
            "{} rows",
            rows.len()
        );
        let seen = cluster.seen();
        assert!(
            seen.gets > 150 + 15,
            "it was kept alive: {} GETs",
            seen.gets
        );
        assert_eq!(seen.begun_of(LARGE), 1);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stand_still_starve_no_other() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let perk = Perk::over(&[&cluster], narrow()).await;
    let client = perk.client(Flavor::Trino);
    let mut standing = Vec::new();
    for n in 0..5 {
        let sql = format!("{LARGE} /*{n}*/");
        let (rows, reply) = begin(&client, &sql).await;
        standing.push((sql, rows, reply));
    }
    // Each of them has at least a page, and together they may have no more than fits, but for one page each.
    let crowded = async |store: &MemoryResultStore| store.usage().bytes > 7 * PAGE;
    perk.store.until("no room", crowded).await;
    let other = perk.client(Flavor::Presto).user("bob");
    let sql = "SELECT 1 /*script pages=40 rows=10 cell=2000*/";
    let read = other.run(sql);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await;
    read.expect("in time").assert_whole(sql, Flavor::Presto);
    assert!(perk.store.usage().bytes <= (8 + 5) * PAGE);
    for (sql, mut rows, reply) in standing {
        let next = client.get(&reply.token()).await;
        let rest = client.rest(next).await;
        rows.extend(rest.rows);
        assert!(
            rows == Script::parse(&sql).all_rows(Flavor::Trino),
            "{} rows",
            rows.len()
        );
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_waits_for_its_reader_frees_its_slot_within_a_bound() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let settings = Settings {
        worker: WorkerConfig {
            concurrency: 1,
            parked: 1,
            park_after: Duration::from_millis(100),
            ..Settings::default().worker
        },
        store: MemoryStoreConfig {
            unread_total: 1 << 30,
            ..narrow().store
        },
        ..narrow()
    };
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Trino);
    let (mut first_rows, first) = begin(&client, LARGE).await;
    let sql = "SELECT 'a short one'";
    client.run(sql).await.assert_whole(sql, Flavor::Trino);
    assert_eq!(cluster.seen().running, 1, "the first one still runs");
    // A second one takes the slot, and may not give it away too.
    let second_sql = LARGE.replace("SELECT 1", "SELECT 2");
    let (mut second_rows, second) = begin(&client, &second_sql).await;
    let third = client.post(sql).await;
    let third = client.get(&third.token()).await;
    assert_eq!(third.state(), "QUEUED", "a poll later it waits still");
    assert_eq!(cluster.seen().posts_of(sql), 1);
    let second = client.get(&second.token()).await;
    second_rows.extend(client.rest(second).await.rows);
    client.rest(third).await.assert_whole(sql, Flavor::Trino);
    let first = client.get(&first.token()).await;
    first_rows.extend(client.rest(first).await.rows);
    let all = Script::parse(LARGE).all_rows(Flavor::Trino);
    assert!(first_rows == all && second_rows == all);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_its_reader_is_cancelled_as_soon_as_anything() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], narrow()).await;
        let client = perk.client(flavor);
        let (_, reply) = begin(&client, LARGE).await;
        let full = async |store: &MemoryResultStore| store.usage().bytes > 4 * (PAGE - 1_000);
        perk.store.until("no room", full).await;
        let asked = Instant::now();
        client.delete(&reply.token()).await;
        cluster.wait_until(|seen| seen.running == 0).await;
        assert!(asked.elapsed() < Duration::from_secs(1));
        let seen = cluster.seen();
        assert_eq!((seen.canceled, seen.begun_of(LARGE)), (1, 1));
        let outcome = client.rest(reply).await;
        assert_eq!(outcome.error_name(), Some("USER_CANCELED"));
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_too_large_fails_its_query_alone() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let settings = Settings::with(|settings| settings.executor.limits.answer_bytes = 1 << 20);
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Presto);
    for fault in ["huge=2", "endless=3"] {
        let sql = format!("SELECT 1 /*script {fault}*/");
        let outcome = client.run(&sql).await;
        assert_eq!(outcome.error_name(), Some("PERK_PAGE_TOO_LARGE"), "{fault}");
        assert!(outcome.rows.is_empty());
        cluster.wait_until(|seen| seen.running == 0).await;
        let fits = "SELECT 1 /*script rows=1 cell=1000000*/";
        client.run(fits).await.assert_whole(fits, Flavor::Presto);
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_others_keep_busy_is_given_one_query_at_a_time() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        for (queued, most) in [(5, 1..=1), (0, 3..=8)] {
            cluster.pretend_load(Load {
                queued,
                ..Load::default()
            });
            // Each look is two requests: after these one has begun and ended since.
            let looks = cluster.seen().others;
            cluster.wait_until(|seen| seen.others >= looks + 5).await;
            let sql = format!("SELECT 1 /*script work_ms=60*/ /*{queued}*/");
            let one = || client.run(&sql);
            let eight = tokio::join!(one(), one(), one(), one(), one(), one(), one(), one());
            eight.0.assert_whole(&sql, flavor);
            eight.7.assert_whole(&sql, flavor);
            let seen = cluster.seen();
            assert_eq!(seen.begun_of(&sql), 8);
            assert!(most.contains(&seen.max_running), "{}", seen.max_running);
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}
