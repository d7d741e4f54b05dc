//! One module for each fault: what is done, and what must hold. Each trial gives what was seen, for the table.

mod worker_killed;

use std::env;
use std::future::Future;
use std::sync::LazyLock;

use libtest_mimic::Trial;
use tokio::runtime::Runtime;

use crate::deployment::{Deployment, Plan};
use crate::table;

/// What the proxies, the balancers and the clients of all trials run on.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
});

/// What a trial has seen, or what was wrong.
type Seen = Result<String, String>;

/// All of them, the longest first.
pub(crate) fn all() -> Vec<Trial> {
    let mut trials = vec![trial(
        1,
        "worker_killed",
        "kill -9 a worker at every named step",
        worker_killed::run,
    )];
    if is_long() {
        trials.extend([]);
    }
    trials
}

/// Whether the long form is run.
fn is_long() -> bool {
    env::var_os("PERK_TEST_LONG").is_some()
}

/// One number in the short form, another in the long one.
fn count(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

fn trial<F: Future<Output = Seen>>(
    number: usize,
    name: &str,
    fault: &'static str,
    run: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let seen = RUNTIME.block_on(run());
        let told = match &seen {
            Ok(seen) => seen.clone(),
            Err(error) => format!("**failed**: {}", error.lines().next().unwrap_or_default()),
        };
        table::enter(number, fault, told);
        seen.map(drop).map_err(Into::into)
    })
}

/// Runs a trial over a deployment of its own; an error comes with what its processes said last.
async fn deployed<F>(plan: Plan, trial: F) -> Seen
where
    F: AsyncFnOnce(&Deployment) -> Seen,
{
    let deployment = Deployment::start(plan).await?;
    let seen = trial(&deployment).await;
    seen.map_err(|error| deployment.explain(error))
}
