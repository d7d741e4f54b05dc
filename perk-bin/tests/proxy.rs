//! Perk behind a real nginx that ends TLS: both CLIs follow what Perk hands out back to nginx, and an address that
//! somebody untrusted forwards leads nobody astray.
//!
//! `nginx` and `openssl` come from `PATH`, the CLIs from `PERK_TEST_CLIENTS` (see `clients.rs`), the servers as `support`
//! says; what is missing is shown as ignored.

#[path = "clients/cli.rs"]
#[allow(dead_code)]
mod cli;
#[path = "proxy/nginx.rs"]
mod nginx;
#[path = "clients/process.rs"]
#[allow(dead_code)]
mod process;
#[path = "clients/query.rs"]
#[allow(dead_code)]
mod query;
mod support;
#[path = "input/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use nginx::{Nginx, Site};
use process::{RUN_LIMIT, Tools, java, output};
use serde_json::Value;
use support::{Perk, Server, require};

/// A JVM each: more at once than this is slower, not faster.
const THREADS: usize = 2;
/// The rows of `tpch.sf1.customer`, whose keys count from 1.
const CUSTOMERS: u64 = 150_000;

/// How a request comes through nginx to Perk.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The whole address is forwarded: `X-Forwarded-Proto`, `-Host` and `-Port`.
    Forwarded,
    /// The host is the client's, and only the scheme is forwarded.
    SchemeForwarded,
    /// Nothing is forwarded; Perk was told by `--external-url`.
    External,
    /// Somebody untrusted forwards an address that is not his.
    Untrusted,
}

const WAYS: [Way; 4] = [
    Way::Forwarded,
    Way::SchemeForwarded,
    Way::External,
    Way::Untrusted,
];

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::SchemeForwarded => "scheme_forwarded",
            Self::External => "external_url",
            Self::Untrusted => "untrusted",
        }
    }

    /// What nginx says to Perk.
    fn directives(self) -> &'static [&'static str] {
        match self {
            Self::Forwarded => &[
                "proxy_set_header Host $host",
                "proxy_set_header X-Forwarded-Proto $scheme",
                "proxy_set_header X-Forwarded-Host $host",
                "proxy_set_header X-Forwarded-Port $server_port",
            ],
            Self::SchemeForwarded => &[
                "proxy_set_header Host $http_host",
                "proxy_set_header X-Forwarded-Proto $scheme",
            ],
            Self::External => &[],
            Self::Untrusted => &[
                // Any address but the one that Perk trusts.
                "proxy_bind 127.0.0.2",
                "proxy_set_header Host $http_host",
                "proxy_set_header X-Forwarded-Proto https",
                "proxy_set_header X-Forwarded-Host elsewhere.test",
                "proxy_set_header X-Forwarded-Port 1",
            ],
        }
    }
}

/// A cluster, Perk in front of it, and nginx in front of that; made when first asked for.
struct Engine {
    server: Server,
    stack: OnceLock<Result<Stack, String>>,
}

struct Stack {
    nginx: Nginx,
    /// Dropped after nginx.
    _perks: [Perk; 2],
}

impl Engine {
    fn stack(&self) -> Result<&Stack, String> {
        let start = || Stack::start(&self.server);
        self.stack.get_or_init(start).as_ref().map_err(Clone::clone)
    }
}

impl Stack {
    fn start(server: &Server) -> Result<Self, String> {
        let reserved = WAYS.map(|_| nginx::reserve());
        let port = |way: Way| {
            let address = reserved[way as usize].local_addr();
            address.expect("it is bound").port()
        };
        let external = format!("https://localhost:{}", port(Way::External));
        let trusting = Perk::start(
            &server.url,
            &["--trusted-proxies", "127.0.0.1/32", "--grace", "5"],
        )?;
        let told = Perk::start(&server.url, &["--external-url", &external, "--grace", "5"])?;
        let site = |way: Way| Site {
            port: port(way),
            upstream: match way {
                Way::External => told.url().to_owned(),
                _ => trusting.url().to_owned(),
            },
            directives: way.directives(),
        };
        let folder = folder(server.name)?;
        Ok(Self {
            nginx: Nginx::start(&folder, &WAYS.map(site), reserved)?,
            _perks: [trusting, told],
        })
    }

    fn port(&self, way: Way) -> u16 {
        self.nginx.ports[way as usize]
    }
}

/// A folder for a server's files, where nothing of an earlier run is.
fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("proxy")
        .join(name);
    // Fails where there is none.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// What Perk hands out leads back to where the client came from, in both dialects.
fn addresses(engine: &Engine, way: Way) -> Result<(), Failed> {
    let stack = engine.stack()?;
    let port = stack.port(way);
    let scheme = match way {
        Way::Untrusted => "http",
        _ => "https",
    };
    let origin = format!("{scheme}://localhost:{port}/");
    for prefix in ["X-Presto-", "X-Trino-"] {
        let headers = [(format!("{prefix}User"), "proxy")];
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        let sql = "SELECT nationkey FROM tpch.sf1.nation";
        let mut body = stack
            .nginx
            .ask(port, "POST", "/v1/statement", &headers, sql)?
            .json();
        let mut rows = 0;
        loop {
            let info = path(&body["infoUri"], &origin)?;
            let page = stack.nginx.ask(port, "GET", info, &[], "")?;
            if page.status != 200 || !page.body.contains("<html") {
                return Err(format!("infoUri: {page:?}").into());
            }
            rows += body["data"].as_array().map_or(0, Vec::len);
            if body["nextUri"].is_null() {
                break;
            }
            let next = path(&body["nextUri"], &origin)?;
            body = stack.nginx.ask(port, "GET", next, &[], "")?.json();
        }
        if rows != 25 || !body["error"].is_null() {
            return Err(format!("{rows} rows, and in the end {body}").into());
        }
    }
    Ok(())
}

/// A URI's path and query; an error if it is not below this origin.
fn path<'a>(uri: &'a Value, origin: &str) -> Result<&'a str, String> {
    let uri = uri.as_str().unwrap_or_default();
    let path = uri.strip_prefix(origin.trim_end_matches('/'));
    path.filter(|path| path.starts_with('/'))
        .ok_or_else(|| format!("{uri:?} does not begin with {origin}"))
}

/// A CLI reads a result of several pages through nginx.
fn cli_reads(
    engine: &Engine,
    tools: &Tools,
    dialect: &'static str,
    way: Way,
) -> Result<(), Failed> {
    let stack = engine.stack()?;
    let port = stack.port(way);
    let label = format!("{}-{dialect}-cli-{}", engine.server.name, way.name());
    let mut command = java(dialect);
    let jar = tools.path(&format!("{}_CLI", dialect.to_uppercase()))?;
    command.args(["-jar", jar, "--server"]);
    command.arg(format!("https://localhost:{port}"));
    // Only nginx's own certificate is trusted, and both CLIs read it as PEM.
    command
        .arg("--truststore-path")
        .arg(&stack.nginx.certificate);
    command.args(["--user", "proxy", "--output-format", "TSV", "--execute"]);
    command.arg("SELECT custkey, name FROM tpch.sf1.customer");
    let before = stack.nginx.requests(port)?;
    let (stdout, stderr) = output(&mut command, &folder(&label)?, RUN_LIMIT)?;
    let keys = stdout.lines().map(|line| {
        let (key, name) = line.split_once('\t')?;
        let key: u64 = key.parse().ok()?;
        (name == format!("Customer#{key:09}")).then_some(key)
    });
    let keys: Option<Vec<u64>> = keys.collect();
    let keys = keys.ok_or_else(|| format!("a row is wrong; {stderr}"))?;
    let count = u64::try_from(keys.len())?;
    if (count, keys.iter().sum()) != (CUSTOMERS, CUSTOMERS * (CUSTOMERS + 1) / 2) {
        return Err(format!("{count} rows; {stderr}").into());
    }
    let requests = &stack.nginx.requests(port)?[before.len()..];
    let gets = requests
        .iter()
        .filter(|r| r.starts_with("GET /v1/statement/"));
    if gets.clone().count() < 3 || requests.iter().any(|r| !r.ends_with(" 200")) {
        return Err(format!("nginx saw {requests:#?}").into());
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let mut trials = Vec::new();
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(problem) => {
            eprintln!("PERK_TEST_CLIENTS: {problem}");
            return ExitCode::FAILURE;
        }
    };
    let remedy = "set PERK_TEST_CLIENTS=FILE, what testbed/clients prints";
    let tools = require("clients", tools, remedy);
    let tools = tools
        .map(Arc::new)
        .map_err(|missing| trials.push(missing))
        .ok();
    let remedy = "install nginx and openssl, and have both on PATH";
    if let Err(missing) = require("nginx", nginx::found(), remedy) {
        trials.push(missing);
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    for server in support::servers(&mut trials) {
        trials.extend(trials_over(server, tools.as_ref()));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The trials over one server. The last of them to end stops its nginx and both its Perks.
fn trials_over(server: Server, tools: Option<&Arc<Tools>>) -> Vec<Trial> {
    let engine = Arc::new(Engine {
        server,
        stack: OnceLock::new(),
    });
    let mut trials = Vec::new();
    for way in WAYS {
        let title = format!("{}::{}::addresses", engine.server.name, way.name());
        let engine = Arc::clone(&engine);
        trials.push(Trial::test(title, move || addresses(&engine, way)));
    }
    for way in [Way::Forwarded, Way::External] {
        for dialect in ["presto", "trino"] {
            let Some(tools) = tools.cloned() else {
                continue;
            };
            let title = format!("{}::{}::{dialect}-cli", engine.server.name, way.name());
            let engine = Arc::clone(&engine);
            let reads = move || cli_reads(&engine, &tools, dialect, way);
            trials.push(Trial::test(title, reads));
        }
    }
    trials
}
