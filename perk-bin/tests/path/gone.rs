//! A client that goes away, or cancels, leaves nothing behind: nothing runs, and nothing is stored.

use std::time::{Duration, Instant};

use http::Method;
use perk_core::{GatewayConfig, QueryState};
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator, Seen};

use super::client::{Client, FAST, Reply};
use super::fixture::{BOTH, Perk, Settings};

/// How soon a cancel must have reached the cluster.
const SOON: Duration = Duration::from_secs(1);

/// Short enough to be waited for.
const CLIENT_TIMEOUT: Duration = Duration::from_millis(600);

fn short_timeout() -> Settings {
    Settings::with(|settings| {
        settings.store.client_timeout = CLIENT_TIMEOUT;
        settings.gateway.poll_wait = Duration::from_millis(300);
    })
}

/// Waits until the cluster runs nothing, which must not take long.
async fn soon_idle(cluster: &ScriptedCoordinator, since: Instant) {
    cluster.wait_until(|seen| seen.running == 0).await;
    let took = since.elapsed();
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_dropped_while_its_post_waits() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings::with(|settings| {
            settings.gateway.post_wait = Duration::from_secs(30);
            settings.store.client_timeout = Duration::from_secs(2);
        });
        let perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor).agent(FAST);
        let sql = "SELECT 1 /*script hang=1*/";
        let post = client
            .send_only(Method::POST, &client.statement_uri(), sql)
            .await;
        cluster.wait_until(|seen| seen.begun_of(sql) == 1).await;
        let dropped = Instant::now();
        drop(post);
        soon_idle(&cluster, dropped).await;
        let seen = cluster.seen();
        assert_eq!((seen.canceled, seen.deletes), (1, 1));
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_come_back_after_a_long_poll() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], short_timeout()).await;
        let client = perk.client(flavor);
        let sql = "SELECT 1 /*script hang=1*/";
        let posted = client.post(sql).await;
        cluster.wait_until(|seen| seen.begun_of(sql) == 1).await;
        let asked = Instant::now();
        let poll = client.send_only(Method::GET, &posted.token(), "").await;
        let answer = tokio::time::timeout(CLIENT_TIMEOUT / 6, poll.readable()).await;
        assert!(answer.is_err(), "it is waited for");
        drop(poll);
        cluster.wait_until(|seen| seen.running == 0).await;
        let took = asked.elapsed();
        assert!(
            took >= CLIENT_TIMEOUT / 2,
            "its timeout was not waited for: {took:?}"
        );
        assert!(took < CLIENT_TIMEOUT + SOON, "{took:?}");
        assert_eq!(cluster.seen().canceled, 1);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_has_read_half_of_a_result() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings {
            store: perk_queue::MemoryStoreConfig {
                hold_results: 0,
                unread_per_query: 5_000,
                ..short_timeout().store
            },
            gateway: GatewayConfig {
                answer_bytes: 1,
                ..short_timeout().gateway
            },
            ..short_timeout()
        };
        let perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        // One that runs on, and one that has ended on the cluster while most of it waits here.
        for (n, sql) in [
            "SELECT 1 /*script pages=20 rows=1 cell=1000*/",
            "SELECT 1 /*script pages=4 rows=1 cell=1000*/",
        ]
        .iter()
        .enumerate()
        {
            let mut reply = client.post(sql).await;
            for _ in 0..2 {
                reply = client.get_something(&reply.token()).await;
                assert_eq!(reply.rows().len(), 1);
            }
            let left = Instant::now();
            assert!(perk.store.usage().bytes > 0);
            perk.store.empty().await;
            assert!(
                left.elapsed() >= CLIENT_TIMEOUT / 2,
                "its timeout was not waited for"
            );
            soon_idle(&cluster, left + CLIENT_TIMEOUT).await;
            let canceled = 1 - u64::try_from(n).unwrap();
            cluster.wait_until(|seen| seen.canceled >= canceled).await;
            let expired = client.get(&reply.token()).await;
            assert_eq!(expired.error_name().as_deref(), Some("PERK_QUERY_EXPIRED"));
        }
        assert_eq!(
            cluster.seen().canceled,
            1,
            "only what ran had to be cancelled"
        );
        perk.leaves_nothing(&[&cluster]).await;
    }
}

/// Begins a query that runs for ever.
async fn begin(perk: &Perk, cluster: &ScriptedCoordinator, sql: &str) -> Reply {
    let posted = perk.client(cluster.flavor()).post(sql).await;
    cluster.wait_until(|seen| seen.begun_of(sql) == 1).await;
    posted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_reaches_the_cluster_soon() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        for n in 0..4 {
            let sql = format!("SELECT {n} /*script hang=1*/");
            let posted = begin(&perk, &cluster, &sql).await;
            let uri = if n % 2 == 0 {
                posted.token()
            } else {
                client.query_uri(&posted.id())
            };
            let asked = Instant::now();
            assert_eq!(client.delete(&uri).await.status, 204);
            soon_idle(&cluster, asked).await;
            assert_eq!(
                client.delete(&uri).await.status,
                204,
                "once more is no error"
            );
            let outcome = client.rest(posted).await;
            outcome.assert_failed("USER_CANCELED", &sql, flavor);
        }
        assert_eq!(cluster.seen().canceled, 4);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_cancelled_without_having_run() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let settings = Settings::with(|settings| settings.worker.concurrency = 1);
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Trino);
    let first = begin(&perk, &cluster, "SELECT 'first' /*script hang=1*/").await;
    let mut waiting = Vec::new();
    for sql in ["INSERT INTO t SELECT 'stored'", "SELECT 'queued'"] {
        for by_id in [false, true] {
            let posted = client.post(sql).await;
            let uri = if by_id {
                client.query_uri(&posted.id())
            } else {
                posted.token()
            };
            assert_eq!(client.delete(&uri).await.status, 204);
            waiting.push(posted);
        }
    }
    assert_eq!(perk.depth().await.waiting, 0);
    client.delete(&first.token()).await;
    for posted in waiting {
        let outcome = client.rest(posted).await;
        outcome.assert_failed("USER_CANCELED", "", Flavor::Trino);
    }
    client
        .run("SELECT 'after'")
        .await
        .assert_whole("SELECT 'after'", Flavor::Trino);
    client
        .rest(first)
        .await
        .assert_failed("USER_CANCELED", "", Flavor::Trino);
    let seen = cluster.seen();
    assert_eq!(
        (seen.posts_of("'stored'"), seen.posts_of("'queued'")),
        (0, 0)
    );
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_cancels_another_user_s_query() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    let sql = "SELECT 1 /*script work_ms=400*/";
    let posted = begin(&perk, &cluster, sql).await;
    let other = perk.client(Flavor::Trino).user("mallory");
    other.delete(&other.query_uri(&posted.id())).await;
    assert_eq!(other.get(&other.query_uri(&posted.id())).await.status, 404);
    perk.client(Flavor::Trino)
        .rest(posted)
        .await
        .assert_whole(sql, Flavor::Trino);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_waits_in_a_long_poll_has_not_gone() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let settings = Settings {
        gateway: GatewayConfig {
            poll_wait: 3 * CLIENT_TIMEOUT,
            ..short_timeout().gateway
        },
        ..short_timeout()
    };
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Trino);
    let sql = "SELECT 1 /*script work_ms=1500*/";
    client.run(sql).await.assert_whole(sql, Flavor::Trino);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heartbeats_keep_a_query_and_push_nothing() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], short_timeout()).await;
        let client = perk.client(flavor);
        let running = begin(&perk, &cluster, "SELECT 1 /*script hang=1*/").await;
        let insert = "INSERT INTO t /*script update=INSERT count=1*/ SELECT 1";
        let stored = client.post(insert).await;
        let begun = Instant::now();
        let mut beats = tokio::time::interval(CLIENT_TIMEOUT / 6);
        while begun.elapsed() < 3 * CLIENT_TIMEOUT {
            beats.tick().await;
            for posted in [&running, &stored] {
                let reply = client.head(&posted.token()).await;
                assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
            }
        }
        // Had a heartbeat pushed the INSERT, it would be before this one.
        client
            .run("SELECT 'after'")
            .await
            .assert_whole("SELECT 'after'", flavor);
        let seen = cluster.seen();
        assert_eq!((seen.running, seen.canceled), (1, 0), "kept");
        assert_eq!((seen.heads, seen.posts_of(insert)), (0, 0));
        let info = client.get(&client.query_uri(&stored.id())).await.json();
        assert_eq!(info["state"], "QUEUED");
        let stored_id = stored.id();
        perk.store
            .state(&stored_id, "stored still", |state| {
                *state == QueryState::Stored
            })
            .await;
        // It lives: it can still be run.
        client.rest(stored).await.assert_whole(insert, flavor);
        let silent = Instant::now();
        cluster.wait_until(|seen| seen.running == 0).await;
        assert!(silent.elapsed() < CLIENT_TIMEOUT + SOON, "silence ends it");
        let gone = client.head(&running.token()).await.status;
        assert!(gone == 200 || gone == 404);
        perk.store.empty().await;
        assert_eq!(client.head(&running.token()).await.status, 404);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

/// Where a query's leaf stage is cancelled, once Perk has said so.
async fn partial_cancel_uri(client: &Client, posted: &Reply) -> String {
    let mut reply = posted.clone();
    loop {
        reply = client.get(&reply.token()).await;
        if let Some(uri) = reply.json()["partialCancelUri"].as_str() {
            return uri.to_owned();
        }
    }
}

/// How often the cluster was asked to cancel a stage.
fn stages_canceled(seen: &Seen) -> usize {
    let stage = seen.requests.iter().filter(|request| {
        let path = &request.path;
        let stage = path.starts_with("/v1/stage/") || path.contains("/partialCancel/");
        request.method == Method::DELETE && stage
    });
    stage.count()
}

fn short_polls() -> Settings {
    Settings::with(|settings| settings.gateway.poll_wait = Duration::from_millis(50))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_cancel_reaches_the_cluster_and_ends_no_query() {
    for (flavor, dialect) in [(BOTH[0], BOTH[1]), (BOTH[1], BOTH[0])] {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], short_polls()).await;
        let client = perk.client(dialect);
        let before = cluster.seen().gets;
        let posted = client.post("SELECT 1 /*script hang=1*/").await;
        // When it asks for the fourth time the cluster has said where its stages are cancelled.
        cluster.wait_until(|seen| seen.gets >= before + 4).await;
        let uri = partial_cancel_uri(&client, &posted).await;
        let last = if uri.ends_with('0') { "1" } else { "0" };
        let wrong = format!("{}{last}", &uri[..uri.len() - 1]);
        assert_eq!(client.delete(&wrong).await.status, 404);
        assert_eq!(client.delete(&uri).await.status, 204);
        cluster.wait_until(|seen| stages_canceled(seen) == 1).await;
        let seen = cluster.seen();
        assert_eq!((seen.running, seen.canceled), (1, 0));
        assert_eq!(client.delete(&posted.token()).await.status, 204);
        let outcome = client.rest(posted).await;
        outcome.assert_failed("USER_CANCELED", "", dialect);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_cancel_that_comes_before_the_cluster_has_a_stage_is_kept_for_it() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], short_polls()).await;
    let client = perk.client(Flavor::Trino);
    // The first GET's answer, which names no stage, is slow.
    let posted = client
        .post("SELECT 1 /*script hang=1 slow_header_ms=300*/")
        .await;
    cluster.wait_until(|seen| seen.running == 1).await;
    let uri = partial_cancel_uri(&client, &posted).await;
    assert_eq!(client.delete(&uri).await.status, 204);
    cluster.wait_until(|seen| stages_canceled(seen) == 1).await;
    client.delete(&posted.token()).await;
    perk.leaves_nothing(&[&cluster]).await;
}
