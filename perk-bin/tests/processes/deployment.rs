//! A Redis, a cluster, and the processes between them and clients.

use std::time::Duration;

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator, Seen};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::redis::{DURABLE, RedisServer};
use crate::support::{Perk, poll};
use crate::wire::{self, Reply};

/// What is the same for all processes of a test: nothing has to be waited for long.
const TIMES: [&str; 4] = ["--lease", "2", "--client-timeout", "5"];
/// What has been away is back within this.
const LIMIT: Duration = Duration::from_secs(30);

/// What every test begins with. Its processes are ended before Redis and the cluster are.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) redis: RedisServer,
    runtime: Runtime,
}

/// A cluster of the test's own.
#[derive(Debug)]
pub(crate) struct Cluster<'a> {
    pub(crate) coordinator: ScriptedCoordinator,
    runtime: &'a Runtime,
}

impl Cluster<'_> {
    pub(crate) fn url(&self) -> &str {
        self.coordinator.url()
    }

    /// Waits until it has seen this.
    pub(crate) fn wait_until(&self, condition: impl Fn(&Seen) -> bool) {
        self.runtime
            .block_on(self.coordinator.wait_until(condition));
    }
}

impl Deployment {
    /// Over a Redis that keeps everything.
    pub(crate) fn new() -> Self {
        Self::over(RedisServer::started(&DURABLE))
    }

    pub(crate) fn over(redis: RedisServer) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Self {
            redis,
            runtime: runtime.expect("a runtime"),
        }
    }

    pub(crate) fn cluster(&self, flavor: Flavor) -> Cluster<'_> {
        Cluster {
            coordinator: self.runtime.block_on(ScriptedCoordinator::start(flavor)),
            runtime: &self.runtime,
        }
    }

    pub(crate) fn gateway(&self, arguments: &[&str]) -> Perk {
        let arguments = [&TIMES, arguments].concat();
        Perk::gateway(&self.redis.url(), &arguments).expect("perk-gateway starts")
    }

    pub(crate) fn gateway_listening(&self, arguments: &[&str]) -> Perk {
        let arguments = [&TIMES, arguments].concat();
        Perk::gateway_listening(&self.redis.url(), &arguments).expect("perk-gateway listens")
    }

    pub(crate) fn worker(&self, cluster: &Cluster<'_>, arguments: &[&str]) -> Perk {
        let arguments = [&TIMES, arguments].concat();
        Perk::worker(&self.redis.url(), cluster.url(), &arguments).expect("perk-worker starts")
    }

    /// `perk serve --redis`.
    pub(crate) fn whole(&self, cluster: &Cluster<'_>, arguments: &[&str]) -> Perk {
        let arguments = [&TIMES, arguments].concat();
        Perk::over_redis(&self.redis.url(), cluster.url(), &arguments).expect("perk starts")
    }
}

/// Sends a statement with these headers, and gives whatever the answer is.
pub(crate) fn send(gateway: &Perk, headers: &[(&str, &str)], sql: &str) -> Reply {
    let headers = [&[("X-Trino-User", "ann")], headers].concat();
    wire::ask(gateway.url(), "POST", "/v1/statement", &headers, sql)
}

/// Sends a statement until it is taken.
pub(crate) fn post(gateway: &Perk, sql: &str) -> Value {
    until_taken(|| send(gateway, &[], sql))
}

/// What clients do on 503: the same again.
fn until_taken(ask: impl Fn() -> Reply) -> Value {
    let answered = poll(LIMIT, || Some(ask()).filter(|reply| reply.status != 503));
    answered.expect("503 passes").json()
}

/// Asks a gateway, any, for what comes after an answer.
pub(crate) fn next(gateway: &Perk, answer: &Value) -> Value {
    let path = next_path(answer).unwrap_or_else(|| panic!("it has ended: {answer}"));
    until_taken(|| wire::ask(gateway.url(), "GET", path, &[], ""))
}

/// The path of an answer's nextUri.
pub(crate) fn next_path(answer: &Value) -> Option<&str> {
    let uri = answer["nextUri"].as_str()?;
    Some(&uri[uri.find("/v1/").expect("a URI of the protocol's")..])
}

/// What a statement gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Value>,
    pub(crate) error: Option<String>,
}

/// Asks these gateways in turn until a query's end.
pub(crate) fn rest(gateways: &[&Perk], mut answer: Value) -> Outcome {
    let mut outcome = Outcome::default();
    let mut gateways = gateways.iter().cycle();
    loop {
        if let Value::Array(rows) = answer["data"].take() {
            outcome.rows.extend(rows);
        }
        if let Some(error) = answer["error"]["errorName"].as_str() {
            outcome.error = Some(error.to_owned());
        }
        if answer["nextUri"].is_null() {
            return outcome;
        }
        answer = next(gateways.next().expect("there are some"), &answer);
    }
}
