//! Gateways and workers as processes of their own, over a real Redis and scripted coordinators.
//!
//! Each test has a `redis-server` of its own. Where there is none they are shown as ignored.

#[path = "query/command.rs"]
mod command;
#[path = "processes/credentials.rs"]
mod credentials;
#[path = "processes/deployment.rs"]
mod deployment;
#[path = "processes/mistakes.rs"]
mod mistakes;
#[path = "processes/several.rs"]
mod several;
#[path = "processes/shown.rs"]
mod shown;
#[path = "processes/starting.rs"]
mod starting;
#[path = "processes/stopping.rs"]
mod stopping;
mod support;
#[path = "processes/whole.rs"]
mod whole;
#[path = "input/wire.rs"]
mod wire;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use support::redis;

/// A test by its name.
fn test(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let over_redis = [
        several::tests(),
        stopping::tests(),
        starting::tests(),
        shown::tests(),
        credentials::tests(),
        whole::tests(),
    ];
    let mut trials = mistakes::tests();
    match redis::required() {
        Ok(()) => trials.extend(over_redis.into_iter().flatten()),
        Err(missing) => trials.push(missing),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
