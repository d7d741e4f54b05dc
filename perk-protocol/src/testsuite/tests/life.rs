//! How queries begin and end, and what is told of those who speak wrongly.

use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::super::{Flavor, Mode, ScriptedCoordinator};
use super::{BOTH, Raw, kinds, rows, start};

#[tokio::test]
async fn only_the_first_get_begins_a_statement() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let uri = client.post("INSERT /*script update=INSERT*/").await.next();
        assert_eq!((coordinator.seen().posts, coordinator.seen().begun), (1, 0));
        client.get(&uri).await;
        let seen = coordinator.seen();
        assert_eq!(
            (seen.begun, seen.running, seen.begun_of("INSERT")),
            (1, 1, 1)
        );
    }
}

#[tokio::test]
async fn head_acts_as_its_get_and_is_told() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let uri = client.post("INSERT").await.next();
        let reply = client.send(Method::HEAD, &uri, &[], "").await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
        assert_eq!(coordinator.seen().begun, 1);
        assert_eq!(coordinator.seen().heads, 1);
        assert_eq!(kinds(&coordinator), ["head"]);
    }
}

#[tokio::test]
async fn the_current_token_gives_its_page_again() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let replies = client.read("/*script pages=2 rows=9*/").await;
        for pair in replies.windows(2) {
            let uri = pair[0].next();
            let again = client.get(&uri).await;
            if pair[1].json().get("nextUri").is_none() {
                assert_eq!(again.body, pair[1].body, "the last answer is kept");
            } else {
                assert_eq!(again.status, 410);
            }
        }
        let older = replies.len() - 2;
        assert_eq!(kinds(&coordinator), vec!["older-token"; older]);

        let uri = client.post("/*script rows=7*/").await.next();
        let uri = client.get(&uri).await.next();
        let first = client.get(&uri).await;
        assert_eq!(client.get(&uri).await.body, first.body);
        assert_eq!(coordinator.seen().violation_count, older as u64);
    }
}

#[tokio::test]
async fn two_gets_of_one_token_get_one_page() {
    let (coordinator, client) = start(Flavor::Trino).await;
    let mut uri = client.post("/*script work_ms=50 rows=3*/").await.next();
    for _ in 0..2 {
        uri = client.get(&uri).await.next();
    }
    let (one, two) = tokio::join!(client.get(&uri), client.get(&uri));
    assert_eq!(one.body, two.body);
    assert_eq!(rows(&[one]).len(), 3);
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn uris_that_were_not_given_out_are_unknown_and_told() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("SELECT 1").await.next();
    let get = async |from: &str, to: &str| client.get(&uri.replace(from, to)).await.status.as_u16();
    assert_eq!(get("/1?", "/2?").await, 404);
    assert_eq!(get("/queued/", "/executing/").await, 404);
    assert_eq!(get("slug=x", "slug=y").await, 404);
    assert_eq!(get("20260101", "20270101").await, 404);
    assert_eq!(
        kinds(&coordinator),
        ["skipped-token", "skipped-token", "slug"]
    );
    assert_eq!(coordinator.seen().begun, 0);

    let (coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("SELECT 1").await.next();
    assert_eq!(client.get(&uri.replace("/y", "/z")).await.status, 404);
    let next = format!("{}2", uri.strip_suffix('1').unwrap());
    assert_eq!(client.get(&next).await.status, 404);
    assert_eq!(kinds(&coordinator), ["slug", "skipped-token"]);
}

#[tokio::test]
async fn the_first_get_is_sent_once() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("SELECT 1").await.next();
    let first = client.get(&uri).await;
    assert_eq!(client.get(&uri).await.body, first.body);
    assert_eq!(kinds(&coordinator), ["second-first-get"]);
    assert_eq!(coordinator.seen().begun, 1);
}

#[tokio::test]
async fn a_delete_ends_what_runs_and_wakes_who_waits() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let mut uri = client.post("/*script hang=1*/").await.next();
        for _ in 0..3 {
            let wait = if uri.contains("queued") {
                Raw::quick(&uri)
            } else {
                uri.clone()
            };
            uri = client.get(&wait).await.next();
        }
        let since = Instant::now();
        let (reply, status) = tokio::join!(client.get(&uri), async {
            coordinator.wait_until(|seen| seen.gets == 4).await;
            client.delete(&uri).await
        });
        assert_eq!(status, 204);
        assert!(since.elapsed() < Duration::from_millis(900));
        assert_eq!(reply.json()["error"]["errorName"], "USER_CANCELED");
        let seen = coordinator.seen();
        assert_eq!((seen.running, seen.canceled, seen.deletes), (0, 1, 1));
        assert_eq!(client.delete(&uri).await, 204);
        assert_eq!(client.get(&uri).await.json()["stats"]["state"], "FAILED");
        coordinator.seen().assert_clean();
        client.get(&uri).await;
        assert_eq!(kinds(&coordinator), ["get-after-delete"]);
    }
}

#[tokio::test]
async fn a_delete_before_the_first_get_is_each_servers_own() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("INSERT /*script update=INSERT*/").await.next();
    assert_eq!(client.delete(&uri).await, 500);
    assert_eq!(coordinator.seen().canceled, 0);
    coordinator.seen().assert_clean();
    assert_eq!(client.get(&uri).await.json()["stats"]["state"], "QUEUED");
    assert_eq!(kinds(&coordinator), ["begun-after-delete"]);
    assert_eq!(client.delete(&uri).await, 204);

    let (coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("INSERT /*script update=INSERT*/").await.next();
    assert_eq!(client.delete(&uri).await, 204);
    assert_eq!(
        client.get(&uri).await.json()["error"]["errorName"],
        "USER_CANCELED"
    );
    let seen = coordinator.seen();
    seen.assert_clean();
    assert_eq!((seen.begun, seen.canceled), (0, 1));
}

#[tokio::test]
async fn a_query_is_deleted_by_its_id_once_it_has_begun() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let posted = client.post("/*script hang=1*/").await;
        let path = format!("/v1/query/{}", posted.json()["id"].as_str().unwrap());
        assert_eq!(client.ask(Method::DELETE, &path).await.status, 204);
        assert_eq!(coordinator.seen().canceled, 0);
        client.get(&posted.next()).await;
        assert_eq!(kinds(&coordinator), ["begun-after-delete"]);
        assert_eq!(client.ask(Method::DELETE, &path).await.status, 204);
        let seen = coordinator.seen();
        assert_eq!((seen.canceled, seen.running, seen.deletes), (1, 0, 2));
        assert_eq!(
            client.ask(Method::GET, &path).await.json()["state"],
            "FAILED"
        );
        assert_eq!(
            client.ask(Method::DELETE, "/v1/query/unknown").await.status,
            204
        );
    }
}

#[tokio::test]
async fn long_polls_last_a_second_or_less() {
    for flavor in BOTH {
        let (_coordinator, client) = start(flavor).await;
        let mut uri = client.post("/*script hang=1*/").await.next();
        for _ in 0..3 {
            uri = client.get(&Raw::quick(&uri)).await.next();
        }
        let since = Instant::now();
        let reply = client.get(&uri).await;
        assert!(
            since.elapsed() >= Duration::from_millis(950),
            "{:?}",
            since.elapsed()
        );
        assert_eq!(reply.json()["stats"]["state"], "RUNNING");
        assert!(reply.json().get("data").is_none());
    }
}

#[tokio::test]
async fn rows_come_when_their_work_is_done() {
    let (_coordinator, client) = start(Flavor::Presto).await;
    let posted = client
        .post("/*script work_ms=200 page_ms=100 pages=2*/")
        .await;
    let since = Instant::now();
    let uri = client.get(&posted.next()).await.next();
    let quick = client.get(&Raw::quick(&uri)).await;
    assert!(quick.json().get("data").is_none());
    let first = client.get(&quick.next()).await;
    assert!(since.elapsed() >= Duration::from_millis(199));
    let second = client.get(&first.next()).await;
    assert!(since.elapsed() >= Duration::from_millis(299));
    assert_eq!(rows(&[first, second]).len(), 2);
}

#[tokio::test]
async fn what_is_not_polled_is_abandoned() {
    let (coordinator, client) = start(Flavor::Trino).await;
    client.post("SELECT 'never begun'").await;
    let uri = client.post("SELECT 'begun' /*script hang=1*/").await.next();
    let uri = client.get(&uri).await.next();
    coordinator.set_abandon_after(Duration::from_millis(50));
    coordinator
        .wait_until(|seen| seen.abandoned == 1 && seen.never_begun == 1)
        .await;
    assert_eq!(kinds(&coordinator), ["abandoned"]);
    assert_eq!(coordinator.seen().running, 0);
    assert_eq!(
        client.get(&uri).await.json()["error"]["errorName"],
        "ABANDONED_QUERY"
    );
}

#[tokio::test]
async fn a_waiting_get_keeps_its_query() {
    let (coordinator, client) = start(Flavor::Presto).await;
    coordinator.set_abandon_after(Duration::from_millis(300));
    let replies = client.read("/*script work_ms=1500*/").await;
    assert_eq!(rows(&replies).len(), 1);
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn a_stopped_coordinator_is_gone_and_a_restarted_one_knows_nothing() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("/*script hang=1*/").await.next();
    let uri = client.get(&uri).await.next();
    let (reply, ()) = tokio::join!(client.try_get(&uri), async {
        coordinator.wait_until(|seen| seen.gets == 2).await;
        coordinator.stop().await;
    });
    reply.unwrap_err();
    client.try_get(&uri).await.unwrap_err();
    let seen = coordinator.seen();
    assert_eq!((seen.begun, seen.running, seen.lost), (1, 0, 1));

    coordinator.restart().await;
    assert_eq!(client.get(&uri).await.status, 404);
    assert_eq!(rows(&client.read("SELECT 1").await).len(), 1);
    coordinator.restart().await;
    // Another client: the first one's idle connection is gone.
    let replies = Raw::of(&coordinator).read("SELECT 1").await;
    let ids = coordinator.seen().ids;
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().take(2).all(|id| replies[0].json()["id"] != **id));
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn dropping_it_frees_the_port() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let addr = coordinator.addr();
    coordinator.stop().await;
    drop(coordinator);
    let again = ScriptedCoordinator::start_at(addr, Flavor::Trino).await;
    assert_eq!(again.url(), client.url);
    drop(again);
    while client.try_get(&client.url).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn modes_rule_every_request() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("SELECT 1").await.next();
    coordinator.set_mode(Mode::Answering(502));
    assert_eq!(client.get(&uri).await.status, 502);
    assert_eq!(client.post("SELECT 2").await.status, 502);
    assert_eq!(client.ask(Method::GET, "/v1/info").await.status, 502);
    assert_eq!(
        (coordinator.seen().begun, coordinator.seen().created),
        (0, 1)
    );

    coordinator.set_mode(Mode::Frozen);
    let info = format!("{}/v1/info", client.url);
    let early = tokio::time::timeout(Duration::from_millis(50), client.get(&info)).await;
    early.unwrap_err();
    let (reply, ()) = tokio::join!(client.get(&uri), async {
        coordinator.set_mode(Mode::Serving);
    });
    assert_eq!(reply.status, 200);
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn cut_connections_leave_the_queries() {
    let (coordinator, client) = start(Flavor::Trino).await;
    let mut uri = client.post("/*script work_ms=300*/").await.next();
    for _ in 0..2 {
        uri = client.get(&uri).await.next();
    }
    let (reply, ()) = tokio::join!(client.try_get(&uri), async {
        coordinator.wait_until(|seen| seen.gets == 3).await;
        coordinator.cut_connections();
    });
    reply.unwrap_err();
    assert_eq!(rows(&[client.get(&uri).await]).len(), 1);
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn ended_queries_do_not_fill_the_memory() {
    let (coordinator, client) = start(Flavor::Presto).await;
    for _ in 0..3000 {
        client.read("SELECT 1").await;
    }
    assert_eq!(coordinator.server.queries().len(), 1000);
    let seen = coordinator.seen();
    assert_eq!(
        (seen.finished, seen.running, seen.texts.len()),
        (3000, 0, 1)
    );
    assert_eq!((seen.ids.len(), seen.requests.len()), (1000, 1000));
    seen.assert_clean();

    let large = "/*script pages=1 final_data=1 huge=2*/";
    for _ in 0..20 {
        client.read(large).await;
    }
    assert!(coordinator.server.queries().len() <= 8);
}

impl Raw {
    fn quick(uri: &str) -> String {
        let sign = if uri.contains('?') { '&' } else { '?' };
        format!("{uri}{sign}maxWait=1ms")
    }
}

#[tokio::test]
async fn a_witness_is_told_before_anything_comes_of_it() {
    use std::sync::{Arc, Mutex};
    let (coordinator, client) = start(Flavor::Presto).await;
    let told = Arc::<Mutex<Vec<String>>>::default();
    let writes = told.clone();
    coordinator.set_witness(move |event| {
        let word = format!("{event:?}");
        let word = word.split(|c: char| !c.is_alphanumeric()).next();
        writes
            .lock()
            .unwrap()
            .push(word.unwrap_or_default().to_owned());
    });
    let uri = client.post("SELECT 1 /*script hang=1*/").await.next();
    assert_eq!(*told.lock().unwrap(), ["Given"]);
    let uri = client.get(&uri).await.next();
    client.delete(&uri).await;
    assert_eq!(
        *told.lock().unwrap(),
        ["Given", "Begun", "Deleted", "Ended"]
    );
}

#[tokio::test]
async fn an_id_that_was_never_given_is_complained_about() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("SELECT 1").await.next();
    let later = uri.replace("_00000_", "_00001_");
    assert_eq!(client.get(&later).await.status, 404);
    assert_eq!(kinds(&coordinator), ["unknown-query"]);
    coordinator.restart().await;
    // Who asks for what a former process gave has done nothing wrong.
    let client = Raw::of(&coordinator);
    assert_eq!(client.get(&uri).await.status, 404);
    assert_eq!(coordinator.seen().violation_count, 1);
}
