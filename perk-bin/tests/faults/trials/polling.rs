//! Very many clients wait at one gateway. It takes little memory for them, and others' short queries hardly take longer.

use std::fs;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Seen, deployed};
use crate::client::{Client, End, Nobody, Outcome};
use crate::deployment::{Deployment, Plan};
use crate::statement::{Kind, Statement};

/// How many clients wait.
const CLIENTS: usize = 10_000;
/// How many of them post at once.
const AT_ONCE: usize = 200;
/// How many files the harness and the gateway each have open then.
const FILES: u64 = 11_000;
/// How much memory the gateway may take.
const MOST_BYTES: u64 = 512 << 20;
/// How many short queries are timed.
const TIMED: usize = 1000;
/// How much longer the slowest hundredth of them may take.
const MOST_TIMES: u32 = 3;
/// For how long all are waiting before others are timed.
const WAITING: Duration = Duration::from_secs(10);

pub(super) async fn run() -> Seen {
    if open_files().is_some_and(|files| files < FILES) {
        return Err(format!(
            "{FILES} open files are needed: raise the limit with ulimit -n"
        ));
    }
    let routes = std::env::temp_dir().join(format!("perk-routes-{}.json", std::process::id()));
    // Nobody serves that pool.
    let rules = r#"[{"user": "patient", "pool": "unserved"}]"#;
    fs::write(&routes, rules).map_err(|error| error.to_string())?;
    let plan = Plan {
        client_timeout: Duration::from_mins(1),
        gateway: vec!["--routes".to_owned(), routes.display().to_string()],
        ..Plan::default()
    };
    let seen = deployed(plan, wait).await;
    // One that stays is in nobody's way.
    let _ = fs::remove_file(routes);
    seen
}

async fn wait(deployment: &Deployment) -> Seen {
    let gateways = deployment.gateways();
    let gateway = &gateways[0];
    // Not by way of the balancer, whose files would be as many again.
    let client = Client::new(
        &format!("http://{}", gateway.address),
        "quick",
        deployment.client("").habits,
    );
    let alone = slowest_hundredth(&client).await?;

    let patient = client.of("patient");
    let mut waiting = JoinSet::new();
    let turns = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    for _ in 0..CLIENTS {
        let turn = turns
            .clone()
            .acquire_owned()
            .await
            .map_err(|error| error.to_string())?;
        let patient = patient.clone();
        waiting.spawn(async move {
            let statement = Statement::new(Kind::OneRow, 0);
            let watcher = Turn(std::sync::Mutex::new(Some(turn)));
            patient.run(statement, &watcher).await
        });
    }
    let began = Instant::now();
    let mut ended = None;
    while began.elapsed() < WAITING && ended.is_none() {
        let rest = WAITING.saturating_sub(began.elapsed());
        ended = tokio::time::timeout(rest, waiting.join_next())
            .await
            .ok()
            .flatten();
    }
    if let Some(ended) = ended {
        return Err(format!("a client that waits has ended: {ended:?}"));
    }
    let among_many = slowest_hundredth(&client).await?;
    let memory = gateway
        .process
        .memory()
        .ok_or("the gateway has no memory")?;
    let seen = format!(
        "{CLIENTS} clients wait; the gateway has {} MiB; 99 % of short queries take {:.1} ms at most, and {:.1} ms without them",
        memory >> 20,
        among_many.as_secs_f64() * 1000.0,
        alone.as_secs_f64() * 1000.0,
    );
    if memory > MOST_BYTES || among_many > alone * MOST_TIMES {
        return Err(seen);
    }
    Ok(seen)
}

/// Lets the next client post once this one has.
struct Turn(std::sync::Mutex<Option<tokio::sync::OwnedSemaphorePermit>>);

impl crate::client::Watcher for Turn {
    fn has_id(&self, _id: &str) {
        drop(crate::lock(&self.0).take());
    }
}

/// What 99 of 100 short queries take at most.
async fn slowest_hundredth(client: &Client) -> Result<Duration, String> {
    let mut times = Vec::with_capacity(TIMED);
    for _ in 0..TIMED {
        let Outcome {
            end, posted, ended, ..
        } = client.run(Statement::new(Kind::OneRow, 0), &Nobody).await;
        if !matches!(end, End::Rows(_)) {
            return Err(format!("a short query ended with {end:?}"));
        }
        times.push(ended - posted);
    }
    times.sort_unstable();
    Ok(times[TIMED * 99 / 100])
}

/// How many files a process may have open; `None` where that cannot be told.
fn open_files() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
