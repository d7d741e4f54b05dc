//! Ctrl-C and SIGTERM.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell expects of a command that a signal ended.
const INTERRUPTED: i32 = 130;

/// What tells a process to stop. From when this is made on, no signal ends the process by itself.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be heard");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for the next of either.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ends the process without waiting for anything, and says what of.
pub(crate) fn end_at_once(program: &str, left: &str) -> ! {
    eprintln!("{program}: stopped at once; {left}");
    std::process::exit(INTERRUPTED)
}
