//! Bad input gets a clear answer and harms nothing: whatever clients, sockets and clusters do, the next query works.
//!
//! The clusters are scripted coordinators in the tests' own process, Perk is a process of its own.

#[path = "input/answers.rs"]
mod answers;
#[path = "input/clusters.rs"]
mod clusters;
#[path = "query/command.rs"]
mod command;
#[path = "input/requests.rs"]
mod requests;
#[path = "input/sockets.rs"]
mod sockets;
mod support;
#[path = "input/wire.rs"]
mod wire;

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use serde_json::Value;
use support::{Answer, Perk};
use wire::Reply;

const FLAVORS: [Flavor; 2] = [Flavor::Presto, Flavor::Trino];

/// `perk serve` in front of a scripted coordinator.
struct Front {
    coordinator: ScriptedCoordinator,
    perk: Perk,
}

impl Front {
    async fn start(flavor: Flavor) -> Self {
        Self::start_with(flavor, &[]).await
    }

    async fn start_with(flavor: Flavor, arguments: &[&str]) -> Self {
        let coordinator = ScriptedCoordinator::start(flavor).await;
        // Tests leave queries unread on purpose; nothing is to wait for their clients in the end.
        let arguments = [&["--grace", "1"], arguments].concat();
        let perk = Perk::start(coordinator.url(), &arguments).expect("perk starts");
        Self { coordinator, perk }
    }

    fn url(&self) -> &str {
        self.perk.url()
    }

    /// Runs a statement as a client of the cluster's dialect does.
    fn run(&self, sql: &str) -> Answer {
        let prefix = self.coordinator.flavor().prefix();
        support::run(self.url(), prefix, "tpch", "tiny", sql)
            .unwrap_or_else(|breach| panic!("{sql}: {breach}\n{}", self.perk.log()))
    }

    /// Runs a statement that must fail: its error.
    fn fail(&self, sql: &str) -> Failure {
        let answer = self.run(sql);
        let error = answer
            .error
            .unwrap_or_else(|| panic!("{sql} did not fail; its rows: {:?}", answer.rows));
        Failure::read(&error)
    }

    /// Sends a whole request and reads its answer.
    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        wire::ask(self.url(), method, path, headers, body)
    }

    /// Posts a statement in the cluster's dialect: the answer's body.
    fn post(&self, sql: &str) -> Value {
        let user = format!("{}User", self.coordinator.flavor().prefix());
        self.ask("POST", "/v1/statement", &[(&user, "ann")], sql)
            .json()
    }

    /// GETs a page by an answer's nextUri.
    fn next(&self, body: &Value) -> Reply {
        let uri = body["nextUri"].as_str().expect("there is a next page");
        self.ask("GET", path(uri), &[], "")
    }

    /// After something bad: the next query works, nothing runs on the cluster, and nothing was done to it wrongly.
    async fn is_unharmed(&self) {
        let good = self.run("SELECT 'good' /*script pages=2 rows=3*/");
        assert_eq!((good.rows.len(), &good.error), (6, &None));
        self.coordinator.wait_until(|seen| seen.running == 0).await;
        self.coordinator.seen().assert_clean();
        assert!(!self.perk.log().contains("panicked"), "{}", self.perk.log());
    }
}

/// An error as its client sees it.
#[derive(Debug, PartialEq)]
struct Failure {
    name: String,
    code: i64,
    message: String,
}

impl Failure {
    /// Takes an error object apart, and holds it to what clients of both dialects need of one.
    fn read(error: &Value) -> Self {
        let text = |key: &str| {
            let text = error[key].as_str().filter(|text| !text.is_empty());
            text.unwrap_or_else(|| panic!("no {key}: {error}"))
                .to_owned()
        };
        assert!(error["failureInfo"]["type"].is_string(), "{error}");
        text("errorType");
        Self {
            name: text("errorName"),
            code: error["errorCode"].as_i64().expect("a number"),
            message: text("message"),
        }
    }

    #[track_caller]
    fn assert(&self, name: &str, parts: &[&str]) {
        assert_eq!(self.name, name, "{self:?}");
        for part in parts {
            assert!(self.message.contains(part), "no {part:?} in {self:?}");
        }
    }
}

/// A URI without its origin.
fn path(uri: &str) -> &str {
    let at = uri.find("/v1/").expect("a URI of the protocol's");
    &uri[at..]
}
