//! Answers are compressed for whoever asks, on both sides of Perk.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use perk_protocol::{AnswerBody, ClientLimits, ExchangeError, HttpAnswer, HttpClient};
use tokio::net::TcpListener;

/// What was asked for with `Accept-Encoding`, request by request.
type Asked = Arc<Mutex<Vec<Option<HeaderValue>>>>;

/// Serves one body for every request, as gateways serve theirs.
async fn server(body: Bytes) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Asked::default();
    let seen = asked.clone();
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).cloned();
        seen.lock().unwrap().push(accepted);
        let body = AnswerBody::from(body.clone());
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    tokio::spawn(perk_protocol::serve(
        listener,
        service,
        std::future::pending(),
    ));
    (url, asked)
}

fn rows(count: usize) -> Bytes {
    let row = "[1,\"the same again and again\"],";
    row.repeat(count).into()
}

async fn get(
    url: &str,
    limits: ClientLimits,
    headers: HeaderMap,
) -> Result<HttpAnswer, ExchangeError> {
    let client = HttpClient::new(limits);
    client
        .exchange(Method::GET, url, headers, Bytes::new())
        .await
}

fn accepting(encoding: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding))])
}

#[tokio::test]
async fn a_client_that_asks_for_gzip_gets_it() {
    let body = rows(1000);
    let (url, _) = server(body.clone()).await;
    let limits = ClientLimits::default();
    for encoding in ["gzip", "deflate, gzip;q=0.8, br", "gzip, deflate, br, zstd"] {
        let answer = get(&url, limits, accepting(encoding)).await.unwrap();
        assert_eq!(
            answer.headers[header::CONTENT_ENCODING],
            "gzip",
            "{encoding}"
        );
        assert!(answer.body.len() < body.len() / 10, "{}", answer.body.len());
    }
    for headers in [
        HeaderMap::new(),
        accepting("identity"),
        accepting("gzip;q=0"),
    ] {
        let answer = get(&url, limits, headers.clone()).await.unwrap();
        assert!(
            !answer.headers.contains_key(header::CONTENT_ENCODING),
            "{headers:?}"
        );
        assert_eq!(answer.body, body);
    }
    let (url, _) = server(rows(3)).await;
    let small = get(&url, limits, accepting("gzip")).await.unwrap();
    assert_eq!(small.body, rows(3), "one packet is not worth it");
}

#[tokio::test]
async fn a_cluster_is_asked_for_gzip_where_that_was_said() {
    let body = rows(1000);
    let (url, asked) = server(body.clone()).await;
    for gzip in [true, false] {
        let limits = ClientLimits {
            gzip,
            ..ClientLimits::default()
        };
        let answer = get(&url, limits, HeaderMap::new()).await.unwrap();
        assert_eq!(answer.body, body);
    }
    let asked = asked.lock().unwrap();
    assert_eq!(*asked, [Some(HeaderValue::from_static("gzip")), None]);
}

#[tokio::test]
async fn an_answer_s_limit_is_that_of_what_it_holds() {
    let (url, _) = server(rows(1_000_000)).await;
    let limits = ClientLimits {
        gzip: true,
        answer_bytes: 1 << 20,
        ..ClientLimits::default()
    };
    let refused = get(&url, limits, HeaderMap::new()).await;
    assert!(
        matches!(
            refused,
            Err(ExchangeError::TooLarge {
                limit: 1_048_576,
                ..
            })
        ),
        "{refused:?}"
    );
}
