//! Redis reaches its `maxmemory` and evicts nothing. What is new is refused, what runs ends as it should, and all goes on when
//! there is room again.

use std::time::{Duration, Instant};

use super::{Seen, deployed, per_second};
use crate::client::{End, Nobody, Outcome};
use crate::deployment::{Deployment, Plan};
use crate::is_long;
use crate::load::{Load, lost_in_the_middle};
use crate::statement::{Kind, Statement};
use crate::support::redis::Answer;

/// What Redis may take.
const REDIS: &[&str] = &[
    "--appendonly",
    "no",
    "--save",
    "",
    "--maxmemory",
    "100mb",
    "--maxmemory-policy",
    "noeviction",
];
const MAX_MEMORY: u64 = 100 << 20;
/// For how long it is full.
const FULL: Duration = Duration::from_secs(5);
const FULL_LONG: Duration = Duration::from_mins(1);
/// How long the clients' last statements may take after there is room again.
const END_LIMIT: Duration = Duration::from_secs(30);
/// How long a query may take that is posted as soon as there is room again.
const RECOVERY: Duration = Duration::from_secs(5);

/// Results that need much room, and many small ones.
const MIX: &[(Kind, u32)] = &[
    (Kind::Insert, 100),
    (Kind::Mebibyte, 100),
    (Kind::Large, 20),
];

pub(super) async fn run() -> Seen {
    let plan = Plan {
        redis: REDIS,
        ..Plan::default()
    };
    deployed(plan, fill).await
}

async fn fill(deployment: &Deployment) -> Seen {
    let load = Load {
        clients: 25,
        per_second: per_second(60),
        mix: MIX,
        large: 2,
        pace: 50,
        all_repeat_posts: true,
        seed: 9,
    };
    let sending = load.start(deployment.balancer.url());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let full = if is_long() { FULL_LONG } else { FULL };
    let until = Instant::now() + full;
    let mut ballast = 0;
    while Instant::now() < until {
        // Again and again, since what is read makes room.
        let used = deployment.redis.info("used_memory").unwrap_or_default();
        if used < MAX_MEMORY {
            let key = format!("ballast:{ballast}");
            let last = (MAX_MEMORY - used).max(1 << 16).to_string();
            deployment.redis.ask(&["SETRANGE", &key, &last, "x"]);
            ballast += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for number in 0..ballast {
        let gone = deployment.redis.ask(&["DEL", &format!("ballast:{number}")]);
        if !matches!(gone, Answer::Number(_)) {
            return Err(format!("the ballast cannot be dropped: {gone:?}"));
        }
    }
    let room = Instant::now();
    let next = Statement::new(Kind::OneRow, 0);
    let next = deployment.client("next").run(next, &Nobody).await;
    let recovered = room.elapsed();
    if !matches!(next.end, End::Rows(_)) || recovered > RECOVERY {
        return Err(format!(
            "once there was room a query ended after {recovered:?} with {:?}",
            next.end
        ));
    }
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    let may = |outcome: &Outcome, name: &str| {
        name == "PERK_QUEUE_FULL" || lost_in_the_middle(outcome, name)
    };
    outcomes.check(deployment, may)?;
    let settled = deployment.settle().await?;
    let (refusals, silences) = outcomes.troubles();
    if refusals == 0 || silences > 0 {
        return Err(format!(
            "{refusals} requests were answered 503, {silences} not at all"
        ));
    }
    Ok(format!(
        "full for {full:?}; {} statements, {}; {refusals} requests answered 503; a query posted when there was room took {} ms; nothing left \
         after {:.1} s",
        outcomes.0.len(),
        outcomes.errors_text(),
        recovered.as_millis(),
        settled.as_secs_f64(),
    ))
}
