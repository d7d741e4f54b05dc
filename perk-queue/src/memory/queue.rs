//! The queue in memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use perk_core::{
    Delivery, Depth, Lane, Offered, PoolName, Priority, QueryId, Queue, QueueBounds, Signal, Take,
    Target, Unavailable, WorkerId,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::lock;

/// Query ids that wait in this process.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    state: Mutex<State>,
}

/// The order in which ids came: an id's place in its lane or inbox, which it keeps when it is released.
type Place = u64;

#[derive(Debug, Default)]
struct State {
    /// Every id that waits or is pending.
    entries: HashMap<QueryId, Entry>,
    pools: HashMap<PoolName, Pool>,
    inboxes: HashMap<WorkerId, Inbox>,
    next_place: Place,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    since: Instant,
    target: Target,
    /// With which worker, and from which pool it pulled; `None` while the id waits.
    pending: Option<(WorkerId, PoolName)>,
}

#[derive(Debug, Default)]
struct Pool {
    /// High before normal before low, as `Priority` is ordered.
    priorities: BTreeMap<Priority, Lanes>,
    pending: usize,
    wake: Arc<Notify>,
}

/// The lanes of one pool and priority. None is empty.
#[derive(Debug, Default)]
struct Lanes {
    by_user: HashMap<String, BTreeMap<Place, QueryId>>,
    /// The users, in the order in which they are served next.
    turns: VecDeque<String>,
}

/// What is one worker's alone.
#[derive(Debug, Default)]
struct Inbox {
    signals: VecDeque<(QueryId, Signal)>,
    waiting: BTreeMap<Place, QueryId>,
    pending: BTreeMap<Place, QueryId>,
    wake: Arc<Notify>,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Lanes {
    fn add(&mut self, user: &str, place: Place, id: QueryId) {
        if let Some(lane) = self.by_user.get_mut(user) {
            lane.insert(place, id);
        } else {
            self.by_user
                .insert(user.to_owned(), BTreeMap::from([(place, id)]));
            self.turns.push_back(user.to_owned());
        }
    }

    /// Takes the first id of the lane whose turn it is.
    fn take(&mut self) -> Option<QueryId> {
        let user = self.turns.pop_front()?;
        let lane = self.by_user.get_mut(&user)?;
        let (_, id) = lane.pop_first()?;
        if lane.is_empty() {
            self.by_user.remove(&user);
        } else {
            self.turns.push_back(user);
        }
        Some(id)
    }

    fn remove(&mut self, user: &str, place: Place) {
        let Some(lane) = self.by_user.get_mut(user) else {
            return;
        };
        lane.remove(&place);
        if lane.is_empty() {
            self.by_user.remove(user);
            self.turns.retain(|turn| turn != user);
        }
    }
}

impl Pool {
    fn take(&mut self) -> Option<QueryId> {
        self.priorities.values_mut().find_map(Lanes::take)
    }

    fn has_waiting(&self) -> bool {
        self.priorities
            .values()
            .any(|lanes| !lanes.turns.is_empty())
    }

    fn waiting(&self) -> usize {
        self.lanes().map(BTreeMap::len).sum()
    }

    fn waiting_of(&self, user: &str) -> usize {
        let lanes = self.priorities.values();
        lanes
            .filter_map(|lanes| lanes.by_user.get(user))
            .map(BTreeMap::len)
            .sum()
    }

    fn lanes(&self) -> impl Iterator<Item = &BTreeMap<Place, QueryId>> {
        self.priorities
            .values()
            .flat_map(|lanes| lanes.by_user.values())
    }
}

impl State {
    /// The worker's inbox and pool's wake-ups, each made at first use.
    fn wakes(&mut self, worker: &WorkerId, pool: &PoolName) -> (Arc<Notify>, Arc<Notify>) {
        let inbox = self.inboxes.entry(worker.clone()).or_default();
        let pool = self.pools.entry(pool.clone()).or_default();
        (inbox.wake.clone(), pool.wake.clone())
    }

    /// Puts an id where it is to wait, and wakes whom that concerns.
    fn wait(&mut self, target: &Target, place: Place, id: QueryId) {
        match target {
            Target::Lane(Lane {
                pool,
                priority,
                user,
            }) => {
                let pool = self.pools.entry(pool.clone()).or_default();
                pool.priorities
                    .entry(*priority)
                    .or_default()
                    .add(user, place, id);
                pool.wake.notify_one();
            }
            Target::Inbox(worker) => {
                let inbox = self.inboxes.entry(worker.clone()).or_default();
                inbox.waiting.insert(place, id);
                inbox.wake.notify_waiters();
            }
        }
    }

    /// Takes what there is for the worker: all signals, and as many queries as may be taken.
    fn take(&mut self, worker: &WorkerId, from: &PoolName, take: Take) -> Vec<Delivery> {
        let (n, from_pool) = match take {
            Take::Any(n) => (n, n > 0),
            Take::Inbox(n) => (n, false),
        };
        let inbox = self.inboxes.entry(worker.clone()).or_default();
        let pool = self.pools.entry(from.clone()).or_default();
        let told = |(id, signal)| Delivery::Signal(id, signal);
        let mut taken: Vec<Delivery> = inbox.signals.drain(..).map(told).collect();
        for _ in 0..n {
            let own = inbox.waiting.pop_first().map(|(_, id)| id);
            let Some(id) = own.or_else(|| from_pool.then(|| pool.take())?) else {
                break;
            };
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.pending = Some((worker.clone(), from.clone()));
                inbox.pending.insert(entry.place, id.clone());
                pool.pending += 1;
            }
            taken.push(Delivery::Query(id));
        }
        // One push wakes one worker. Whoever was woken and did not take everything (it had enough, or another push came
        // in between) passes the word on, or what is left would wait although a worker waits too.
        if from_pool && pool.has_waiting() {
            pool.wake.notify_one();
        }
        taken
    }

    /// Ends an id's being pending with this worker. `None` when it is not.
    fn settle(&mut self, worker: &WorkerId, id: &QueryId) -> Option<&Entry> {
        let entry = self.entries.get_mut(id)?;
        let (_, pool) = entry.pending.take_if(|(owner, _)| owner == worker)?;
        if let Some(pool) = self.pools.get_mut(&pool) {
            pool.pending -= 1;
        }
        if let Some(inbox) = self.inboxes.get_mut(worker) {
            inbox.pending.remove(&entry.place);
            // What was still to be said about the query does not concern this worker any more.
            inbox.signals.retain(|(about, _)| about != id);
        }
        self.tidy(worker);
        self.entries.get(id)
    }

    /// Forgets an empty inbox that nobody waits at: a worker's name is never used again.
    fn tidy(&mut self, worker: &WorkerId) {
        let unused = |inbox: &Inbox| {
            inbox.signals.is_empty()
                && inbox.waiting.is_empty()
                && inbox.pending.is_empty()
                && Arc::strong_count(&inbox.wake) == 1
        };
        if self.inboxes.get(worker).is_some_and(unused) {
            self.inboxes.remove(worker);
        }
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        let mut state = lock(&self.state);
        if state.entries.contains_key(id) {
            return Ok(Offered::Taken);
        }
        if let Target::Lane(Lane { pool, user, .. }) = target {
            let pool = state.pools.get(pool);
            let is_full =
                |bound: Option<usize>, waiting: usize| bound.is_some_and(|bound| waiting >= bound);
            if is_full(bounds.pool, pool.map_or(0, Pool::waiting)) {
                return Ok(Offered::PoolFull);
            }
            if is_full(bounds.user, pool.map_or(0, |pool| pool.waiting_of(user))) {
                return Ok(Offered::UserFull);
            }
        }
        let place = state.next_place;
        state.next_place += 1;
        let entry = Entry {
            place,
            since: Instant::now(),
            target: target.clone(),
            pending: None,
        };
        state.entries.insert(id.clone(), entry);
        state.wait(target, place, id.clone());
        Ok(Offered::Taken)
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        let inbox = state.inboxes.entry(worker.clone()).or_default();
        inbox.signals.push_back((id.clone(), signal));
        inbox.wake.notify_waiters();
        Ok(())
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let (inbox, lanes) = lock(&self.state).wakes(worker, pool);
        loop {
            // Both count from here on, so that no word between looking and waiting is missed.
            let (told, pushed) = (inbox.notified(), lanes.notified());
            // Nothing awaits between taking and returning: a dropped pull has taken nothing.
            let taken = lock(&self.state).take(worker, pool, take);
            if !taken.is_empty() {
                return Ok(taken);
            }
            tokio::select! {
                biased;
                () = told => {}
                () = pushed, if matches!(take, Take::Any(1..)) => {}
            }
        }
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        if state.settle(worker, id).is_some() {
            state.entries.remove(id);
        }
        Ok(())
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        if let Some(entry) = state.settle(worker, id) {
            let (target, place) = (entry.target.clone(), entry.place);
            state.wait(&target, place, id.clone());
        }
        Ok(())
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        let mut state = lock(&self.state);
        let Some(entry) = state.entries.get(id).filter(|e| e.pending.is_none()) else {
            return Ok(false);
        };
        let (target, place) = (entry.target.clone(), entry.place);
        state.entries.remove(id);
        match target {
            Target::Lane(lane) => {
                let pool = state.pools.get_mut(&lane.pool);
                if let Some(lanes) = pool.and_then(|pool| pool.priorities.get_mut(&lane.priority)) {
                    lanes.remove(&lane.user, place);
                }
            }
            Target::Inbox(worker) => {
                if let Some(inbox) = state.inboxes.get_mut(&worker) {
                    inbox.waiting.remove(&place);
                }
                state.tidy(&worker);
            }
        }
        Ok(true)
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        let state = lock(&self.state);
        let Some(inbox) = state.inboxes.get(worker) else {
            return Ok(Vec::new());
        };
        Ok(inbox
            .pending
            .values()
            .chain(inbox.waiting.values())
            .cloned()
            .collect())
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        if let Some(inbox) = state.inboxes.get_mut(worker) {
            inbox.signals.clear();
        }
        state.tidy(worker);
        Ok(())
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        let state = lock(&self.state);
        let has_something = |(_, inbox): &(&WorkerId, &Inbox)| {
            !inbox.pending.is_empty() || !inbox.waiting.is_empty()
        };
        let holders = state.inboxes.iter().filter(has_something);
        let mut holders: Vec<WorkerId> = holders.map(|(worker, _)| worker.clone()).collect();
        // In an order that is the same in every run.
        holders.sort_unstable();
        Ok(holders)
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        let state = lock(&self.state);
        let used = |(_, pool): &(&PoolName, &Pool)| pool.waiting() > 0 || pool.pending > 0;
        let pools = state.pools.iter().filter(used);
        Ok(pools.map(|(name, _)| name.clone()).collect())
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        let state = lock(&self.state);
        let Some(pool) = state.pools.get(pool) else {
            return Ok(Depth::default());
        };
        // Places are given in the order of time: the first of each lane is its oldest.
        let first = pool.lanes().filter_map(|lane| lane.first_key_value()).min();
        let oldest = first.and_then(|(_, id)| state.entries.get(id));
        Ok(Depth {
            waiting: pool.waiting(),
            pending: pool.pending,
            oldest: oldest.map_or(Duration::ZERO, |entry| entry.since.elapsed()),
        })
    }
}
