//! The queue's contract as plain data.

use std::collections::{BTreeSet, HashMap};

use crate::ids::{PoolName, QueryId, WorkerId};
use crate::queue::{Delivery, Lane, Offered, QueueBounds, Signal, Take, Target};
use crate::testsuite::models::trial::{Moment, Unlike};

/// What a queue should hold.
#[derive(Debug, Default)]
pub(super) struct QueueModel {
    /// All that waits or is pending, in the order in which it was pushed: so each has its place, whatever becomes of it.
    entries: Vec<Entry>,
    /// What was sent to workers and not yet given to them, in the order in which it was sent.
    told: Vec<Told>,
    /// How many things have happened: the time by which turns are judged.
    events: u64,
    /// When a lane was last served.
    served: HashMap<Lane, u64>,
    /// Since when a lane waits for its turn: since it was last served, or since there was something in it again.
    waits: HashMap<Lane, u64>,
}

#[derive(Debug)]
struct Entry {
    id: QueryId,
    target: Target,
    pushed: Moment,
    holder: Option<(WorkerId, PoolName)>,
}

#[derive(Debug)]
struct Told {
    worker: WorkerId,
    id: QueryId,
    signal: Signal,
    /// The worker is done with the query: the word is of no use any more, and a queue may forget it.
    stale: bool,
}

/// Whether there is something for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Something,
    /// Signals that may have been forgotten.
    Perhaps,
    Nothing,
}

impl Entry {
    fn waits(&self) -> bool {
        self.holder.is_none()
    }

    fn lane(&self) -> Option<&Lane> {
        match &self.target {
            Target::Lane(lane) => Some(lane),
            Target::Inbox(_) => None,
        }
    }
}

impl QueueModel {
    pub(super) fn push(&mut self, target: &Target, id: &QueryId, at: Moment) {
        if self.entries.iter().any(|entry| entry.id == *id) {
            return;
        }
        self.comes_to(target);
        self.entries.push(Entry {
            id: id.clone(),
            target: target.clone(),
            pushed: at,
            holder: None,
        });
    }

    pub(super) fn offer(
        &mut self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
        at: Moment,
    ) -> Offered {
        let known = self.entries.iter().any(|entry| entry.id == *id);
        if let Target::Lane(lane) = target
            && !known
        {
            let waiting = |of: &dyn Fn(&Lane) -> bool| {
                let counts = |entry: &&Entry| entry.waits() && entry.lane().is_some_and(of);
                self.entries.iter().filter(counts).count()
            };
            let in_pool = waiting(&|other| other.pool == lane.pool);
            let of_user = waiting(&|other| other.pool == lane.pool && other.user == lane.user);
            if bounds.pool.is_some_and(|bound| in_pool >= bound) {
                return Offered::PoolFull;
            }
            if bounds.user.is_some_and(|bound| of_user >= bound) {
                return Offered::UserFull;
            }
        }
        self.push(target, id, at);
        Offered::Taken
    }

    pub(super) fn signal(&mut self, worker: &WorkerId, id: &QueryId, signal: Signal) {
        self.told.push(Told {
            worker: worker.clone(),
            id: id.clone(),
            signal,
            stale: false,
        });
    }

    pub(super) fn ack(&mut self, worker: &WorkerId, id: &QueryId) {
        if let Some(number) = self.settle(worker, id) {
            self.entries.remove(number);
        }
    }

    pub(super) fn release(&mut self, worker: &WorkerId, id: &QueryId) {
        if let Some(number) = self.settle(worker, id) {
            let target = self.entries[number].target.clone();
            self.comes_to(&target);
            self.entries[number].holder = None;
        }
    }

    pub(super) fn remove(&mut self, id: &QueryId) -> bool {
        let before = self.entries.len();
        self.entries
            .retain(|entry| entry.id != *id || !entry.waits());
        self.entries.len() < before
    }

    pub(super) fn pending_of(&self, worker: &WorkerId) -> BTreeSet<QueryId> {
        let mine = |entry: &&Entry| match &entry.holder {
            Some((holder, _)) => holder == worker,
            None => entry.target == Target::Inbox(worker.clone()),
        };
        self.entries
            .iter()
            .filter(mine)
            .map(|e| e.id.clone())
            .collect()
    }

    /// How many wait in a pool's lanes, how many its workers have, and when the oldest waiting one was pushed.
    pub(super) fn depth(&self, pool: &PoolName) -> (usize, usize, Option<Moment>) {
        let in_lanes =
            |entry: &&Entry| entry.waits() && entry.lane().is_some_and(|lane| lane.pool == *pool);
        let held = |entry: &&Entry| entry.holder.as_ref().is_some_and(|(_, from)| from == pool);
        let waiting = self.entries.iter().filter(in_lanes);
        let oldest = waiting.clone().next().map(|entry| entry.pushed);
        let pending = self.entries.iter().filter(held);
        (waiting.count(), pending.count(), oldest)
    }

    /// One of the pending queries, and who has it.
    pub(super) fn pending(&self, number: usize) -> Option<(WorkerId, QueryId)> {
        let held = |entry: &Entry| Some((entry.holder.clone()?.0, entry.id.clone()));
        let pending: Vec<_> = self.entries.iter().filter_map(held).collect();
        pending.get(number % pending.len().max(1)).cloned()
    }

    pub(super) fn due(&self, worker: &WorkerId, pool: &PoolName, take: Take) -> Due {
        let mut signals = self.told.iter().filter(|told| told.worker == *worker);
        if signals.clone().any(|told| !told.stale) || !self.next(worker, pool, take, 0).is_empty() {
            Due::Something
        } else if signals.next().is_some() {
            Due::Perhaps
        } else {
            Due::Nothing
        }
    }

    /// A pull gave this. A queue need not give all that it could: any beginning of it is allowed, but not nothing. How
    /// signals and queries mix is free too.
    pub(super) fn given(
        &mut self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
        deliveries: &[Delivery],
    ) -> Result<(), Unlike> {
        if deliveries.is_empty() {
            return Err(format!("{worker}'s pull came back with nothing").into());
        }
        let mut taken = 0;
        for delivery in deliveries {
            match delivery {
                Delivery::Signal(id, signal) => self.gives_signal(worker, id, *signal)?,
                Delivery::Query(id) => {
                    let allowed = self.next(worker, pool, take, taken);
                    if !allowed.contains(id) {
                        return Err(
                            format!("{worker} is given {id}, and not one of {allowed:?}").into(),
                        );
                    }
                    self.gives_query(worker, pool, id);
                    taken += 1;
                }
            }
        }
        Ok(())
    }

    /// Which queries may be given to a worker next, that has been given so many in the same answer.
    fn next(&self, worker: &WorkerId, pool: &PoolName, take: Take, taken: usize) -> Vec<QueryId> {
        let (Take::Any(most) | Take::Inbox(most)) = take;
        if taken >= most {
            return Vec::new();
        }
        let own = Target::Inbox(worker.clone());
        let mut inbox = self.waiting().filter(|entry| entry.target == own);
        if let Some(first) = inbox.next() {
            return vec![first.id.clone()];
        }
        if matches!(take, Take::Inbox(_)) {
            return Vec::new();
        }
        let of_pool = |entry: &&Entry| entry.lane().is_some_and(|lane| lane.pool == *pool);
        let lanes: Vec<&Lane> = self
            .waiting()
            .filter(of_pool)
            .filter_map(Entry::lane)
            .collect();
        let Some(urgent) = lanes.iter().map(|lane| lane.priority).min() else {
            return Vec::new();
        };
        // In turn, one id each: no lane is served a second time while another one waits that has not been served since.
        // Which of those that may be served comes first is not said.
        let lanes = || lanes.iter().filter(|lane| lane.priority == urgent);
        let served = |lane: &Lane| self.served.get(lane).copied().unwrap_or(0);
        let may = |lane: &&&Lane| {
            lanes().all(|other| other == *lane || served(lane) < self.waits[*other])
        };
        let turns: BTreeSet<&str> = lanes().filter(may).map(|lane| lane.user.as_str()).collect();
        let first_of = |user: &str| {
            let lane = Target::Lane(Lane {
                pool: pool.clone(),
                priority: urgent,
                user: user.to_owned(),
            });
            self.waiting().find(|entry| entry.target == lane)
        };
        turns
            .into_iter()
            .filter_map(first_of)
            .map(|entry| entry.id.clone())
            .collect()
    }

    fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.waits())
    }

    fn gives_query(&mut self, worker: &WorkerId, pool: &PoolName, id: &QueryId) {
        self.events += 1;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == *id) {
            entry.holder = Some((worker.clone(), pool.clone()));
            if let Some(lane) = entry.lane() {
                self.served.insert(lane.clone(), self.events);
                self.waits.insert(lane.clone(), self.events);
            }
        }
    }

    /// In the order in which they were sent; only stale ones may be left out.
    fn gives_signal(
        &mut self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unlike> {
        let mut number = 0;
        while let Some(told) = self.told.get(number) {
            if told.worker != *worker {
                number += 1;
                continue;
            }
            let (is_it, stale) = (told.id == *id && told.signal == signal, told.stale);
            if !is_it && !stale {
                return Err(format!("{worker} is told {signal:?} of {id} before {told:?}").into());
            }
            self.told.remove(number);
            if is_it && stale {
                // Nobody can tell whether this was the one, or the same word sent once more: that one may be left out now.
                let mut rest = self.told[number..].iter_mut();
                let same = |told: &&mut Told| {
                    told.worker == *worker && told.id == *id && told.signal == signal
                };
                if let Some(once_more) = rest.find(same) {
                    once_more.stale = true;
                }
            }
            if is_it {
                return Ok(());
            }
        }
        Err(format!("{worker} is told {signal:?} of {id}, which nobody sent").into())
    }

    /// Something comes to a lane: if it was empty, its turn comes after those that wait already.
    fn comes_to(&mut self, target: &Target) {
        self.events += 1;
        if let Target::Lane(lane) = target
            && !self.waiting().any(|entry| entry.target == *target)
        {
            self.waits.insert(lane.clone(), self.events);
        }
    }

    /// Which entry a worker may settle, whose signals about it are of no use then.
    fn settle(&mut self, worker: &WorkerId, id: &QueryId) -> Option<usize> {
        let held = |entry: &Entry| {
            entry.id == *id
                && entry
                    .holder
                    .as_ref()
                    .is_some_and(|(holder, _)| holder == worker)
        };
        let number = self.entries.iter().position(held)?;
        for told in &mut self.told {
            told.stale |= told.worker == *worker && told.id == *id;
        }
        Some(number)
    }
}
