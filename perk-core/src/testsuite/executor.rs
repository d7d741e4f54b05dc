//! The clauses of [`QueryExecutor`]'s contract. They run in real time, against a cluster that the implementation brings.

use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::executor::{Control, ExecuteError, QueryExecutor, QuerySink, SinkClosed};
use crate::provisioner::Cluster;
use crate::query::{Ending, Outcome, Page, UpstreamRef};
use crate::statement::Statement;

/// What must come has come after this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a clause asks a statement to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Give this many rows over several pages, whose first cells count on from 0.
    Rows(u64),
    /// Fail by an error of the cluster's.
    Failure,
    /// Run until it is cancelled.
    Forever,
}

/// An implementation and a cluster for it, which is asked what was done to it.
#[async_trait]
pub trait ExecutorSubject: Send + Sync {
    /// A new executor of the implementation's kind.
    fn executor(&self) -> Arc<dyn QueryExecutor>;

    /// The cluster.
    fn cluster(&self) -> Cluster;

    /// A statement that does this.
    fn statement(&self, work: Work) -> Statement;

    /// How many statements the cluster has begun.
    fn begun(&self) -> u64;

    /// Waits until the cluster runs exactly this many.
    async fn runs(&self, count: u64);

    /// The cluster is gone at once, with all it knew.
    async fn lose_cluster(&self);
}

type Subject = dyn ExecutorSubject;

/// Where a sink closes, or waits for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    Nowhere,
    RefusesRecord,
    WaitsAtRecord,
    RefusesPage,
    WaitsAtPage,
}

/// A sink that keeps what it is given.
struct Recorder {
    bad: Bad,
    begun_at_record: Mutex<Option<u64>>,
    begun: Box<dyn Fn() -> u64 + Send + Sync>,
    upstream: Mutex<Option<UpstreamRef>>,
    rows: Mutex<Vec<Value>>,
    columns: Mutex<Vec<Bytes>>,
    reached: Notify,
    stop: Notify,
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("bad", &self.bad)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    fn new(subject: &Arc<Subject>, bad: Bad) -> Arc<Self> {
        let asked = subject.clone();
        Arc::new(Self {
            bad,
            begun_at_record: Mutex::default(),
            begun: Box::new(move || asked.begun()),
            upstream: Mutex::default(),
            rows: Mutex::default(),
            columns: Mutex::default(),
            reached: Notify::new(),
            stop: Notify::new(),
        })
    }

    async fn pass(&self, refuses: Bad, waits: Bad) -> Result<(), SinkClosed> {
        if self.bad == refuses {
            return Err(SinkClosed);
        }
        if self.bad == waits {
            self.reached.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    fn upstream(&self) -> UpstreamRef {
        lock(&self.upstream)
            .clone()
            .expect("the statement was recorded")
    }
}

#[async_trait]
impl QuerySink for Recorder {
    async fn posted(&self, upstream: UpstreamRef) -> Result<(), SinkClosed> {
        lock(&self.begun_at_record).get_or_insert((self.begun)());
        *lock(&self.upstream) = Some(upstream);
        self.pass(Bad::RefusesRecord, Bad::WaitsAtRecord).await
    }

    async fn page(&self, page: Page) -> Result<(), SinkClosed> {
        self.pass(Bad::RefusesPage, Bad::WaitsAtPage).await?;
        lock(&self.columns).extend(page.columns);
        if let Some(rows) = page.rows {
            let rows: Vec<Value> = serde_json::from_slice(&rows).expect("rows are a JSON array");
            lock(&self.rows).extend(rows);
        }
        Ok(())
    }

    async fn progress(&self, stats: Bytes) -> Result<(), SinkClosed> {
        let stats: Value = serde_json::from_slice(&stats).expect("stats are JSON");
        assert!(stats.is_object(), "stats are an object: {stats}");
        self.reached.notify_one();
        Ok(())
    }

    async fn control(&self) -> Control {
        self.stop.notified().await;
        Control::Stop
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}

async fn execute(
    subject: &Arc<Subject>,
    work: Work,
    sink: &Arc<Recorder>,
) -> Result<Ending, ExecuteError> {
    let (executor, statement) = (subject.executor(), subject.statement(work));
    let cluster = subject.cluster();
    let execution = executor.execute(&cluster, &statement, sink.clone());
    soon("the execution's end", execution).await
}

/// Begins an execution and drops it once its sink was reached.
async fn execute_and_drop(subject: &Arc<Subject>, work: Work, sink: &Arc<Recorder>) {
    let (executor, statement) = (subject.executor(), subject.statement(work));
    let cluster = subject.cluster();
    let execution = executor.execute(&cluster, &statement, sink.clone());
    tokio::select! {
        ended = execution => panic!("it ended: {ended:?}"),
        () = soon("the sink's turn", sink.reached.notified()) => {}
    }
}

/// What the cluster is told runs only after it was recorded.
pub async fn a_statement_is_recorded_before_it_begins(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    execute(&subject, Work::Rows(1), &sink).await.unwrap();
    assert_eq!(*lock(&sink.begun_at_record), Some(0));
    assert_eq!(subject.begun(), 1);
}

/// Rows come once each, in order, with their columns told once.
pub async fn every_row_comes_once_and_in_order(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    let ending = execute(&subject, Work::Rows(1000), &sink).await.unwrap();
    assert_eq!(ending.outcome, Outcome::Finished);
    let first_cells: Vec<u64> = lock(&sink.rows)
        .iter()
        .filter_map(|row| row[0].as_u64())
        .collect();
    assert!(
        first_cells.into_iter().eq(0..1000),
        "rows are missing, doubled or out of order"
    );
    assert_eq!(lock(&sink.columns).len(), 1);
}

/// An error of the cluster's is the query's end, not the execution's.
pub async fn a_failure_of_the_cluster_s_is_an_ending(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    let ending = execute(&subject, Work::Failure, &sink).await.unwrap();
    assert!(matches!(ending.outcome, Outcome::Failed(_)), "{ending:?}");
}

/// What cannot be recorded is never begun.
pub async fn what_was_not_recorded_never_begins(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::RefusesRecord);
    let ended = execute(&subject, Work::Rows(1), &sink).await;
    assert_eq!(ended, Err(ExecuteError::Stopped));
    assert_eq!(subject.begun(), 0);
}

/// A sink that closes has the query cancelled.
pub async fn a_closed_sink_ends_the_query(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::RefusesPage);
    let ended = execute(&subject, Work::Rows(1000), &sink).await;
    assert_eq!(ended, Err(ExecuteError::Stopped));
    soon("the query's end on the cluster", subject.runs(0)).await;
}

/// A stop ends what runs on the cluster.
pub async fn a_stop_ends_the_query(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    let stopped = async {
        soon("progress", sink.reached.notified()).await;
        sink.stop.notify_one();
    };
    let (ended, ()) = tokio::join!(execute(&subject, Work::Forever, &sink), stopped);
    assert_eq!(ended, Err(ExecuteError::Stopped));
    soon("the query's end on the cluster", subject.runs(0)).await;
}

/// A stop is heeded also while a page waits for room.
pub async fn a_stop_is_heeded_while_a_page_waits(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::WaitsAtPage);
    let stopped = async {
        soon("a page", sink.reached.notified()).await;
        sink.stop.notify_one();
    };
    let (ended, ()) = tokio::join!(execute(&subject, Work::Rows(1000), &sink), stopped);
    assert_eq!(ended, Err(ExecuteError::Stopped));
    soon("the query's end on the cluster", subject.runs(0)).await;
}

/// What a dropped execution posted is enough for another executor to end it, where the query did not end with it.
pub async fn what_was_recorded_can_be_cancelled_by_another(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    execute_and_drop(&subject, Work::Forever, &sink).await;
    soon("the cancel", subject.executor().cancel(&sink.upstream()))
        .await
        .unwrap();
    soon("the query's end on the cluster", subject.runs(0)).await;
    // Again, when it is over.
    soon(
        "the second cancel",
        subject.executor().cancel(&sink.upstream()),
    )
    .await
    .unwrap();
}

/// Cancelling what was recorded and not begun does not begin it.
pub async fn a_cancel_never_begins(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::WaitsAtRecord);
    execute_and_drop(&subject, Work::Rows(1), &sink).await;
    soon("the cancel", subject.executor().cancel(&sink.upstream()))
        .await
        .unwrap();
    assert_eq!(subject.begun(), 0);
}

/// A cluster that is gone before it was told anything is unreachable: the statement may be sent elsewhere.
pub async fn a_cluster_away_is_unreachable(subject: Arc<Subject>) {
    subject.lose_cluster().await;
    let sink = Recorder::new(&subject, Bad::Nowhere);
    let ended = execute(&subject, Work::Rows(1), &sink).await;
    assert!(
        matches!(ended, Err(ExecuteError::Unreachable(_))),
        "{ended:?}"
    );
}

/// A cluster that goes while it runs a query is lost.
pub async fn a_cluster_that_goes_is_lost(subject: Arc<Subject>) {
    let sink = Recorder::new(&subject, Bad::Nowhere);
    let lost = async {
        soon("progress", sink.reached.notified()).await;
        subject.lose_cluster().await;
    };
    let (ended, ()) = tokio::join!(execute(&subject, Work::Forever, &sink), lost);
    assert!(
        matches!(ended, Err(ExecuteError::ClusterLost(_))),
        "{ended:?}"
    );
}

/// Makes a test of each clause of [`QueryExecutor`](crate::QueryExecutor)'s contract. The argument makes a future of a new
/// [`ExecutorSubject`](crate::testsuite::executor::ExecutorSubject) in an `Arc`.
#[macro_export]
macro_rules! executor_test_suite {
    ($make:expr) => {
        $crate::executor_test_suite!(@ $make;
            a_statement_is_recorded_before_it_begins
            every_row_comes_once_and_in_order
            a_failure_of_the_cluster_s_is_an_ending
            what_was_not_recorded_never_begins
            a_closed_sink_ends_the_query
            a_stop_ends_the_query
            a_stop_is_heeded_while_a_page_waits
            what_was_recorded_can_be_cancelled_by_another
            a_cancel_never_begins
            a_cluster_away_is_unreachable
            a_cluster_that_goes_is_lost
        );
    };
    (@ $make:expr; $($clause:ident)*) => {$(
        #[::tokio::test]
        async fn $clause() {
            $crate::testsuite::executor::$clause($make().await).await;
        }
    )*};
}
