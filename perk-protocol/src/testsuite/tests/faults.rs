//! What a broken coordinator, or something before it, does to its clients.

use std::time::{Duration, Instant};

use http::Method;
use http_body_util::BodyExt;

use super::super::{Flavor, cell_text};
use super::{BOTH, kinds, rows, start};

#[tokio::test]
async fn statuses_answer_some_gets_and_do_nothing() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client
        .post("/*script status=503x3 status=502@5*/")
        .await
        .next();
    for _ in 0..3 {
        assert_eq!(client.get(&uri).await.status, 503);
    }
    assert_eq!(coordinator.seen().begun, 0);
    let uri = client.get(&uri).await.next();
    assert_eq!(client.get(&uri).await.status, 502);
    assert_eq!(rows(&[client.get(&uri).await]).len(), 1);
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn a_dropped_get_has_done_its_work() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let mut uri = client.post("/*script drop=1 drop=3 pages=3*/").await.next();
        client.try_get(&uri).await.unwrap_err();
        assert_eq!(coordinator.seen().begun, 1);
        uri = client.get(&uri).await.next();
        client.try_get(&uri).await.unwrap_err();
        let mut count = 0;
        loop {
            let page = client.get(&uri).await;
            count += rows(std::slice::from_ref(&page)).len();
            let Some(next) = page.json()["nextUri"].as_str().map(str::to_owned) else {
                break;
            };
            uri = next;
        }
        assert_eq!(count, 3);
        coordinator.seen().assert_clean();
    }
}

#[tokio::test]
async fn a_cut_body_breaks_off_in_its_middle() {
    let (_coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("/*script cut=2 rows=1000*/").await.next();
    let uri = client.get(&uri).await.next();
    let request = http::Request::get(&uri)
        .body(http_body_util::Full::default())
        .unwrap();
    let mut body = client.client.request(request).await.unwrap().into_body();
    let mut came = Vec::new();
    let error = loop {
        match body.frame().await.expect("an error before the end") {
            Ok(frame) => came.extend_from_slice(&frame.into_data().unwrap()),
            Err(error) => break error,
        }
    };
    assert!(
        came.starts_with(b"{\"id\"") && came.len() > 5000,
        "{} {error}",
        came.len()
    );
    assert_eq!(rows(&[client.get(&uri).await]).len(), 1000);
}

#[tokio::test]
async fn bodies_that_are_no_page() {
    let (_coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("/*script html=1*/").await.next();
    let reply = client.get(&uri).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["content-type"]),
        (200, &"text/html".parse().unwrap())
    );
    assert!(reply.body.starts_with(b"<html>"));

    let uri = client.post("/*script truncated=2*/").await.next();
    let uri = client.get(&uri).await.next();
    let reply = client.get(&uri).await;
    assert_eq!(reply.headers["content-type"], "application/json");
    serde_json::from_slice::<serde_json::Value>(&reply.body).unwrap_err();
}

#[tokio::test]
async fn an_endless_body_goes_on() {
    let (_coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("/*script endless=1*/").await.next();
    let request = http::Request::get(&uri)
        .body(http_body_util::Full::default())
        .unwrap();
    let mut body = client.client.request(request).await.unwrap().into_body();
    let mut len = 0;
    while len < 20 << 20 {
        len += body
            .frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len();
    }
    drop(body);
    assert_eq!(rows(&client.read("SELECT 1").await).len(), 1);
}

#[tokio::test]
async fn a_huge_page_is_one_cell() {
    let (_coordinator, client) = start(Flavor::Presto).await;
    let replies = client.read("/*script huge=3*/").await;
    assert_eq!(rows(&replies)[0][1], cell_text(0, 3 << 20));
}

#[tokio::test]
async fn a_forgotten_query_is_unknown() {
    let (coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("/*script forget=1*/").await.next();
    let uri = client.get(&uri).await.next();
    assert_eq!(client.get(&uri).await.status, 404);
    let seen = coordinator.seen();
    assert_eq!((seen.lost, seen.running), (1, 0));
    seen.assert_clean();
}

#[tokio::test]
async fn a_foreign_next_uri_points_elsewhere() {
    let (_coordinator, client) = start(Flavor::Presto).await;
    let uri = client
        .post("/*script foreign=http://evil.test:9*/")
        .await
        .next();
    assert!(
        client
            .get(&uri)
            .await
            .next()
            .starts_with("http://evil.test:9/v1/statement/queued/")
    );
    let uri = client
        .post("/*script foreign=http://evil.test/latest?a=b*/")
        .await
        .next();
    assert_eq!(client.get(&uri).await.next(), "http://evil.test/latest?a=b");
}

#[tokio::test]
async fn a_retry_uri_begins_another_query() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let sql = "SELECT 1 /*script retry=1 rows=4*/";
    let replies = client.read(sql).await;
    assert_eq!(rows(&replies).len(), 4);
    let ids: std::collections::BTreeSet<_> = replies
        .iter()
        .map(|reply| reply.json()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 2);
    let retry = replies
        .iter()
        .find(|reply| reply.next().contains("/queued/retry/"))
        .unwrap();
    assert_eq!(
        client.get(&retry.next()).await.json()["id"],
        replies.last().unwrap().json()["id"]
    );
    let seen = coordinator.seen();
    assert_eq!(
        (
            seen.posts,
            seen.created,
            seen.begun,
            seen.failed,
            seen.finished
        ),
        (1, 2, 2, 1, 1)
    );
    seen.assert_clean();
}

#[tokio::test]
async fn posts_fail_too() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let status = async |sql: &str| client.post(sql).await.status.as_u16();
    let twice = "/*script post_status=503x2*/";
    assert_eq!(
        [
            status(twice).await,
            status(twice).await,
            status(twice).await
        ],
        [503, 503, 200]
    );
    let always = "/*script post_status=429*/";
    assert_eq!([status(always).await, status(always).await], [429, 429]);
    assert_eq!(coordinator.seen().created, 1);

    let lost = "/*script post_drop=1*/";
    client.try_post(lost).await.unwrap_err();
    assert_eq!(status(lost).await, 200);
    assert_eq!(
        (
            coordinator.seen().created,
            coordinator.seen().posts_of("post_drop")
        ),
        (3, 2)
    );

    let html = client.post("/*script post_html=1*/").await;
    assert_eq!(
        (html.status.as_u16(), &html.headers["content-type"]),
        (200, &"text/html".parse().unwrap())
    );
    coordinator.seen().assert_clean();
}

#[tokio::test]
async fn answers_come_late_when_told() {
    let (_coordinator, client) = start(Flavor::Trino).await;
    let since = Instant::now();
    let uri = client
        .post("/*script post_slow_ms=60 slow_header_ms=60*/")
        .await
        .next();
    assert!(since.elapsed() >= Duration::from_millis(60));
    client.get(&uri).await;
    assert!(since.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn scripts_that_cannot_be_read_are_told() {
    let (coordinator, client) = start(Flavor::Trino).await;
    assert_eq!(
        client
            .post("SELECT 1 /*script page=3 rows=many*/")
            .await
            .status,
        200
    );
    assert_eq!(kinds(&coordinator), ["script", "script"]);
}

#[tokio::test]
async fn other_methods_are_refused_and_told() {
    let (coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("SELECT 1").await.next();
    assert_eq!(
        client
            .send(Method::PUT, &uri, &[], "")
            .await
            .unwrap()
            .status,
        405
    );
    assert_eq!(kinds(&coordinator), ["method"]);
}
