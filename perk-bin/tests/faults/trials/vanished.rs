//! Many clients are never heard of again, in the middle of their results. Their queries are cancelled on the cluster, and nothing is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Seen, count, deployed};
use crate::client::Watcher;
use crate::deployment::{CLIENT_TIMEOUT, Deployment, Plan};
use crate::statement::{Kind, Statement};

/// How long they may take to have read something.
const READ_LIMIT: Duration = Duration::from_mins(1);
/// What housekeeping may take beyond the client timeout.
const SLACK: Duration = Duration::from_secs(5);

pub(super) async fn run() -> Seen {
    let plan = Plan {
        concurrency: count(64, 512),
        // So that they read early.
        results: &["--hold-results", "32KiB"],
        ..Plan::default()
    };
    deployed(plan, vanish).await
}

async fn vanish(deployment: &Deployment) -> Seen {
    let clients = count(100, 1000);
    // The more there are, the slower each: the cluster has no more to give.
    let script = format!("pages=1000 rows=4 cell=4096 page_ms={clients}");
    let client = deployment.client("ghost");
    let have_read = Arc::new(Semaphore::new(0));
    let mut running = JoinSet::new();
    for number in 0..clients {
        let (client, statement) = (client.clone(), Statement::scripted(Kind::Other, &script));
        let reader = Reader {
            have_read: have_read.clone(),
            told: AtomicBool::new(false),
            // Half of them stop between two requests, half in the middle of one.
            stops: number % 2 == 0,
        };
        running.spawn(async move { client.run(statement, &reader).await });
    }
    let all = u32::try_from(clients).unwrap_or(u32::MAX);
    let all = tokio::time::timeout(READ_LIMIT, have_read.acquire_many(all)).await;
    all.map_err(|_| format!("{clients} clients have not all read within {READ_LIMIT:?}"))?
        .map_err(|error| error.to_string())?
        .forget();
    let gone = Instant::now();
    running.abort_all();
    drop(running);

    let limit = CLIENT_TIMEOUT + SLACK;
    let canceled = deployment.journal().wait(limit, |journal| {
        (journal.ended("canceled") >= clients).then(|| gone.elapsed())
    });
    let canceled = canceled.await.ok_or_else(|| {
        let canceled = deployment.journal().ended("canceled");
        format!("{canceled} of {clients} queries were cancelled on the cluster within {limit:?}")
    })?;
    deployment.settle().await?;
    let settled = gone.elapsed();
    if settled > limit {
        return Err(format!("keys were left for {settled:?}"));
    }
    Ok(format!(
        "{clients} clients; all queries cancelled on the cluster {:.1} s after the last was heard of, nothing left after {:.1} s \
         (client timeout {CLIENT_TIMEOUT:?})",
        canceled.as_secs_f64(),
        settled.as_secs_f64(),
    ))
}

struct Reader {
    have_read: Arc<Semaphore>,
    /// Whether it has told of its first rows.
    told: AtomicBool,
    stops: bool,
}

impl Watcher for Reader {
    fn has_read(&self, bytes: usize) -> bool {
        if bytes > 0 && !self.told.swap(true, Ordering::AcqRel) {
            self.have_read.add_permits(1);
        }
        bytes == 0 || !self.stops
    }
}
