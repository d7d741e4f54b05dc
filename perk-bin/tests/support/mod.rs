//! What the test targets that need real servers share: finding the servers, starting the built `perk`, and a
//! small client of its own.
//!
//! | variable | means |
//! |---|---|
//! | `PERK_TEST_PRESTO`, `PERK_TEST_TRINO` | the server's address; empty: use none; unset: the default address, if a server answers there |
//! | `PERK_TEST_REQUIRE` | comma-separated names (`presto`, `trino`, `clients`, `nginx`, …) of what must not be missing |
//!
//! `testbed/presto start 8181` and `testbed/trino start 8182` start servers at the default addresses.

// Every target that includes this module uses only a part of it.
#![allow(dead_code, unused_imports)]

mod client;
pub(crate) mod corpus;
pub(crate) mod known;
pub(crate) mod processes;
pub(crate) mod redis;

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use client::agent;
pub(crate) use client::{Answer, Received, Session, follow, run, run_in};
use libtest_mimic::Trial;
use serde_json::Value;

/// How long a started `perk` may take to print its address, and then to answer.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long `perk` may take to end after SIGTERM: its grace period of 30 s and something over.
const STOP_LIMIT: Duration = Duration::from_secs(40);
/// How many lines of Perk's log go with a failure.
const LAST_LINES: usize = 40;

/// A real Presto or Trino server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// `presto` or `trino`.
    pub(crate) name: &'static str,
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// What its headers begin with: `X-Presto-` or `X-Trino-`.
    pub(crate) prefix: &'static str,
}

impl Server {
    /// The Presto server to test with, if there is one.
    pub(crate) fn presto() -> Option<Self> {
        let url = address("PERK_TEST_PRESTO", "http://127.0.0.1:8181")?;
        Some(Self {
            name: "presto",
            url,
            prefix: "X-Presto-",
        })
    }

    /// The Trino server to test with, if there is one.
    pub(crate) fn trino() -> Option<Self> {
        let url = address("PERK_TEST_TRINO", "http://127.0.0.1:8182")?;
        Some(Self {
            name: "trino",
            url,
            prefix: "X-Trino-",
        })
    }

    /// Runs a statement on this server itself. See [`run`].
    pub(crate) fn run(&self, catalog: &str, schema: &str, sql: &str) -> Result<Answer, String> {
        run(&self.url, self.prefix, catalog, schema, sql)
    }

    /// Runs a statement in any session on this server itself. See [`run_in`].
    pub(crate) fn run_in(&self, session: &Session, sql: &str) -> Result<Answer, String> {
        run_in(&self.url, self.prefix, session, sql)
    }

    /// The queries that it knows, as its own page shows them: those that run, and the last that did.
    pub(crate) fn queries(&self) -> Result<Vec<Value>, String> {
        let url = format!("{}/v1/query", self.url);
        let request = agent(START_LIMIT)
            .get(&url)
            .header(format!("{}User", self.prefix), "perk-test");
        let body = request
            .call()
            .and_then(|mut answer| {
                answer
                    .body_mut()
                    .with_config()
                    .limit(u64::MAX)
                    .read_to_vec()
            })
            .map_err(|error| format!("{url}: {error}"))?;
        serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
    }
}

/// An address that was given is believed, so that a server which is down fails the tests; a guessed one must answer.
fn address(variable: &str, default: &str) -> Option<String> {
    match env::var(variable) {
        Ok(url) => Some(url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()),
        Err(_) => is_server(default).then(|| default.to_owned()),
    }
}

fn is_server(url: &str) -> bool {
    let answer = agent(Duration::from_secs(2))
        .get(format!("{url}/v1/info"))
        .call();
    let Ok(mut answer) = answer else { return false };
    let info = answer.body_mut().read_to_vec().unwrap_or_default();
    serde_json::from_slice(&info).is_ok_and(|info: Value| info["nodeVersion"].is_object())
}

/// What was found, or the test that stands for those which cannot run without it: it fails if `PERK_TEST_REQUIRE`
/// names it, else it is shown as ignored, never as passed. `remedy` says how to provide what is missing, for
/// example `set PERK_TEST_PRESTO=URL`.
pub(crate) fn require<T>(name: &str, found: Option<T>, remedy: &str) -> Result<T, Trial> {
    found.ok_or_else(|| {
        let list = env::var("PERK_TEST_REQUIRE").unwrap_or_default();
        let required = list.split(',').any(|required| required.trim() == name);
        let missing = format!("{name} is missing ({remedy})");
        let kind = if required { "required" } else { "skipped" };
        // Not on stdout, where `--list` is read by programs.
        eprintln!("{kind}: {missing}");
        // Should an ignored test be run all the same (`--include-ignored`), it fails.
        Trial::test(format!("{kind}: {missing}"), move || Err(missing.into()))
            .with_ignored_flag(!required)
    })
}

/// The servers that are there, with a trial for each that is missing.
pub(crate) fn servers(trials: &mut Vec<Trial>) -> Vec<Server> {
    let found = [
        require("presto", Server::presto(), "set PERK_TEST_PRESTO=URL"),
        require("trino", Server::trino(), "set PERK_TEST_TRINO=URL"),
    ];
    let mut servers = Vec::new();
    for found in found {
        match found {
            Ok(server) => servers.push(server),
            Err(missing) => trials.push(missing),
        }
    }
    servers
}

/// The built `perk` with these arguments, without the tests' own `PERK_…` variables.
pub(crate) fn perk(arguments: &[&str]) -> Command {
    program(env!("CARGO_BIN_EXE_perk"), arguments)
}

/// One of the built binaries.
fn program(path: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(path);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("PERK_") {
            command.env_remove(name);
        }
    }
    command
}

/// The built `perk`, serving one cluster, or its embedded engine, on a port of its own; or one of its processes over Redis.
/// Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Perk {
    url: String,
    pid: u32,
    child: Mutex<Child>,
    log: Arc<Mutex<String>>,
}

impl Perk {
    /// Starts `perk serve --listen 127.0.0.1:0 --cluster CLUSTER` with more arguments, and returns when it answers.
    /// `PERK_…` variables of the tests' own environment are kept from it. An error carries what it printed.
    pub(crate) fn start(cluster: &str, arguments: &[&str]) -> Result<Self, String> {
        Self::launch(Some(cluster), arguments)
    }

    /// As [`Self::start`], without a cluster: what answers is the engine inside of Perk.
    pub(crate) fn start_embedded(arguments: &[&str]) -> Result<Self, String> {
        Self::launch(None, arguments)
    }

    fn launch(cluster: Option<&str>, arguments: &[&str]) -> Result<Self, String> {
        let mut command = perk(&["serve", "--listen", "127.0.0.1:0"]);
        if let Some(cluster) = cluster {
            command.args(["--cluster", cluster]);
        }
        command.args(arguments);
        Self::spawn(command, cluster)?.answering()
    }

    /// Starts a command that prints its address, and returns when it has. It may print the cluster's too.
    fn spawn(command: Command, cluster: Option<&str>) -> Result<Self, String> {
        let (addresses, address) = mpsc::channel();
        let cluster = cluster.unwrap_or_default().to_owned();
        let mut perk = Self::spawn_silent(command, Some((addresses, cluster)))?;
        match address.recv_timeout(START_LIMIT) {
            Ok(url) => {
                perk.url = url;
                Ok(perk)
            }
            Err(RecvTimeoutError::Timeout) => Err(perk.failed("did not print its address")),
            Err(RecvTimeoutError::Disconnected) => {
                Err(perk.failed("closed stdout before printing its address"))
            }
        }
    }

    /// Starts a command, and returns at once.
    fn spawn_silent(
        mut command: Command,
        address: Option<(Sender<String>, String)>,
    ) -> Result<Self, String> {
        command.env("PERK_LOG", "info,perk_core::worker=debug");
        let mut child = command
            .spawn()
            .map_err(|error| format!("perk cannot be started: {error}"))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let perk = Self {
            url: String::new(),
            pid: child.id(),
            child: Mutex::new(child),
            log: Arc::default(),
        };
        drain(stderr, &perk.log, None);
        drain(stdout, &perk.log, address);
        Ok(perk)
    }

    /// The same, when it answers.
    fn answering(self) -> Result<Self, String> {
        let info = format!("{}/v1/info", self.url);
        let agent = agent(Duration::from_secs(2));
        let answered = poll(START_LIMIT, || {
            let answered = agent.get(&info).call().is_ok_and(|a| a.status() == 200);
            (answered || self.exited().is_some()).then_some(answered)
        });
        match answered {
            Some(true) => Ok(self),
            _ => Err(self.failed("did not answer GET /v1/info")),
        }
    }

    fn failed(&self, why: &str) -> String {
        self.stop();
        // Until the threads that read what it printed have let go of the log; what it said last says most.
        poll(Duration::from_secs(1), || {
            (Arc::strong_count(&self.log) == 1).then_some(())
        });
        format!("perk {why}; it printed:\n{}", self.log())
    }

    /// Its address, `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A query as it shows it to its user.
    pub(crate) fn query(&self, id: &str, user: &str) -> Option<Value> {
        let request = agent(START_LIMIT).get(format!("{}/v1/query/{id}", self.url));
        let body = request
            .header("X-Presto-User", user)
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_vec());
        serde_json::from_slice(&body.ok()?).ok()
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// All it has printed so far, on stdout and stderr.
    pub(crate) fn log(&self) -> String {
        lock(&self.log).clone()
    }

    /// The last lines of that: they go with a failure that may be Perk's end.
    pub(crate) fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        format!("the last lines perk printed:\n{}", last.join("\n"))
    }

    /// Sends it a signal by name (`TERM`, `INT`, `KILL`, `STOP`, …), unless it has ended.
    pub(crate) fn signal(&self, name: &str) {
        // Held meanwhile: as long as nobody has waited for the child, its process id cannot be another's.
        let mut child = lock(&self.child);
        if matches!(child.try_wait(), Ok(None)) {
            let pid = self.pid.to_string();
            let status = Command::new("kill")
                .args([&format!("-{name}"), &pid])
                .status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "kill -{name} {pid} failed"
            );
        }
    }

    /// Waits until it has ended, at most `limit`; `None` if it still runs then.
    pub(crate) fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        poll(limit, || self.exited())
    }

    /// Ends it by SIGTERM and says how it ended; `None` if it had to be killed, after 40 s.
    pub(crate) fn stop(&self) -> Option<ExitStatus> {
        self.signal("TERM");
        let ended = self.wait(STOP_LIMIT);
        if ended.is_none() {
            let mut child = lock(&self.child);
            // Both fail only if it has ended, which is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
        ended
    }

    fn exited(&self) -> Option<ExitStatus> {
        lock(&self.child).try_wait().ok().flatten()
    }
}

impl Drop for Perk {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Perk that is started when first asked for, so that `--list` or a filter starts nothing in vain.
#[derive(Debug, Default)]
pub(crate) struct LatePerk {
    /// None for the engine inside of Perk.
    cluster: Option<String>,
    arguments: &'static [&'static str],
    perk: OnceLock<Result<Perk, String>>,
}

impl LatePerk {
    /// In front of a server.
    pub(crate) fn over(server: &Server) -> Self {
        Self {
            cluster: Some(server.url.clone()),
            ..Self::default()
        }
    }

    /// In front of its own engine.
    pub(crate) fn embedded() -> Self {
        Self::default()
    }

    /// With arguments of `perk serve`.
    pub(crate) fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    pub(crate) fn get(&self) -> Result<&Perk, String> {
        let start = || Perk::launch(self.cluster.as_deref(), self.arguments);
        self.perk.get_or_init(start).as_ref().map_err(Clone::clone)
    }

    /// Ends Perk, if it was started. A Perk that must be killed is a failure of its own.
    pub(crate) fn stop(&self) -> Result<(), String> {
        match self.perk.get() {
            Some(Ok(perk)) if perk.stop().is_none() => Err(format!(
                "perk did not end on SIGTERM\n{}",
                perk.last_lines()
            )),
            _ => Ok(()),
        }
    }
}

/// Copies what a process prints into `log` until it ends, and sends on the first local address in it that is not
/// the cluster's own.
fn drain(
    stream: impl Read + Send + 'static,
    log: &Arc<Mutex<String>>,
    mut address: Option<(Sender<String>, String)>,
) {
    let log = Arc::clone(log);
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(&line);
            lock(&log).push_str(&text);
            if let Some((addresses, cluster)) = &address
                && let Some(found) = local_address(&text, cluster)
            {
                // Fails only if nobody waits any more.
                let _ = addresses.send(found);
                address = None;
            }
            line.clear();
        }
    });
}

fn local_address(text: &str, cluster: &str) -> Option<String> {
    const HOST: &str = "http://127.0.0.1:";
    text.match_indices(HOST)
        .map(|(at, _)| {
            let rest = &text[at + HOST.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit());
            &text[at..at + HOST.len() + digits.unwrap_or(rest.len())]
        })
        .find(|found| found.len() > HOST.len() && *found != cluster.trim_end_matches('/'))
        .map(ToOwned::to_owned)
}

/// Asks until there is an answer, at most `limit`. Another process's state cannot be waited for otherwise.
pub(crate) fn poll<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A test that panicked while it held the lock must not hide its own failure behind others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
