//! What all commands begin and end with.

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use tracing_subscriber::EnvFilter;

use crate::options::without_secrets;

/// What a shell expects of a command that was given wrong arguments.
const USAGE: i32 = 2;

/// The command's arguments. Where they are wrong, says so and ends the process; no password in them is shown.
pub(crate) fn arguments<A: Parser>() -> A {
    A::try_parse().unwrap_or_else(|error| refuse(error))
}

fn refuse(mut error: clap::Error) -> ! {
    if !error.use_stderr() {
        // It is no error, but what was asked for: help, or the version.
        error.exit()
    }
    // What makes no address may still hold a password, somewhere.
    let hidden = || ContextValue::String("…".to_owned());
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument))
            if argument.starts_with("--redis ")
                && error.get(ContextKind::InvalidValue).is_some() =>
        {
            error.insert(ContextKind::InvalidValue, hidden());
        }
        Some(ContextValue::String(argument)) if argument.contains('@') => {
            error.insert(ContextKind::InvalidArg, hidden());
        }
        _ => {}
    }
    let told = error.render().to_string();
    let shown = without_secrets(&told);
    if shown != told {
        eprint!("{shown}");
        std::process::exit(USAGE);
    }
    error.exit()
}

/// Runs a command's work, and says why it failed. `level` is what is logged where `PERK_LOG` does not say otherwise.
pub(crate) fn run(
    program: &str,
    level: &str,
    work: impl Future<Output = anyhow::Result<ExitCode>>,
) -> ExitCode {
    let filter = EnvFilter::try_from_env("PERK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(io::stderr)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{program}: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(work).unwrap_or_else(|error| {
        eprintln!("{program}: {}", without_secrets(&format!("{error:#}")));
        ExitCode::FAILURE
    })
}

/// Prints what a command has found. Whoever reads it may have enough before its end.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
