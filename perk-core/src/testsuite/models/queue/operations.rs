//! What may be done to a queue: few names, so that operations meet.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::ids::{PoolName, QueryId, WorkerId};
use crate::queue::{Lane, QueueBounds, Signal, Take, Target};
use crate::router::Priority;

/// One step of a list.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// While those of these workers wait for whom there is nothing, this happens.
    Do(Change, Vec<Asked>),
    Pull(Asked),
    /// A while passes, so that ages differ.
    Pass,
}

/// What may end a wait.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Push(QueryId, Target),
    Offer(QueryId, Target, QueueBounds),
    Signal(WorkerId, QueryId, Signal),
    Ack(Settled),
    Release(Settled),
    Remove(QueryId),
}

/// Which query is settled, and by whom.
#[derive(Debug, Clone)]
pub(super) enum Settled {
    /// One of those that are pending, by the worker that has it.
    Pending(usize),
    /// Whether it is pending with that worker or not.
    Any(WorkerId, QueryId),
}

#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) worker: WorkerId,
    pub(super) take: Take,
}

/// The workers, each with its pool: two of one, so that they compete.
pub(super) fn workers() -> [(WorkerId, PoolName); 3] {
    [("w0", "default"), ("w1", "default"), ("w2", "etl")]
        .map(|(worker, pool)| (worker.parse().unwrap(), pool.parse().unwrap()))
}

pub(super) fn pool_of(worker: &WorkerId) -> PoolName {
    let mut workers = workers().into_iter();
    workers.find(|(one, _)| one == worker).unwrap().1
}

pub(super) fn operation(may_pass: bool) -> impl Strategy<Value = Operation> {
    let waiting = prop_oneof![3 => Just(Vec::new()), 1 => vec(asked(), 1..3)];
    prop_oneof![
        13 => (change(), waiting).prop_map(|(change, waiting)| Operation::Do(change, waiting)),
        5 => asked().prop_map(Operation::Pull),
        u32::from(may_pass) => Just(Operation::Pass),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        10 => (query(), target()).prop_map(|(id, target)| Change::Push(id, target)),
        4 => (query(), target(), bounds()).prop_map(|(id, target, bounds)| Change::Offer(id, target, bounds)),
        2 => (worker(), query(), signal()).prop_map(|(to, id, signal)| Change::Signal(to, id, signal)),
        2 => settled().prop_map(Change::Ack),
        3 => settled().prop_map(Change::Release),
        1 => query().prop_map(Change::Remove),
    ]
}

fn bounds() -> impl Strategy<Value = QueueBounds> {
    let bound = || proptest::option::of(0..4_usize);
    (bound(), bound()).prop_map(|(pool, user)| QueueBounds { pool, user })
}

fn settled() -> impl Strategy<Value = Settled> {
    prop_oneof![
        5 => (0..12_usize).prop_map(Settled::Pending),
        1 => (worker(), query()).prop_map(|(worker, id)| Settled::Any(worker, id)),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let take = prop_oneof![
        5 => (1..4_usize).prop_map(Take::Any),
        1 => Just(Take::Any(0)),
        2 => (0..3_usize).prop_map(Take::Inbox),
    ];
    (worker(), take).prop_map(|(worker, take)| Asked { worker, take })
}

fn target() -> impl Strategy<Value = Target> {
    let pool = prop_oneof![4 => Just("default"), 1 => Just("etl")];
    let priority = prop_oneof![
        4 => Just(Priority::Normal),
        1 => Just(Priority::High),
        1 => Just(Priority::Low),
    ];
    let lane = (pool, priority, 0..3_u8).prop_map(|(pool, priority, user)| {
        Target::Lane(Lane {
            pool: pool.parse().unwrap(),
            priority,
            user: format!("user{user}"),
        })
    });
    prop_oneof![6 => lane, 1 => worker().prop_map(Target::Inbox)]
}

fn query() -> impl Strategy<Value = QueryId> {
    (0..12_u8).prop_map(|number| format!("q{number}").parse().unwrap())
}

fn worker() -> impl Strategy<Value = WorkerId> {
    (0..workers().len()).prop_map(|number| workers()[number].0.clone())
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![Just(Signal::Cancel), Just(Signal::CancelLeafStage)]
}
