//! One module for each fault: what is done, and what must hold. Each trial gives what was seen, for the table.

mod connections_cut;
mod coordinator_killed;
mod gateway_killed;
mod lanes;
mod poison;
mod polling;
mod queued;
mod redis_away;
mod redis_full;
mod vanished;
mod worker_killed;
mod worker_stopped;

use std::future::Future;
use std::sync::LazyLock;

use libtest_mimic::Trial;
use tokio::runtime::Runtime;

use crate::deployment::{Deployment, Plan};
use crate::{is_long, table};

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
    let mut trials = vec![
        trial(
            1,
            "worker_killed",
            "kill -9 a worker at every named step",
            worker_killed::run,
        ),
        trial(
            2,
            "gateway_killed",
            "kill -9 a gateway, again and again, behind a balancer",
            gateway_killed::run,
        ),
        trial(
            3,
            "worker_stopped",
            "SIGSTOP a worker until it is taken over, then SIGCONT",
            worker_stopped::run,
        ),
        trial(
            4,
            "coordinator_killed",
            "kill -9 the coordinator and start it again",
            coordinator_killed::run,
        ),
        trial(
            5,
            "redis_killed",
            "kill -9 Redis and start it again (appendfsync always)",
            redis_away::killed,
        ),
        trial(
            6,
            "redis_refusing",
            "Redis refuses connections",
            redis_away::refusing,
        ),
        trial(
            7,
            "redis_standing_still",
            "SIGSTOP Redis for a while",
            redis_away::standing_still,
        ),
        trial(
            8,
            "redis_full",
            "Redis at maxmemory, with noeviction",
            redis_full::run,
        ),
        trial(
            9,
            "poison",
            "a query that kills its worker every time",
            poison::run,
        ),
        trial(
            10,
            "vanished",
            "clients vanish in the middle",
            vanished::run,
        ),
        trial(
            11,
            "lanes",
            "one user has very many queries waiting, another sends one",
            lanes::run,
        ),
        trial(
            12,
            "connections_cut",
            "connections to Redis lost, with commands and answers under way",
            connections_cut::run,
        ),
    ];
    if is_long() {
        trials.extend([
            trial(
                13,
                "queued",
                "100,000 queued queries, one worker",
                queued::run,
            ),
            trial(
                14,
                "polling",
                "10,000 clients poll one gateway",
                polling::run,
            ),
        ]);
    }
    trials
}

/// One number in the short form, another in the long one.
fn count(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// What all clients together send in a second: this in the short form, what the long one says for all in the long one.
fn per_second(short: u32) -> u32 {
    if is_long() { 200 } else { short }
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
async fn deployed<F, T>(plan: Plan, trial: F) -> Result<T, String>
where
    F: AsyncFnOnce(&Deployment) -> Result<T, String>,
{
    let deployment = Deployment::start(plan).await?;
    let seen = trial(&deployment).await;
    seen.map_err(|error| deployment.explain(error))
}
