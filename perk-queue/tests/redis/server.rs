//! A real Redis for the tests: one for all of them, ended with them.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use perk_core::Random;
use perk_core::testsuite::SuiteTimes;
use perk_queue::{Redis, RedisConfig};

/// Runs the server until nobody holds the shell's stdin any more, however that came about.
const UNTIL_LEFT: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --loglevel notice &
server=$!
read -r _ || true
kill "$server"
wait "$server"
"#;
/// What it says when it can be connected to.
const READY: &str = "Ready to accept connections";
/// Somebody else may take a port that was free a moment ago.
const TRIES: usize = 5;

#[derive(Debug)]
struct Server {
    port: u16,
    /// Its stdin is open for as long as this process lives.
    _shell: Child,
}

/// How long things take over Redis; `None` where there is none to be had.
pub(crate) fn times() -> Option<SuiteTimes> {
    server().map(|_| SuiteTimes::real())
}

/// What no other test sees anything of.
pub(crate) fn config() -> RedisConfig {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let port = server().expect("whoever asks has seen that there is one").port;
    let name = NAMES.fetch_add(1, Ordering::Relaxed);
    RedisConfig {
        prefix: format!("test-{name}"),
        ..RedisConfig::new(format!("redis://127.0.0.1:{port}"))
    }
}

pub(crate) async fn connect(config: RedisConfig) -> Redis {
    Redis::connect(config, Random::system()).await.unwrap()
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref()
}

fn start() -> Option<Server> {
    let is_there = Command::new("redis-server").arg("--version").output();
    if is_there.is_err() {
        let required = env::var("PERK_TEST_REQUIRE").unwrap_or_default();
        let is_required = required.split(',').any(|name| name.trim() == "redis");
        assert!(!is_required, "redis is required and missing: install redis-server");
        println!("skipped: redis is missing (install redis-server)");
        return None;
    }
    let started = (0..TRIES).find_map(|_| try_start());
    Some(started.expect("redis-server starts"))
}

fn try_start() -> Option<Server> {
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let mut shell = Command::new("sh")
        .args(["-c", UNTIL_LEFT, "sh", &port.to_string()])
        .current_dir(env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh runs");
    let stdout = shell.stdout.take().expect("it is a pipe");
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    lines.any(|line| line.contains(READY)).then(|| {
        // It may say more, and must not be stopped by that.
        std::thread::spawn(move || lines.for_each(drop));
        Server { port, _shell: shell }
    })
}
