//! Perk's commands: they read their arguments, build Perk's libraries together, run them and drain them; nothing more.
//!
//! Who wants Perk inside a program of its own takes `perk-core` and the crates beside it; this crate's only users are the
//! binaries `perk`, `perk-gateway` and `perk-worker`.
//!
//! | module | its job |
//! |---|---|
//! | `command` | what all commands begin and end with: arguments, logs, the exit code |
//! | `options` | what can be set, declared once for all that have it |
//! | `serve`, `gateway`, `worker` | the commands that serve |
//! | `whole` | all of Perk in one process, in memory |
//! | `deployment` | one process of several, over Redis |
//! | `server`, `signals`, `backend`, `embedded` | what those are made of |
//! | `workers`, `queue` | the commands that show what there is in Redis |
//! | `query` | the command that runs statements |
//! | `table` | aligned tables |

mod backend;
mod command;
mod deployment;
mod embedded;
mod gateway;
mod options;
mod query;
mod queue;
mod serve;
mod server;
mod signals;
mod table;
mod whole;
mod worker;
mod workers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A durable queue between SQL clients and many small Presto or Trino clusters.
#[derive(Debug, Parser)]
#[command(name = "perk", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Query(query::Query),
    Workers(workers::Workers),
    Queue(queue::Depths),
}

/// The command `perk`.
pub fn perk() -> ExitCode {
    let Arguments { command } = command::arguments();
    // A command's own output is what one wants to see of it.
    let level = match command {
        Command::Serve(_) => "info",
        _ => "warn",
    };
    command::run("perk", level, async {
        match command {
            Command::Serve(serve) => serve.run().await.map(|()| ExitCode::SUCCESS),
            Command::Query(query) => query.run().await,
            Command::Workers(workers) => workers.run().await.map(|()| ExitCode::SUCCESS),
            Command::Queue(depths) => depths.run().await.map(|()| ExitCode::SUCCESS),
        }
    })
}

/// The command `perk-gateway`.
pub fn perk_gateway() -> ExitCode {
    let gateway: gateway::Arguments = command::arguments();
    command::run(gateway::PROGRAM, "info", async {
        gateway.run().await.map(|()| ExitCode::SUCCESS)
    })
}

/// The command `perk-worker`.
pub fn perk_worker() -> ExitCode {
    let worker: worker::Arguments = command::arguments();
    command::run(worker::PROGRAM, "info", async {
        worker.run().await.map(|()| ExitCode::SUCCESS)
    })
}
