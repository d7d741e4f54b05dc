//! `perk query` and `perk serve` as their users meet them: what they print, how they end, what a signal does.
//!
//! The clusters are scripted coordinators in the tests' own process; both commands are processes of their own.

#[path = "query/command.rs"]
mod command;
#[cfg(feature = "embedded")]
#[path = "query/embedded.rs"]
mod embedded;
#[path = "query/leaving.rs"]
mod leaving;
#[path = "query/printing.rs"]
mod printing;
#[path = "query/stopping.rs"]
mod stopping;
mod support;
#[path = "input/wire.rs"]
mod wire;

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use support::Perk;

const FLAVORS: [Flavor; 2] = [Flavor::Presto, Flavor::Trino];

/// A scripted coordinator, and `perk serve` in front of it.
async fn serve(flavor: Flavor, arguments: &[&str]) -> (ScriptedCoordinator, Perk) {
    let coordinator = ScriptedCoordinator::start(flavor).await;
    let perk = Perk::start(coordinator.url(), arguments).expect("perk starts");
    (coordinator, perk)
}

/// The arguments of `perk query` for a statement.
fn query<'a>(server: &'a str, sql: &'a str) -> Vec<&'a str> {
    vec!["query", "--server", server, "--user", "ann", sql]
}
