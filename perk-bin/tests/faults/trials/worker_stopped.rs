//! A worker stands still until its queries are taken over, and goes on then. Nothing that it writes is taken, and it takes new
//! work under a new name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use tokio::sync::Notify;

use super::{Seen, count, deployed, per_second};
use crate::deployment::{Deployment, Plan, TAKEOVER_SLACK, lease};
use crate::is_long;
use crate::load::{Load, lost_in_the_middle};
use crate::lock;
use crate::proxy::{Decision, Guard, Moment, Passage};
use crate::resp::Value;
use crate::statement::Kind;

/// How long the clients' last statements may take.
const END_LIMIT: Duration = Duration::from_secs(40);
/// How long a worker may take to have work, at first and under a new name.
const WORK_LIMIT: Duration = Duration::from_secs(20);
/// How many reads a worker has when it is stopped.
const READS: usize = 2;

/// What is sent meanwhile: what takes some time, and is not read before it has ended.
const MIX: &[(Kind, u32)] = &[(Kind::Insert, 300), (Kind::Held, 700)];

/// An attempt at a query: the query's id and the attempt's number.
type Attempt = (String, String);

/// What was seen of one worker, by the proxy that it writes through.
#[derive(Default)]
struct Watch {
    told: Mutex<Told>,
    changed: Notify,
}

#[derive(Default)]
struct Told {
    /// Under which name it made its last claim.
    name: String,
    /// The reads that it has begun and not ended, and their statements.
    reads: HashMap<Attempt, String>,
    /// Those that were taken over while it stood still.
    lost: HashMap<Attempt, String>,
    /// Writes to those that were taken, and that were refused.
    taken: Vec<String>,
    refused: usize,
}

/// What was seen of workers that stood still.
#[derive(Debug, Clone, Copy, Default)]
struct Stops {
    count: usize,
    refused: usize,
    takeover: Duration,
    again: Duration,
    statements: usize,
    errors: usize,
    settled: Duration,
}

impl Stops {
    /// What was seen here and there.
    fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            refused: self.refused + other.refused,
            takeover: self.takeover.max(other.takeover),
            again: self.again.max(other.again),
            statements: self.statements + other.statements,
            errors: self.errors + other.errors,
            settled: self.settled.max(other.settled),
        }
    }
}

pub(super) async fn run() -> Seen {
    // In each one after the other: what one leaves must not be taken by another that stands still.
    let deployments = (0..count(1, 4)).map(|_| deployed(Plan::default(), stop_them));
    let all = try_join_all(deployments).await?;
    let stops = all.into_iter().reduce(Stops::and).unwrap_or_default();
    Ok(format!(
        "{} stops; {} late writes, all refused; takeover in {:.1} s at most; work under a new name {:.1} s after going on at most; \
         {} statements, {} errors; nothing left after {:.1} s",
        stops.count,
        stops.refused,
        stops.takeover.as_secs_f64(),
        stops.again.as_secs_f64(),
        stops.statements,
        stops.errors,
        stops.settled.as_secs_f64(),
    ))
}

async fn stop_them(deployment: &Deployment) -> Result<Stops, String> {
    let load = Load {
        clients: 24,
        per_second: per_second(40) / if is_long() { 4 } else { 1 },
        mix: MIX,
        large: 2,
        pace: 200,
        all_repeat_posts: true,
        seed: 7,
    };
    let sending = load.start(deployment.balancer.url());
    let mut stops = stop_one(deployment, count(6, 25)).await?;
    let outcomes = sending.stop(deployment, END_LIMIT).await?;
    outcomes.check(deployment, lost_in_the_middle)?;
    // It had every right to begin a statement when it stopped, and may not know better until it has asked.
    stops.settled = deployment.settle_but_for(&["begun-after-delete"]).await?;
    stops.statements = outcomes.0.len();
    stops.errors = outcomes.errors().values().sum();
    Ok(stops)
}

/// Stops a worker of its own, so many times.
async fn stop_one(deployment: &Deployment, times: usize) -> Result<Stops, String> {
    let watch = Arc::<Watch>::default();
    let worker = deployment
        .add_worker_of(4, Some(guard(watch.clone())))
        .await?;
    let mut stops = Stops::default();
    for _ in 0..times {
        let has_reads = |told: &Told| (told.reads.len() >= READS).then_some(());
        watch
            .wait(has_reads)
            .await
            .ok_or("the worker gets no work")?;
        worker.process.pause();
        let at = Instant::now();
        let (name, reads) = {
            let told = lock(&watch.told);
            (told.name.clone(), told.reads.clone())
        };
        // What the coordinator is given sooner was on its way.
        let taken_over = deployment
            .journal()
            .wait(lease() + TAKEOVER_SLACK, |journal| {
                let again = |sql: &String| {
                    journal
                        .story(sql)
                        .given
                        .last()
                        .copied()
                        .filter(|given| *given > at + lease() / 2)
                };
                let again: Option<Vec<_>> = reads.values().map(again).collect();
                again?.into_iter().max()
            });
        let Some(taken_over) = taken_over.await else {
            worker.process.resume();
            let reads = reads
                .iter()
                .map(|((id, _), sql)| deployment.describe(sql, id));
            let reads = reads.collect::<Vec<_>>().join("\n  ");
            return Err(format!(
                "not all of {name} was taken over in time:\n  {reads}"
            ));
        };
        {
            let mut told = lock(&watch.told);
            told.reads.clear();
            told.lost = reads;
        }
        worker.process.resume();
        let resumed = Instant::now();
        let has_new_name = |told: &Told| (told.name != name).then_some(());
        watch.wait(has_new_name).await.ok_or_else(|| {
            format!("the worker that was {name} takes no new work under a new name")
        })?;
        stops.count += 1;
        stops.takeover = stops.takeover.max(taken_over - at);
        stops.again = stops.again.max(resumed.elapsed());
    }
    let told = lock(&watch.told);
    if !told.taken.is_empty() {
        return Err(format!("late writes were taken: {}", told.taken.join(", ")));
    }
    stops.refused = told.refused;
    Ok(stops)
}

impl Watch {
    async fn wait<T>(&self, ask: impl Fn(&Told) -> Option<T>) -> Option<T> {
        let waited = tokio::time::timeout(WORK_LIMIT, async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                changed.as_mut().enable();
                if let Some(answer) = ask(&lock(&self.told)) {
                    return answer;
                }
                changed.await;
            }
        });
        waited.await.ok()
    }
}

fn guard(watch: Arc<Watch>) -> Guard {
    Box::new(move |passage| {
        if passage.moment == Moment::Answered {
            lock(&watch.told).see(passage);
            watch.changed.notify_waiters();
        }
        Decision::Pass
    })
}

impl Told {
    fn see(&mut self, passage: &Passage<'_>) {
        let (id, how) = (passage.argument(1), passage.answer.at(0).text());
        if passage.script == "query/claim" {
            if how == "granted" {
                passage.argument(2).clone_into(&mut self.name);
                let attempt = (id.to_owned(), passage.answer.at(2).text().to_owned());
                let sql = passage.answer.at(3).text();
                if sql.starts_with("SELECT") {
                    self.reads.insert(attempt, sql.to_owned());
                }
            }
            return;
        }
        let taken = match passage.script {
            "query/posted" | "query/progress" => passage.answer == Value::Number(1),
            "query/append" | "query/finish" | "query/finish_with_page" => how != "fenced",
            _ => return,
        };
        let attempt = (id.to_owned(), passage.argument(2).to_owned());
        if self.lost.contains_key(&attempt) {
            if taken {
                self.taken.push(format!("{} of {id}", passage.script));
            } else {
                self.refused += 1;
            }
        }
        if passage.script.starts_with("query/finish") {
            self.reads.remove(&attempt);
        }
    }
}
