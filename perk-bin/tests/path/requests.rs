//! How many requests a query costs, and what a POST runs.

use std::time::{Duration, Instant};

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};

use super::client::{FAST, PLAIN};
use super::fixture::{BOTH, Perk, Settings};

/// What the clients that read rows from a POST's answer call themselves.
const READ_ROWS_FROM_POST: [(Flavor, &str); 8] = [
    (Flavor::Presto, "StatementClientV1/0.287-7d7a5de"),
    (Flavor::Presto, "Presto JDBC Driver/0.287-7d7a5de"),
    (Flavor::Trino, "trino-cli"),
    (Flavor::Trino, "trino-cli/476"),
    (Flavor::Trino, "Trino JDBC Driver/476"),
    (Flavor::Trino, "Trino Python Client/0.336.0"),
    (Flavor::Presto, "perk/0.1.0"),
    (Flavor::Trino, "perk/0.1.0"),
];

/// What others call themselves, and what only looks alike.
const NEED_A_TOKEN: [(Flavor, &str); 8] = [
    (Flavor::Presto, "python-requests/2.32.3"),
    (Flavor::Presto, "presto-go-client"),
    (Flavor::Trino, "Trino Go Client/0.328.0"),
    (Flavor::Trino, "nodejs/1.0"),
    (Flavor::Presto, "prestodb-client-node"),
    (Flavor::Trino, "my trino-cli"),
    (Flavor::Presto, "Mozilla/5.0 StatementClientV1/0.287"),
    (Flavor::Trino, ""),
];

/// Waits long enough for a query to end within them, however busy the machine is.
fn patient() -> Settings {
    Settings::with(|settings| {
        settings.gateway.post_wait = Duration::from_secs(10);
        settings.gateway.poll_wait = Duration::from_secs(10);
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_query_is_one_request_for_clients_that_read_rows_from_it_and_two_for_others() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], patient()).await;
        let one = READ_ROWS_FROM_POST.iter().map(|client| (client, 1));
        let two = NEED_A_TOKEN.iter().map(|client| (client, 2));
        for ((dialect, agent), requests) in one.chain(two) {
            let client = perk.client(*dialect).agent(agent);
            for sql in [
                "SELECT 1",
                "SELECT 1 /*script pages=3 rows=7 work_ms=20*/",
                "SELECT 1 /*script rows=0 dataless=1*/",
                "SELECT 1 /*script nested=1 final_data=1*/",
                "SET SESSION a = 'b' /*script update=SET_SESSION header=Set-Session:a=b*/",
            ] {
                let outcome = client.run(sql).await;
                outcome.assert_whole(sql, *dialect);
                assert_eq!(outcome.requests, requests, "{agent:?}: {sql}");
                let changes: &[_] = if sql.starts_with("SET") {
                    &[("set-session".to_owned(), "a=b".to_owned())]
                } else {
                    &[]
                };
                assert_eq!(outcome.changes, changes, "{agent:?}: {sql}");
            }
            let failing = "SELECT x /*script error=COLUMN_NOT_FOUND early=1*/";
            let outcome = client.run(failing).await;
            outcome.assert_failed("COLUMN_NOT_FOUND", failing, *dialect);
            assert_eq!(outcome.requests, requests, "{agent:?}: an error");
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_see_neither_rows_nor_the_end_in_a_post() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let perk = Perk::over(&[&cluster], patient()).await;
    for (dialect, agent) in NEED_A_TOKEN {
        let posted = perk.client(dialect).agent(agent).post("SELECT 1").await;
        let json = posted.json();
        assert!(json["nextUri"].is_string(), "{agent:?}");
        for rest in ["columns", "data", "error", "updateType"] {
            assert!(json.get(rest).is_none(), "{agent:?}: {rest}");
        }
        perk.client(dialect)
            .rest(posted)
            .await
            .assert_whole("SELECT 1", dialect);
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_alone_runs_nothing_that_could_be_noticed_twice() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings {
            worker: perk_core::WorkerConfig {
                concurrency: 1,
                ..Settings::default().worker
            },
            ..patient()
        };
        let perk = Perk::over(&[&cluster], settings).await;
        for agent in [FAST, PLAIN] {
            let client = perk.client(flavor).agent(agent);
            for (n, text) in [
                "INSERT INTO t /*script update=INSERT count=3*/ SELECT 1",
                "CREATE TABLE t AS /*script update=CREATE_TABLE count=3*/ SELECT 1",
                "CALL system.sync() /*script rows=0*/",
                "EXPLAIN ANALYZE SELECT 1",
                "SELECT * FROM TABLE(pg.system.query(query => 'DELETE FROM t'))",
                "nobody knows what this does /*script update=WHATEVER*/",
            ]
            .iter()
            .enumerate()
            {
                let sql = format!("{text} /*{n} of {agent}.*/");
                let before = client.requests();
                let posted = client.post(&sql).await;
                assert_eq!(posted.state(), "QUEUED", "{sql}");
                assert!(
                    posted.next().is_some() && posted.json()["columns"].is_null(),
                    "{sql}"
                );
                // One slot, and a user's queries go in order: had it been pushed, it would have run before this one.
                client.run("SELECT 'after it'").await;
                let seen = cluster.seen();
                let counts = (seen.posts_of(&sql), seen.begun_of(&sql));
                assert_eq!(counts, (0, 0), "{sql}");
                client.rest(posted).await.assert_whole(&sql, flavor);
                let seen = cluster.seen();
                let counts = (seen.posts_of(&sql), seen.begun_of(&sql));
                assert_eq!(counts, (1, 1), "{sql}");
                let requests = client.requests() - before;
                assert!(requests <= 5, "{sql}: {requests} requests");
            }
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_is_two_requests() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], patient()).await;
    for agent in [FAST, PLAIN] {
        let client = perk.client(Flavor::Trino).agent(agent);
        let outcome = client
            .run("INSERT INTO t /*script update=INSERT count=3*/ SELECT 1")
            .await;
        assert_eq!(outcome.update, Some(("INSERT".to_owned(), Some(3))));
        assert_eq!(outcome.requests, 2, "{agent}");
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_long_is_answered_with_a_token_soon() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor).agent(FAST);
        let begun = Instant::now();
        let posted = client.post("SELECT 1 /*script hang=1*/").await;
        let took = begun.elapsed();
        assert!(posted.next().is_some() && posted.rows().is_empty());
        assert!(
            took >= Duration::from_millis(100),
            "it waited for rows: {took:?}"
        );
        assert!(took < Duration::from_secs(1), "not for long: {took:?}");
        assert_eq!(client.delete(&posted.token()).await.status, 204);
        client
            .rest(posted)
            .await
            .assert_failed("USER_CANCELED", "", flavor);
        perk.leaves_nothing(&[&cluster]).await;
    }
}
