//! Stopping Perk, or one of its workers.

use std::time::{Duration, Instant};

use http::{Method, header};
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};

use super::fixture::{BOTH, Perk, Settings};

const GRACE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_finishes_what_waits_is_told_and_nothing_more_is_taken() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings::with(|settings| settings.worker.concurrency = 2);
        let mut perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        let read = "SELECT 1 /*script work_ms=700 pages=5 rows=2*/";
        let insert = "INSERT INTO t /*script update=INSERT count=2 work_ms=700*/ SELECT 1";
        let (read_reply, insert_reply) = (client.post(read).await, client.post(insert).await);
        let first_get = client
            .send_only(Method::GET, &insert_reply.token(), "")
            .await;
        cluster
            .wait_until(|seen| seen.begun_of(read) + seen.begun_of(insert) == 2)
            .await;
        let queued = client.post("SELECT 'queued'").await;
        let stored = client.post("INSERT INTO t SELECT 'stored'").await;
        drop(first_get);
        let begun = Instant::now();
        let (posted, read_outcome, insert_outcome, queued, stored, ()) = {
            let store = perk.store.clone();
            let drain = async {
                perk.drain(GRACE).await;
                store.settled().await;
            };
            // The first of them to be polled refuses statements before the others ask.
            let (drained, rest) = tokio::join!(biased; drain, async {
                tokio::join!(
                    client.post("SELECT 'refused'"),
                    client.rest(read_reply),
                    client.rest(insert_reply),
                    client.rest(queued),
                    client.rest(stored),
                )
            });
            let (posted, read, insert, queued, stored) = rest;
            (posted, read, insert, queued, stored, drained)
        };
        assert!(
            begun.elapsed() < GRACE / 2,
            "nothing was waited for in vain"
        );
        assert_eq!(posted.status, 503);
        assert!(posted.headers.contains_key(header::RETRY_AFTER));
        read_outcome.assert_whole(read, flavor);
        insert_outcome.assert_whole(insert, flavor);
        assert_eq!(insert_outcome.update, Some(("INSERT".to_owned(), Some(2))));
        for outcome in [queued, stored] {
            outcome.assert_failed("PERK_SHUTTING_DOWN", "", flavor);
        }
        let seen = cluster.seen();
        assert_eq!(
            (seen.posts_of("'queued'"), seen.posts_of("'stored'")),
            (0, 0)
        );
        assert_eq!((seen.posts_of("'refused'"), seen.canceled), (0, 0));
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_deadline_the_rest_is_cancelled_on_the_cluster() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings::with(|settings| {
            settings.store.hold_results = 0;
            settings.gateway.answer_bytes = 1;
            // What no worker is left to look after goes with its client.
            settings.store.client_timeout = Duration::from_secs(2);
        });
        let mut perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        let read = "SELECT 1 /*script hang=1*/";
        let insert = "INSERT INTO t /*script update=INSERT hang=1*/ SELECT 1";
        let half = "SELECT 2 /*script pages=1000 rows=1 page_ms=50*/";
        let (reading, inserting) = (client.post(read).await, client.post(insert).await);
        let (half_token, insert_token) = (client.post(half).await.token(), inserting.token());
        let half_read = client.get_something(&half_token).await;
        let drain = async {
            cluster.wait_until(|seen| seen.running == 3).await;
            perk.drain(Duration::from_millis(300)).await;
        };
        let insert_rest = async { client.rest(client.get(&insert_token).await).await };
        let begun = Instant::now();
        let (reading, inserting, half_read, ()) = tokio::join!(
            client.rest(reading),
            insert_rest,
            client.rest(half_read),
            drain
        );
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
        reading.assert_failed("PERK_SHUTTING_DOWN", read, flavor);
        inserting.assert_failed("PERK_OUTCOME_UNKNOWN", insert, flavor);
        assert_eq!(half_read.error_name(), Some("PERK_CLUSTER_LOST"));
        let seen = cluster.seen();
        assert_eq!((seen.running, seen.canceled), (0, 3));
        // What was given back for somebody to look after is acknowledged by whoever comes next.
        let worker = perk.parts().work(&cluster);
        perk.workers.push(worker);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_worker_gives_back_another_runs() {
    for flavor in BOTH {
        let first = ScriptedCoordinator::start(flavor).await;
        let second = ScriptedCoordinator::start(Flavor::Trino).await;
        let mut perk = Perk::over(&[&first], Settings::default()).await;
        let client = perk.client(flavor);
        let read = "SELECT 1 /*script work_ms=1000 rows=4*/";
        let posted = client.post(read).await;
        first.wait_until(|seen| seen.begun_of(read) == 1).await;
        let worker = perk.parts().work(&second);
        perk.workers.push(worker);
        perk.workers[0].drain(Duration::from_millis(50));
        client.rest(posted).await.assert_whole(read, flavor);
        assert_eq!(
            (first.seen().begun_of(read), second.seen().begun_of(read)),
            (1, 1)
        );
        assert_eq!((first.seen().canceled, second.seen().canceled), (1, 0));
        // The one that drains takes nothing more.
        for n in 0..10 {
            let sql = format!("SELECT 'after' /*{n}*/");
            client.run(&sql).await.assert_whole(&sql, flavor);
        }
        assert_eq!(first.seen().posts_of("'after'"), 0);
        perk.leaves_nothing(&[&first, &second]).await;
    }
}
