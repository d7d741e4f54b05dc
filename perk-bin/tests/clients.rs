//! Every real client through Perk over both clusters, its own dialect's and the other's.
//!
//! What a client gives on its own dialect's real server, asked directly, is what it must give through Perk: over that
//! server exactly, over the other one but for what the clusters themselves do differently (see `expected`); and so over the
//! engine inside of Perk. One process of a client runs all its cases.
//!
//! `PERK_TEST_CLIENTS` is a file of `NAME=PATH` lines, what `testbed/clients` prints; `java`, `go` and `node` come from
//! `PATH`, the JDK for Trino's clients from `TRINO_JAVA_HOME`. Servers are found as `support` says; what is missing is
//! shown as ignored.

#[path = "clients/cli.rs"]
mod cli;
#[path = "clients/expected.rs"]
mod expected;
#[path = "clients/process.rs"]
mod process;
#[path = "clients/query.rs"]
mod query;
mod support;

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use process::{CLIENTS, Client, Documents, Driver, Tools};
use serde_json::Value;
use support::{LatePerk, Perk, Server, require};

/// JVMs are heavy: more at once than this is slower, not faster.
const THREADS: usize = 2;

/// Whom a client is pointed at.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Target {
    /// The server of this name.
    Server(&'static str),
    /// Perk over it.
    Perk(&'static str),
}

/// The servers, Perk over each, and what the clients gave; all made when first asked for, so that `--list` or a
/// filter starts nothing in vain.
struct World {
    tools: Tools,
    engines: Vec<Engine>,
    given: HashMap<(&'static str, Target), OnceLock<Result<Documents, String>>>,
}

/// What answers behind Perk.
struct Engine {
    name: &'static str,
    /// None for the engine inside of Perk.
    server: Option<Server>,
    perk: LatePerk,
}

/// The engine inside of Perk.
const EMBEDDED: &str = "embedded";

impl World {
    fn new(tools: Tools, servers: Vec<Server>) -> Self {
        let over = |server: Server| Engine {
            name: server.name,
            perk: LatePerk::over(&server),
            server: Some(server),
        };
        let mut engines: Vec<_> = servers.into_iter().map(over).collect();
        engines.push(Engine {
            name: EMBEDDED,
            server: None,
            perk: LatePerk::embedded(),
        });
        let keys = engines.iter().flat_map(|engine| {
            let targets = [Target::Server(engine.name), Target::Perk(engine.name)];
            CLIENTS
                .iter()
                .flat_map(move |client| targets.map(|target| (client.name, target)))
        });
        Self {
            tools,
            given: keys.map(|key| (key, OnceLock::new())).collect(),
            engines,
        }
    }

    fn engine(&self, name: &str) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.name == name)
    }

    /// What a client gives for one case.
    fn given(&self, client: &Client, target: Target, case: &str) -> Result<&Value, String> {
        let run = || {
            let (Target::Server(name) | Target::Perk(name)) = target;
            let engine = self.engine(name).ok_or("no such server")?;
            let (url, label) = match target {
                Target::Server(_) => {
                    let server = engine.server.as_ref().ok_or("it is no server")?;
                    (server.url.as_str(), "direct")
                }
                Target::Perk(_) => (engine.perk.get()?.url(), "perk"),
            };
            let label = format!("{} {name} {label}", client.name);
            self.tools.run(client, url, &label)
        };
        let given = self.given[&(client.name, target)].get_or_init(run);
        given.as_ref().map_err(Clone::clone)?.of(case)
    }

    /// What it must give, from what clients of the right dialect are given by the servers themselves.
    fn expected(
        &self,
        client: &'static Client,
        server: &'static str,
        case: &str,
    ) -> Result<Value, String> {
        let direct = |client: &Client| {
            let direct = self.given(client, Target::Server(client.dialect), case)?;
            expected::check(case, direct)
                .map_err(|problem| format!("{} directly: {problem}: {direct}", client.name))?;
            Ok::<_, String>(direct)
        };
        let view = view(client, server);
        let own = view(case, direct(client.oracle())?);
        if client.dialect == server {
            return Ok(own);
        }
        if server == EMBEDDED {
            return Ok(expected::over_embedded(case, own));
        }
        let other = match client.twin() {
            Some(twin) if case == "metadata" => view(case, direct(twin)?),
            _ => Value::Null,
        };
        Ok(expected::over_other(case, own, &other, server))
    }

    fn compare(
        &self,
        client: &'static Client,
        server: &'static str,
        case: &str,
    ) -> Result<(), Failed> {
        let expected = self.expected(client, server, case)?;
        let given = self.given(client, Target::Perk(server), case);
        let compared = given.and_then(|given| {
            let given = view(client, server)(case, given);
            expected::difference(&expected, &given).map_or(Ok(()), Err)
        });
        Ok(compared.map_err(|problem| {
            let perk = self
                .engine(server)
                .and_then(|engine| engine.perk.get().ok());
            let log = perk.map_or_else(String::new, Perk::last_lines);
            format!("{problem}\n{log}")
        })?)
    }
}

/// How exactly a client's results are compared over a server.
fn view(client: &Client, server: &str) -> fn(&str, &Value) -> Value {
    match client.driver {
        Driver::Query => expected::bare,
        _ if client.dialect == server => expected::exact,
        _ => expected::unwrapped,
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let mut trials = vec![Trial::test("comparison", || Ok(expected::self_test()?))];
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(problem) => {
            eprintln!("PERK_TEST_CLIENTS: {problem}");
            return ExitCode::FAILURE;
        }
    };
    let servers = support::servers(&mut trials);
    let remedy = "set PERK_TEST_CLIENTS=FILE, what testbed/clients prints";
    let world = match require("clients", tools, remedy) {
        Ok(tools) => Arc::new(World::new(tools, servers)),
        Err(missing) => {
            trials.push(missing);
            return libtest_mimic::run(&arguments, trials).exit_code();
        }
    };
    trials.extend(comparisons(&world));
    let conclusion = libtest_mimic::run(&arguments, trials);
    let mut code = conclusion.exit_code();
    for engine in &world.engines {
        if let Err(problem) = engine.perk.stop() {
            eprintln!("{}: {problem}", engine.name);
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// One trial for each client, server and case. Cases change slowest, so that trials that run at once wait for
/// different processes.
fn comparisons(world: &Arc<World>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in process::CASES {
        for client in &CLIENTS {
            // Without its own dialect's server there is nothing to compare with; the missing one is shown already.
            if world.engine(client.dialect).is_none() || !client.cases().contains(&case) {
                continue;
            }
            for engine in &world.engines {
                let (world, server) = (Arc::clone(world), engine.name);
                let title = format!("{}::over_{server}::{case}", client.name);
                let compare = move || world.compare(client, server, case);
                trials.push(Trial::test(title, compare));
            }
        }
    }
    trials
}
