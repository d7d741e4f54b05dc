//! A query that kills its worker every time ends after three of them. The others keep flowing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Seen, deployed, per_second};
use crate::client::{End, Nobody, Outcome};
use crate::deployment::{Deployment, Plan, Worker, lease};
use crate::load::{Load, lost_in_the_middle};
use crate::lock;
use crate::proxy::{Decision, Guard, Moment};
use crate::statement::{Kind, Statement};

/// After how many lost attempts a query fails.
const ATTEMPTS: usize = 3;
/// How many workers there are at any time.
const WORKERS: usize = 3;
/// How long one attempt may take to come about beyond the lease.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(8);
/// How long the clients' last statements may take.
const END_LIMIT: Duration = Duration::from_secs(30);
/// How long any other query may take beyond the lease, though it lost its worker too.
const FLOWING: Duration = Duration::from_secs(8);

const MIX: &[(Kind, u32)] = &[(Kind::Insert, 100), (Kind::Held, 100)];

/// By which workers each statement was claimed, one after the other.
type Claims = Arc<Mutex<HashMap<String, Vec<usize>>>>;

pub(super) async fn run() -> Seen {
    let plan = Plan {
        workers: 1,
        ..Plan::default()
    };
    deployed(plan, poison).await
}

async fn poison(deployment: &Deployment) -> Seen {
    let claims = Claims::default();
    let mut workers = HashMap::<usize, Arc<Worker>>::new();
    for number in 0..WORKERS {
        let worker = deployment
            .add_worker(Some(guard(number, claims.clone())))
            .await?;
        workers.insert(number, worker);
    }
    // Nobody sees what the first one claims.
    for worker in deployment.workers() {
        if !workers.values().any(|known| Arc::ptr_eq(known, &worker)) {
            deployment.kill_worker(&worker);
        }
    }
    let load = Load {
        clients: 20,
        per_second: per_second(40),
        mix: MIX,
        large: 2,
        pace: 10,
        all_repeat_posts: true,
        seed: 8,
    };
    let sending = load.start(deployment.balancer.url());
    let poison = Statement::scripted(Kind::Other, "hang=1");
    let client = deployment.client("poisoner");
    let run = tokio::spawn({
        let poison = poison.clone();
        async move { client.run(poison, &Nobody).await }
    });
    for attempt in 1..=ATTEMPTS {
        let begun = deployment
            .journal()
            .wait(lease() + ATTEMPT_LIMIT, |journal| {
                (journal.story(&poison.sql).begun.len() >= attempt).then_some(())
            });
        begun
            .await
            .ok_or_else(|| format!("there is no attempt {attempt}"))?;
        let number = lock(&claims)
            .get(&poison.sql)
            .and_then(|workers| workers.last().copied())
            .ok_or("nobody is known to have claimed it")?;
        let worker = workers
            .remove(&number)
            .ok_or("it was claimed by a dead worker")?;
        deployment.kill_worker(&worker);
        let number = WORKERS + attempt;
        let worker = deployment
            .add_worker(Some(guard(number, claims.clone())))
            .await?;
        workers.insert(number, worker);
    }
    let ended = tokio::time::timeout(lease() + ATTEMPT_LIMIT, run).await;
    let Ok(Ok(ended)) = ended else {
        return Err(format!("after {ATTEMPTS} attempts it has not ended"));
    };
    let End::Failed { name, message, .. } = &ended.end else {
        return Err(format!("it ended with {:?}", ended.end));
    };
    let begun = deployment.begun(&poison);
    if name != "PERK_ATTEMPTS_EXHAUSTED" || begun != ATTEMPTS {
        return Err(format!(
            "it was begun {begun} times and ended with {name}: {message}"
        ));
    }
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    // Who is taken over with it, and given to the same worker again, cannot be told from it.
    let may = |outcome: &Outcome, name: &str| {
        let claimed = lock(&claims)
            .get(&outcome.statement.sql)
            .map_or(0, Vec::len);
        let went_along = claimed == ATTEMPTS;
        lost_in_the_middle(outcome, name) || went_along && name == "PERK_ATTEMPTS_EXHAUSTED"
    };
    outcomes.check(deployment, may)?;
    if outcomes.longest() > lease() + FLOWING {
        return Err(format!("another query took {:?}", outcomes.longest()));
    }
    let settled = deployment.settle().await?;
    Ok(format!(
        "{begun} deliveries, then {name}; {} others, {}, in {:.1} s at most; nothing left after {:.1} s",
        outcomes.0.len(),
        outcomes.errors_text(),
        outcomes.longest().as_secs_f64(),
        settled.as_secs_f64(),
    ))
}

fn guard(number: usize, claims: Claims) -> Guard {
    Box::new(move |passage| {
        if passage.is(Moment::Answered, "query/claim") {
            let sql = passage.answer.at(3).text();
            lock(&claims)
                .entry(sql.to_owned())
                .or_default()
                .push(number);
        }
        Decision::Pass
    })
}
