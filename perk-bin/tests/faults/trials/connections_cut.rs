//! Every now and then a connection to Redis is lost, with a command or an answer under way. Nobody notices but for a moment's wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Seen, count, deployed, per_second};
use crate::deployment::{Deployment, Plan};
use crate::load::{Dice, Load, USUAL, never};
use crate::proxy::{Decision, Guard};

/// Of so many scripts' commands and answers one is lost, on average, with the connection.
const ONE_OF: u64 = 100;
const END_LIMIT: Duration = Duration::from_mins(1);

pub(super) async fn run() -> Seen {
    let plan = Plan {
        workers: 1,
        ..Plan::default()
    };
    deployed(plan, cut).await
}

async fn cut(deployment: &Deployment) -> Seen {
    let cuts = Arc::<AtomicUsize>::default();
    for seed in 1..3 {
        let [one, other] = [seed, 10 + seed].map(|seed| Some(guard(seed, cuts.clone())));
        deployment.add_worker(one).await?;
        deployment.add_gateway_guarded(other).await?;
    }
    let load = Load {
        clients: 25,
        per_second: per_second(60),
        mix: USUAL,
        large: 2,
        pace: 20,
        all_repeat_posts: true,
        seed: 10,
    };
    let sending = load.start(deployment.balancer.url());
    tokio::time::sleep(Duration::from_secs(count(8, 120) as u64)).await;
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    outcomes.check(deployment, never)?;
    let settled = deployment.settle().await?;
    let (refusals, silences) = outcomes.troubles();
    if silences > 0 {
        return Err(format!("{silences} requests were not answered at all"));
    }
    Ok(format!(
        "{} connections; {} statements, {}; {refusals} requests answered 503; the longest took {:.1} s; nothing left after {:.1} s",
        cuts.load(Ordering::Relaxed),
        outcomes.0.len(),
        outcomes.errors_text(),
        outcomes.longest().as_secs_f64(),
        settled.as_secs_f64(),
    ))
}

fn guard(seed: u64, cuts: Arc<AtomicUsize>) -> Guard {
    let mut dice = Dice(seed);
    Box::new(move |_| match dice.below(ONE_OF) {
        0 => {
            cuts.fetch_add(1, Ordering::Relaxed);
            Decision::Cut
        }
        _ => Decision::Pass,
    })
}
