//! A real coordinator of one's own, to be killed.

use std::env;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::client;
use super::support::{Server, poll};

/// How long a killed process may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// The states of a query that has ended.
const ENDED: [&str; 3] = ["FINISHED", "FAILED", "CANCELED"];

/// A coordinator that the testbed's script starts and stops. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Coordinator {
    /// Its name, address and headers.
    pub(crate) server: Server,
    script: PathBuf,
    port: u16,
}

/// A query on a coordinator, as the coordinator lists it.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Its text.
    pub(crate) sql: String,
    /// For example `RUNNING`.
    pub(crate) state: String,
    /// How many rows it has read so far.
    pub(crate) input: u64,
}

impl Listed {
    /// Whether it is still there to be worked on.
    pub(crate) fn runs(&self) -> bool {
        !ENDED.contains(&self.state.as_str())
    }
}

impl Coordinator {
    /// The coordinator `presto` or `trino` on a port of its own, started; what an earlier run has left there is stopped.
    pub(crate) fn start(testbed: &Path, name: &'static str, port: u16) -> Result<Self, String> {
        let prefix = match name {
            "presto" => "X-Presto-",
            _ => "X-Trino-",
        };
        let coordinator = Self {
            server: Server {
                name,
                url: format!("http://127.0.0.1:{port}"),
                prefix,
            },
            script: testbed.join(name),
            port,
        };
        coordinator.ask_script("stop")?;
        if coordinator.listens() {
            return Err(format!("port {port} is taken by something else"));
        }
        coordinator.start_again()?;
        Ok(coordinator)
    }

    /// Starts it on its port, and returns when it runs queries.
    pub(crate) fn start_again(&self) -> Result<(), String> {
        let said = self.ask_script("start")?;
        if said.trim() == self.server.url {
            Ok(())
        } else {
            Err(format!("{} started at {said}", self.server.name))
        }
    }

    /// Ends it by `kill -9`, and returns when its port refuses.
    pub(crate) fn kill(&self) -> Result<(), String> {
        let run = format!("run/{}-{}/pid", self.server.name, self.port);
        let file = cache()?.join(run);
        let pid =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let pid = pid.trim();
        let killed = Command::new("kill").args(["-9", pid]).status();
        if !killed.is_ok_and(|status| status.success()) {
            return Err(format!("kill -9 {pid} failed"));
        }
        poll(KILL_LIMIT, || (!self.listens()).then_some(()))
            .ok_or_else(|| format!("{pid} was killed and still listens"))
    }

    /// The queries it has begun, those that have ended too. What it refused while it started was not begun.
    pub(crate) fn queries(&self) -> Result<Vec<Listed>, String> {
        let url = format!("{}/v1/query", self.server.url);
        let mut answer = client::agent()
            .get(&url)
            .header(format!("{}User", self.server.prefix), "perk-test")
            .call()
            .map_err(|error| format!("{url}: {error}"))?;
        let body = answer.body_mut().with_config().limit(u64::MAX);
        let body = body.read_to_vec().map_err(|error| error.to_string())?;
        let list: Vec<Value> = serde_json::from_slice(&body)
            .map_err(|_| format!("{url}: {}", String::from_utf8_lossy(&body)))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let listed = |query: &Value| Listed {
            sql: text(&query["query"]),
            state: text(&query["state"]),
            input: query["queryStats"]["rawInputPositions"]
                .as_u64()
                .unwrap_or_default(),
        };
        let begun = |query: &&Value| query["errorCode"]["name"] != "SERVER_STARTING_UP";
        Ok(list.iter().filter(begun).map(listed).collect())
    }

    fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    fn ask_script(&self, action: &str) -> Result<String, String> {
        let output = Command::new(&self.script)
            .args([action, &self.port.to_string()])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", self.script.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{} {action} failed: {said}", self.script.display()))
    }
}

impl Drop for Coordinator {
    fn drop(&mut self) {
        if let Err(error) = self.ask_script("stop") {
            eprintln!("{error}");
        }
    }
}

/// Where the testbed's scripts keep what they run.
fn cache() -> Result<PathBuf, String> {
    let given = env::var_os("PERK_TESTBED").filter(|folder| !folder.is_empty());
    given
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cache/perk-testbed")))
        .ok_or_else(|| "neither PERK_TESTBED nor HOME is set".to_owned())
}
