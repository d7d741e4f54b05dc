//! A gateway is killed every few seconds. Its clients go on at another, and no query fails.

use std::time::Duration;

use super::{Seen, count, deployed};
use crate::client::End;
use crate::deployment::{Deployment, Plan};
use crate::load::{Load, never};
use crate::statement::Kind;

const GATEWAYS: usize = 3;
/// The usual, and many that are waited for: a gateway is to die while it answers.
const MIX: &[(Kind, u32)] = &[
    (Kind::Insert, 200),
    (Kind::Held, 300),
    (Kind::Mebibyte, 40),
    (Kind::Large, 2),
];
/// How long the clients' last statements may take.
const END_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn run() -> Seen {
    let plan = Plan {
        gateways: GATEWAYS,
        ..Plan::default()
    };
    deployed(plan, kill_them).await
}

async fn kill_them(deployment: &Deployment) -> Seen {
    let load = Load {
        clients: count(25, 50),
        per_second: super::per_second(60),
        mix: MIX,
        large: 4,
        pace: 50,
        all_repeat_posts: false,
        seed: 2,
    };
    let sending = load.start(deployment.balancer.url());
    let kills = count(6, 24);
    let interval = Duration::from_millis(if crate::is_long() { 5000 } else { 1200 });
    let mut ticks = tokio::time::interval(interval);
    // The first one comes at once.
    ticks.tick().await;
    for kill in 0..kills {
        ticks.tick().await;
        let gateways = deployment.gateways();
        deployment.kill_gateway(&gateways[kill % gateways.len()]);
        deployment.add_gateway().await?;
    }
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    outcomes.check(deployment, never)?;
    let settled = deployment.settle().await?;
    let unsure = outcomes
        .0
        .iter()
        .filter(|outcome| matches!(outcome.end, End::Unsure(_)));
    let (refusals, silences) = outcomes.troubles();
    Ok(format!(
        "{kills} kills; {} statements, no query failed ({} POSTs without an answer were not sent again); {silences} requests without an \
         answer and {refusals} answered 503 were repeated; the longest took {:.1} s; nothing left after {:.1} s",
        outcomes.0.len(),
        unsure.count(),
        outcomes.longest().as_secs_f64(),
        settled.as_secs_f64(),
    ))
}
