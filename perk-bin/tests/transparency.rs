//! Through Perk, a client sees what it would see from the cluster itself: every statement of the corpus is run twice on
//! the server itself and once through Perk, and all that was seen must be the same but for what `seen` excludes by name.
//!
//! The statements are those of `transparency/corpus`, most of them scripts of one session, and in the long form
//! (`PERK_TEST_LONG=1`) those of `differential/corpus`; `support::corpus` says how they are written. What may differ is
//! listed with a reason in `transparency/known.txt`. The servers are found as `support` says; without them all is shown as
//! ignored.

#[path = "transparency/large.rs"]
mod large;
#[path = "transparency/seen.rs"]
mod seen;
#[path = "transparency/sides.rs"]
mod sides;
mod support;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use sides::Sides;
use support::corpus::{self, Case};
use support::known::Known;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (cases, known) = match read() {
        Ok(read) => read,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = vec![Trial::test("comparison", || Ok(seen::self_test()?))];
    let sides = |server| Arc::new(Sides::new(server, known.clone()));
    let all: Vec<_> = support::servers(&mut trials)
        .into_iter()
        .map(sides)
        .collect();
    for sides in &all {
        let title = format!("{}::a result of 256 MiB", sides.server().name);
        let sides = Arc::clone(sides);
        trials.push(Trial::test(title, move || large::compare(&sides)));
    }
    // By turns, so that both servers have something to do.
    for case in cases {
        for sides in &all {
            let name = sides.server().name;
            if case.only.as_deref().is_some_and(|only| only != name) {
                continue;
            }
            let title = format!("{name}::{}", case.key());
            let (sides, case) = (Arc::clone(sides), case.clone());
            trials.push(Trial::test(title, move || sides.compare(&case)));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let mut code = conclusion.exit_code();
    for sides in all {
        println!("{}", sides.report());
        if let Err(problem) = sides.stop() {
            eprintln!("{problem}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// The cases, and the list of known differences.
fn read() -> Result<(Vec<Case>, Known), String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let mut cases = corpus::read(&format!("{folder}/transparency/corpus"))?;
    let known = Known::read(&format!("{folder}/transparency/known.txt"), &cases)?;
    if env::var_os("PERK_TEST_LONG").is_some() {
        cases.extend(corpus::read(&format!("{folder}/differential/corpus"))?);
    }
    Ok((cases, known))
}
