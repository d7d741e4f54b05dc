//! A cluster that goes away in the middle.

use std::time::Duration;

use perk_core::QueryState;
use perk_protocol::testsuite::{Flavor, Mode, ScriptedCoordinator};
use perk_queue::MemoryResultStore;

use super::client::PLAIN;
use super::fixture::{BOTH, Perk, Settings, silence};

/// Whether something of a result is in the store, though no client may see it yet.
async fn has_rows(perk: &Perk) {
    let rows = async |store: &MemoryResultStore| store.usage().bytes > 0;
    perk.store.until("a page in the store", rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_was_held_back_runs_again() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        for at_once in [true, false] {
            perk.store.empty().await;
            let sql = format!("SELECT '{at_once}' /*script pages=4 rows=3 page_ms=200*/");
            let posted = client.post(&sql).await;
            let id = posted.id();
            let lose = async {
                has_rows(&perk).await;
                cluster.stop().await;
                if !at_once {
                    let waits = |state: &QueryState| *state == QueryState::Queued;
                    perk.store.state(&id, "given up", waits).await;
                }
                cluster.restart().await;
            };
            let (outcome, ()) = tokio::join!(client.rest(posted), lose);
            outcome.assert_whole(&sql, flavor);
            assert_eq!(cluster.seen().begun_of(&sql), 2, "{sql}");
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_runs_again_on_another_cluster_whatever_that_speaks() {
    for dialect in BOTH {
        for _ in 0..2 {
            let clusters = [
                ScriptedCoordinator::start(BOTH[0]).await,
                ScriptedCoordinator::start(BOTH[1]).await,
            ];
            let perk = Perk::over(&[&clusters[0], &clusters[1]], Settings::default()).await;
            let client = perk.client(dialect);
            let sql = "SELECT 1 /*script nested=1 pages=3 rows=3 page_ms=150*/";
            let lose = async {
                has_rows(&perk).await;
                let runs_it = |cluster: &&ScriptedCoordinator| cluster.seen().begun_of(sql) > 0;
                let runs_it = clusters.iter().find(runs_it).unwrap();
                runs_it.stop().await;
            };
            let (outcome, ()) = tokio::join!(client.run(sql), lose);
            outcome.assert_whole(sql, dialect);
            for cluster in &clusters {
                assert_eq!(cluster.seen().begun_of(sql), 1, "{:?}", cluster.flavor());
            }
            perk.leaves_nothing(&[&clusters[0], &clusters[1]]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_was_being_handed_out_never_looks_whole() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings::with(|settings| {
            settings.gateway.answer_bytes = 1;
            settings.store.hold_results = 4 << 10;
            settings.store.unread_per_query = 16 << 10;
        });
        let perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        let sql = "SELECT 1 /*script pages=50 rows=4 cell=1000*/";
        let first = client.get_something(&client.post(sql).await.token()).await;
        let second = client.get_something(&first.token()).await;
        assert_eq!((first.rows().len(), second.rows().len()), (4, 4));
        cluster.stop().await;
        cluster.restart().await;
        let outcome = client.rest(second).await;
        assert_eq!(outcome.error_name(), Some("PERK_CLUSTER_LOST"));
        assert!(outcome.rows.len() < 4 * 49);
        client
            .run("SELECT 'after'")
            .await
            .assert_whole("SELECT 'after'", flavor);
        assert_eq!(cluster.seen().begun_of(sql), 1);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outcome_of_an_insert_that_had_begun_is_unknown() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        let sql = "INSERT INTO t /*script update=INSERT count=3 hang=1*/ SELECT 1";
        let lose = async {
            cluster.wait_until(|seen| seen.begun_of(sql) == 1).await;
            cluster.stop().await;
            cluster.restart().await;
        };
        let (outcome, ()) = tokio::join!(client.run(sql), lose);
        outcome.assert_failed("PERK_OUTCOME_UNKNOWN", sql, flavor);
        client
            .run("SELECT 'after'")
            .await
            .assert_whole("SELECT 'after'", flavor);
        let seen = cluster.seen();
        assert_eq!((seen.posts_of(sql), seen.begun_of(sql)), (1, 1));
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_that_of_one_whose_first_get_was_never_answered() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    let client = perk.client(Flavor::Presto);
    let sql = "INSERT INTO t /*script update=INSERT count=3 status=503x1000*/ SELECT 1";
    let outcome = client.run(sql).await;
    outcome.assert_failed("PERK_OUTCOME_UNKNOWN", sql, Flavor::Presto);
    client.run("SELECT 'after'").await;
    let seen = cluster.seen();
    assert_eq!((seen.posts_of(sql), seen.begun_of(sql)), (1, 0));
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_wait_while_their_cluster_is_away() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let settings = Settings::with(|settings| {
        // What the first ones try tells the worker sooner than its looks at the cluster do.
        settings.worker.unhealthy_after = 1000;
        settings.worker.concurrency = 3;
        settings.gateway.poll_wait = Duration::from_millis(20);
    });
    let perk = Perk::over(&[&cluster], settings).await;
    let client = perk.client(Flavor::Presto);
    cluster.stop().await;
    let sql = |n: usize| match n % 2 {
        0 => format!("SELECT 1 /*{n}.*/"),
        _ => format!("INSERT INTO t /*script update=INSERT count=1*/ SELECT 1 /*{n}.*/"),
    };
    let mut waiting = Vec::new();
    for n in 0..12 {
        let posted = client.post(&sql(n)).await;
        // The first GET has an INSERT wait where it can be run.
        waiting.push(client.get(&posted.token()).await);
    }
    let first = waiting[0].id();
    let queued = |state: &QueryState| *state == QueryState::Queued;
    perk.store.state(&first, "given back", queued).await;
    assert!(
        waiting
            .iter()
            .all(|reply| reply.next().is_some() && reply.error_name().is_none())
    );
    cluster.restart().await;
    for (n, reply) in waiting.into_iter().enumerate() {
        client
            .rest(reply)
            .await
            .assert_whole(&sql(n), Flavor::Presto);
        assert_eq!(cluster.seen().begun_of(&sql(n)), 1, "{}", sql(n));
    }
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_takes_its_cluster_down_three_times_is_not_tried_again() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    let client = perk.client(Flavor::Trino).agent(PLAIN);
    let sql = "SELECT 1 /*script hang=1*/";
    let lose = async {
        for attempt in 1..=3 {
            cluster
                .wait_until(|seen| seen.begun_of(sql) == attempt)
                .await;
            cluster.stop().await;
            cluster.restart().await;
        }
    };
    let (outcome, ()) = tokio::join!(client.run(sql), lose);
    outcome.assert_failed("PERK_ATTEMPTS_EXHAUSTED", sql, Flavor::Trino);
    client
        .run("SELECT 'after'")
        .await
        .assert_whole("SELECT 'after'", Flavor::Trino);
    assert_eq!(cluster.seen().begun_of(sql), 3);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_the_cluster_never_accepts_is_not_tried_for_ever() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    let client = perk.client(Flavor::Presto);
    let sql = "SELECT 1 /*script post_drop=1000000*/";
    let outcome = client.run(sql).await;
    outcome.assert_failed("PERK_ATTEMPTS_EXHAUSTED", sql, Flavor::Presto);
    let after = "SELECT 'after'";
    client.run(after).await.assert_whole(after, Flavor::Presto);
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lost_attempt_left_running_is_cancelled_before_it_runs_again() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings = Settings::with(|settings| {
            // Longer than a long-poll.
            settings.executor.limits = silence(Duration::from_millis(1300));
        });
        let perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        let sql = "SELECT 1 /*script work_ms=1200*/";
        let posted = client.post(sql).await;
        let id = posted.id();
        let freeze = async {
            cluster.wait_until(|seen| seen.begun_of(sql) == 1).await;
            cluster.set_mode(Mode::Frozen);
            let waits = |state: &QueryState| *state == QueryState::Queued;
            perk.store.state(&id, "given up", waits).await;
            assert_eq!((cluster.seen().running, cluster.seen().canceled), (1, 0));
            cluster.set_mode(Mode::Serving);
            cluster.wait_until(|seen| seen.begun_of(sql) == 2).await;
            assert_eq!(cluster.seen().canceled, 1);
        };
        let (outcome, ()) = tokio::join!(client.rest(posted), freeze);
        outcome.assert_whole(sql, flavor);
        assert_eq!(cluster.seen().begun_of(sql), 2);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_the_protocol_s_fails_its_query_alone() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], Settings::default()).await;
        let client = perk.client(flavor);
        for (fault, error) in [
            ("html=2", "PERK_BAD_CLUSTER_ANSWER"),
            ("truncated=3", "PERK_BAD_CLUSTER_ANSWER"),
            ("post_html=1", "PERK_BAD_CLUSTER_ANSWER"),
            ("foreign=http://127.0.0.1:1", "PERK_BAD_CLUSTER_ANSWER"),
            ("status=500@2", "PERK_BAD_CLUSTER_ANSWER"),
            ("post_status=401", "PERK_CLUSTER_REFUSED"),
            ("error=DIVISION_BY_ZERO after_pages=2", "DIVISION_BY_ZERO"),
        ] {
            let sql = format!("SELECT 1 /*script pages=3 rows=2 {fault}*/");
            client.run(&sql).await.assert_failed(error, &sql, flavor);
            client
                .run("SELECT 'after'")
                .await
                .assert_whole("SELECT 'after'", flavor);
            cluster.wait_until(|seen| seen.running == 0).await;
            assert!(cluster.seen().begun_of(&sql) <= 1, "{sql}");
        }
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_its_cluster_begins_anew_is_read_from_there() {
    let cluster = ScriptedCoordinator::start(Flavor::Presto).await;
    let perk = Perk::over(&[&cluster], Settings::default()).await;
    for dialect in BOTH {
        let client = perk.client(dialect);
        let sql = "SELECT 1 /*script retry=1 pages=3 rows=2 nested=1*/";
        client.run(sql).await.assert_whole(sql, dialect);
    }
    perk.leaves_nothing(&[&cluster]).await;
}
