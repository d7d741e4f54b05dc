//! The fault tests: real gateways and workers over a real Redis and a scripted coordinator, each a process of its own, while one
//! or another of them is killed, stopped or cut off. At the end every client's rows are compared with what the coordinator
//! gives, each write has run at most once, and nothing of any query is left, in Redis or on the cluster.
//!
//! `cargo test -p perk-bin --test faults` runs the short form; `PERK_TEST_LONG=1` the long one, which kills a hundred times where
//! the short one does twice. Needs `redis-server`. At the end a table says what was seen of each fault.
//!
//! | module | its job |
//! |---|---|
//! | `trials` | one fault each: what is done, and what must hold |
//! | `deployment` | starts the processes, kills them, waits until nothing is left |
//! | `proxy`, `resp` | between each process and Redis: names the script that passes, stops the traffic at a named step |
//! | `coordinator`, `journal` | the coordinator as a process (this program with the argument `coordinator`), and what it tells |
//! | `balancer` | before the gateways |
//! | `client`, `load`, `statement` | who sends what, what each must get, and what became of it |
//! | `table` | what was seen |
//!
//! # When one fails
//!
//! Run it alone: `cargo test -p perk-bin --test faults -- NAME`. The message says which statements ended wrongly, with their ids, and
//! what the processes said last; `PERK_TEST_LOG=debug` has them say more (it is given to them as `PERK_LOG`). A statement's text
//! says what the coordinator does with it, and is unlike every other's, so that it can be looked for everywhere. Which step
//! of a query stands where is in `redis/lua` of perk-queue: a proxy's guard sees each script's arguments and answer.

#[path = "faults/balancer.rs"]
mod balancer;
#[path = "faults/client.rs"]
mod client;
#[path = "faults/coordinator.rs"]
mod coordinator;
#[path = "faults/deployment.rs"]
mod deployment;
#[path = "faults/journal.rs"]
mod journal;
#[path = "faults/load.rs"]
mod load;
#[path = "faults/process.rs"]
mod process;
#[path = "faults/proxy.rs"]
mod proxy;
#[path = "faults/resp.rs"]
mod resp;
#[path = "faults/statement.rs"]
mod statement;
mod support;
#[path = "faults/table.rs"]
mod table;
#[path = "faults/trials/mod.rs"]
mod trials;

use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libtest_mimic::Arguments;

/// How many trials run at once unless told: most of their time they wait.
const AT_ONCE: usize = 4;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("coordinator") {
        return coordinator::main(arguments);
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    let trials = match support::redis::required() {
        Ok(()) => trials::all(),
        Err(missing) => vec![missing],
    };
    let conclusion = libtest_mimic::run(&arguments, trials);
    table::print();
    conclusion.exit_code()
}

/// Whether the long form is run.
fn is_long() -> bool {
    std::env::var_os("PERK_TEST_LONG").is_some()
}

/// A test that panicked while it held the lock must not hide its own failure behind others.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
