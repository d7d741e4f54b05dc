//! `perk serve --redis`: a gateway and workers in one process, among others.

use std::time::Duration;

use libtest_mimic::Trial;
use perk_protocol::testsuite::Flavor;

use crate::deployment::{Deployment, next, post, rest, send};
use crate::test;

/// What nothing holds up ends within this.
const SOON: Duration = Duration::from_secs(10);

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("perk_serve_over_redis_is_one_of_several", one_of_several),
        test("perk_serve_leaves_in_redis_what_waits", leaves_what_waits),
    ]
}

fn one_of_several() {
    let deployment = Deployment::new();
    let clusters = [Flavor::Presto, Flavor::Trino].map(|flavor| deployment.cluster(flavor));
    let more = ["--cluster", clusters[1].url()];
    let whole = deployment.whole(&clusters[0], &more);
    let gateway = deployment.gateway(&[]);
    let log = whole.log();
    for part in [
        "Perk listens on http://127.0.0.1:",
        ", over redis://127.0.0.1:",
        "presto-cli",
        "perk query --server",
    ] {
        assert!(log.contains(part), "{log}");
    }
    whole.says("cluster ready", 2);
    let sql = "SELECT 'shared' /*script pages=5 rows=100*/";
    let outcome = rest(&[&gateway, &whole], post(&whole, sql));
    assert_eq!((outcome.rows.len(), outcome.error), (500, None));
    let outcome = rest(&[&whole, &gateway], post(&gateway, sql));
    assert_eq!((outcome.rows.len(), outcome.error), (500, None));
    for cluster in &clusters {
        cluster.coordinator.seen().assert_clean();
    }
}

fn leaves_what_waits() {
    let deployment = Deployment::new();
    let cluster = deployment.cluster(Flavor::Presto);
    let gateway = deployment.gateway(&[]);
    let whole = deployment.whole(&cluster, &["--concurrency", "1"]);
    let running = post(&whole, "SELECT 'running' /*script work_ms=4000 rows=10*/");
    cluster.wait_until(|seen| seen.begun_of("running") == 1);
    let waiting = [&whole, &gateway].map(|asked| post(asked, "SELECT 'waiting'"));
    let stored = post(
        &gateway,
        "INSERT INTO t SELECT 1 /*script update=INSERT count=1*/",
    );
    whole.signal("TERM");
    whole.says("stopping: ", 1);
    let refused = send(&whole, &[], "SELECT 'late'");
    assert_eq!(refused.status, 503, "{refused:?}");
    // What runs is read here still; what waits goes on waiting.
    for answer in &waiting {
        assert_eq!(next(&whole, answer)["stats"]["state"], "QUEUED");
    }
    let running = next(&whole, &running);
    let outcome = rest(&[&gateway], running);
    assert_eq!((outcome.rows.len(), outcome.error), (10, None));
    let ended = whole
        .wait(SOON)
        .expect("it ends when nothing runs any more");
    assert_eq!(ended.code(), Some(0), "{}", whole.log());
    assert_eq!(cluster.coordinator.seen().posts_of("waiting"), 0);

    let _again = deployment.whole(&cluster, &[]);
    for answer in waiting.into_iter().chain([stored]) {
        assert_eq!(rest(&[&gateway], answer).error, None);
    }
    cluster.coordinator.seen().assert_clean();
}
