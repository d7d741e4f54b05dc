//! Where a query's record, pages and end rest until its client has read them.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::Unavailable;
use crate::ids::{Attempt, PageIndex, QueryId, WorkerId};
use crate::query::{Ending, Page, QueryState, Rerunnable, UpstreamRef};
use crate::queue::Target;
use crate::rerun::Loss;
use crate::statement::{Dialect, Statement};

/// A query as it is first stored.
#[derive(Debug, Clone)]
pub struct NewQuery {
    /// Its name; never used before.
    pub id: QueryId,
    /// What the client asked for.
    pub statement: Arc<Statement>,
    /// Where it is to wait.
    pub target: Target,
    /// Whether running it again can be noticed.
    pub rerunnable: Rerunnable,
    /// Whether it is pushed along with this, and so waits from the beginning.
    pub queued: bool,
}

/// What a worker gets that asks for a query it pulled.
#[derive(Debug, Clone)]
pub enum Claim {
    /// The query is the worker's, under a new attempt.
    Granted {
        /// The fencing token of all it writes.
        attempt: Attempt,
        /// What to run.
        statement: Arc<Statement>,
        /// Upstream queries of earlier attempts, to be cancelled first.
        superseded: Vec<UpstreamRef>,
    },
    /// The query has ended or is unknown: cancel these, then acknowledge it.
    Over {
        /// Upstream queries that nobody has cancelled yet.
        superseded: Vec<UpstreamRef>,
    },
    /// Another attempt is under way: leave the query alone.
    Held,
}

/// Why a worker's write was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// The query has ended, or another attempt has it: nothing this attempt writes will ever be taken.
    #[error("the query has ended or another attempt has taken it over")]
    Fenced,
    /// Try again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a client's reading got nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// There is no such query, or it is over and removed.
    #[error("no such query")]
    Unknown,
    /// The page was asked for, and then a later one: it is gone.
    #[error("the page is gone: a later one has been asked for")]
    PageGone,
    /// No client was ever told of this token.
    #[error("the token is ahead of the result")]
    TokenAhead,
    /// Try again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What a client's reading got.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What the client asked for.
    pub statement: Arc<Statement>,
    /// Where the query stands.
    pub state: QueryState,
    /// What the pages, columns and stats are written in: the cluster's dialect. The client's before a cluster was asked.
    pub dialect: Dialect,
    /// Since the query was stored, until its end.
    pub elapsed: Duration,
    /// How long it waited before its first attempt; until now when it still waits.
    pub queued: Duration,
    /// The result's columns, with pages and with the end.
    pub columns: Option<Bytes>,
    /// Pages in order, from the token asked for on. Empty when there were none in time.
    pub pages: Vec<Page>,
    /// The cluster's latest stats.
    pub progress: Option<Bytes>,
    /// What to ask for next, or the end.
    pub next: Next,
}

/// How a result goes on.
#[derive(Debug, Clone)]
pub enum Next {
    /// Ask with this token.
    Token(PageIndex),
    /// That was all.
    End(Arc<Ending>),
}

/// How long, and how much, a client's reading may take.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    /// How long to wait for something to give.
    pub wait: Duration,
    /// How many bytes of pages to give; a page that is larger by itself is given alone.
    pub bytes: usize,
}

/// Who ends a query from outside its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Its client, which so knows of the end: that counts as read.
    Client,
    /// Perk, and its client has still to be told.
    Perk,
}

/// What was done to end a query from outside its attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It waited, and will not run: it can leave the queue.
    Waiting,
    /// It waited for another attempt, and will not run; but what an earlier attempt began may still run. It stays in the
    /// queue, so that whoever pulls it learns from `claim` what is to be cancelled.
    WaitingToCancel,
    /// It ran: signal this worker to cancel it.
    Running(WorkerId),
    /// It had ended before, or is unknown.
    Before,
}

/// What became of an attempt that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenUp {
    /// The query waits again: release it in the queue.
    Again,
    /// The query has ended, by this or before. Its upstream query may need cancelling: release it in the queue, so that
    /// whoever pulls it next learns so from `claim`.
    Failed,
    /// There is nothing to do for this attempt: it was not open, or its query had been ended from outside and it was given
    /// back in order, its upstream query cancelled.
    Fenced,
}

/// A query as `/v1/query/{id}` shows it.
#[derive(Debug, Clone)]
pub struct QueryInfo {
    /// What the client asked for.
    pub statement: Arc<Statement>,
    /// Where it stands.
    pub state: QueryState,
    /// Its end, when it has ended.
    pub ending: Option<Arc<Ending>>,
    /// Since it was stored, until its end.
    pub elapsed: Duration,
}

/// Some of the queries that have not ended.
#[derive(Debug, Clone)]
pub struct UnendedQueries {
    /// Each with where it was to wait, and where it stands.
    pub queries: Vec<(QueryId, Target, QueryState)>,
    /// From where the others are listed, if there may be others.
    pub next: Option<u64>,
}

/// A query that a sweep ended because its client has not been heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// The query.
    pub id: QueryId,
    /// What it was doing.
    pub was: Ended,
}

/// The records, pages, progress and ends of queries.
///
/// # Contract
///
/// - **Fencing.** A write under an attempt is taken only while that attempt is the query's current one and the query has
///   not ended; otherwise it is [`WriteError::Fenced`] and changes nothing. `claim` gives attempts numbers that only grow.
/// - **Exclusion.** Handing out (a `read` that gives columns, headers or pages) and giving an attempt up to run the query
///   again exclude each other: whichever comes first decides. `give_up` decides by [`crate::rerun::verdict`]; a query
///   that waits again has lost its pages, and its recorded upstream query is superseded.
/// - **Held rows.** While a re-runnable query's rows are held back (up to a bound, or until something waits for room),
///   `read` gives progress only.
/// - **Reading.** `read` waits without polling for a page or the end, no longer than half a client timeout, counts as
///   hearing from the client, and stores nothing when it gives nothing. Asking for token `t` drops the pages before `t`,
///   also when the future waits and is dropped; `t` may be asked for again, and what was given for it is given again (more
///   may have come since). An older token is `PageGone`. A `Stored` query's reading comes back at once. A failed query
///   gives its error at any valid token; its unread pages are gone.
/// - **Room.** `append` waits while the query's unread pages, or all queries', would be over their bounds; a query with no
///   unread page always has room for one. What is kept for a repeated request only may be removed before its time, when a
///   page needs the room. Dropping `append`'s future stores nothing.
/// - **Expiry is logical**: [`ResultStore::sweep`] ends queries whose client has not been heard of for the client
///   timeout, and removes ended ones once their end has been read and a short while kept for a repeated request, or the
///   client is gone; never while an attempt is still open, nor, for a client timeout after the end, while an upstream
///   query is still to be cancelled. Time in which the store did not answer counts for nothing.
///
/// `testsuite::store` holds an implementation to this.
#[cfg_attr(any(test, feature = "testsuite"), mockall::automock)]
#[async_trait]
pub trait ResultStore: Debug + Send + Sync {
    /// Stores a query, as `Queued` or as `Stored`. Changes nothing when it is there already.
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable>;

    /// A `Stored` query has been pushed: it is `Queued`. Does nothing in any other state.
    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable>;

    /// A worker that pulled the query asks for it: perhaps before `queued` was said. To one who asks before the query is there it is
    /// over; `unended` tells of it afterwards. A worker whose attempt is open and has
    /// posted nothing gets that attempt again, for the answer may have been lost: it must not run a query twice at once.
    /// Where the query has ended meanwhile, such an attempt is closed.
    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable>;

    /// These superseded upstream queries, which a claim named, have been cancelled.
    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable>;

    /// The cluster knows the statement: recorded, before anything makes the cluster begin it.
    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError>;

    /// Adds a page to the attempt's result, when there is room. Pages come in order, and `index` counts them from 0, so
    /// that a page whose answer was lost can be sent again: one that is there already changes nothing.
    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError>;

    /// The cluster's latest stats; the last one wins.
    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        stats: Bytes,
    ) -> Result<(), WriteError>;

    /// The attempt ends the query. Also closes an attempt whose query was ended from outside (and is then `Fenced`).
    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError>;

    /// The attempt's last page and its end, as [`ResultStore::append`] and then [`ResultStore::finish`]: in one step where there is
    /// room.
    async fn finish_with_page(
        &self,
        id: &QueryId,
        attempt: Attempt,
        last: (PageIndex, Page),
        ending: Ending,
    ) -> Result<(), WriteError> {
        let (index, page) = last;
        match self.append(id, attempt, index, page).await {
            // An end closes the attempt also where its page is not wanted any more.
            Ok(()) | Err(WriteError::Fenced) => self.finish(id, attempt, ending).await,
            Err(error) => Err(error),
        }
    }

    /// The attempt ends without a result: the query waits again, or fails.
    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable>;

    /// A sealed worker's attempt at the query, if it has one open, ends without a result.
    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable>;

    /// A client asks for pages from a token on.
    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError>;

    /// The client is there (a heartbeat). `false` when there is no such query.
    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable>;

    /// Ends a query from outside: a cancel, a shutdown. Its unread pages are gone. A re-runnable one that has finished ends
    /// so all the same while nobody has read its end, so that its pages can go and what is left does not look whole; that
    /// is still `Ended::Before`. Any other that has finished stays so: its client must not take it for undone.
    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable>;

    /// A query's particulars.
    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable>;

    /// Some of the queries that have not ended; and, as running, of those that were ended from outside while their attempt is open:
    /// should its worker be gone, somebody has to close it. Begun with 0 and gone on with as the answer says, it lists each at least
    /// once that is there all the while.
    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable>;

    /// Ends what its client has left, removes what is over; gives the queries it ended.
    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable>;
}
