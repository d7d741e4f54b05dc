//! `perk`: the way into Presto and Trino for companies that run many clusters.
//!
//! This binary reads its arguments, builds Perk's libraries together, runs them and drains them; nothing more.

mod embedded;
mod query;
mod serve;
mod size;
mod whole;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// A durable queue between SQL clients and many small Presto or Trino clusters.
#[derive(Debug, Parser)]
#[command(name = "perk", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the Presto and Trino protocols in front of clusters, in one process.
    Serve(serve::Serve),
    /// Run one statement and print its rows.
    Query(query::Query),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    // A query's own output is what one wants to see of it.
    let level = match command {
        Command::Serve(_) => "info",
        Command::Query(_) => "warn",
    };
    let filter = EnvFilter::try_from_env("PERK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("perk: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await.map(|()| ExitCode::SUCCESS),
            Command::Query(query) => query.run().await,
        }
    });
    done.unwrap_or_else(|error| {
        eprintln!("perk: {error:#}");
        ExitCode::FAILURE
    })
}
