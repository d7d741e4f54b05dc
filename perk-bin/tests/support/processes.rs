//! The processes of a deployment over Redis.

use std::process::Command;
use std::time::Duration;

use super::{Perk, perk, poll, program};

/// How long a process may take to say something that nothing holds up.
const LIMIT: Duration = Duration::from_secs(30);

/// `perk-gateway` with these arguments.
pub(crate) fn perk_gateway(arguments: &[&str]) -> Command {
    program(env!("CARGO_BIN_EXE_perk-gateway"), arguments)
}

/// `perk-worker` with these arguments.
pub(crate) fn perk_worker(arguments: &[&str]) -> Command {
    program(env!("CARGO_BIN_EXE_perk-worker"), arguments)
}

impl Perk {
    /// Starts `perk-gateway --listen 127.0.0.1:0 --redis REDIS` with more arguments, and returns when it serves.
    pub(crate) fn gateway(redis: &str, arguments: &[&str]) -> Result<Self, String> {
        Self::gateway_listening(redis, arguments)?.answering()
    }

    /// The same, and returns when it listens: Redis need not be there.
    pub(crate) fn gateway_listening(redis: &str, arguments: &[&str]) -> Result<Self, String> {
        let mut command = perk_gateway(&["--listen", "127.0.0.1:0", "--redis", redis]);
        command.args(arguments);
        Self::spawn(command, None)
    }

    /// Starts `perk-worker --redis REDIS --cluster CLUSTER` with more arguments, and returns at once.
    pub(crate) fn worker(redis: &str, cluster: &str, arguments: &[&str]) -> Result<Self, String> {
        let mut command = perk_worker(&["--redis", redis, "--cluster", cluster]);
        command.args(arguments);
        Self::spawn_silent(command, None)
    }

    /// Starts `perk serve --redis REDIS --cluster CLUSTER` with more arguments, and returns when it serves.
    pub(crate) fn over_redis(
        redis: &str,
        cluster: &str,
        arguments: &[&str],
    ) -> Result<Self, String> {
        let mut command = perk(&["serve", "--listen", "127.0.0.1:0", "--redis", redis]);
        command.args(["--cluster", cluster]).args(arguments);
        Self::spawn(command, Some(cluster))?.answering()
    }

    /// Waits until it has printed this, so many times.
    #[track_caller]
    pub(crate) fn says(&self, text: &str, times: usize) {
        let said = poll(LIMIT, || {
            (self.log().matches(text).count() >= times).then_some(())
        });
        assert!(
            said.is_some(),
            "it did not say {text:?}; it printed:\n{}",
            self.log()
        );
    }
}
