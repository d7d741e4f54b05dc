//! A transaction's statements go to the cluster that began it.

use std::time::Duration;

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use tokio::task::JoinSet;

use super::client::{Client, FAST, Outcome};
use super::fixture::{BOTH, Perk, Settings};

/// What a cluster answers that begins transaction `name`.
fn start(name: &str) -> String {
    format!(
        "START TRANSACTION /*script update=START_TRANSACTION header=Started-Transaction-Id:{name} work_ms=30*/"
    )
}

/// What a cluster answers that ends its transaction.
const COMMIT: &str = "COMMIT /*script update=COMMIT header=Clear-Transaction-Id:true*/";

/// A client outside a transaction, as clients say it.
fn outside(perk: &Perk, dialect: Flavor) -> Client {
    perk.client(dialect).with("Transaction-Id", "NONE")
}

fn inside(perk: &Perk, dialect: Flavor, name: &str) -> Client {
    perk.client(dialect).with("Transaction-Id", name)
}

#[track_caller]
fn assert_lost(outcome: &Outcome) {
    outcome.assert_failed("PERK_TRANSACTION_LOST", "", Flavor::Trino);
}

/// Begins a transaction, and finds which of the clusters did.
async fn begin(
    perk: &Perk,
    dialect: Flavor,
    name: &str,
    clusters: &[&ScriptedCoordinator],
) -> usize {
    let begun = outside(perk, dialect).run(&start(name)).await;
    assert_eq!(begun.error, None);
    let told = ("started-transaction-id".to_owned(), name.to_owned());
    assert!(begun.changes.contains(&told), "{:?}", begun.changes);
    let home = |cluster: &&ScriptedCoordinator| cluster.seen().begun_of(&start(name)) == 1;
    clusters.iter().position(home).unwrap()
}

/// One worker at a time has one statement, so that both get some.
fn in_turn() -> Settings {
    Settings::with(|settings| settings.worker.concurrency = 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_go_where_their_transaction_began() {
    let clusters = [
        ScriptedCoordinator::start(BOTH[0]).await,
        ScriptedCoordinator::start(BOTH[1]).await,
    ];
    let clusters = clusters.each_ref();
    let perk = Perk::over(&clusters, in_turn()).await;
    let names: Vec<String> = (0..24).map(|n| format!("tx-{n}.")).collect();
    let mut beginning = JoinSet::new();
    for (n, name) in names.iter().enumerate() {
        let client = outside(&perk, BOTH[n % 2]).user(&format!("user{n}"));
        let sql = start(name);
        beginning.spawn(async move { client.run(&sql).await });
    }
    for begun in beginning.join_all().await {
        assert_eq!(begun.error, None);
    }
    let began = |at: usize, name: &str| clusters[at].seen().begun_of(&start(name)) == 1;
    let homes: Vec<usize> = names
        .iter()
        .map(|name| usize::from(began(1, name)))
        .collect();
    assert!(homes.contains(&0) && homes.contains(&1), "{homes:?}");

    let mut statements = Vec::new();
    for (n, (name, home)) in names.iter().zip(&homes).enumerate() {
        let client = inside(&perk, BOTH[n % 2], name);
        for step in 0..5 {
            let sql = match step % 2 {
                0 => format!("SELECT 1 /*script nested=1 rows=3*/ /*{name} {step}*/"),
                _ => format!("INSERT INTO t /*script update=INSERT count=1*/ /*{name} {step}*/"),
            };
            let outcome = client.run(&sql).await;
            outcome.assert_whole(&sql, client.flavor);
            statements.push((sql, *home));
        }
    }
    for (sql, home) in &statements {
        let posts = [
            clusters[*home].seen().posts_of(sql),
            clusters[1 - home].seen().posts_of(sql),
        ];
        assert_eq!(posts, [1, 0], "{sql}");
    }
    for (n, name) in names.iter().enumerate() {
        let client = inside(&perk, BOTH[n % 2], name);
        let sql = format!("{COMMIT} /*{name}*/");
        let committed = client.run(&sql).await;
        assert_eq!(committed.error, None);
        assert!(
            committed
                .changes
                .iter()
                .any(|(name, _)| name == "clear-transaction-id")
        );
        assert_eq!(clusters[homes[n]].seen().begun_of(&sql), 1);
        assert_lost(&client.run("SELECT 'after the end'").await);
    }
    for cluster in clusters {
        assert_eq!(cluster.seen().posts_of("'after the end'"), 0);
    }
    perk.leaves_nothing(&clusters).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_transaction_is_said_to_be_lost() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    for dialect in BOTH {
        for agent in [FAST, "python-requests/2.32.3"] {
            let client = inside(&perk, dialect, "nobody-began-it").agent(agent);
            for sql in ["SELECT 1", "INSERT INTO t SELECT 1", "COMMIT", "ROLLBACK"] {
                assert_lost(&client.run(sql).await);
            }
        }
    }
    assert_eq!(cluster.seen().posts_of("INSERT"), 0);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_lost_with_its_worker() {
    let clusters = [
        ScriptedCoordinator::start(BOTH[0]).await,
        ScriptedCoordinator::start(BOTH[1]).await,
    ];
    let clusters = clusters.each_ref();
    let settings = Settings::with(|settings| {
        settings.worker.concurrency = 1;
        // What its worker left for another to look after, and no other can have, goes with its client.
        settings.store.client_timeout = Duration::from_secs(3);
    });
    let mut perk = Perk::over(&clusters, settings).await;
    let home = begin(&perk, Flavor::Trino, "tx", &clusters).await;
    let client = inside(&perk, Flavor::Trino, "tx");
    let running = "INSERT INTO t /*script update=INSERT hang=1*/ SELECT 1";
    let waiting = "INSERT INTO t SELECT 'waiting'";
    let running_reply = client.post(running).await;
    let run = async { client.rest(running_reply).await };
    let wait = async {
        clusters[home]
            .wait_until(|seen| seen.begun_of(running) == 1)
            .await;
        let posted = client.post(waiting).await;
        let asked = client
            .send_only(http::Method::GET, &posted.token(), "")
            .await;
        let queued = |state: &perk_core::QueryState| *state == perk_core::QueryState::Queued;
        perk.store
            .state(&posted.id(), "waiting in the inbox", queued)
            .await;
        drop(asked);
        perk.workers[home].drain(Duration::ZERO);
        client.rest(posted).await
    };
    let (ran, waited) = tokio::join!(run, wait);
    ran.assert_failed("PERK_OUTCOME_UNKNOWN", running, Flavor::Trino);
    assert_lost(&waited);
    let mut worker = perk.workers.remove(home);
    worker.stopped().await;
    assert_lost(&client.run("SELECT 'later'").await);
    for cluster in clusters {
        let seen = cluster.seen();
        assert_eq!(
            (seen.posts_of("'waiting'"), seen.posts_of("'later'")),
            (0, 0)
        );
    }
    // Others go on.
    let sql = "SELECT 'outside'";
    outside(&perk, Flavor::Trino)
        .run(sql)
        .await
        .assert_whole(sql, Flavor::Trino);
    assert_eq!(clusters[1 - home].seen().begun_of(sql), 1);
    perk.leaves_nothing(&clusters).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_drains_lets_a_transaction_come_to_its_end() {
    let clusters = [
        ScriptedCoordinator::start(BOTH[0]).await,
        ScriptedCoordinator::start(BOTH[1]).await,
    ];
    let clusters = clusters.each_ref();
    let settings = Settings::with(|settings| {
        settings.worker.transaction_idle_draining = Duration::from_mins(1);
    });
    let mut perk = Perk::over(&clusters, settings).await;
    let home = begin(&perk, Flavor::Presto, "tx", &clusters).await;
    perk.workers[home].drain(Duration::from_mins(1));
    let client = inside(&perk, Flavor::Presto, "tx");
    for step in 0..5 {
        let insert = format!("INSERT INTO t /*script update=INSERT count=1*/ /*{step}*/");
        let inserted = client.run(&insert).await;
        inserted.assert_whole(&insert, Flavor::Presto);
        assert_eq!(clusters[home].seen().begun_of(&insert), 1);
        let other = format!("SELECT 'outside {step}'");
        let outside = outside(&perk, Flavor::Presto).run(&other).await;
        outside.assert_whole(&other, Flavor::Presto);
        assert_eq!(clusters[1 - home].seen().begun_of(&other), 1);
    }
    assert_eq!(client.run(COMMIT).await.error, None);
    let mut worker = perk.workers.remove(home);
    worker.stopped().await;
    perk.leaves_nothing(&clusters).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perk_that_stops_lets_a_transaction_come_to_its_end() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let mut perk = Perk::over(&[&cluster], Settings::default()).await;
    begin(&perk, Flavor::Trino, "tx", &[&cluster]).await;
    let insert = "INSERT INTO t /*script update=INSERT count=1*/";
    let client = inside(&perk, Flavor::Trino, "tx");
    let outside = outside(&perk, Flavor::Trino);
    let store = perk.store.clone();
    let drain = async {
        perk.drain(Duration::from_mins(1)).await;
        store.settled().await;
    };
    // The first of them to be polled refuses statements before the others ask.
    let ((), refused) = tokio::join!(biased; drain, async {
        client.run(insert).await.assert_whole(insert, Flavor::Trino);
        let refused = outside.post("SELECT 'refused'").await;
        assert_eq!(client.run(COMMIT).await.error, None);
        refused
    });
    assert_eq!(refused.status, 503);
    assert_eq!(cluster.seen().posts_of("'refused'"), 0);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_transaction_holds_nobody_up() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let settings = Settings::with(|settings| {
        settings.worker.concurrency = 1;
        settings.worker.transaction_idle = Duration::from_secs(3);
        settings.worker.transaction_idle_draining = Duration::from_millis(100);
    });
    let mut perk = Perk::over(&[&cluster], settings).await;
    begin(&perk, Flavor::Trino, "first", &[&cluster]).await;
    let sql = "SELECT 'beside'";
    let beside = outside(&perk, Flavor::Trino).run(sql).await;
    beside.assert_whole(sql, Flavor::Trino);
    let used = inside(&perk, Flavor::Trino, "first");
    used.run(sql).await.assert_whole(sql, Flavor::Trino);
    perk.forgets("first").await;
    assert_lost(&used.run("SELECT 'too late'").await);
    assert_eq!(cluster.seen().posts_of("'too late'"), 0);
    // And one that is idle while Perk drains.
    begin(&perk, Flavor::Trino, "second", &[&cluster]).await;
    let grace = Duration::from_mins(1);
    tokio::time::timeout(grace / 2, perk.drain(grace))
        .await
        .expect("an idle transaction is not waited for");
    perk.leaves_nothing(&[&cluster]).await;
}
