//! What is sent twice, by a client or by Perk itself, runs once.

use std::time::Duration;

use http::Method;
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};

use super::client::{FAST, PLAIN};
use super::fixture::{BOTH, Perk, Settings};

const INSERT: &str = "INSERT INTO t /*script update=INSERT count=3*/ SELECT 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_posted_ten_times_runs_once() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings =
            Settings::with(|settings| settings.store.client_timeout = Duration::from_secs(1));
        let perk = Perk::over(&[&cluster], settings).await;
        for (n, agent) in [FAST, PLAIN].iter().enumerate() {
            let client = perk.client(flavor).agent(agent);
            let sql = format!("{INSERT} /*{n}*/");
            for lost in 0..9 {
                // Some answers are lost on the way, some connections before there is one.
                if lost % 2 == 0 {
                    client.post(&sql).await;
                } else {
                    let uri = client.statement_uri();
                    drop(client.send_only(Method::POST, &uri, &sql).await);
                }
            }
            let outcome = client.run(&sql).await;
            outcome.assert_whole(&sql, flavor);
            assert_eq!(outcome.update, Some(("INSERT".to_owned(), Some(3))));
            assert_eq!(cluster.seen().begun_of(&sql), 1);
        }
        perk.store.empty().await;
        let seen = cluster.seen();
        assert_eq!((seen.begun_of("INSERT"), seen.posts_of("INSERT")), (2, 2));
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_that_is_never_fetched_never_runs() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let settings =
        Settings::with(|settings| settings.store.client_timeout = Duration::from_millis(300));
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Presto).agent(FAST);
    for _ in 0..10 {
        client.post(INSERT).await;
    }
    assert!(perk.store.usage().queries > 0);
    perk.store.empty().await;
    client.run("SELECT 'after'").await;
    assert_eq!(cluster.seen().posts_of("INSERT"), 0);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_get_sent_by_many_at_once_runs_it_once() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    let client = perk.client(Flavor::Trino);
    for n in 0..20 {
        let sql = format!("{INSERT} /*{n}.*/");
        let token = client.post(&sql).await.token();
        let get = || client.get(&token);
        let replies = tokio::join!(get(), get(), get(), get(), get());
        for reply in [replies.0, replies.1, replies.2, replies.3, replies.4] {
            let outcome = client.rest(reply).await;
            outcome.assert_whole(&sql, Flavor::Trino);
            assert_eq!(outcome.update, Some(("INSERT".to_owned(), Some(3))));
        }
        assert_eq!(cluster.seen().begun_of(&sql), 1, "{sql}");
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_cluster_s_connections_lose_is_asked_for_again() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        for (n, (fault, posts)) in [
            ("post_drop=1", 2),
            ("post_status=503x2", 3),
            ("drop=1", 1),
            ("cut=1", 1),
            ("drop=2 cut=3", 1),
            ("status=503x2", 1),
            ("status=502@2 status=504@3", 1),
        ]
        .iter()
        .enumerate()
        {
            let sql = format!("INSERT INTO t /*script update=INSERT rows=2 {fault}*/ SELECT {n}");
            let outcome = client.run(&sql).await;
            outcome.assert_whole(&sql, flavor);
            let seen = cluster.seen();
            assert_eq!(
                (seen.posts_of(&sql), seen.begun_of(&sql)),
                (*posts, 1),
                "{sql}"
            );
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}
