//! Very many queries wait, and one worker takes them: in order within each lane, in little memory of Redis, and in none of the
//! gateway's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Seen, deployed};
use crate::deployment::{Deployment, Plan};
use crate::lock;
use crate::proxy::{Decision, Guard, Moment};
use crate::statement::{Kind, Statement};

/// How many users there are, and how many queries each has waiting.
const USERS: usize = 20;
const EACH: usize = 5000;
/// In how many parts they are posted.
const TENTHS: usize = 10;
/// What Redis may take for a queued query, beyond its text and headers.
const MOST_BYTES: u64 = 2 << 10;
/// How much a gateway may grow from the first tenth of the queries to the last.
const MOST_GROWTH: u64 = 16 << 20;
/// How long the worker may take.
const DRAIN_LIMIT: Duration = Duration::from_mins(20);

pub(super) async fn run() -> Seen {
    let plan = Plan {
        workers: 1,
        client_timeout: Duration::from_hours(2),
        ..Plan::default()
    };
    deployed(plan, queue).await
}

async fn queue(deployment: &Deployment) -> Seen {
    for worker in deployment.workers() {
        deployment.kill_worker(&worker);
    }
    let memory = || {
        deployment
            .redis
            .info("used_memory")
            .ok_or("Redis does not tell its memory")
    };
    let gateways = deployment.gateways();
    let gateway_memory = || {
        gateways[0]
            .process
            .memory()
            .ok_or("the gateway has no memory")
    };
    let (empty, began) = (memory()?, Instant::now());
    let (mut posted, mut grown) = (HashMap::<_, Vec<_>>::new(), Vec::new());
    for _ in 0..TENTHS {
        for (user, ids) in post(deployment, EACH / TENTHS).await? {
            posted.entry(user).or_default().extend(ids);
        }
        grown.push(gateway_memory()?);
    }
    let posting = began.elapsed();
    let waiting = u64::try_from(USERS * EACH).unwrap_or(u64::MAX);
    // What a statement and its headers take here, generously.
    let text = Statement::new(Kind::OneRow, 0).sql.len() as u64;
    let each = (memory()? - empty) / waiting - text;
    if each > MOST_BYTES {
        return Err(format!(
            "a queued query takes {each} bytes in Redis, and {text} for its text"
        ));
    }
    let delivered = Arc::<Mutex<Vec<String>>>::default();
    let (began, ran) = (Instant::now(), deployment.journal().ended("finished"));
    deployment
        .add_worker(Some(guard(delivered.clone())))
        .await?;
    let ended = deployment.journal().wait(DRAIN_LIMIT, |journal| {
        (journal.ended("finished") > ran + USERS * EACH).then_some(())
    });
    ended
        .await
        .ok_or_else(|| format!("not all has run within {DRAIN_LIMIT:?}"))?;
    let took = began.elapsed();
    grown.push(gateway_memory()?);
    let grown_by = grown.iter().max().unwrap_or(&0) - grown[0];
    let grown: Vec<_> = grown.iter().map(|bytes| bytes >> 20).collect();
    if grown_by > MOST_GROWTH {
        return Err(format!(
            "the gateway has grown with each tenth of the queries, and when they ran: {grown:?} MiB"
        ));
    }
    let mut places = HashMap::new();
    for (place, id) in lock(&delivered).drain(..).enumerate() {
        // What a worker may not have heard of is given to it again.
        places.entry(id).or_insert(place);
    }
    for (user, ids) in &posted {
        let order: Option<Vec<_>> = ids.iter().map(|id| places.get(id)).collect();
        let order = order.ok_or_else(|| format!("not all of {user} was delivered"))?;
        if !order.is_sorted() {
            return Err(format!("the queries of {user} were not taken in order"));
        }
    }
    Ok(format!(
        "{waiting} queries of {USERS} users posted in {:.0} s; {each} bytes each in Redis beyond {text} of SQL; the gateway has {grown:?} MiB \
         after each tenth and at the end; one worker took them in order, in {:.0} s",
        posting.as_secs_f64(),
        took.as_secs_f64(),
    ))
}

/// Has each user post so many, one after the other. Gives their ids in that order.
async fn post(
    deployment: &Deployment,
    each: usize,
) -> Result<HashMap<String, Vec<String>>, String> {
    let mut posting = JoinSet::new();
    for number in 0..USERS {
        let user = format!("user-{number}");
        let client = deployment.client(&user);
        posting.spawn(async move {
            let mut ids = Vec::with_capacity(each);
            for _ in 0..each {
                let posted = client.post(&Statement::new(Kind::OneRow, 0)).await?;
                ids.push(posted.id);
            }
            Ok::<_, String>((user, ids))
        });
    }
    let mut posted = HashMap::new();
    while let Some(joined) = posting.join_next().await {
        let (user, ids) = joined.map_err(|error| error.to_string())??;
        posted.insert(user, ids);
    }
    Ok(posted)
}

/// Notes in which order queries are given out.
fn guard(delivered: Arc<Mutex<Vec<String>>>) -> Guard {
    Box::new(move |passage| {
        if passage.is(Moment::Answered, "queue/pull") {
            let items = passage.answer.items();
            let ids = items
                .iter()
                .filter_map(|item| item.text().strip_prefix("query|"));
            lock(&delivered).extend(ids.map(str::to_owned));
        }
        Decision::Pass
    })
}
