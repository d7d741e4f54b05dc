//! What may be done to a result store: few queries, so that operations meet.

use proptest::prelude::*;

use crate::ids::{QueryId, WorkerId};
use crate::query::Rerunnable;
use crate::rerun::Loss;
use crate::store::EndedBy;
use crate::testsuite::SuiteTimes;
use crate::testsuite::store::{StoreSettings, page};

/// One step of a list.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Somebody waits perhaps, and this happens.
    Do(Step, Option<Wait>),
    /// A client waits for as long as it may.
    WaitLong(QueryId),
    /// Time passes, so many hundredths of the client timeout, and then there is a sweep, or none yet.
    Pass(u32, bool),
}

/// Who waits while something happens, if there is need to wait.
#[derive(Debug, Clone)]
pub(super) enum Wait {
    /// A client that asks for what comes next.
    Reader(QueryId),
    /// The writer of another page.
    Writer(QueryId),
}

/// What may end a wait.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// With whether it waits from the beginning.
    Create(QueryId, Rerunnable, bool),
    Queued(QueryId),
    Claim(QueryId, WorkerId),
    /// Of the superseded upstream queries this one, or all of them.
    Canceled(QueryId, Option<usize>),
    Posted(QueryId, By),
    Append(QueryId, By, Index, Bulk),
    Progress(QueryId, By, u8),
    /// With whether another page comes with the end.
    Finish(QueryId, By, Outcome, bool),
    GiveUp(QueryId, By, Loss),
    /// From this worker, or from the one that has an attempt open.
    TakeOver(QueryId, Option<WorkerId>),
    Read(QueryId, Token, usize),
    Heard(QueryId),
    End(QueryId, EndedBy),
    Sweep,
}

/// Under which attempt something is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The last one: the open one, if one is.
    Last,
    Earlier,
    Later,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Index {
    Next,
    /// One that is there already, counted from 0.
    Again(usize),
}

/// What a page brings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bulk {
    Rows,
    ManyRows,
    RowsAndColumns,
    /// Nothing that weighs anything.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Finished,
    FinishedWithColumns,
    Failed,
}

/// For which token a client asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token {
    /// The latest that one was told of.
    Told,
    /// The oldest that is not gone.
    Oldest,
    /// One that is gone, if any is.
    Gone,
    /// So many after the latest.
    Ahead(usize),
}

/// Settings under which writers often have to wait for room, or rows are held back, or neither.
pub(super) fn settings(times: SuiteTimes) -> impl Strategy<Value = StoreSettings> {
    let one = page("q0_1_0").weight();
    let room = move || prop_oneof![3 => Just(1 << 20), 1 => Just(2 * one), 2 => Just(3 * one + 5), 1 => Just(1)];
    let hold = prop_oneof![2 => Just(0), 1 => Just(2 * one), 1 => Just(usize::MAX)];
    (hold, room(), room()).prop_map(
        move |(hold_results, unread_per_query, total)| StoreSettings {
            client_timeout: times.client_timeout,
            keep_ended: times.keep_ended,
            hold_results,
            unread_per_query,
            // For several queries.
            unread_total: 2 * total,
        },
    )
}

pub(super) fn operation(may_pass: bool) -> BoxedStrategy<Operation> {
    let wait = prop_oneof![
        query().prop_map(Wait::Reader),
        query().prop_map(Wait::Writer),
    ];
    let wait = prop_oneof![4 => Just(None), 1 => wait.prop_map(Some)];
    let act = (step(), wait).prop_map(|(step, wait)| Operation::Do(step, wait));
    if !may_pass {
        return act.boxed();
    }
    let passes = (
        prop_oneof![Just(1), Just(4), Just(60), Just(100)],
        any::<bool>(),
    );
    prop_oneof![
        30 => act,
        1 => query().prop_map(Operation::WaitLong),
        4 => passes.prop_map(|(hundredths, sweep)| Operation::Pass(hundredths, sweep)),
    ]
    .boxed()
}

fn step() -> impl Strategy<Value = Step> {
    let rerunnable = prop_oneof![2 => Just(Rerunnable::Yes), 1 => Just(Rerunnable::No)];
    let canceled = prop_oneof![Just(None), (0..3_usize).prop_map(Some)];
    let index = prop_oneof![5 => Just(Index::Next), 1 => (0..3_usize).prop_map(Index::Again)];
    let from = prop_oneof![2 => Just(None), 1 => worker().prop_map(Some)];
    let bytes = prop_oneof![1 => Just(1), 1 => Just(30), 3 => Just(1 << 20)];
    let ended_by = prop_oneof![Just(EndedBy::Client), Just(EndedBy::Perk)];
    prop_oneof![
        6 => (query(), rerunnable, any::<bool>()).prop_map(|(id, rerunnable, queued)| Step::Create(id, rerunnable, queued)),
        2 => query().prop_map(Step::Queued),
        10 => (query(), worker()).prop_map(|(id, worker)| Step::Claim(id, worker)),
        2 => (query(), canceled).prop_map(|(id, which)| Step::Canceled(id, which)),
        6 => (query(), by()).prop_map(|(id, by)| Step::Posted(id, by)),
        20 => (query(), by(), index, bulk()).prop_map(|(id, by, index, bulk)| Step::Append(id, by, index, bulk)),
        2 => (query(), by(), 0..9_u8).prop_map(|(id, by, n)| Step::Progress(id, by, n)),
        3 => (query(), by(), outcome(), any::<bool>()).prop_map(|(id, by, outcome, page)| Step::Finish(id, by, outcome, page)),
        4 => (query(), by(), loss()).prop_map(|(id, by, loss)| Step::GiveUp(id, by, loss)),
        2 => (query(), from).prop_map(|(id, from)| Step::TakeOver(id, from)),
        14 => (query(), token(), bytes).prop_map(|(id, token, bytes)| Step::Read(id, token, bytes)),
        3 => query().prop_map(Step::Heard),
        2 => (query(), ended_by).prop_map(|(id, by)| Step::End(id, by)),
        2 => Just(Step::Sweep),
    ]
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![10 => Just(By::Last), 1 => Just(By::Earlier), 1 => Just(By::Later)]
}

fn bulk() -> impl Strategy<Value = Bulk> {
    prop_oneof![
        6 => Just(Bulk::Rows),
        1 => Just(Bulk::ManyRows),
        2 => Just(Bulk::RowsAndColumns),
        1 => Just(Bulk::Nothing),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        2 => Just(Outcome::Finished),
        1 => Just(Outcome::FinishedWithColumns),
        1 => Just(Outcome::Failed),
    ]
}

fn loss() -> impl Strategy<Value = Loss> {
    prop_oneof![
        Just(Loss::GivenBack),
        Just(Loss::NotBegun),
        Just(Loss::WorkerLost),
        Just(Loss::ClusterLost),
    ]
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![
        6 => Just(Token::Told),
        3 => Just(Token::Oldest),
        1 => Just(Token::Gone),
        1 => (1..3_usize).prop_map(Token::Ahead),
    ]
}

/// All names that queries have.
pub(super) fn queries() -> [QueryId; 3] {
    ["q0", "q1", "q2"].map(|name| name.parse().unwrap())
}

fn query() -> impl Strategy<Value = QueryId> {
    // Most happens to one of them, so that it comes far.
    let number = prop_oneof![4 => Just(0), 2 => Just(1), 1 => Just(2_usize)];
    number.prop_map(|number| queries()[number].clone())
}

fn worker() -> impl Strategy<Value = WorkerId> {
    (0..3_u8).prop_map(|number| format!("w{number}").parse().unwrap())
}
