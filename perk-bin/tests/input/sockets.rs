//! What is no HTTP, or not all of it.

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use perk_protocol::testsuite::Flavor;
use serde_json::Value;

use super::{FLAVORS, Front, wire};

const HEAD: &str = "POST /v1/statement HTTP/1.1\r\nHost: perk.test\r\nX-Presto-User: ann\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_may_be_large_and_too_large_ones_are_431() {
    let front = Front::start(Flavor::Presto).await;
    let user = ("X-Presto-User", "ann");
    let post = |value: &str| {
        let headers = [user, ("X-Presto-Prepared-Statement", value)];
        front.ask("POST", "/v1/statement", &headers, "SELECT 'fine'")
    };
    // A client with many prepared statements sends tens of kilobytes.
    let posted = post(&format!("q={}", "a".repeat(300_000))).json();
    assert_eq!(front.next(&posted).json()["stats"]["state"], "FINISHED");
    for (size, words) in [
        (1_100_000, "deallocate prepared statements"),
        (5_000_000, ""),
    ] {
        let reply = post(&format!("q={}", "a".repeat(size)));
        assert_eq!(reply.status, 431, "{reply:?}");
        assert!(reply.body.contains(words), "{reply:?}");
        front.is_unharmed().await;
    }
    for (count, words) in [(1500, "the request has 1500 headers"), (5000, "")] {
        let many: Vec<String> = (0..count - 3).map(|n| format!("X-Presto-N{n}")).collect();
        let headers: Vec<_> = many.iter().map(|name| (name.as_str(), "1")).collect();
        let reply = front.ask("POST", "/v1/statement", &headers, "SELECT 'bad'");
        assert_eq!(reply.status, 431, "{reply:?}");
        assert!(reply.body.contains(words), "{reply:?}");
    }
    let reply = front.ask("GET", &format!("/{}", "a".repeat(100_000)), &[], "");
    assert_eq!(reply.status, 414, "{reply:?}");
    front.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_are_too_large_for_the_cluster_are_its_refusal() {
    for flavor in FLAVORS {
        let front = Front::start(flavor).await;
        front.coordinator.set_max_header_bytes(Some(8 << 10));
        let user = format!("{}User", flavor.prefix());
        let prepared = format!("{}Prepared-Statement", flavor.prefix());
        let statements: Vec<String> = (0..100)
            .map(|n| format!("q{n}={}", "a".repeat(100)))
            .collect();
        let mut headers = vec![(user.as_str(), "ann")];
        headers.extend(
            statements
                .iter()
                .map(|text| (prepared.as_str(), text.as_str())),
        );
        let posted = front.ask("POST", "/v1/statement", &headers, "SELECT 'bad'");
        let mut answer = posted.json();
        while answer["nextUri"].is_string() {
            answer = front.next(&answer).json();
        }
        assert_eq!(
            answer["error"]["errorName"], "PERK_CLUSTER_REFUSED",
            "{answer}"
        );
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("431"), "{message}");
        assert!(message.contains("are headers of 12"), "{message}");
        assert!(
            message.contains("http-server.max-request-header-size"),
            "{message}"
        );
        front.is_unharmed().await;
    }
}

/// Runs a statement over a connection: its last state, and how many rows came.
async fn run(
    url: &str,
    sql: &'static str,
    mut send: impl AsyncFnMut(Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>>,
) -> (Value, usize) {
    let (mut method, mut uri, mut body) = ("POST", format!("{url}/v1/statement"), sql);
    let mut rows = 0;
    loop {
        let request = Request::builder().method(method).uri(&uri);
        let request = request
            .header("Host", url.trim_start_matches("http://"))
            .header("X-Trino-User", "ann")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = send(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let body_read = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&body_read).unwrap();
        rows += answer["data"].as_array().map_or(0, Vec::len);
        let Some(next) = answer["nextUri"].as_str() else {
            return (answer["stats"]["state"].clone(), rows);
        };
        (method, uri, body) = ("GET", next.to_owned(), "");
    }
}

async fn connect(front: &Front) -> TokioIo<tokio::net::TcpStream> {
    let address = front.url().trim_start_matches("http://");
    TokioIo::new(tokio::net::TcpStream::connect(address).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_serves_many_requests_one_after_the_other() {
    let front = Front::start(Flavor::Trino).await;
    let (mut sender, connection) = http1::handshake(connect(&front).await).await.unwrap();
    let connection = tokio::spawn(connection);
    for sql in ["SELECT 1 /*script pages=3*/", "SELECT 2", "SELECT 3"] {
        let ran = run(front.url(), sql, async |request| {
            sender.ready().await?;
            sender.send_request(request).await
        });
        assert_eq!(ran.await.0, "FINISHED", "{sql}");
    }
    assert!(!sender.is_closed());
    drop(sender);
    connection.await.unwrap().unwrap();
    front.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_without_tls_serves_many_at_once() {
    let front = Front::start(Flavor::Trino).await;
    let io = connect(&front).await;
    let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let run = async |sql| {
        let mut sender = sender.clone();
        run(front.url(), sql, async move |request| {
            sender.send_request(request).await
        })
        .await
    };
    let ran = tokio::join!(
        run("SELECT 1 /*script pages=3 rows=4 work_ms=50*/"),
        run("SELECT 2 /*script pages=2 rows=5 work_ms=50*/")
    );
    assert_eq!(ran, (("FINISHED".into(), 12), ("FINISHED".into(), 10)));
    drop(sender);
    connection.await.unwrap().unwrap();
    front.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_http_is_400_or_hung_up_on() {
    let front = Front::start(Flavor::Presto).await;
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let with_head = |rest: &str| format!("{HEAD}{rest}").into_bytes();
    for (what, bytes) in [
        ("noise", noise),
        ("zeroes", vec![0; 10_000]),
        ("nothing", Vec::new()),
        ("line ends", b"\r\n\r\n\r\n\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03bad".to_vec()),
        ("HTTP/0.9", b"GET /v1/info\r\n\r\n".to_vec()),
        (
            "broken HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nSELECT 'bad'".to_vec(),
        ),
        ("a header without colon", with_head("bad\r\n\r\n")),
        ("half a head", with_head("X-Presto-Source: b")),
        (
            "a negative length",
            with_head("Content-Length: -1\r\n\r\nSELECT 'bad'"),
        ),
        (
            "two lengths",
            with_head("Content-Length: 12\r\nContent-Length: 5\r\n\r\nSELECT 'bad'"),
        ),
        (
            "a length that is no number",
            with_head("Content-Length: many\r\n\r\nSELECT 'bad'"),
        ),
        (
            "a chunk size that is no number",
            with_head("Transfer-Encoding: chunked\r\n\r\nzz\r\nSELECT 'bad'"),
        ),
        (
            "a chunk cut off",
            with_head("Transfer-Encoding: chunked\r\n\r\n20\r\nSELECT 'bad'"),
        ),
        (
            "no host",
            b"POST /v1/statement HTTP/1.1\r\nX-Presto-User: ann\r\nContent-Length: 12\r\n\r\nSELECT 'bad'".to_vec(),
        ),
        (
            "a body shorter than its length",
            with_head("Content-Length: 100\r\n\r\nSELECT 'bad'"),
        ),
    ] {
        if let Some(reply) = wire::send(front.url(), &bytes) {
            assert_eq!(reply.status, 400, "{what}: {reply:?}");
        }
        front.is_unharmed().await;
    }
    assert_eq!(front.coordinator.seen().posts_of("bad"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_request_holds_nobody_up() {
    let front = Front::start(Flavor::Presto).await;
    let halves = ["POST /v1/sta", HEAD, "", "PRI * HTTP/2.0\r\n"];
    let body = format!("{HEAD}Content-Length: 100\r\n\r\nSELECT 'bad'");
    let silent: Vec<_> = halves
        .iter()
        .chain([&body.as_str()])
        .cycle()
        .take(500)
        .map(|half| {
            let mut stream = wire::connect(front.url());
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    front.is_unharmed().await;
    let since = Instant::now();
    let ended = front.perk.stop().expect("perk ends on SIGTERM");
    assert!(ended.success(), "{ended}");
    let took = since.elapsed();
    // Answers under way have 10 s; what will never be a request is not waited for any longer.
    assert!(took < Duration::from_secs(15), "stopping took {took:?}");
    drop(silent);
    assert_eq!(front.coordinator.seen().posts_of("bad"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_cancels_and_hangs_up_has_cancelled() {
    let front = Front::start(Flavor::Trino).await;
    for n in 0..20 {
        let sql = format!("SELECT 'left {n}' /*script hang=1*/");
        let posted = front.post(&sql);
        front.next(&posted);
        let uri = super::path(posted["nextUri"].as_str().unwrap());
        let delete = wire::request("DELETE", uri, &[("X-Trino-User", "ann")], "");
        let mut stream = wire::connect(front.url());
        stream.write_all(&delete).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    front.is_unharmed().await;
    assert_eq!(front.coordinator.seen().canceled, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_leaves_nothing_running() {
    let front = Front::start(Flavor::Trino).await;
    // Perk may answer this client's POST with rows, so that it waits for them a little.
    let headers = [("X-Trino-User", "ann"), ("User-Agent", "trino-cli")];
    let sql = "SELECT 'left' /*script hang=1*/";
    for _ in 0..20 {
        let mut stream = wire::connect(front.url());
        stream
            .write_all(&wire::request("POST", "/v1/statement", &headers, sql))
            .unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    front.is_unharmed().await;
}
