//! Many small statements, each run on a real Presto and on Perk's embedded engine: the columns, rows and errors must be
//! the same, or the statement is listed with a reason in `differential/known.txt`.
//!
//! The statements are in `differential/corpus`; `support::corpus` says how they are written, `compare` what is compared. The
//! server is found as `support` says; without it all is shown as ignored.

#[path = "differential/cells.rs"]
mod cells;
#[path = "differential/compare.rs"]
mod compare;
#[path = "differential/pair.rs"]
mod pair;
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use pair::Pair;
use support::{LatePerk, Server, corpus, known::Known, require};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("comparison", || Ok(compare::self_test()?))];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential");
    let read = corpus::read(&format!("{folder}/corpus")).and_then(|cases| {
        let known = Known::read(&format!("{folder}/known.txt"), &cases)?;
        Ok((cases, known))
    });
    let (cases, known) = match read {
        Ok(read) => read,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let presto = match require("presto", Server::presto(), "set PERK_TEST_PRESTO=URL") {
        Ok(presto) => presto,
        Err(missing) => {
            trials.push(missing);
            return libtest_mimic::run(&arguments, trials).exit_code();
        }
    };
    let pair = Arc::new(Pair::new(presto, known, LatePerk::embedded()));
    for case in cases {
        let pair = Arc::clone(&pair);
        let title = case.key();
        trials.push(Trial::test(title, move || pair.compare(&case)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    pair.report();
    match pair.stop() {
        Ok(()) => conclusion.exit_code(),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
