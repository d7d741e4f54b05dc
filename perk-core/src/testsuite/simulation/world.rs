//! What a simulation's processes share: its dice, its history, and whether the store answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::history::{Event, History, Post, QueryEvent, WorldEvent};
use super::lock;
use super::plan::Plan;
use super::process::{Lost, Role, Step};
use super::statement::{Spec, Tag};
use crate::ids::QueryId;
use crate::random::Random;
use crate::testsuite::Dice;

/// More events than any seed has: the simulation does not come to rest.
const TOO_MANY: usize = 200_000;

/// What befalls an operation.
#[derive(Debug)]
pub(super) enum Fate {
    Nothing,
    Late(Duration),
    Lost(Duration),
    Death,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) plan: Plan,
    dice: Arc<Mutex<Dice>>,
    history: Mutex<History>,
    began: Instant,
    /// Nothing goes wrong any more.
    calm: AtomicBool,
    store: Mutex<Store>,
    outage: Notify,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Store {
    away: bool,
    /// Whoever looks for silent workers has not seen them for long enough before this.
    observed_from: Option<Instant>,
}

#[derive(Debug, Default)]
struct Known {
    specs: BTreeMap<Tag, Spec>,
    posts: BTreeMap<QueryId, Post>,
    posts_of: BTreeMap<Tag, u32>,
    /// When each query's client was last heard of in the store.
    heard: BTreeMap<QueryId, Instant>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            plan: Plan::new(&mut dice),
            dice: Arc::new(Mutex::new(dice)),
            history: Mutex::default(),
            began: Instant::now(),
            calm: AtomicBool::new(false),
            store: Mutex::default(),
            outage: Notify::new(),
            known: Mutex::default(),
        }
    }

    pub(super) fn note(&self, event: Event) {
        let mut history = lock(&self.history);
        history.add(self.began.elapsed(), event);
        assert!(
            history.len() < TOO_MANY,
            "the simulation does not come to rest"
        );
    }

    pub(super) fn history(&self) -> History {
        lock(&self.history).clone()
    }

    /// A number below `sides`.
    pub(super) fn below(&self, sides: u32) -> u32 {
        lock(&self.dice).roll_u32(sides)
    }

    /// Happens so many times in a thousand; never once the faults have ended.
    pub(super) fn goes_wrong(&self, thousandths: u32) -> bool {
        thousandths > 0 && !self.is_calm() && self.below(1000) < thousandths
    }

    pub(super) fn between(&self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_millis();
        let span = u32::try_from(span).unwrap_or(u32::MAX);
        least + Duration::from_millis(u64::from(self.below(span + 1)))
    }

    pub(super) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() {
            return None;
        }
        from.get(lock(&self.dice).below(from.len()))
    }

    pub(super) fn shuffle<T>(&self, items: &mut [T]) {
        let mut dice = lock(&self.dice);
        for last in (1..items.len()).rev() {
            items.swap(last, dice.below(last + 1));
        }
    }

    /// Bytes for the names and slugs of the processes under test.
    pub(super) fn random(&self) -> Random {
        let dice = self.dice.clone();
        Random::new(move |bytes| {
            let mut dice = lock(&dice);
            bytes.fill_with(|| u8::try_from(dice.roll(256)).unwrap_or_default());
        })
    }

    pub(super) fn fate(&self, role: Role, at: Step) -> Fate {
        if self.is_calm() {
            return Fate::Nothing;
        }
        let rates = &self.plan.rates;
        let deadly = match role {
            Role::Gateway => rates.gateway_dies,
            Role::Worker => rates.worker_dies(at),
        };
        if self.goes_wrong(deadly) {
            Fate::Death
        } else if self.goes_wrong(rates.lost) {
            Fate::Lost(self.moment())
        } else if self.goes_wrong(rates.late) {
            Fate::Late(self.moment())
        } else {
            Fate::Nothing
        }
    }

    /// Mostly short, now and then long enough for others to do several things.
    fn moment(&self) -> Duration {
        let most = if self.below(5) == 0 {
            self.plan.late_by
        } else {
            Duration::from_millis(20)
        };
        self.between(Duration::from_millis(1), most)
    }

    pub(super) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    pub(super) fn calm_down(&self) {
        self.end_outage();
        self.calm.store(true, Ordering::Relaxed);
        self.note(Event::World(WorldEvent::FaultsEnded));
    }

    pub(super) fn begin_outage(&self) {
        lock(&self.store).away = true;
        self.note(Event::World(WorldEvent::OutageBegan));
        self.outage.notify_waiters();
    }

    /// What looks for silent workers counts none of the time in which it saw nothing (promise P5): the part under test has
    /// answered all along, so the simulation has to keep the observers from asking it for a lease.
    pub(super) fn end_outage(&self) {
        let mut store = lock(&self.store);
        if std::mem::take(&mut store.away) {
            store.observed_from = Some(Instant::now() + self.plan.settings.lease);
            self.note(Event::World(WorldEvent::OutageEnded));
        }
    }

    pub(super) fn store_answers(&self) -> Result<(), Lost> {
        if lock(&self.store).away {
            Err(Lost)
        } else {
            Ok(())
        }
    }

    /// Whether the workers have been observed for a lease since the store was away.
    pub(super) fn observed(&self) -> bool {
        let from = lock(&self.store).observed_from;
        from.is_none_or(|from| from <= Instant::now())
    }

    pub(super) async fn outage_begins(&self) {
        self.outage.notified().await;
    }

    pub(super) fn ask_for(&self, spec: Spec) {
        lock(&self.known).specs.insert(spec.tag, spec);
    }

    pub(super) fn spec(&self, tag: Tag) -> Option<Spec> {
        lock(&self.known).specs.get(&tag).copied()
    }

    pub(super) fn specs(&self) -> BTreeMap<Tag, Spec> {
        lock(&self.known).specs.clone()
    }

    /// A query was stored under this id.
    pub(super) fn created(&self, id: &QueryId, sql: &str) {
        let Some(tag) = Tag::of(sql) else { return };
        let mut known = lock(&self.known);
        if known.posts.contains_key(id) {
            return;
        }
        let number = known.posts_of.entry(tag).or_default();
        *number += 1;
        let post = Post {
            tag,
            number: *number,
        };
        known.posts.insert(id.clone(), post);
        known.heard.insert(id.clone(), Instant::now());
        drop(known);
        self.note(Event::Query(post, QueryEvent::Created));
    }

    /// A query's client was heard of.
    pub(super) fn hear(&self, id: &QueryId) {
        lock(&self.known).heard.insert(id.clone(), Instant::now());
    }

    pub(super) fn silent_for(&self, id: &QueryId) -> Duration {
        let heard = lock(&self.known).heard.get(id).copied();
        heard.map_or(Duration::MAX, |heard| heard.elapsed())
    }

    pub(super) fn post(&self, id: &QueryId) -> Option<Post> {
        lock(&self.known).posts.get(id).copied()
    }

    /// Every id that was ever stored.
    pub(super) fn ids(&self) -> Vec<(QueryId, Post)> {
        let known = lock(&self.known);
        known
            .posts
            .iter()
            .map(|(id, post)| (id.clone(), *post))
            .collect()
    }

    /// Something happened to a query in the store.
    pub(super) fn query(&self, id: &QueryId, event: QueryEvent) {
        if let Some(post) = self.post(id) {
            self.note(Event::Query(post, event));
        }
    }
}
