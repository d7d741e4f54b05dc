//! Any number of gateways and workers: what one gateway has begun goes on at any other.

use std::time::Duration;

use libtest_mimic::Trial;
use perk_protocol::testsuite::{Flavor, Script};

use crate::deployment::{Deployment, Outcome, next, next_path, post, rest, send};
use crate::support::poll;
use crate::{test, wire};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("a_result_is_read_at_any_gateway", result_at_any_gateway),
        test(
            "a_query_is_cancelled_at_any_gateway",
            cancelled_at_any_gateway,
        ),
        test("a_write_is_begun_at_any_gateway", write_at_any_gateway),
        test("routes_lead_to_pools", routes_lead_to_pools),
    ]
}

fn result_at_any_gateway() {
    let deployment = Deployment::new();
    for flavor in [Flavor::Presto, Flavor::Trino] {
        let cluster = deployment.cluster(flavor);
        let gateways = [(); 3].map(|()| deployment.gateway(&["--hold-results", "off"]));
        let worker = deployment.worker(&cluster, &["--hold-results", "off"]);
        let sql = "SELECT 'long' /*script pages=20 rows=1000 cell=200 page_ms=50*/";
        let [first, second, third] = &gateways;
        let outcome = rest(&[second, third, first], post(first, sql));
        // The client speaks Trino's dialect.
        let rows = Script::parse(sql).all_rows(Flavor::Trino);
        assert_eq!((outcome.rows == rows, &outcome.error), (true, &None));
        cluster.wait_until(|seen| seen.running == 0);
        cluster.coordinator.seen().assert_clean();
        drop(worker);
    }
}

fn cancelled_at_any_gateway() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let [first, second, third] = [(); 3].map(|()| deployment.gateway(&[]));
    let _worker = deployment.worker(&cluster, &[]);
    let posted = post(&first, "SELECT 'endless' /*script hang=1*/");
    cluster.wait_until(|seen| seen.begun_of("endless") == 1);
    let polled = next(&second, &posted);
    let path = next_path(&polled).expect("it runs");
    assert!(path.contains("/executing/"), "{polled}");
    let canceled = wire::ask(third.url(), "DELETE", path, &[], "");
    assert_eq!(canceled.status, 204, "{canceled:?}");
    let outcome = rest(&[&first], polled);
    assert_eq!(outcome.error.as_deref(), Some("USER_CANCELED"));
    cluster.wait_until(|seen| (seen.running, seen.canceled) == (0, 1));
    cluster.coordinator.seen().assert_clean();
}

fn write_at_any_gateway() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Trino);
    let [first, second] = [(); 2].map(|()| deployment.gateway(&[]));
    let _worker = deployment.worker(&cluster, &[]);
    let sql = "INSERT INTO t SELECT 1 /*script update=INSERT count=3*/";
    // A client that loses its POST's answer sends it again, elsewhere: only what is asked for runs.
    drop(post(&first, sql));
    let outcome = rest(&[&first, &second], post(&second, sql));
    assert_eq!(outcome, Outcome::default());
    assert_eq!(cluster.coordinator.seen().begun_of("INSERT"), 1);
}

fn routes_lead_to_pools() {
    let deployment = Deployment::new();
    let (usual, etl) = (
        deployment.cluster(Flavor::Presto),
        deployment.cluster(Flavor::Presto),
    );
    let routes = deployment.redis.folder().join("routes.json");
    let rules = r#"[{"source": "airflow*", "pool": "etl", "priority": "low"}]"#;
    std::fs::write(&routes, rules).unwrap();
    let routes = routes.to_str().unwrap();
    let gateway = deployment.gateway(&["--routes", routes]);
    let _usual = deployment.worker(&usual, &[]);
    let posted = send(
        &gateway,
        &[("X-Trino-Source", "airflow-7")],
        "SELECT 'nightly'",
    )
    .json();
    assert_eq!(
        rest(&[&gateway], post(&gateway, "SELECT 'daily'")).error,
        None
    );
    assert_eq!(next(&gateway, &posted)["stats"]["state"], "QUEUED");

    let _etl = deployment.worker(&etl, &["--pool", "etl"]);
    let outcome = rest(&[&gateway], posted);
    assert_eq!((outcome.rows.len(), outcome.error), (1, None));
    let ran = [&usual, &etl].map(|cluster| {
        let seen = cluster.coordinator.seen();
        (seen.begun_of("daily"), seen.begun_of("nightly"))
    });
    assert_eq!(ran, [(1, 0), (0, 1)]);
    // Nothing is left of them once their clients have gone.
    let gone = poll(Duration::from_secs(30), || {
        let keys = deployment.redis.keys();
        (!keys.iter().any(|key| key.contains(":q:"))).then_some(())
    });
    assert!(gone.is_some(), "{:?}", deployment.redis.keys());
}
