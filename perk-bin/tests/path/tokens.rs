//! Which `nextUri` is answered what.

use std::time::Duration;

use http::HeaderMap;
use perk_core::{GatewayConfig, QueryId};
use perk_protocol::testsuite::{Flavor, Script, ScriptedCoordinator};
use perk_queue::MemoryStoreConfig;

use super::client::{Client, Reply};
use super::fixture::{BOTH, Perk, Settings};

/// One page in each answer.
fn page_by_page() -> Settings {
    let settings = Settings::default();
    Settings {
        gateway: GatewayConfig {
            answer_bytes: 1,
            ..settings.gateway
        },
        store: MemoryStoreConfig {
            hold_results: 0,
            ..settings.store
        },
        ..settings
    }
}

const PAGES: &str = "SELECT 1 /*script pages=5 rows=2*/";

/// The `nextUri`s of a result's pages, each asked for once, and the last answer.
async fn walk(client: &Client, sql: &str) -> (Vec<(String, Reply)>, Reply) {
    let mut tokens = Vec::new();
    let mut reply = client.post(sql).await;
    while let Some(token) = reply.next() {
        reply = client.get(&token).await;
        tokens.push((token, reply.clone()));
    }
    (tokens, reply)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_may_be_asked_for_again_until_the_next_one_is() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], page_by_page()).await;
        let client = perk.client(flavor);
        let mut before: Option<String> = None;
        let mut token = client.post(PAGES).await.token();
        let mut pages = 0;
        loop {
            let first = client.get_something(&token).await;
            let mut again = first.clone();
            for _ in 0..3 {
                again = client.get(&token).await;
                assert_eq!(again.rows(), first.rows());
                assert_eq!(again.json()["columns"], first.json()["columns"]);
            }
            if let Some(before) = before.filter(|before| *before != token) {
                let gone = client.get(&before).await;
                assert_eq!(gone.status, 410, "{gone:?}");
            }
            // The 410 has changed nothing.
            assert_eq!(client.get(&token).await.rows(), first.rows());
            pages += first.rows().len() / 2;
            // By now the end may have come too, with the last page or after it.
            let Some(next) = again.next() else { break };
            before = Some(token);
            token = next;
        }
        assert_eq!(pages, 5);
        assert_eq!(cluster.seen().begun_of(PAGES), 1);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

/// What of an answer could tell one case from another.
fn visible(reply: &Reply) -> (u16, HeaderMap, String) {
    let mut headers = reply.headers.clone();
    headers.remove("date");
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    (reply.status.as_u16(), headers, text)
}

/// A URI whose part after the last `before` is changed.
fn changed(uri: &str, before: &str, change: impl Fn(&str) -> String) -> String {
    let (kept, rest) = uri.rsplit_once(before).unwrap();
    format!("{kept}{before}{}", change(rest))
}

/// The same text with its last character another.
fn other_end(text: &str) -> String {
    let last = if text.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &text[..text.len() - 1])
}

/// The URIs that are not one of Perk's, made out of one that is.
fn forged(flavor: Flavor, uri: &str) -> Vec<String> {
    let id: &str = uri
        .split('/')
        .find(|part| part.starts_with("20") && part.len() > 30)
        .unwrap();
    let unknown = QueryId::new(std::time::SystemTime::now(), [7; 10]).to_string();
    let mut forged = vec![uri.replace(id, &unknown), uri.replace(id, "nosuchquery")];
    match flavor {
        Flavor::Presto => {
            forged.push(changed(uri, "slug=", other_end));
            forged.push(changed(uri, "slug=", |_| "x".to_owned()));
            forged.push(changed(uri, "slug=", |_| String::new()));
            forged.push(changed(uri, "slug=", str::to_uppercase) + "0");
            for token in ["1", "2", "1000000"] {
                forged.push(changed(uri, "/", |rest| rest.replacen('0', token, 1)));
            }
        }
        Flavor::Trino => {
            let slug = uri.split('/').nth_back(1).unwrap();
            forged.push(uri.replace(slug, &other_end(slug)));
            forged.push(uri.replace(slug, "x"));
            forged.push(uri.replace(slug, ""));
            forged.push(uri.replace(slug, &format!("{slug}0")));
            for token in ["1", "2", "1000000"] {
                forged.push(changed(uri, "/", |_| token.to_owned()));
            }
        }
    }
    forged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_token_of_perk_s_is_one_and_the_same_404() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], page_by_page()).await;
        let client = perk.client(flavor);
        let posted = client.post(PAGES).await;
        let token = posted.token();
        let mut answers = Vec::new();
        for uri in forged(flavor, &token) {
            assert_ne!(uri, token);
            answers.push((uri.clone(), client.get(&uri).await));
            assert_eq!(client.head(&uri).await.status, 404, "HEAD {uri}");
            assert_eq!(client.delete(&uri).await.status, 404, "DELETE {uri}");
        }
        for (uri, answer) in &answers {
            assert_eq!(answer.status, 404, "{uri}");
            assert_eq!(visible(answer), visible(&answers[0].1), "{uri}");
        }
        // Nothing was cancelled by it, or skipped.
        client.rest(posted).await.assert_whole(PAGES, flavor);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_token_s_slug_opens_no_other() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], page_by_page()).await;
        let client = perk.client(flavor);
        let (walked, _) = walk(&client, PAGES).await;
        let tokens: Vec<&String> = walked.iter().map(|(token, _)| token).collect();
        let slug_and_token = |uri: &str| match flavor {
            Flavor::Presto => {
                let (path, slug) = uri.split_once("?slug=").unwrap();
                let token = path.rsplit('/').next().unwrap();
                (slug.to_owned(), token.to_owned())
            }
            Flavor::Trino => {
                let mut parts = uri.rsplit('/');
                let token = parts.next().unwrap().to_owned();
                (parts.next().unwrap().to_owned(), token)
            }
        };
        for one in &tokens {
            for other in &tokens {
                let ((slug, token), (others, number)) =
                    (slug_and_token(one), slug_and_token(other));
                if token != number {
                    assert_ne!(slug, others);
                    let swapped = one.replace(&slug, &others);
                    assert_eq!(client.get(&swapped).await.status, 404, "{swapped}");
                }
            }
        }
        // Nor another query's.
        let posted = client.post(PAGES).await;
        let (slug, _) = slug_and_token(&posted.token());
        let (others, _) = slug_and_token(tokens[0]);
        let swapped = posted.token().replace(&slug, &others);
        assert_eq!(client.get(&swapped).await.status, 404, "{swapped}");
        client.rest(posted).await.assert_whole(PAGES, flavor);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_is_over_and_gone_is_said_to_be_expired() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], page_by_page()).await;
        let client = perk.client(flavor);
        let (tokens, last) = walk(&client, PAGES).await;
        let id = last.id();
        perk.store.empty().await;
        for (token, _) in &tokens {
            let expired = client.get(token).await;
            assert_eq!(expired.error_name().as_deref(), Some("PERK_QUERY_EXPIRED"));
            assert_eq!((expired.id(), expired.next()), (id.clone(), None));
            assert_eq!(client.head(token).await.status, 404);
            assert_eq!(client.delete(token).await.status, 204);
        }
        // Whoever has no token learns nothing.
        assert_eq!(
            client.get(&forged(flavor, &tokens[0].0)[2]).await.status,
            404
        );
        assert_eq!(client.get(&client.query_uri(&id)).await.status, 404);
        assert_eq!(client.delete(&client.query_uri(&id)).await.status, 204);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_answers_of_one_walk_repeat_or_skip_a_row() {
    let cluster = ScriptedCoordinator::start(Flavor::Trino).await;
    let perk = Perk::over(&[&cluster], page_by_page()).await;
    let client = perk.client(Flavor::Presto);
    let sql = "SELECT 1 /*script pages=40 rows=3 dataless=1 page_ms=1*/";
    let mut rows = Vec::new();
    let mut reply = client.post(sql).await;
    while let Some(token) = reply.next() {
        // Every answer is lost once and asked for again.
        client.get(&token).await;
        reply = client.get(&token).await;
        rows.extend(reply.rows());
    }
    assert_eq!(rows, Script::parse(sql).all_rows(Flavor::Presto));
    perk.leaves_nothing(&[&cluster]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_gateway_answers_for_any_query() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let perk = Perk::over(&[&cluster], page_by_page()).await;
        let gateways = [perk.url.clone(), perk.another_gateway().await];
        let clients = gateways.each_ref().map(|url| Client::new(url, flavor));
        for sql in [
            PAGES,
            "INSERT INTO t /*script update=INSERT rows=2*/ SELECT 1",
        ] {
            let mut reply = clients[0].post(sql).await;
            let (mut rows, mut turn) = (Vec::new(), 0);
            while let Some(token) = reply.next() {
                assert!(token.starts_with(&gateways[turn]), "{token}");
                turn = 1 - turn;
                let token = token.replace(&gateways[1 - turn], &gateways[turn]);
                reply = clients[turn].get(&token).await;
                rows.extend(reply.rows());
            }
            assert_eq!(rows, Script::parse(sql).all_rows(flavor), "{sql}");
            assert_eq!(cluster.seen().begun_of(sql), 1);
        }
        let hanging = clients[0].post("SELECT 1 /*script hang=1*/").await;
        cluster.wait_until(|seen| seen.running == 1).await;
        let token = hanging.token().replace(&gateways[0], &gateways[1]);
        assert_eq!(clients[1].delete(&token).await.status, 204);
        cluster.wait_until(|seen| seen.running == 0).await;
        let outcome = clients[0].rest(hanging).await;
        outcome.assert_failed("USER_CANCELED", "", flavor);
        perk.leaves_nothing(&[&cluster]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_stays_the_end_however_often_it_is_asked_for() {
    for flavor in BOTH {
        let cluster = ScriptedCoordinator::start(flavor).await;
        let settings =
            Settings::with(|settings| settings.store.keep_ended = Duration::from_secs(1));
        let perk = Perk::over(&[&cluster], settings).await;
        let client = perk.client(flavor);
        for sql in [
            "SELECT 1 /*script rows=3*/",
            "SELECT 1 /*script error=DIVISION_BY_ZERO*/",
            "INSERT INTO t /*script update=INSERT count=4 header=Set-Catalog:c*/ SELECT 1",
        ] {
            let (tokens, last) = walk(&client, sql).await;
            let (token, _) = tokens.last().unwrap();
            assert_eq!(visible(&client.get(token).await), visible(&last), "{sql}");
            // Some clients cancel what they have read to the end.
            assert_eq!(
                client.delete(&client.query_uri(&last.id())).await.status,
                204
            );
            assert_eq!(client.delete(token).await.status, 204);
            assert_eq!(visible(&client.get(token).await), visible(&last), "{sql}");
        }
        assert_eq!(cluster.seen().deletes, 0);
        perk.leaves_nothing(&[&cluster]).await;
    }
}
