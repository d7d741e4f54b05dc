//! Many clients at once, and what became of all their statements.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::client::{Client, End, Habits, Outcome, Watcher};
use crate::deployment::Deployment;
use crate::lock;
use crate::statement::{Kind, Statement};

/// How many milliseconds a page of 1 MiB takes: so many that something happens meanwhile.
const LARGE_PACE: u64 = 150;
/// How many wrong outcomes a failure shows.
const SHOWN: usize = 8;

/// What is sent, and how much of it.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// How many clients there are.
    pub(crate) clients: usize,
    /// How many statements all of them send in a second, as far as they are answered in time.
    pub(crate) per_second: u32,
    /// Of a thousand statements, how many are of each kind; the rest are of one row.
    pub(crate) mix: &'static [(Kind, u32)],
    /// How many of 20 MiB are sent at the beginning, besides.
    pub(crate) large: usize,
    /// How many milliseconds a page takes the cluster.
    pub(crate) pace: u64,
    /// Whether all clients send a POST again whose answer they did not get; otherwise every other one does.
    pub(crate) all_repeat_posts: bool,
    /// Decides the order of the kinds.
    pub(crate) seed: u64,
}

/// A tenth writes; of the reads 95 % one row, 4.9 % 1 MiB, 0.1 % 20 MiB.
pub(crate) const USUAL: &[(Kind, u32)] =
    &[(Kind::Insert, 100), (Kind::Mebibyte, 44), (Kind::Large, 1)];

/// Clients that send until they are told to stop.
pub(crate) struct Sending {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
    under_way: UnderWay,
}

/// The statements that have not ended, and their ids as far as they are known.
type UnderWay = Arc<Mutex<BTreeMap<String, String>>>;

impl Load {
    /// Begins to send.
    pub(crate) fn start(&self, url: &str) -> Sending {
        let stop = Arc::<AtomicBool>::default();
        let outcomes = Arc::<Mutex<Vec<Outcome>>>::default();
        let under_way = UnderWay::default();
        let mut clients = JoinSet::new();
        let count = u32::try_from(self.clients).unwrap_or(u32::MAX);
        for number in 0..count {
            let habits = Habits {
                repeats_posts: self.all_repeat_posts || number % 2 == 0,
                reads_posts: number % 4 < 2,
            };
            let client = Client::new(url, &format!("user-{number}"), habits);
            let (stop, outcomes, under_way) = (stop.clone(), outcomes.clone(), under_way.clone());
            let mut dice = Dice(self.seed.wrapping_add(u64::from(number) << 32) | 1);
            let (mix, pace) = (self.mix, self.pace);
            let interval = Duration::from_secs(1) * count / self.per_second;
            let first = tokio::time::Instant::now() + interval * number / count;
            clients.spawn(async move {
                let mut ticks = tokio::time::interval_at(first, interval);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while !stop.load(Ordering::Acquire) {
                    ticks.tick().await;
                    let statement = Statement::new(dice.kind(mix), pace);
                    run_one(&client, statement, &outcomes, &under_way).await;
                }
            });
        }
        let mut sending = Sending {
            stop,
            clients,
            outcomes,
            under_way,
        };
        let habits = Habits {
            repeats_posts: true,
            reads_posts: false,
        };
        for number in 0..self.large {
            let client = Client::new(url, &format!("patient-{number}"), habits);
            sending.also(client, Statement::new(Kind::Large, LARGE_PACE));
        }
        sending
    }
}

async fn run_one(
    client: &Client,
    statement: Statement,
    outcomes: &Mutex<Vec<Outcome>>,
    under_way: &UnderWay,
) {
    let sql = statement.sql.clone();
    lock(under_way).insert(sql.clone(), String::new());
    let outcome = client.run(statement, &Noting(&sql, under_way)).await;
    lock(under_way).remove(&sql);
    lock(outcomes).push(outcome);
}

/// Notes the id of a statement under way.
struct Noting<'a>(&'a str, &'a UnderWay);

impl Watcher for Noting<'_> {
    fn has_id(&self, id: &str) {
        lock(self.1).insert(self.0.to_owned(), id.to_owned());
    }
}

impl Sending {
    /// Sends one statement more, by a client of its own.
    pub(crate) fn also(&mut self, client: Client, statement: Statement) {
        let (outcomes, under_way) = (self.outcomes.clone(), self.under_way.clone());
        self.clients.spawn(async move {
            run_one(&client, statement, &outcomes, &under_way).await;
        });
    }

    /// Has the clients send no more, and waits until all that was sent has ended.
    pub(crate) async fn stop(
        mut self,
        deployment: &Deployment,
        limit: Duration,
    ) -> Result<Outcomes, String> {
        self.stop.store(true, Ordering::Release);
        let all = async { while self.clients.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(limit, all).await.is_ok();
        let outcomes = Outcomes(std::mem::take(&mut lock(&self.outcomes)));
        if in_time {
            return Ok(outcomes);
        }
        let left = std::mem::take(&mut *lock(&self.under_way));
        let known = left.iter().take(SHOWN);
        let known = known.map(|(sql, id)| deployment.describe(sql, id));
        Err(format!(
            "{} statements have not ended {limit:?} after the last was sent, {} have:\n  {}",
            left.len(),
            outcomes.0.len(),
            known.collect::<Vec<_>>().join("\n  ")
        ))
    }
}

/// What became of statements.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(pub(crate) Vec<Outcome>);

impl Outcomes {
    /// The outcome of a query, by its id.
    pub(crate) fn of(&self, id: &str) -> Option<&Outcome> {
        self.0.iter().find(|outcome| outcome.id == id)
    }

    /// How many ended with each error; what ended with rows is not told.
    pub(crate) fn errors(&self) -> BTreeMap<String, usize> {
        let mut errors = BTreeMap::new();
        for outcome in &self.0 {
            let name = match &outcome.end {
                End::Rows(_) | End::Gone => continue,
                End::Failed { name, .. } => name.clone(),
                End::Unsure(_) => "POST not answered".to_owned(),
                End::Broken(_) => "broken".to_owned(),
            };
            *errors.entry(name).or_default() += 1;
        }
        errors
    }

    /// The same as text.
    pub(crate) fn errors_text(&self) -> String {
        let errors = self.errors();
        if errors.is_empty() {
            return "no errors".to_owned();
        }
        let told = errors.iter().map(|(name, count)| format!("{count} {name}"));
        told.collect::<Vec<_>>().join(", ")
    }

    /// How often clients were answered 503, and how often not at all.
    pub(crate) fn troubles(&self) -> (usize, usize) {
        let refusals = self.0.iter().map(|outcome| outcome.refusals).sum();
        (
            refusals,
            self.0.iter().map(|outcome| outcome.silences).sum(),
        )
    }

    /// The longest that any took.
    pub(crate) fn longest(&self) -> Duration {
        let times = self.0.iter().map(|outcome| outcome.ended - outcome.posted);
        times.max().unwrap_or_default()
    }

    /// When the last one ended.
    pub(crate) fn last_end(&self) -> Option<Instant> {
        self.0.iter().map(|outcome| outcome.ended).max()
    }

    /// That each read which ended with rows has the right ones, and each write ran once if it ended well and at most once
    /// otherwise; and that whatever else it ended with, `may` allows it: it is given the error's name.
    pub(crate) fn check(
        &self,
        deployment: &Deployment,
        may: impl Fn(&Outcome, &str) -> bool,
    ) -> Result<(), String> {
        let wrong: Vec<_> = self
            .0
            .iter()
            .filter_map(|outcome| {
                let wrong = check(outcome, deployment, &may).err()?;
                let Outcome { id, statement, .. } = outcome;
                Some(format!("{id} {}: {wrong}", statement.sql))
            })
            .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let shown = wrong[..wrong.len().min(SHOWN)].join("\n  ");
        Err(format!(
            "{} of {} statements ended wrongly:\n  {shown}",
            wrong.len(),
            self.0.len()
        ))
    }
}

fn check(
    outcome: &Outcome,
    deployment: &Deployment,
    may: &impl Fn(&Outcome, &str) -> bool,
) -> Result<(), String> {
    let begun = deployment.begun(&outcome.statement);
    let is_read = outcome.statement.kind.is_read();
    if !is_read && begun > 1 {
        return Err(format!("was begun {begun} times"));
    }
    match &outcome.end {
        End::Rows(rows) => {
            let expected = outcome.statement.expected();
            if *rows != expected {
                return Err(format!("gave {rows:?} instead of {expected:?}"));
            }
            if begun == 0 {
                return Err("ended well and was never begun".to_owned());
            }
            Ok(())
        }
        End::Failed { name, .. } if may(outcome, name) => Ok(()),
        End::Failed {
            name,
            message,
            bytes,
        } => Err(format!(
            "failed after {bytes} bytes, begun {begun} times: {name}: {message}"
        )),
        End::Unsure(_) | End::Gone => Ok(()),
        End::Broken(text) => Err(text.clone()),
    }
}

/// What a lost worker or cluster may do to a query: one whose rows were being read is lost, and of a write nobody knows.
pub(crate) fn lost_in_the_middle(outcome: &Outcome, name: &str) -> bool {
    match outcome.statement.kind {
        Kind::Insert => name == "PERK_OUTCOME_UNKNOWN",
        kind => kind.is_shown_early() && name == "PERK_CLUSTER_LOST",
    }
}

/// No error is right.
pub(crate) fn never(_: &Outcome, _: &str) -> bool {
    false
}

/// The same numbers for the same seed.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn kind(&mut self, mix: &[(Kind, u32)]) -> Kind {
        let mut thrown = self.below(1000);
        for &(kind, share) in mix {
            match thrown.checked_sub(u64::from(share)) {
                Some(rest) => thrown = rest,
                None => return kind,
            }
        }
        Kind::OneRow
    }
}
