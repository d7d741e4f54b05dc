//! Redis is killed and started again, refuses connections, or stands still. No query is lost, and no lease.

use std::time::{Duration, Instant};

use super::{Seen, count, deployed};
use crate::client::End;
use crate::deployment::{Deployment, Plan};
use crate::is_long;
use crate::load::{Load, Outcomes, Sending, USUAL, never};
use crate::support::redis::DURABLE;

/// How long all may take to end after Redis is back.
const END_LIMIT: Duration = Duration::from_secs(30);
/// For how long Redis is there in between.
const UP: Duration = Duration::from_secs(2);
/// What a gateway prints of a worker that it takes for lost.
const LOST: &str = "worker lost";

fn plan() -> Plan {
    Plan {
        redis: &DURABLE,
        gateways: 2,
        ..Plan::default()
    }
}

pub(super) async fn killed() -> Seen {
    deployed(plan(), async |deployment| {
        let sending = load(4).start(deployment.balancer.url());
        let kills = count(4, 20);
        for _ in 0..kills {
            tokio::time::sleep(UP).await;
            deployment.redis.kill();
            tokio::time::sleep(Duration::from_millis(500)).await;
            deployment.redis.start();
        }
        let told = ended(deployment, sending, Instant::now()).await?;
        Ok(format!("{kills} kills; {told}"))
    })
    .await
}

pub(super) async fn refusing() -> Seen {
    deployed(plan(), async |deployment| {
        let sending = load(5).start(deployment.balancer.url());
        tokio::time::sleep(UP).await;
        let away = outage(5, 60);
        deployment.cut_off_redis().await;
        tokio::time::sleep(away).await;
        deployment.let_redis_be_reached().await?;
        let told = ended(deployment, sending, Instant::now()).await?;
        Ok(format!("refused for {away:?}; {told}"))
    })
    .await
}

pub(super) async fn standing_still() -> Seen {
    deployed(plan(), async |deployment| {
        let sending = load(6).start(deployment.balancer.url());
        tokio::time::sleep(UP).await;
        let away = outage(5, 30);
        deployment.redis.pause();
        tokio::time::sleep(away).await;
        deployment.redis.resume();
        let told = ended(deployment, sending, Instant::now()).await?;
        Ok(format!("stood still for {away:?}; {told}"))
    })
    .await
}

fn outage(short: u64, long: u64) -> Duration {
    Duration::from_secs(if is_long() { long } else { short })
}

fn load(seed: u64) -> Load {
    Load {
        clients: count(25, 50),
        per_second: super::per_second(60),
        mix: USUAL,
        large: 2,
        pace: 30,
        all_repeat_posts: true,
        seed,
    }
}

/// Goes on for a moment after Redis is back, and looks at how all has ended.
async fn ended(deployment: &Deployment, sending: Sending, back: Instant) -> Seen {
    tokio::time::sleep(UP).await;
    let outcomes = sending
        .stop(deployment, END_LIMIT.saturating_sub(back.elapsed()))
        .await?;
    outcomes.check(deployment, never)?;
    no_lease_was_lost(deployment, &outcomes)?;
    let last = outcomes
        .last_end()
        .map_or(Duration::ZERO, |end| end.saturating_duration_since(back));
    let settled = deployment.settle().await?;
    let (refusals, silences) = outcomes.troubles();
    if silences > 0 {
        return Err(format!("{silences} requests were not answered at all"));
    }
    Ok(format!(
        "{} statements, {}, no lease lost; {refusals} requests answered 503; all ended {:.1} s after it was back; nothing left after \
         {:.1} s",
        outcomes.0.len(),
        outcomes.errors_text(),
        last.as_secs_f64(),
        settled.as_secs_f64(),
    ))
}

/// A worker that only had to wait for Redis is nobody's loss: nothing ran twice.
fn no_lease_was_lost(deployment: &Deployment, outcomes: &Outcomes) -> Result<(), String> {
    for gateway in deployment.gateways() {
        let lost = gateway.process.count(LOST);
        if lost > 0 {
            return Err(format!("a gateway took workers for lost {lost} times"));
        }
    }
    // A read that was refused, and sent again, may have been stored all the same.
    let ran_twice = outcomes.0.iter().find(|outcome| {
        matches!(outcome.end, End::Rows(_))
            && outcome.refusals + outcome.silences == 0
            && deployment.begun(&outcome.statement) > 1
    });
    match ran_twice {
        Some(outcome) => Err(format!("{} ran twice", outcome.statement.sql)),
        None => Ok(()),
    }
}
