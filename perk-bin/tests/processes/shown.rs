//! `perk workers` and `perk queue`.

use std::time::Duration;

use libtest_mimic::Trial;
use perk_protocol::testsuite::Flavor;
use serde_json::{Value, json};

use crate::deployment::{Deployment, post, rest};
use crate::support::poll;
use crate::{command, test};

/// What is told at once is seen within this.
const SOON: Duration = Duration::from_secs(10);

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("an_empty_deployment_is_shown", empty),
        test("workers_and_what_waits_are_shown", shown),
    ]
}

/// What a command prints of a deployment.
fn print(deployment: &Deployment, arguments: &[&str]) -> String {
    let url = deployment.redis.url();
    let done = command::run(&[arguments, &["--redis", &url]].concat());
    done.assert_code(0).assert_told("");
    done.stdout
}

fn parsed(deployment: &Deployment, arguments: &[&str]) -> Value {
    serde_json::from_str(&print(deployment, arguments)).expect("it is JSON")
}

fn empty() {
    let deployment = Deployment::new();
    assert_eq!(parsed(&deployment, &["workers", "--json"]), json!([]));
    let workers = print(&deployment, &["workers"]);
    assert!(
        workers.starts_with(" worker | pool | cluster | running"),
        "{workers}"
    );
    let queue = json!([{"pool": "default", "waiting": 0, "pending": 0, "oldest_seconds": 0.0}]);
    assert_eq!(parsed(&deployment, &["queue", "--json"]), queue);
    let queue = " pool    | waiting | pending | oldest \n---------+---------+---------+--------\n default | 0       | 0       | -\n";
    assert_eq!(print(&deployment, &["queue"]), queue);
}

fn shown() {
    let deployment = Deployment::new();
    let (usual, etl) = (
        deployment.cluster(Flavor::Presto),
        deployment.cluster(Flavor::Trino),
    );
    let gateway = deployment.gateway(&[]);
    let worker = deployment.worker(&usual, &["--concurrency", "1", "--grace", "20"]);
    let other = deployment.worker(&etl, &["--pool", "etl"]);
    for worker in [&worker, &other] {
        worker.says("cluster ready", 1);
    }
    let running = post(&gateway, "SELECT 'running' /*script work_ms=3500*/");
    usual.wait_until(|seen| seen.begun_of("running") == 1);
    let waiting = ["one", "two"].map(|sql| post(&gateway, &format!("SELECT '{sql}'")));

    let queue = parsed(&deployment, &["queue", "--json"]);
    let counts = |pool: &Value| {
        (
            pool["pool"].clone(),
            pool["waiting"].clone(),
            pool["pending"].clone(),
        )
    };
    let counts: Vec<_> = queue.as_array().unwrap().iter().map(counts).collect();
    assert_eq!(
        counts,
        [
            (json!("default"), json!(2), json!(1)),
            (json!("etl"), json!(0), json!(0))
        ]
    );
    assert!(
        queue[0]["oldest_seconds"]
            .as_f64()
            .is_some_and(|age| age < 5.0),
        "{queue}"
    );
    let table = print(&deployment, &["queue"]);
    let line = table.lines().nth(2).unwrap_or_default();
    assert!(
        line.starts_with(" default | 2       | 1       | ") && line.ends_with(" s"),
        "{table}"
    );

    worker.signal("TERM");
    worker.says("stopping: ", 1);
    let drains = |workers: &Value| workers[0]["draining"] == true;
    let workers = poll(SOON, || {
        Some(parsed(&deployment, &["workers", "--json"])).filter(drains)
    });
    let workers = workers.expect("that it drains is told at once");
    let [first, second] = &workers.as_array().unwrap()[..] else {
        panic!("{workers}")
    };
    assert_eq!(
        (&first["pool"], &second["pool"]),
        (&json!("default"), &json!("etl"))
    );
    assert_eq!(
        (&first["running"], &second["draining"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(first["cluster"]["origin"], usual.url());
    assert_eq!(first["cluster"]["dialect"], "Presto");
    assert!(
        first["last_seen_seconds"]
            .as_f64()
            .is_some_and(|ago| ago < 5.0),
        "{first}"
    );
    let table = print(&deployment, &["workers"]);
    let parts = [
        usual.url(),
        etl.url(),
        "(Presto 0.",
        "(Trino ",
        "| yes ",
        "| no ",
        " s ago",
    ];
    for part in parts {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert_eq!(rest(&[&gateway], running).error, None);
    drop(worker);
    let _another = deployment.worker(&usual, &[]);
    for answer in waiting {
        assert_eq!(rest(&[&gateway], answer).error, None);
    }
}
