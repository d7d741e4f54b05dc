//! Real Redis servers for the tests, ended with them: one that all share, and others for who disturbs theirs.

use std::env;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use perk_core::Random;
use perk_core::testsuite::SuiteTimes;
use perk_queue::{Redis, RedisConfig};

/// In a folder of its own (a replica writes what it gets), which has a file of settings, runs the server until nobody holds the shell's
/// stdin any more, however that came about.
const UNTIL_LEFT: &str = r#"
folder=$(mktemp -d)
cd "$folder"
printf '%s' "$SETTINGS" >settings
redis-server "$@" &
server=$!
read -r _ || true
kill -9 "$server"
wait "$server" 2>/dev/null
rm -rf "$folder"
"#;
/// What it says when it can be connected to, and Sentinel when it watches.
const READY: [&str; 2] = ["Ready to accept connections", "+monitor master"];
/// What each is told: not to wait for a second replica either, before the first gets what there is.
const BASICS: &str =
    "bind 127.0.0.1\nsave ''\nappendonly no\nloglevel notice\nrepl-diskless-sync-delay 0\n";
/// Somebody else may take a port that was free a moment ago.
const TRIES: usize = 5;

/// How a server is started.
#[derive(Debug, Clone, Default)]
struct Start {
    settings: String,
    arguments: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    start: Start,
    /// Its stdin is open for as long as this lives.
    shell: Child,
}

impl Server {
    /// A server of one's own; `None` where there is none to be had.
    pub(crate) fn own() -> Option<Self> {
        shared()?;
        Some(Self::start(&[], |_| String::new()))
    }

    /// One with settings of its own, which may depend on the port that it gets.
    pub(crate) fn with(settings: impl Fn(u16) -> String) -> Option<Self> {
        shared()?;
        Some(Self::start(&[], settings))
    }

    /// One that watches others.
    pub(crate) fn sentinel(settings: &str) -> Option<Self> {
        shared()?;
        let settings = |_| settings.to_owned();
        Some(Self::start(&["--sentinel"], settings))
    }

    fn start(arguments: &'static [&'static str], settings: impl Fn(u16) -> String) -> Self {
        let start = |_| {
            let port = free_port()?;
            let settings = format!("port {port}\n{}", settings(port));
            let start = Start {
                settings,
                arguments,
            };
            Self::at(port, start)
        };
        (0..TRIES).find_map(start).expect("redis-server starts")
    }

    fn at(port: u16, start: Start) -> Option<Self> {
        let basics = match start.arguments {
            [] => BASICS,
            // What Sentinel does not know it refuses.
            _ => "bind 127.0.0.1\n",
        };
        let mut shell = Command::new("sh")
            .args(["-c", UNTIL_LEFT, "sh", "settings"])
            .args(start.arguments)
            .env("SETTINGS", format!("{basics}{}", start.settings))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let stdout = shell.stdout.take().expect("it is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let is_ready = |line: String| READY.iter().any(|ready| line.contains(ready));
        lines.any(is_ready).then(|| {
            // It may say more, and must not be stopped by that.
            std::thread::spawn(move || lines.for_each(drop));
            Self { port, start, shell }
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it, and forgets all that it held. Another can be started in its place.
    pub(crate) fn kill(mut self) -> Gone {
        drop(self.shell.stdin.take());
        self.shell.wait().expect("the shell ends");
        Gone {
            port: self.port,
            start: self.start.clone(),
        }
    }

    /// Has it answer nobody for so long, as if its process stood still.
    pub(crate) fn pause(&self, time: Duration) {
        let pid = self.info("process_id").to_string();
        let signal = |name: &str| {
            let sent = Command::new("kill").args([name, &pid]).status();
            assert!(sent.expect("kill runs").success());
        };
        signal("-STOP");
        std::thread::sleep(time);
        signal("-CONT");
    }

    /// What connects to it, with a prefix that nobody else has.
    pub(crate) fn config(&self) -> RedisConfig {
        self.config_as("redis", "")
    }

    /// The same by an address of another kind: its scheme, and what follows the port.
    pub(crate) fn config_as(&self, scheme: &str, more: &str) -> RedisConfig {
        static NAMES: AtomicU64 = AtomicU64::new(0);
        let name = NAMES.fetch_add(1, Ordering::Relaxed);
        let port = self.port;
        RedisConfig {
            prefix: format!("test-{name}"),
            ..RedisConfig::new(format!("{scheme}://127.0.0.1:{port}{more}"))
        }
    }

    /// What it answers to a command whose arguments may hold anything, as it comes over the wire.
    pub(crate) fn send(&self, arguments: &[&str]) -> String {
        let mut command = format!("*{}\r\n", arguments.len());
        for argument in arguments {
            write!(command, "${}\r\n{argument}\r\n", argument.len()).unwrap();
        }
        self.command(&command)
    }

    /// What it answers to a command, as it comes over the wire.
    pub(crate) fn command(&self, command: &str) -> String {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        connection
            .write_all(format!("{command}\r\nQUIT\r\n").as_bytes())
            .unwrap();
        if !self.start.arguments.is_empty() {
            // Sentinel knows no QUIT.
            connection.shutdown(Shutdown::Write).unwrap();
        }
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A number that `INFO` tells, like `used_memory` or a part of a line, like `cmdstat_evalsha:calls`.
    pub(crate) fn info(&self, name: &str) -> u64 {
        let info = self.command("INFO everything");
        let (_, rest) = info.split_once(&format!("\r\n{name}")).unwrap_or_default();
        let digits: String = rest
            .chars()
            .skip(1)
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap_or_default()
    }
}

/// A server that was killed.
#[derive(Debug)]
pub(crate) struct Gone {
    port: u16,
    start: Start,
}

impl Gone {
    /// A new and empty one, where it was.
    pub(crate) fn again(self) -> Server {
        Server::at(self.port, self.start).expect("redis-server starts again")
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").ok()?;
    Some(listener.local_addr().ok()?.port())
}

/// Whether what the tests need beside Redis is there, which a program's `--version` or the like shows.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    let ran = Command::new(program).arg(argument).output();
    let found = ran.is_ok_and(|output| output.status.success());
    let required = env::var("PERK_TEST_REQUIRE").unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == "redis");
    assert!(found || !is_required, "{program} is required and missing");
    if !found {
        println!("skipped: {program} is missing");
    }
    found
}

/// Asks until what is asked is so, which it must be within half a minute.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let became_so = tokio::time::timeout(Duration::from_secs(30), patience).await;
    assert!(became_so.is_ok(), "it never came about that {what}");
}

/// How long things take over Redis; `None` where there is none to be had.
pub(crate) fn times() -> Option<SuiteTimes> {
    shared().map(|_| SuiteTimes::real())
}

/// What connects to the server that all share.
pub(crate) fn config() -> RedisConfig {
    let server = shared().expect("whoever asks has seen that there is one");
    server.config()
}

pub(crate) async fn connect(config: &RedisConfig) -> Redis {
    Redis::connect(config.clone(), Random::system())
        .await
        .unwrap()
}

fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let is_there = Command::new("redis-server").arg("--version").output();
        if is_there.is_ok() {
            return Some(Server::start(&[], |_| String::new()));
        }
        let required = env::var("PERK_TEST_REQUIRE").unwrap_or_default();
        let is_required = required.split(',').any(|name| name.trim() == "redis");
        assert!(
            !is_required,
            "redis is required and missing: install redis-server"
        );
        println!("skipped: redis is missing (install redis-server)");
        None
    });
    server.as_ref()
}
