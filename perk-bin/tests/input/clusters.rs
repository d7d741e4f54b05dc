//! Clusters that cannot be one, are not there yet, or are something else.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use perk_protocol::testsuite::{Flavor, Mode, ScriptedCoordinator};
use serde_json::Value;

use super::support::{self, Perk, poll};
use super::{FLAVORS, command, path, wire};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn an_address_that_cannot_be_a_cluster_s_is_refused_at_the_start() {
    for (url, reason) in [
        ("", "must look like http://host:port"),
        ("not a url", "must look like http://host:port"),
        ("coordinator:8080", "must begin with http://"),
        ("ftp://coordinator", "must begin with http://"),
        ("https://coordinator:8443", "TLS"),
        ("http://coordinator:8080/presto", "must end after the port"),
        ("http://coordinator:8080?a=b", "must end after the port"),
        ("http://ann:secret@coordinator", "credentials"),
        ("http://coordinator:99999", "port"),
        ("http://coordinator:", "port"),
    ] {
        let done = command::run(&["serve", "--listen", "127.0.0.1:0", "--cluster", url]);
        done.assert_code(2);
        assert_eq!(done.stdout, "", "{url}");
        let shown = url.replace("ann:secret@", "…@");
        let told = format!("invalid value '{shown}' for '--cluster");
        assert!(done.stderr.contains(&told), "{url}: {done:#?}");
        assert!(done.stderr.contains(reason), "{url}: {done:#?}");
    }
    let done = command::run(&["serve", "--cluster"]);
    done.assert_code(2);
    assert!(done.stderr.contains("--cluster <URL>"), "{done:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_in_use_is_told() {
    let taken = ScriptedCoordinator::start(Flavor::Presto).await;
    let address = taken.addr().to_string();
    let done = command::run(&["serve", "--listen", &address, "--cluster", taken.url()]);
    done.assert_code(1);
    assert_eq!(done.stdout, "");
    let told = format!("cannot listen on {address}; give another address with --listen");
    assert!(done.stderr.contains(&told), "{done:#?}");
    assert!(done.stderr.contains("Address already in use"), "{done:#?}");
    // One line, and no cluster was asked for anything.
    assert_eq!(done.stderr.trim_end().lines().count(), 1, "{done:#?}");
    assert_eq!(taken.seen().others, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_wait_for_a_cluster_that_is_not_up_yet() {
    for flavor in FLAVORS {
        let reserved = wire::nobody();
        let address = reserved.local_addr().unwrap();
        let url = format!("http://{address}");
        let perk = Perk::start(&url, &["--grace", "1"]).unwrap();
        let told = format!("{url} cannot be reached: connection refused");
        await_log(&perk, &told);
        assert!(perk.log().contains("waiting for the cluster"));

        let user = format!("{}User", flavor.prefix());
        let sql = "SELECT 'early' /*script rows=7*/";
        let mut answer =
            wire::ask(perk.url(), "POST", "/v1/statement", &[(&user, "ann")], sql).json();
        for _ in 0..2 {
            answer = next(&answer, perk.url()).expect("it waits");
            assert_eq!(answer["stats"]["state"], "QUEUED", "{answer}");
        }

        let coordinator = ScriptedCoordinator::start_at(address, flavor).await;
        drop(reserved);
        let mut rows = 0;
        while let Some(body) = next(&answer, perk.url()) {
            rows += body["data"].as_array().map_or(0, Vec::len);
            answer = body;
        }
        assert_eq!(answer["stats"]["state"], "FINISHED", "{answer}");
        assert_eq!((rows, coordinator.seen().begun_of("early")), (7, 1));
        coordinator.seen().assert_clean();
        // Said once, not once a second.
        assert_eq!(perk.log().matches(&told).count(), 1, "{}", perk.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_without_nodes_is_waited_for() {
    let coordinator = ScriptedCoordinator::start(Flavor::Trino).await;
    coordinator.set_mode(Mode::NoNodes);
    let perk = Perk::start(coordinator.url(), &["--grace", "1"]).unwrap();
    await_log(&perk, "NO_NODES_AVAILABLE");
    coordinator.set_mode(Mode::Serving);
    let answer = support::run(perk.url(), "X-Presto-", "tpch", "tiny", "SELECT 1").unwrap();
    assert_eq!((answer.rows.len(), answer.error), (1, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn something_else_than_a_cluster_is_told_and_its_queries_wait() {
    let good = ScriptedCoordinator::start(Flavor::Presto).await;
    for (what, answer, parts) in [
        (
            "a web page",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n<h1>Please sign in</h1",
            &["no coordinator", "/v1/info"][..],
        ),
        (
            "a redirection",
            "HTTP/1.1 302 Found\r\nLocation: https://sso.test/\r\nContent-Length: 0\r\n\r\n",
            &["/v1/info answers 302 Found"],
        ),
        (
            "not found",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nNot Found",
            &["/v1/info answers 404 Not Found"],
        ),
        (
            "another protocol",
            "SSH-2.0-OpenSSH_9.2\r\n",
            &["did not answer"],
        ),
        ("nothing", "", &["did not answer"]),
        (
            "a coordinator that is starting",
            "HTTP/1.1 200 OK\r\nContent-Length: 54\r\n\r\n{\"nodeVersion\":{\"version\":\"0.287\"},\"starting\": true}\r\n",
            &["is starting"],
        ),
    ] {
        let url = stub(answer.as_bytes());
        let perk = Perk::start(&url, &["--cluster", good.url(), "--grace", "1"]).unwrap();
        await_log(&perk, parts[0]);
        for part in parts
            .iter()
            .chain([&url.as_str(), &"waiting for the cluster"])
        {
            assert!(perk.log().contains(part), "{what}: {}", perk.log());
        }
        // The other cluster serves meanwhile.
        let answer = support::run(perk.url(), "X-Presto-", "tpch", "tiny", "SELECT 1");
        assert_eq!(answer.unwrap().error, None, "{what}");
    }
}

/// The answer after this one; `None` after the last.
fn next(answer: &Value, url: &str) -> Option<Value> {
    let uri = answer["nextUri"].as_str()?;
    Some(wire::ask(url, "GET", path(uri), &[], "").json())
}

fn await_log(perk: &Perk, text: &str) {
    let told = poll(PATIENCE, || perk.log().contains(text).then_some(()));
    assert!(told.is_some(), "no {text:?} in:\n{}", perk.log());
}

/// A server that sends this to whoever asks anything, and hangs up. It lives as long as the tests' process.
fn stub(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            // Whoever asked may be gone already.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    format!("http://{address}")
}
