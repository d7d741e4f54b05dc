//! A real `redis-server` of one's own: started, killed, started again where it was, made to stand still.

// Every target that includes this module uses only a part of it.
#![allow(dead_code)]

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libtest_mimic::Trial;

use super::{poll, require};

/// Runs the server in the folder `$1` until it is told otherwise: a line kills it, and when nobody holds the shell's stdin
/// any more, however that came about, its folder goes too.
const UNTIL_LEFT: &str = r#"
cd "$1" || exit 1
shift
redis-server --bind 127.0.0.1 --daemonize no --loglevel notice "$@" </dev/null &
server=$!
echo "pid $server"
read -r _ && left=no || left=yes
kill -9 "$server" 2>/dev/null
wait "$server" 2>/dev/null
[ "$left" = no ] || rm -rf "$PWD"
"#;
/// What it says when it can be connected to, with all that it kept loaded.
const READY: &str = "Ready to accept connections";
/// How long what is asked of it may take.
const LIMIT: Duration = Duration::from_secs(30);
/// From which ports it has one. The system gives none of these to whoever connects, so that a port stays the server's while
/// it is away, and nobody who tries to connect then meets himself.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// Everything is kept on disk before it is acknowledged.
pub(crate) const DURABLE: [&str; 6] = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--save",
    "",
];
/// Nothing is kept.
pub(crate) const VOLATILE: [&str; 4] = ["--appendonly", "no", "--save", ""];

/// The trial that stands for those which cannot run without a `redis-server`, where there is none.
pub(crate) fn required() -> Result<(), Trial> {
    let version = Command::new("redis-server").arg("--version").output();
    let found = version.is_ok_and(|output| output.status.success());
    require("redis", found.then_some(()), "install redis-server")
}

/// A server on a port and in a folder of its own, running or not. Dropped, it is killed and its folder removed.
#[derive(Debug)]
pub(crate) struct RedisServer {
    port: u16,
    folder: PathBuf,
    arguments: Vec<String>,
    running: Mutex<Option<Running>>,
}

/// The shell that runs the server; its stdin is open for as long as this lives.
#[derive(Debug)]
struct Running {
    shell: Child,
    pid: String,
}

impl RedisServer {
    /// One that is not started yet, with arguments of `redis-server`.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let port = free_port();
        let folder = env::temp_dir().join(format!("perk-redis-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder can be made");
        Self {
            port,
            folder,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            running: Mutex::default(),
        }
    }

    /// One that answers, with arguments of `redis-server`.
    pub(crate) fn started(arguments: &[&str]) -> Self {
        let server = Self::new(arguments);
        server.start();
        server
    }

    /// Starts it, again if it ran before: on the same port, with what its folder has. Returns when it answers.
    pub(crate) fn start(&self) {
        let mut running = self.lock();
        assert!(running.is_none(), "it runs already");
        // Somebody may still hold its port, for a moment.
        *running = poll(LIMIT, || self.try_start());
        assert!(running.is_some(), "redis-server does not start");
    }

    fn try_start(&self) -> Option<Running> {
        let mut shell = Command::new("sh")
            .args(["-c", UNTIL_LEFT, "sh"])
            .arg(&self.folder)
            .args(["--port", &self.port.to_string()])
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let stdout = shell.stdout.take().expect("it is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let pid = lines.next().unwrap_or_default();
        let running = Running {
            pid: pid.trim_start_matches("pid ").to_owned(),
            shell,
        };
        if lines.any(|line| line.contains(READY)) {
            // It may say more, and must not be stopped by that.
            std::thread::spawn(move || lines.for_each(drop));
            return Some(running);
        }
        running.end();
        None
    }

    /// What connects to it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port of 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it as `kill -9` does. [`Self::start`] starts it again.
    pub(crate) fn kill(&self) {
        self.take().end();
    }

    /// Ends it as an operator does, with what it has to write written. [`Self::start`] starts it again.
    pub(crate) fn stop(&self) {
        let running = self.take();
        running.signal("TERM");
        let gone = poll(LIMIT, || TcpStream::connect(("127.0.0.1", self.port)).err());
        assert!(gone.is_some(), "redis-server ends on SIGTERM");
        running.end();
    }

    /// Has its process stand still: connections come about, nothing is answered.
    pub(crate) fn pause(&self) {
        self.lock().as_ref().expect("it runs").signal("STOP");
    }

    /// Has it go on.
    pub(crate) fn resume(&self) {
        self.lock().as_ref().expect("it runs").signal("CONT");
    }

    /// What it answers to one command.
    pub(crate) fn ask(&self, command: &[&str]) -> Answer {
        let asked = self.try_ask(command);
        asked.unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// What it answers to one command, if it does within 30 s.
    pub(crate) fn try_ask(&self, command: &[&str]) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(LIMIT))?;
        let mut request = format!("*{}\r\n", command.len()).into_bytes();
        for word in command {
            write!(request, "${}\r\n{word}\r\n", word.len())?;
        }
        stream.write_all(&request)?;
        Answer::read(&mut BufReader::new(stream))
    }

    /// Where it keeps what it keeps.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of all its keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        let Answer::List(keys) = self.ask(&["KEYS", "*"]) else {
            panic!("KEYS gives a list");
        };
        keys.iter().map(Answer::text).collect()
    }

    /// A number that `INFO` tells, like `used_memory`.
    pub(crate) fn info(&self, name: &str) -> Option<u64> {
        let info = self.ask(&["INFO", "everything"]).text();
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line?.trim().parse().ok()
    }

    fn take(&self) -> Running {
        self.lock().take().expect("it runs")
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        // A test that panicked while it held this must not hide its own failure behind others.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut running) = self.lock().take() {
            drop(running.shell.stdin.take());
            // Fails only if somebody has waited for it already.
            let _ = running.shell.wait();
        }
        // What is left of one that was not running.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Running {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.pid])
            .status();
        assert!(sent.is_ok_and(|sent| sent.success()), "kill -{name}");
    }

    /// Kills the server and leaves its folder.
    fn end(mut self) {
        if let Some(mut stdin) = self.shell.stdin.take() {
            // Fails only if the shell has ended, which is what is wanted.
            let _ = stdin.write_all(b"\n");
        }
        let _ = self.shell.wait();
    }
}

/// What Redis answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Nil,
    Number(i64),
    Bytes(Vec<u8>),
    List(Vec<Answer>),
    Error(String),
}

impl Answer {
    /// The answer as text; panics where it is none.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Number(number) => number.to_string(),
            other => panic!("no text: {other:?}"),
        }
    }

    fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let kind = line.chars().next().ok_or(io::ErrorKind::UnexpectedEof)?;
        let rest = line[kind.len_utf8()..].trim_end();
        let number = || rest.parse::<i64>().map_err(|_| invalid());
        let count = || number().map(|number| usize::try_from(number).ok());
        Ok(match kind {
            '+' => Self::Bytes(rest.into()),
            '-' => Self::Error(rest.into()),
            ':' => Self::Number(number()?),
            '$' => match count()? {
                None => Self::Nil,
                Some(length) => {
                    let mut bytes = vec![0; length + 2];
                    stream.read_exact(&mut bytes)?;
                    bytes.truncate(length);
                    Self::Bytes(bytes)
                }
            },
            '*' => match count()? {
                None => Self::Nil,
                Some(length) => {
                    let answers = (0..length).map(|_| Self::read(stream));
                    Self::List(answers.collect::<io::Result<_>>()?)
                }
            },
            _ => return Err(invalid()),
        })
    }
}

/// A port that is free now, and that the system gives to nobody who connects.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Where other processes with tests do not begin.
    let first = std::process::id().wrapping_mul(7919) % u32::from(count);
    let first = u16::try_from(first).expect("it is less than their count");
    let ports = (0..count).map(|_| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        PORTS.start + (first + next % count) % count
    });
    let mut free = ports.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("a port is free")
}
