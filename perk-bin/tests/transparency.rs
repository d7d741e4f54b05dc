//! Through Perk, a client sees what it would see from the cluster itself: every statement of the corpus is run twice on
//! the server itself and once through Perk, and all that was seen must be the same but for what `seen` excludes by name.
//!
//! The statements are those of `transparency/corpus`, most of them scripts of one session, and in the long form
//! (`PERK_TEST_LONG=1`) those of `differential/corpus`; `support::corpus` says how they are written. Those of
//! `transparency/scripted`, for what a real server does not do when asked to, run on scripted coordinators. What may differ
//! is listed with a reason in `transparency/known.txt`. The servers are found as `support` says; what needs one that is not
//! there is shown as ignored.

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
use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use sides::Sides;
use support::Server;
use support::corpus::{self, Case};
use support::known::Known;
use tokio::runtime::Runtime;

/// What is run, and what may differ.
struct Corpus {
    real: Vec<Case>,
    scripted: Vec<Case>,
    known: Known,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = match Corpus::read() {
        Ok(corpus) => corpus,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = vec![Trial::test("comparison", || Ok(seen::self_test()?))];
    let sides = |server| Arc::new(Sides::new(server, corpus.known.clone()));
    let real = support::servers(&mut trials).into_iter().map(sides);
    let real: Vec<_> = real.collect();
    for sides in &real {
        for (what, compare) in large::ALL {
            let title = format!("{}::{what}", sides.server().name);
            let sides = Arc::clone(sides);
            trials.push(Trial::test(title, move || compare(&sides)));
        }
    }
    let (_running, servers) = scripted();
    let scripted: Vec<_> = servers.into_iter().map(sides).collect();
    trials.extend(comparisons(&real, &corpus.real));
    trials.extend(comparisons(&scripted, &corpus.scripted));
    let all = [real, scripted].concat();
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

/// The cases by turns, so that both servers have something to do.
fn comparisons(all: &[Arc<Sides>], cases: &[Case]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in cases {
        for sides in all {
            let name = sides.server().name;
            if case.only.as_deref().is_some_and(|only| only != name) {
                continue;
            }
            let title = format!("{name}::{}", case.key());
            let (sides, case) = (Arc::clone(sides), case.clone());
            trials.push(Trial::test(title, move || sides.compare(&case)));
        }
    }
    trials
}

/// A scripted coordinator of each flavour, and what must live as long as they.
fn scripted() -> ((Runtime, Vec<ScriptedCoordinator>), Vec<Server>) {
    let runtime = Runtime::new().expect("a runtime");
    let start = |(flavor, name)| {
        let coordinator = runtime.block_on(ScriptedCoordinator::start(flavor));
        let server = Server {
            name,
            url: coordinator.url().to_owned(),
            prefix: flavor.prefix(),
        };
        (coordinator, server)
    };
    let both = [
        (Flavor::Presto, "scripted presto"),
        (Flavor::Trino, "scripted trino"),
    ];
    let (coordinators, servers): (Vec<_>, Vec<_>) = both.into_iter().map(start).unzip();
    ((runtime, coordinators), servers)
}

impl Corpus {
    fn read() -> Result<Self, String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
        let mut real = corpus::read(&format!("{folder}/transparency/corpus"))?;
        let known = Known::read(&format!("{folder}/transparency/known.txt"), &real)?;
        if env::var_os("PERK_TEST_LONG").is_some() {
            real.extend(corpus::read(&format!("{folder}/differential/corpus"))?);
        }
        let scripted = corpus::read(&format!("{folder}/transparency/scripted"))?;
        Ok(Self {
            real,
            scripted,
            known,
        })
    }
}
