//! A worker is killed at each step of a query. The query ends as it must for what had happened by then, within the lease and a
//! little more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::{Seen, count, deployed, per_second};
use crate::client::{End, Outcome};
use crate::deployment::{Deployment, Plan, TAKEOVER_SLACK, lease};
use crate::load::{Load, Outcomes, USUAL, lost_in_the_middle};
use crate::proxy::{Decision, Guard, Moment, Passage};
use crate::statement::Kind;
use crate::{is_long, lock};

/// How many workers wait for their death at once.
const AT_ONCE: usize = 2;
/// How many others there are: most of what runs again is to run there.
const OTHERS: usize = 5;
/// How long it may take until a worker comes to its step.
const STEP_LIMIT: Duration = Duration::from_mins(1);
/// After how many lost attempts a query fails.
const MOST_ATTEMPTS: usize = 3;
/// How long the clients' last statements may take after the last takeover of the unluckiest.
const END_LIMIT: Duration = Duration::from_secs(20);

/// What is sent meanwhile in the short form: enough of each kind that every step comes up soon.
const MIX: &[(Kind, u32)] = &[
    (Kind::Insert, 250),
    (Kind::Held, 200),
    (Kind::Mebibyte, 100),
];

/// Where in a query's life its worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    /// It was given the query and has not heard of it.
    Pulled,
    /// It has claimed it.
    Claimed,
    /// The cluster knows the statement, nobody else that it does.
    Posted,
    /// That is recorded; the statement has not begun.
    Recorded,
    /// Its first page is stored.
    FirstPage,
    /// More pages are.
    Middle,
    /// The cluster has given all, which nobody else knows.
    Finishing,
    /// The end is stored; the worker has not heard so, and the queue does not know.
    Finished,
    /// The worker has heard so; the queue does not know.
    BeforeAck,
}

const STEPS: [Step; 9] = [
    Step::Pulled,
    Step::Claimed,
    Step::Posted,
    Step::Recorded,
    Step::FirstPage,
    Step::Middle,
    Step::Finishing,
    Step::Finished,
    Step::BeforeAck,
];

impl Step {
    /// Whether a write comes to it.
    fn is_a_writes(self) -> bool {
        !matches!(self, Self::FirstPage | Self::Middle)
    }
}

/// What all proxies of the workers that are to die have seen.
#[derive(Debug, Default)]
struct Ledger {
    /// The queries that a worker was killed for. None is twice.
    met: HashSet<String>,
    /// To which workers each query was given.
    given: HashMap<String, Vec<usize>>,
    /// How often one of them has begun an attempt at it.
    attempts: HashMap<String, usize>,
}

impl Ledger {
    /// Whether that error is right: some queries have bad luck.
    fn is_exhausted(&self, id: &str, name: &str) -> bool {
        let attempts = self.attempts.get(id).copied().unwrap_or_default();
        name == "PERK_ATTEMPTS_EXHAUSTED" && attempts >= MOST_ATTEMPTS
    }
}

/// A worker that was killed.
#[derive(Debug)]
struct Death {
    worker: usize,
    step: Step,
    wants_write: bool,
    id: String,
    at: Instant,
}

pub(super) async fn run() -> Seen {
    let plan = Plan {
        workers: OTHERS,
        ..Plan::default()
    };
    deployed(plan, kill_them).await
}

async fn kill_them(deployment: &Deployment) -> Seen {
    let load = Load {
        clients: count(24, 50),
        per_second: per_second(60),
        mix: if is_long() { USUAL } else { MIX },
        large: 2,
        pace: 15,
        all_repeat_posts: true,
        seed: 1,
    };
    let sending = load.start(deployment.balancer.url());
    let mut wanted = Vec::new();
    for round in 0..count(4, 12) {
        wanted.extend(STEPS.map(|step| (step, round % 2 == 1 && step.is_a_writes())));
    }
    wanted.reverse();
    let ledger = Arc::<Mutex<Ledger>>::default();
    let mut deaths = Vec::new();
    let mut dying = JoinSet::new();
    // Joined below, before the deployment goes: tasks of a runtime cannot borrow it.
    loop {
        while dying.len() < AT_ONCE
            && let Some((step, wants_write)) = wanted.pop()
        {
            let number = deaths.len() + dying.len();
            let (guard, died) = trap(step, wants_write, number, ledger.clone());
            let worker = deployment.add_worker_of(2, Some(guard)).await?;
            dying.spawn(async move {
                let id = tokio::time::timeout(STEP_LIMIT, died).await;
                let death = Death {
                    worker: number,
                    step,
                    wants_write,
                    id: id.ok().and_then(Result::ok).unwrap_or_default(),
                    at: Instant::now(),
                };
                (worker, death)
            });
        }
        let Some(died) = dying.join_next().await else {
            break;
        };
        let (worker, mut death) = died.map_err(|error| error.to_string())?;
        deployment.kill_worker(&worker);
        death.at = Instant::now();
        if death.id.is_empty() {
            return Err(format!(
                "no query came to {:?} in {STEP_LIMIT:?}",
                death.step
            ));
        }
        deaths.push(death);
    }
    let outcomes = sending
        .stop(deployment, END_LIMIT + 3 * (lease() + TAKEOVER_SLACK))
        .await?;
    let ledger = std::mem::take(&mut *lock(&ledger));
    let may = |outcome: &Outcome, name: &str| {
        ledger.is_exhausted(&outcome.id, name) || lost_in_the_middle(outcome, name)
    };
    outcomes.check(deployment, may)?;
    let takeovers = check_deaths(deployment, &deaths, &ledger, &outcomes)?;
    let settled = deployment.settle().await?;
    let steps: BTreeMap<_, _> = deaths.iter().fold(BTreeMap::new(), |mut steps, death| {
        *steps.entry(death.step).or_insert(0) += 1;
        steps
    });
    let least = steps.values().min().copied().unwrap_or_default();
    Ok(format!(
        "{} kills, each of {} steps {least} times or more; {} statements, {}; takeover in {:.1} s at most; nothing left after {:.1} s",
        deaths.len(),
        steps.len(),
        outcomes.0.len(),
        outcomes.errors_text(),
        takeovers.as_secs_f64(),
        settled.as_secs_f64(),
    ))
}

/// Stops a worker's traffic when a query comes to this step: a write, or a read. Gives its id. No query dies so twice.
fn trap(
    step: Step,
    wants_write: bool,
    worker: usize,
    ledger: Arc<Mutex<Ledger>>,
) -> (Guard, oneshot::Receiver<String>) {
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    // What is known of this worker's queries, from the claims it was granted.
    let mut writes = HashMap::<String, bool>::new();
    let mut ending = None;
    let guard = move |passage: &Passage<'_>| {
        if tell.is_none() {
            return Decision::Pass;
        }
        if passage.is(Moment::Answered, "query/claim") && passage.answer.at(0).text() == "granted" {
            let sql = passage.answer.at(3).text();
            let id = passage.argument(1).to_owned();
            *lock(&ledger).attempts.entry(id.clone()).or_default() += 1;
            writes.insert(id, sql.starts_with("INSERT"));
        }
        for id in delivered(passage) {
            lock(&ledger).given.entry(id).or_default().push(worker);
        }
        let is_wanted =
            |id: &str| writes.get(id) == Some(&wants_write) && !lock(&ledger).met.contains(id);
        let Some(id) = comes_to(step, passage, is_wanted, &mut ending) else {
            return match &ending {
                // The worker hears of the end of this one, the queue does not.
                Some(id) if is_ack_of(passage, id) => Decision::Swallow,
                _ => Decision::Pass,
            };
        };
        if !lock(&ledger).met.insert(id.clone()) {
            return Decision::Pass;
        }
        if let Some(tell) = tell.take() {
            // Nobody listens any more where this came too late, which is said there.
            let _ = tell.send(id);
        }
        Decision::Stop
    };
    (Box::new(guard), told)
}

/// The query that is at the step now.
fn comes_to(
    step: Step,
    passage: &Passage<'_>,
    is_wanted: impl Fn(&str) -> bool,
    ending: &mut Option<String>,
) -> Option<String> {
    use Moment::{Answered, Sent};
    let id = passage.argument(1);
    let found = match step {
        Step::Pulled => return delivered(passage).into_iter().next(),
        Step::Claimed => {
            passage.is(Answered, "query/claim") && passage.answer.at(0).text() == "granted"
        }
        Step::Posted => passage.is(Sent, "query/posted"),
        Step::Recorded => passage.is(Answered, "query/posted"),
        Step::FirstPage => passage.is(Answered, "query/append") && passage.argument(3) == "0",
        Step::Middle => passage.is(Answered, "query/append") && passage.argument(3) == "3",
        Step::Finishing => is_finish(passage, Sent),
        Step::Finished => {
            if is_finish(passage, Sent) && ending.is_none() && is_wanted(id) {
                *ending = Some(id.to_owned());
            }
            // Whichever comes first: the acknowledgement is on its way, or the answer that it would follow.
            let ending = ending.as_deref()?;
            let is_over =
                is_ack_of(passage, ending) || is_finish(passage, Answered) && id == ending;
            return is_over.then(|| ending.to_owned());
        }
        Step::BeforeAck => {
            if is_finish(passage, Sent) && ending.is_none() && is_wanted(id) {
                *ending = Some(id.to_owned());
            }
            let ending = ending.as_deref()?;
            // Stopped only with the next word, so that the worker hears of the end.
            let next = passage.is(Sent, "registry/renew") || passage.is(Sent, "queue/pull");
            return next.then(|| ending.to_owned());
        }
    };
    (found && is_wanted(id)).then(|| id.to_owned())
}

/// The queries that a worker is given.
fn delivered(passage: &Passage<'_>) -> Vec<String> {
    if !passage.is(Moment::Answered, "queue/pull") {
        return Vec::new();
    }
    let given = passage.answer.items();
    let queries = given
        .iter()
        .filter_map(|given| given.text().strip_prefix("query|"));
    queries.map(str::to_owned).collect()
}

/// With the last page or without.
fn is_finish(passage: &Passage<'_>, moment: Moment) -> bool {
    passage.moment == moment && passage.script.starts_with("query/finish")
}

fn is_ack_of(passage: &Passage<'_>, id: &str) -> bool {
    passage.is(Moment::Sent, "queue/settle")
        && passage.argument(2) == id
        && passage.argument(3) == "ack"
}

/// That each query whose worker died ended as it must, and soon; the longest that a takeover took.
fn check_deaths(
    deployment: &Deployment,
    deaths: &[Death],
    ledger: &Ledger,
    outcomes: &Outcomes,
) -> Result<Duration, String> {
    let mut longest = Duration::ZERO;
    for death in deaths {
        let Death {
            step,
            wants_write,
            id,
            at,
            ..
        } = death;
        let outcome = outcomes.of(id);
        let outcome = outcome.ok_or_else(|| format!("{step:?}: nobody waited for {id}"))?;
        let wrong = |what: &str| {
            let (sql, end) = (&outcome.statement.sql, &outcome.end);
            format!("killed at {step:?} (write: {wants_write}): {id} {sql} {what}: {end:?}")
        };
        let holders = ledger.given.get(id).into_iter().flatten();
        let died = |holder: &&_| deaths.iter().any(|death| death.worker == **holder);
        let another_died = holders.filter(died).count() > 1;
        if !ends_as_it_must(*step, another_died, outcome, ledger) {
            return Err(wrong("ended otherwise than it must"));
        }
        let story = deployment.journal().story(&outcome.statement.sql);
        let taken_over = match &outcome.end {
            _ if *step >= Step::Finished => None,
            End::Rows(_) => story.given.iter().find(|given| *given > at).copied(),
            _ => Some(outcome.ended),
        };
        if let Some(taken_over) = taken_over {
            // Who took it over may have died of something else.
            let holders = ledger.given.get(id).into_iter().flatten();
            let holders =
                holders.filter_map(|holder| deaths.iter().find(|death| death.worker == *holder));
            let last = holders
                .map(|death| death.at)
                .filter(|at| *at <= taken_over)
                .max();
            let took = taken_over.saturating_duration_since(last.unwrap_or(*at));
            if took > lease() + TAKEOVER_SLACK {
                return Err(wrong(&format!("was taken over after {took:?}")));
            }
            longest = longest.max(took);
        }
    }
    Ok(longest)
}

/// Where another worker died with the query too, that may have been at any step.
fn ends_as_it_must(step: Step, another_died: bool, outcome: &Outcome, ledger: &Ledger) -> bool {
    let name = match &outcome.end {
        End::Rows(_) => None,
        End::Failed { name, .. } => Some(name.as_str()),
        _ => return false,
    };
    let was_recorded = step >= Step::Recorded && step < Step::Finished;
    match (outcome.statement.kind, name) {
        // Whether it had begun is not known to who takes over.
        (Kind::Insert, name) if was_recorded => name == Some("PERK_OUTCOME_UNKNOWN"),
        (_, None) => true,
        (_, Some(name)) if ledger.is_exhausted(&outcome.id, name) => true,
        (Kind::Insert, Some("PERK_OUTCOME_UNKNOWN")) => another_died,
        // Rows of it may have been read by then.
        (kind, Some("PERK_CLUSTER_LOST")) => {
            let was_shown = step >= Step::FirstPage && step < Step::Finished;
            kind.is_shown_early() && (was_shown || another_died)
        }
        _ => false,
    }
}
