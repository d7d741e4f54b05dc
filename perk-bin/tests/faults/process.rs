//! Perk's own processes: started, killed, made to stand still, and what they print.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;

use crate::lock;

/// How long a process may take until it says what is waited for.
const SAY_LIMIT: Duration = Duration::from_secs(30);
/// How many of its last lines go with a failure.
const LAST_LINES: usize = 25;

/// A process. Dropped, it is killed.
pub(crate) struct Process {
    name: String,
    child: Mutex<Child>,
    pid: u32,
    printed: Arc<Printed>,
}

#[derive(Default)]
struct Printed {
    text: Mutex<String>,
    more: Notify,
}

impl Process {
    /// Starts a program, without the tests' own `PERK_…` variables.
    pub(crate) fn start(
        name: String,
        program: &Path,
        arguments: &[String],
    ) -> Result<Self, String> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("PERK_") {
                command.env_remove(variable);
            }
        }
        command.env(
            "PERK_LOG",
            env::var("PERK_TEST_LOG").as_deref().unwrap_or("info"),
        );
        let child = command.spawn();
        let mut child = child.map_err(|error| format!("{name} cannot be started: {error}"))?;
        let printed = Arc::<Printed>::default();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        drain(stdout.expect("stdout is piped"), printed.clone());
        drain(stderr.expect("stderr is piped"), printed.clone());
        Ok(Self {
            name,
            pid: child.id(),
            child: Mutex::new(child),
            printed,
        })
    }

    /// Waits until it has printed something in which `find` finds what it looks for.
    pub(crate) async fn says<T>(&self, find: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let said = tokio::time::timeout(SAY_LIMIT, async {
            loop {
                let mut more = std::pin::pin!(self.printed.more.notified());
                more.as_mut().enable();
                if let Some(found) = find(&lock(&self.printed.text)) {
                    return found;
                }
                more.await;
            }
        });
        let late = |_| {
            format!(
                "{} does not say what it should\n{}",
                self.name,
                self.last_lines()
            )
        };
        said.await.map_err(late)
    }

    /// Waits until it has printed this.
    pub(crate) async fn says_text(&self, text: &str) -> Result<(), String> {
        self.says(|printed| printed.contains(text).then_some(()))
            .await
    }

    /// Ends it as `kill -9` does; it has ended when this returns.
    pub(crate) fn kill(&self) {
        let mut child = lock(&self.child);
        // Both fail only if it has ended, which is what is wanted.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Has it stand still.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// Has it go on.
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    /// How many bytes of memory it has.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes << 10)
    }

    /// How often it has printed this.
    pub(crate) fn count(&self, text: &str) -> usize {
        lock(&self.printed.text).matches(text).count()
    }

    /// The last of what it printed.
    pub(crate) fn last_lines(&self) -> String {
        let text = lock(&self.printed.text).clone();
        let lines: Vec<_> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        format!("--- {} ({}):\n{}", self.name, self.pid, last.join("\n"))
    }

    fn signal(&self, signal: &str) {
        // Held meanwhile: as long as nobody has waited for the child, its process id cannot be another's.
        let _child = lock(&self.child);
        let sent = Command::new("kill")
            .args([signal, &self.pid.to_string()])
            .status();
        assert!(sent.is_ok_and(|sent| sent.success()), "kill {signal}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The address that a gateway says it listens on.
pub(crate) fn listening(printed: &str) -> Option<SocketAddr> {
    let (_, rest) = printed.split_once("http://")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ':'))?;
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

fn drain(stream: impl Read + Send + 'static, printed: Arc<Printed>) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            lock(&printed.text).push_str(&String::from_utf8_lossy(&line));
            printed.more.notify_waiters();
            line.clear();
        }
    });
}
