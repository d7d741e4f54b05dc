//! Every real client through Perk over both clusters, its own dialect's and the other's.
//!
//! What a client gives on its own dialect's real server, asked directly, is what it must give through Perk: over that
//! server exactly, over the other one but for what the clusters themselves do differently (see `expected`); and so over the
//! engine inside of Perk. One process of a client runs all its cases but those that must be watched from outside, in which
//! the cluster itself is asked what became of a query. `docs/clients.md` tells what came of it all: it must be what was seen,
//! and `PERK_TEST_WRITE=1` writes it.
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
#[path = "clients/table.rs"]
mod table;
#[path = "clients/watched.rs"]
mod watched;

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use libtest_mimic::{Arguments, Failed, Trial};
use process::{CLIENTS, Client, Documents, Driver, Tools};
use serde_json::Value;
use support::{LatePerk, Perk, Server, require};
use table::Table;
use watched::Witness;

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
    table: Table,
    /// Held for writing where a moment is measured: what else the machine does then would be measured too.
    machine: RwLock<()>,
}

/// What answers behind Perk.
struct Engine {
    name: &'static str,
    /// None for the engine inside of Perk.
    server: Option<Server>,
    perk: LatePerk,
}

/// A statement that a client failed to cancel must not keep the machine busy for the rest of the tests.
const ARGUMENTS: &[&str] = &["--client-timeout", "20"];

/// The engine inside of Perk.
const EMBEDDED: &str = "embedded";

impl World {
    fn new(tools: Tools, servers: Vec<Server>) -> Self {
        let over = |server: Server| Engine {
            name: server.name,
            perk: LatePerk::over(&server).with(ARGUMENTS),
            server: Some(server),
        };
        let mut engines: Vec<_> = servers.into_iter().map(over).collect();
        engines.push(Engine {
            name: EMBEDDED,
            server: None,
            perk: LatePerk::embedded().with(ARGUMENTS),
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
            table: Table::default(),
            machine: RwLock::default(),
        }
    }

    fn engine(&self, name: &str) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.name == name)
    }

    /// Where a target is, what runs of clients against it are called, and who tells what becomes of a query there.
    fn at(&self, client: &Client, target: Target) -> Result<(&str, String, Witness<'_>), String> {
        let (Target::Server(name) | Target::Perk(name)) = target;
        let engine = self.engine(name).ok_or("no such server")?;
        let (url, way) = match target {
            Target::Server(_) => {
                let server = engine.server.as_ref().ok_or("it is no server")?;
                (server.url.as_str(), "direct")
            }
            Target::Perk(_) => (engine.perk.get()?.url(), "perk"),
        };
        let witness = match &engine.server {
            Some(server) => Witness::Server(server),
            None => Witness::Log(engine.perk.get()?),
        };
        Ok((url, format!("{} {name} {way}", client.name), witness))
    }

    /// What a client gives for one case.
    fn given(&self, client: &Client, target: Target, case: &str) -> Result<&Value, String> {
        let run = || {
            let (url, label, _) = self.at(client, target)?;
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

    /// Runs a case through Perk, and what it is held to directly.
    fn compare(
        &self,
        client: &'static Client,
        server: &'static str,
        case: &str,
    ) -> Result<(), String> {
        let watched = match case {
            "cancel" => watched::cancel,
            "progress" => watched::progress,
            _ => {
                let _shared = self.machine.read().unwrap_or_else(PoisonError::into_inner);
                let expected = self.expected(client, server, case)?;
                let given = self.given(client, Target::Perk(server), case)?;
                let given = view(client, server)(case, given);
                return expected::difference(&expected, &given).map_or(Ok(()), Err);
            }
        };
        let _alone = self.machine.write().unwrap_or_else(PoisonError::into_inner);
        let (url, label, witness) = self.at(client, Target::Perk(server))?;
        watched(&self.tools, client, url, &label, witness)
    }

    fn trial(
        &self,
        client: &'static Client,
        server: &'static str,
        case: &'static str,
    ) -> Result<(), Failed> {
        let compared = self.compare(client, server, case);
        self.table.note(client.name, server, case, compared.is_ok());
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
    let engines: Vec<_> = world.engines.iter().map(|engine| engine.name).collect();
    if let Err(problem) = world.table.settle(&engines) {
        eprintln!("{problem}");
        code = ExitCode::FAILURE;
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
            if world.engine(client.dialect).is_none() || !client.can(case) {
                continue;
            }
            for engine in &world.engines {
                let (world, server) = (Arc::clone(world), engine.name);
                let title = format!("{}::over_{server}::{case}", client.name);
                let trial = move || world.trial(client, server, case);
                trials.push(Trial::test(title, trial));
            }
        }
    }
    trials
}
