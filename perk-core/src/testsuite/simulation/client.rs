//! A client: sends statements, reads their results, and does not always behave.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::fleet::{Fleet, Front};
use super::history::{ClientEvent, End, Event, Got, Post, Refusal};
use super::statement::{Row, Spec, Tag, Verb, transaction_run};
use super::world::World;
use crate::gateway::{Answer, PollError, PostAnswer};
use crate::ids::{PageIndex, QueryId};
use crate::query::Outcome;
use crate::store::{Next, Reading};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a client treats one of its queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Reads,
    ReadsSlowly,
    /// Asks for the end again after it was told of it.
    AsksAgain,
    /// Says only that it is there, for longer than a client timeout, and reads then.
    OnlyBeats,
    Cancels,
    Vanishes,
}

const HABITS: [Habit; 12] = [
    Habit::Reads,
    Habit::Reads,
    Habit::Reads,
    Habit::Reads,
    Habit::Reads,
    Habit::ReadsSlowly,
    Habit::ReadsSlowly,
    Habit::AsksAgain,
    Habit::OnlyBeats,
    Habit::Cancels,
    Habit::Vanishes,
    Habit::Reads,
];

#[derive(Debug)]
pub(super) struct Client {
    fleet: Arc<Fleet>,
    number: u32,
}

/// What a client asks with next.
#[derive(Debug)]
struct Asked {
    post: Post,
    id: QueryId,
    token: PageIndex,
    slug: String,
    /// What it was told of the end.
    end: Option<End>,
}

/// What a client's request came to.
enum Told<T> {
    Answer(T),
    /// It may be sent again.
    Nothing,
    Refused(Refusal),
}

impl Client {
    pub(super) fn new(fleet: Arc<Fleet>, number: u32) -> Self {
        Self { fleet, number }
    }

    fn world(&self) -> &World {
        &self.fleet.world
    }

    /// Sends one statement after the other.
    pub(super) async fn run(self) {
        let client = self.number;
        let mut tags = (1..=self.world().plan.queries_each).map(|query| Tag { client, query });
        while let Some(tag) = tags.next() {
            self.pause(4_000).await;
            if self.world().plan.transactions && self.world().below(3) == 0 {
                self.transaction(tag, &mut tags).await;
                continue;
            }
            let spec = Spec::random(self.world(), tag, None);
            let habit = self.world().pick(&HABITS).copied();
            self.query(&spec, habit.unwrap_or(Habit::Reads)).await;
        }
    }

    /// A transaction: some statements, and mostly its end. What fails in it ends it.
    async fn transaction(&self, first: Tag, tags: &mut impl Iterator<Item = Tag>) {
        let start = Spec::bound(first, Verb::Starts, None);
        let started = self.query(&start, Habit::Reads).await;
        let Some(End::Finished { began, .. }) = started else {
            return;
        };
        for _ in 0..self.world().below(4) {
            let Some(tag) = tags.next() else { return };
            self.pause(4_000).await;
            let spec = Spec::random(self.world(), tag, began);
            match self.query(&spec, Habit::Reads).await {
                Some(End::Finished { .. }) => {}
                _ => return,
            }
        }
        if let Some(tag) = tags.next().filter(|_| self.world().below(5) > 0) {
            let commit = Spec::bound(tag, Verb::Commits, began);
            self.query(&commit, Habit::Reads).await;
        }
    }

    /// Sends a statement and treats it by habit. Gives the end that it was told of.
    async fn query(&self, spec: &Spec, habit: Habit) -> Option<End> {
        self.world().ask_for(*spec);
        let (mut asked, mut over) = self.post(spec).await;
        if habit == Habit::OnlyBeats && !over {
            self.beat(&asked).await;
        }
        // Before which of its requests it does something else.
        let turn = match habit {
            Habit::Cancels | Habit::Vanishes => self.world().below(6),
            _ => u32::MAX,
        };
        let mut requests = 0;
        while !over {
            if requests == turn && habit == Habit::Cancels {
                self.cancel(&asked).await;
                return None;
            }
            if requests == turn {
                self.note(asked.post, ClientEvent::Leaves);
                return None;
            }
            requests += 1;
            if habit == Habit::ReadsSlowly {
                self.pause(20_000).await;
            }
            over = self.poll(&mut asked).await;
        }
        if habit == Habit::AsksAgain {
            self.pause(3_000).await;
            self.poll(&mut asked).await;
        }
        asked.end
    }

    /// POSTs until it has heard an answer. Says what to ask for next, and whether that is nothing.
    async fn post(&self, spec: &Spec) -> (Asked, bool) {
        loop {
            // What is answered without being stored has no name in the history.
            let answer = match self.world().below(3) {
                0 => PostAnswer::TokenOnly,
                _ if spec.transaction.is_some() => PostAnswer::TokenOnly,
                _ => PostAnswer::MayHoldRows,
            };
            let lost = match self.fleet.front() {
                None => "there was no gateway",
                Some(front) => {
                    let submit = front.gateway.submit(spec.statement(), answer);
                    match self.ask(&front, submit).await {
                        None => "no answer came",
                        Some(Err(_)) => "it was refused",
                        Some(Ok(answer)) => match self.accept(&front, &answer) {
                            Some(accepted) => return accepted,
                            None => "the answer was lost",
                        },
                    }
                }
            };
            let unanswered = Event::Unanswered(spec.tag, lost);
            self.world().note(unanswered);
            self.pause(2_000).await;
        }
    }

    fn accept(&self, front: &Front, answer: &Answer) -> Option<(Asked, bool)> {
        let post = self.world().post(&answer.id)?;
        let mut asked = Asked {
            post,
            id: answer.id.clone(),
            token: 0,
            slug: String::new(),
            end: None,
        };
        let over = self.heard(front, &mut asked, &answer.reading)?;
        Some((asked, over))
    }

    /// GETs once. Whether there is nothing more to ask for.
    async fn poll(&self, asked: &mut Asked) -> bool {
        let Some(front) = self.fleet.front() else {
            self.pause(1_000).await;
            return false;
        };
        let poll = front.gateway.poll(&asked.id, asked.token, &asked.slug);
        match told(self.ask(&front, poll).await) {
            Told::Answer(answer) => {
                let over = self.heard(&front, asked, &answer.reading);
                over.unwrap_or(false)
            }
            Told::Refused(why) => {
                self.refused(asked, why);
                true
            }
            Told::Nothing => {
                self.pause(2_000).await;
                false
            }
        }
    }

    /// Takes an answer in, unless it is lost on its way; then `None`.
    fn heard(&self, front: &Front, asked: &mut Asked, reading: &Reading) -> Option<bool> {
        let first = asked.slug.is_empty();
        let got = got(asked.token, reading);
        if self.is_lost() {
            self.note(asked.post, ClientEvent::Missed(got));
            return None;
        }
        if first {
            self.note(asked.post, ClientEvent::Accepted);
        }
        let over = got.end.is_some();
        asked.end.clone_from(&got.end);
        if !got.rows.is_empty() || over {
            self.note(asked.post, ClientEvent::Got(got));
        }
        if let Next::Token(token) = reading.next {
            asked.token = token;
        }
        asked.slug = front.gateway.slug(&asked.id, asked.token).to_string();
        Some(over)
    }

    async fn cancel(&self, asked: &Asked) {
        loop {
            self.note(asked.post, ClientEvent::Cancels);
            if let Some(front) = self.fleet.front() {
                let cancel = front.gateway.cancel(&asked.id, asked.token, &asked.slug);
                match told(self.ask(&front, cancel).await) {
                    Told::Answer(()) => return self.note(asked.post, ClientEvent::Canceled),
                    Told::Refused(why) => return self.refused(asked, why),
                    Told::Nothing => {}
                }
            }
            self.pause(2_000).await;
        }
    }

    /// Says that it is there, for longer than it could be silent.
    async fn beat(&self, asked: &Asked) {
        let until = Instant::now() + self.world().plan.settings.store.client_timeout * 5 / 4;
        while Instant::now() < until {
            if let Some(front) = self.fleet.front() {
                let beat = front.gateway.heartbeat(&asked.id, asked.token, &asked.slug);
                if let Told::Refused(why) = told(self.ask(&front, beat).await) {
                    return self.refused(asked, why);
                }
            }
            self.pause(10_000).await;
        }
    }

    /// Sends a request to a gateway. `None` when no answer comes: the gateway dies, is too slow, or the request is lost.
    async fn ask<T>(&self, front: &Front, request: impl Future<Output = T>) -> Option<T> {
        if self.is_lost() {
            return None;
        }
        // A connection that breaks leaves the gateway with a request that nobody waits for.
        let patience = if self.is_lost() {
            self.world()
                .between(Duration::ZERO, Duration::from_millis(300))
        } else {
            PATIENCE
        };
        tokio::select! {
            biased;
            () = front.process.crashed() => None,
            answered = timeout(patience, request) => answered.ok(),
        }
    }

    fn is_lost(&self) -> bool {
        self.world().goes_wrong(self.world().plan.rates.client_lost)
    }

    fn refused(&self, asked: &Asked, why: Refusal) {
        let (token, silent) = (asked.token, self.world().silent_for(&asked.id));
        self.note(asked.post, ClientEvent::Refused { token, why, silent });
    }

    fn note(&self, post: Post, event: ClientEvent) {
        self.world().note(Event::Client(post, event));
    }

    async fn pause(&self, most: u64) {
        let most = Duration::from_millis(most);
        sleep(self.world().between(Duration::from_millis(1), most)).await;
    }
}

fn told<T>(answer: Option<Result<T, PollError>>) -> Told<T> {
    match answer {
        Some(Ok(answer)) => Told::Answer(answer),
        None | Some(Err(PollError::Unavailable(_))) => Told::Nothing,
        Some(Err(PollError::Unknown)) => Told::Refused(Refusal::Unknown),
        Some(Err(PollError::Expired(_))) => Told::Refused(Refusal::Expired),
        Some(Err(PollError::PageGone)) => Told::Refused(Refusal::PageGone),
    }
}

fn got(token: PageIndex, reading: &Reading) -> Got {
    let pages = reading.pages.iter().filter_map(|page| page.rows.as_ref());
    let rows = pages.flat_map(|rows| serde_json::from_slice::<Vec<Row>>(rows).unwrap_or_default());
    let end = match &reading.next {
        Next::Token(_) => None,
        Next::End(ending) => Some(match &ending.outcome {
            Outcome::Failed(error) => End::Failed(error.name.clone()),
            Outcome::Finished => {
                let count = ending.envelope.update_count.as_ref();
                let count = count.and_then(|count| serde_json::from_slice(count).ok());
                let headers = ending.envelope.headers.iter();
                let mut began = headers.filter(|(name, _)| name == "Started-Transaction-Id");
                let began = began.find_map(|(_, value)| transaction_run(value));
                End::Finished { count, began }
            }
        }),
    };
    Got {
        token,
        rows: rows.collect(),
        end,
    }
}
