//! The coordinator is killed and started again. What may run again does; what may not says so.

use std::time::{Duration, Instant};

use super::{Seen, count, deployed};
use crate::deployment::{Deployment, Plan};
use crate::load::{Load, USUAL, lost_in_the_middle};

/// How long the clients' last statements may take after the last start.
const END_LIMIT: Duration = Duration::from_secs(30);
/// For how long the coordinator runs, and is away.
const UP: Duration = Duration::from_secs(2);
const DOWN: Duration = Duration::from_secs(1);

pub(super) async fn run() -> Seen {
    deployed(Plan::default(), kill_it).await
}

async fn kill_it(deployment: &Deployment) -> Seen {
    let load = Load {
        clients: count(25, 50),
        per_second: super::per_second(60),
        mix: USUAL,
        large: 2,
        pace: 30,
        all_repeat_posts: true,
        seed: 3,
    };
    let sending = load.start(deployment.balancer.url());
    let kills = count(4, 20);
    for _ in 0..kills {
        tokio::time::sleep(UP).await;
        deployment.coordinator.kill();
        tokio::time::sleep(DOWN).await;
        deployment.coordinator.start_again().await?;
    }
    let back = Instant::now();
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    let ended = outcomes
        .last_end()
        .map_or(Duration::ZERO, |end| end.saturating_duration_since(back));
    outcomes.check(deployment, lost_in_the_middle)?;
    let settled = deployment.settle().await?;
    Ok(format!(
        "{kills} kills; {} statements, {}; all ended {:.1} s after the last start; nothing left after {:.1} s",
        outcomes.0.len(),
        outcomes.errors_text(),
        ended.as_secs_f64(),
        settled.as_secs_f64(),
    ))
}
