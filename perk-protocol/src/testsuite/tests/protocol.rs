//! What the two servers answer when all goes well.

use http::Method;
use serde_json::json;

use super::super::{Flavor, Load, Mode, Script};
use super::{BOTH, Raw, rows, start};

#[tokio::test]
async fn a_statement_goes_through_the_uris_of_its_dialect() {
    for (flavor, uris) in [
        (
            Flavor::Presto,
            vec!["queued/I/1?S", "queued/I/2?S", "executing/I/1?S"],
        ),
        (
            Flavor::Trino,
            vec![
                "queued/I/S/1",
                "queued/I/S/2",
                "executing/I/S/0",
                "executing/I/S/1",
            ],
        ),
    ] {
        let (coordinator, client) = start(flavor).await;
        let replies = client.read("SELECT 1").await;
        let id = replies[0].json()["id"].as_str().unwrap().to_owned();
        let (mut slugs, mut seen) = (Vec::new(), Vec::new());
        for reply in &replies[..replies.len() - 1] {
            let next = reply.next();
            let path = next
                .strip_prefix(&format!("{}/v1/statement/", client.url))
                .unwrap();
            let slug = match flavor {
                Flavor::Presto => path.split_once("slug=").unwrap().1,
                Flavor::Trino => path.split('/').nth(2).unwrap(),
            };
            assert!(slug.starts_with(if flavor == Flavor::Presto { 'x' } else { 'y' }));
            slugs.push(slug.to_owned());
            let path = path.replace(&id, "I").replace(&format!("slug={slug}"), "S");
            seen.push(path.replace(slug, "S"));
        }
        assert_eq!(seen, uris);
        slugs.sort();
        slugs.dedup();
        assert_eq!(
            slugs.len(),
            if flavor == Flavor::Presto {
                1
            } else {
                uris.len()
            }
        );

        let states: Vec<_> = replies
            .iter()
            .map(|reply| reply.json()["stats"]["state"].clone())
            .collect();
        let last = &states[states.len() - 2..];
        assert_eq!(last, ["RUNNING", "FINISHED"]);
        assert_eq!(states[1], "QUEUED");
        assert!(replies.iter().all(|reply| reply.json()["id"] == *id));
        let info = format!("{}/ui/query.html?{id}", client.url);
        assert!(replies.iter().all(|reply| reply.json()["infoUri"] == *info));
        coordinator.seen().assert_clean();
    }
}

#[tokio::test]
async fn rows_come_whole_and_in_order() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        for sql in [
            "SELECT 1",
            "/*script pages=5 rows=40 cell=3*/",
            "/*script pages=2 rows=3 nested=1*/",
            "/*script pages=3 rows=2 final_data=1*/",
            "/*script dataless=1 pages=2*/",
            "/*script rows=0*/",
            "/*script queued=3 page_ms=5*/",
        ] {
            let replies = client.read(sql).await;
            assert_eq!(rows(&replies), Script::parse(sql).all_rows(flavor), "{sql}");
            for reply in &replies {
                let page = reply.json();
                assert!(
                    page.get("data").is_none() || page["columns"].is_array(),
                    "{page}"
                );
                assert!(page["warnings"].is_array());
            }
            let last = replies.last().unwrap().json();
            assert_eq!(last["stats"]["state"], "FINISHED");
            assert_eq!(last["columns"][0]["name"], "k");
        }
        let seen = coordinator.seen();
        seen.assert_clean();
        assert_eq!(
            (seen.posts, seen.begun, seen.finished, seen.running),
            (7, 7, 7, 0)
        );
        assert_eq!(seen.max_running, 1);
        assert_eq!(seen.ids.len(), 7);
    }
}

#[tokio::test]
async fn columns_come_before_the_rows_when_asked() {
    let (_coordinator, client) = start(Flavor::Trino).await;
    let replies = client.read("/*script dataless=1*/").await;
    let with = |name: &str| {
        replies
            .iter()
            .position(|reply| reply.json().get(name).is_some())
    };
    assert_eq!(with("columns").unwrap() + 1, with("data").unwrap());
}

#[tokio::test]
async fn an_update_has_its_type_and_count() {
    for flavor in BOTH {
        let (_coordinator, client) = start(flavor).await;
        let replies = client
            .read("INSERT /*script update=INSERT count=42 warnings=2*/")
            .await;
        let last = replies.last().unwrap().json();
        assert_eq!(
            (&last["updateType"], &last["updateCount"]),
            (&json!("INSERT"), &json!(42))
        );
        assert_eq!(last["warnings"].as_array().unwrap().len(), 2);
        assert!(
            replies
                .iter()
                .all(|reply| reply.json().get("data").is_none())
        );
    }
}

#[tokio::test]
async fn scripted_headers_carry_the_dialects_prefix() {
    for flavor in BOTH {
        let (_coordinator, client) = start(flavor).await;
        let sql = "SET /*script update=SET_SESSION header=Set-Session:a=b header=Set-Session:c=d*/";
        let replies = client.read(sql).await;
        let name = format!("{}Set-Session", flavor.prefix());
        let last = replies.last().unwrap();
        let values: Vec<_> = last.headers.get_all(&name).iter().collect();
        assert_eq!(values, ["a=b", "c=d"]);
        assert!(!replies[0].headers.contains_key(&name));
        assert_eq!(last.json()["updateType"], "SET SESSION");
    }
}

#[tokio::test]
async fn errors_are_objects() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        let sql = "/*script error=DIVISION_BY_ZERO at=3:14 pages=5 after_pages=2*/";
        let replies = client.read(sql).await;
        assert_eq!(rows(&replies).len(), 2);
        let last = replies.last().unwrap().json();
        assert_eq!(last["stats"]["state"], "FAILED");
        let error = &last["error"];
        assert_eq!(error["errorCode"], 8);
        assert_eq!(error["errorName"], "DIVISION_BY_ZERO");
        assert_eq!(error["errorType"], "USER_ERROR");
        assert_eq!(
            error["errorLocation"],
            json!({ "lineNumber": 3, "columnNumber": 14 })
        );
        assert_eq!(error["failureInfo"]["message"], error["message"]);
        assert_eq!(error.get("retriable").is_some(), flavor == Flavor::Presto);

        let replies = client.read("/*script error=SYNTAX_ERROR early=1*/").await;
        assert_eq!(replies.len(), 2);
        assert_eq!(replies[1].json()["error"]["errorCode"], 1);
        let replies = client.read("/*script error=MY_CONNECTOR at=0:0*/").await;
        let error = &replies.last().unwrap().json()["error"];
        assert_eq!(
            (&error["errorType"], error.get("errorLocation")),
            (&json!("EXTERNAL"), None)
        );
        assert_eq!(coordinator.seen().failed, 3);
    }
}

#[tokio::test]
async fn a_user_must_be_named_in_the_servers_own_dialect() {
    for (flavor, refused) in [(Flavor::Presto, 400), (Flavor::Trino, 401)] {
        let (coordinator, client) = start(flavor).await;
        let uri = format!("{}/v1/statement", client.url);
        let post = async |headers: &[(&str, &str)]| {
            client
                .send(Method::POST, &uri, headers, "SELECT 1")
                .await
                .unwrap()
                .status
        };
        assert_eq!(post(&[]).await, refused);
        assert_eq!(post(&[(flavor.user_header(), "")]).await, refused);
        coordinator.seen().assert_clean();
        let other = if flavor == Flavor::Presto {
            Flavor::Trino
        } else {
            Flavor::Presto
        };
        assert_eq!(post(&[(other.user_header(), "ann")]).await, refused);
        let both = post(&[("x-trino-user", "ann"), ("x-presto-user", "ann")]).await;
        assert_eq!(both, if flavor == Flavor::Presto { 200 } else { 400 });
        assert_eq!(super::kinds(&coordinator), ["dialect", "dialect"]);
        assert_eq!(client.post("").await.status, 400);
        assert_eq!(coordinator.seen().posts, 5);
    }
}

#[tokio::test]
async fn headers_of_a_proxy_are_told() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let uri = client.post("SELECT 1").await.next();
    for name in ["forwarded", "x-forwarded-for", "x-presto-prefix-url"] {
        client
            .send(Method::DELETE, &uri, &[(name, "x")], "")
            .await
            .unwrap();
    }
    assert_eq!(
        super::kinds(&coordinator),
        ["forwarded", "forwarded", "forwarded"]
    );
}

#[tokio::test]
async fn requests_are_remembered() {
    let (coordinator, client) = start(Flavor::Trino).await;
    let uri = client.post("SELECT 'ä'").await.next();
    client
        .send(Method::GET, &uri, &[("x-a", "1"), ("x-a", "2")], "")
        .await
        .unwrap();
    let seen = coordinator.seen();
    assert_eq!(seen.requests[0].method, Method::POST);
    assert_eq!(seen.requests[0].sql.as_deref(), Some("SELECT 'ä'"));
    assert_eq!(seen.requests[0].header("X-Trino-User"), Some("ann"));
    assert_eq!(format!("{}{}", client.url, seen.requests[1].path), uri);
    assert_eq!(seen.requests[1].header_values("x-a"), ["1", "2"]);
    assert_eq!(
        (seen.posts_of("ä"), seen.begun_of("ä"), seen.begun_of("b")),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn large_heads_are_refused_when_told() {
    let (coordinator, client) = start(Flavor::Presto).await;
    let long = "x".repeat(100_000);
    let headers = [
        ("x-presto-user", "ann"),
        ("x-presto-session", long.as_str()),
    ];
    let uri = format!("{}/v1/statement", client.url);
    let post = async || {
        client
            .send(Method::POST, &uri, &headers, "SELECT 1")
            .await
            .unwrap()
            .status
    };
    assert_eq!(post().await, 200);
    coordinator.set_max_header_bytes(Some(8192));
    assert_eq!(post().await, 431);
    assert_eq!(coordinator.seen().created, 1);
}

#[tokio::test]
async fn the_other_endpoints_answer() {
    for flavor in BOTH {
        let (coordinator, client) = start(flavor).await;
        coordinator.pretend_load(Load {
            running: 2,
            queued: 3,
            blocked: 1,
        });
        let posted = client.post("SELECT 'waiting'").await;
        let running = client.post("SELECT 'hanging' /*script hang=1*/").await;
        let uri = client.get(&running.next()).await.next();
        let uri = client
            .get(&format!("{uri}{}", Raw::no_wait(flavor, &uri)))
            .await
            .next();

        let get = async |path: &str| client.ask(Method::GET, path).await;
        let info = get("/v1/info").await.json();
        let version = if flavor == Flavor::Presto {
            "0.287"
        } else {
            "476"
        };
        assert_eq!(info["nodeVersion"]["version"], version);
        assert_eq!(info["starting"], false);
        assert_eq!(
            get("/v1/status").await.json()["nodeVersion"]["version"],
            version
        );
        let list = get("/v1/query").await.json();
        let list = list.as_array().unwrap();
        assert_eq!(
            list.len(),
            1 + 2 + 3 + 1,
            "what has not begun is no query yet"
        );
        assert_eq!(list[0]["query"], "SELECT 'hanging' /*script hang=1*/");
        assert_eq!(list[0]["state"], "RUNNING");
        let one = get(&format!(
            "/v1/query/{}",
            list[0]["queryId"].as_str().unwrap()
        ))
        .await;
        assert_eq!(one.json(), list[0]);
        let id = posted.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(get(&format!("/v1/query/{id}")).await.status, 410);
        let cluster = get("/v1/cluster").await;
        match flavor {
            Flavor::Trino => assert_eq!(cluster.status, 404),
            Flavor::Presto => {
                let cluster = cluster.json();
                assert_eq!(
                    (&cluster["runningQueries"], &cluster["queuedQueries"]),
                    (&json!(3), &json!(3))
                );
                assert_eq!(
                    (&cluster["blockedQueries"], &cluster["activeWorkers"]),
                    (&json!(1), &json!(1))
                );
            }
        }
        let anonymous = client.get(&format!("{}/v1/query", client.url)).await.status;
        assert_eq!(anonymous, if flavor == Flavor::Presto { 200 } else { 401 });
        let head = client.ask(Method::HEAD, "/v1/statement").await.status;
        assert_eq!(head, if flavor == Flavor::Presto { 405 } else { 200 });
        assert_eq!(get("/nothing").await.status, 404);
        assert_eq!(client.delete(&uri).await, 204);
        coordinator.seen().assert_clean();
    }
}

#[tokio::test]
async fn a_cluster_without_nodes_runs_nothing() {
    let (coordinator, client) = start(Flavor::Presto).await;
    coordinator.set_mode(Mode::NoNodes);
    let mut uri = client.post("SELECT 1").await.next();
    for _ in 0..3 {
        let reply = client.get(&format!("{uri}&maxWait=1ms")).await;
        assert!(reply.next().contains("/queued/"));
        uri = reply.next();
    }
    assert_eq!(
        client.ask(Method::GET, "/v1/cluster").await.json()["activeWorkers"],
        0
    );
    coordinator.set_mode(Mode::Serving);
    assert_eq!(client.get(&uri).await.json()["data"][0][0], 0);
    coordinator.seen().assert_clean();

    let (coordinator, client) = start(Flavor::Trino).await;
    coordinator.set_mode(Mode::NoNodes);
    let replies = client.read("SELECT 1").await;
    assert_eq!(
        replies.last().unwrap().json()["error"]["errorName"],
        "NO_NODES_AVAILABLE"
    );
}

impl Raw {
    /// A query string that makes a long-poll short.
    fn no_wait(flavor: Flavor, uri: &str) -> &'static str {
        assert_eq!(flavor == Flavor::Presto, uri.contains('?'));
        if flavor == Flavor::Presto {
            "&maxWait=1ms"
        } else {
            "?maxWait=1ms"
        }
    }
}
