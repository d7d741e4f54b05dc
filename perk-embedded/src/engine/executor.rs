//! The engine as an executor of statements.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use datafusion::common::config::ConfigOptions;
use perk_core::{
    Cluster, Control, Dialect, Ending, ErrorType, ExecuteError, Outcome, Page, QueryError,
    QueryExecutor, QuerySink, SinkClosed, Statement, UpstreamRef,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::memory::QueryMemory;
use super::run::{self, Event, Finished};
use super::stats::Stats;
use super::{EmbeddedEngine, Shared, Wanted};
use crate::error::Error;
use crate::session::Session;
use crate::statement::{Setting, TimeLimit};
use crate::transaction::{Ended, Part, Transactions};

/// How often a sink hears how far a query is.
const PROGRESS: Duration = Duration::from_millis(250);
/// How long a query runs before its sink hears of that for the first time.
const FIRST_PROGRESS: Duration = Duration::from_millis(50);

/// A query that a cluster knows; dropping it is the query's end there.
struct Known {
    shared: Arc<Shared>,
    upstream: UpstreamRef,
    wanted: watch::Receiver<Wanted>,
    transactions: Transactions,
}

impl Drop for Known {
    fn drop(&mut self) {
        self.shared.forget(&self.upstream);
    }
}

impl Shared {
    /// Tells a cluster of a statement, so that it can be cancelled; nothing runs yet.
    fn know(self: &Arc<Self>, cluster: &Cluster, user: &str) -> Option<Known> {
        let id = format!("embedded_{:08}", self.number());
        let (sender, wanted) = watch::channel(Wanted::On);
        let mut clusters = self.clusters();
        let playing = clusters
            .iter_mut()
            .find(|playing| playing.origin == cluster.origin)?;
        playing.queries.insert(id.clone(), sender);
        let upstream = UpstreamRef {
            origin: cluster.origin.clone(),
            dialect: Dialect::Trino,
            next_uri: format!("{}/{id}", cluster.origin),
            query_id: id,
            user: user.to_owned(),
            credential: None,
        };
        Some(Known {
            shared: self.clone(),
            upstream,
            wanted,
            transactions: playing.transactions.clone(),
        })
    }

    fn forget(&self, upstream: &UpstreamRef) {
        let mut clusters = self.clusters();
        if let Some(playing) = clusters
            .iter_mut()
            .find(|playing| playing.origin == upstream.origin)
        {
            playing.queries.remove(&upstream.query_id);
        }
    }
}

#[async_trait]
impl QueryExecutor for EmbeddedEngine {
    async fn execute(
        &self,
        cluster: &Cluster,
        statement: &Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Ending, ExecuteError> {
        let came = Instant::now();
        let known = self.shared.know(cluster, &statement.user);
        let mut known = known.ok_or_else(|| {
            ExecuteError::Unreachable(format!("this engine has no cluster {}", cluster.origin))
        })?;
        tokio::select! {
            posted = sink.posted(known.upstream.clone()) => posted.map_err(|SinkClosed| ExecuteError::Stopped)?,
            lost = ended(&mut known.wanted) => return lost,
            () = stopped(&*sink) => return Err(ExecuteError::Stopped),
        }
        let part = Part::new(known.transactions.clone(), statement, came);
        let part = Taken(Arc::new(part));
        let session = Session::new(statement, Utc::now());
        // One that cannot be read is what the statement fails by, once that is read.
        let limit = TimeLimit::of(&session).ok();
        let mut running = Running::begin(&self.shared, &statement.sql, session, part.0.clone());
        let delivered = tokio::select! {
            // What has ended in time has ended well.
            biased;
            delivered = running.deliver(&*sink) => delivered,
            lost = ended(&mut known.wanted) => lost,
            error = late(limit, came) => Ok(running.failed(&error, statement.dialect)),
        };
        // The query must have ended before anyone is told so.
        running.end().await;
        if let Ok(ending) = &delivered
            && ending.outcome == Outcome::Finished
        {
            part.0.end(Ended::Well, Instant::now());
        }
        delivered
    }

    async fn cancel(&self, upstream: &UpstreamRef) -> Result<(), ExecuteError> {
        let sender = {
            let clusters = self.shared.clusters();
            let playing = clusters
                .iter()
                .find(|playing| playing.origin == upstream.origin);
            playing.and_then(|playing| playing.queries.get(&upstream.query_id).cloned())
        };
        let Some(sender) = sender else {
            return Ok(());
        };
        let _ = sender.send(Wanted::Cancelled);
        // Whoever executes it holds the other end until it has ended.
        sender.closed().await;
        Ok(())
    }
}

/// A query's part in its transaction, in which it has failed if nothing else is said before this is dropped.
struct Taken(Arc<Part>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.end(Ended::Badly, Instant::now());
    }
}

/// Waits until the query is cancelled by somebody, or its cluster is gone.
async fn ended(wanted: &mut watch::Receiver<Wanted>) -> Result<Ending, ExecuteError> {
    match wanted.wait_for(|wanted| *wanted == Wanted::Cancelled).await {
        Ok(_) => Ok(Ending::failed(QueryError::user_canceled())),
        Err(_) => Err(ExecuteError::ClusterLost(
            "the embedded cluster was removed".to_owned(),
        )),
    }
}

/// Waits until a query has taken longer than it may, and says what is said of it then.
async fn late(limit: Option<TimeLimit>, came: Instant) -> Error {
    let ends = limit.and_then(|limit| Some((came.checked_add(limit.time)?, limit.error)));
    match ends {
        Some((end, error)) => {
            sleep_until(end).await;
            error
        }
        None => std::future::pending().await,
    }
}

/// Waits until the sink says to stop. Other words need nothing before the query has begun.
async fn stopped(sink: &dyn QuerySink) {
    while sink.control().await != Control::Stop {}
}

/// What `DataFusion` plans by.
fn options() -> ConfigOptions {
    let mut options = ConfigOptions::default();
    // The order within a query decides about the rows of its own `LIMIT`, also where it is another one's table.
    options.sql_parser.enable_subquery_sort_elimination = false;
    options
}

/// A query that the engine's threads work on.
struct Running {
    events: mpsc::Receiver<Event>,
    stats: Arc<Stats>,
    /// Dropped to have the work end.
    work: Option<tokio::task::JoinHandle<()>>,
    leaves: watch::Sender<bool>,
}

impl Running {
    fn begin(shared: &Arc<Shared>, sql: &str, session: Arc<Session>, part: Arc<Part>) -> Self {
        let setting = Setting {
            session,
            catalogs: shared.catalogs.clone(),
            options: options(),
            part,
        };
        let stats = Arc::new(Stats::new());
        let (leaves, cut) = watch::channel(false);
        // One page may wait while the next is made.
        let (sender, events) = mpsc::channel(1);
        let work = run::Query {
            sql: sql.to_owned(),
            setting,
            memory: Arc::new(QueryMemory::new(
                shared.config.memory_per_query,
                shared.memory.clone(),
            )),
            threads: shared.config.threads,
            stats: stats.clone(),
            cut,
        };
        shared.begun.fetch_add(1, Ordering::Relaxed);
        shared.running.send_modify(|running| *running += 1);
        let counted = Counted(shared.clone());
        let work = shared.threads().spawn(async move {
            let _counted = counted;
            work.run(sender).await;
        });
        Self {
            events,
            stats,
            work: Some(work),
            leaves,
        }
    }

    /// Passes on what the query gives, until its end.
    async fn deliver(&mut self, sink: &dyn QuerySink) -> Result<Ending, ExecuteError> {
        let mut ticks = interval_at(Instant::now() + FIRST_PROGRESS, PROGRESS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                event = self.events.recv() => event,
                control = sink.control() => {
                    self.heed(control)?;
                    continue;
                }
                _ = ticks.tick() => {
                    self.progress(sink).await?;
                    continue;
                }
            };
            match event {
                Some(Event::Page(page)) => self.page(sink, page).await?,
                Some(Event::Finished(finished)) => return Ok(self.ending(finished)),
                None => return Ok(Ending::failed(self.fault().await)),
            }
        }
    }

    async fn page(&self, sink: &dyn QuerySink, page: Page) -> Result<(), ExecuteError> {
        let passed = sink.page(page);
        tokio::pin!(passed);
        loop {
            tokio::select! {
                passed = &mut passed => return passed.map_err(|SinkClosed| ExecuteError::Stopped),
                control = sink.control() => self.heed(control)?,
            }
        }
    }

    async fn progress(&self, sink: &dyn QuerySink) -> Result<(), ExecuteError> {
        let stats = self.stats.json("RUNNING");
        sink.progress(stats)
            .await
            .map_err(|SinkClosed| ExecuteError::Stopped)
    }

    fn heed(&self, control: Control) -> Result<(), ExecuteError> {
        match control {
            Control::Stop => Err(ExecuteError::Stopped),
            Control::CancelLeafStage => {
                let _ = self.leaves.send(true);
                Ok(())
            }
        }
    }

    fn ending(&self, finished: Finished) -> Ending {
        let Finished {
            outcome,
            columns,
            envelope,
        } = finished;
        let state = if outcome == Outcome::Finished {
            "FINISHED"
        } else {
            "FAILED"
        };
        Ending {
            outcome,
            stats: Some(self.stats.json(state)),
            columns,
            envelope,
        }
    }

    /// The end of a query that has to end before it would.
    fn failed(&self, error: &Error, dialect: Dialect) -> Ending {
        Ending {
            stats: Some(self.stats.json("FAILED")),
            ..Ending::failed(error.for_client(dialect))
        }
    }

    /// What a client is told where the work ended without telling its end: something in it has panicked.
    async fn fault(&mut self) -> QueryError {
        let ended = match self.work.take() {
            Some(work) => work.await,
            None => Ok(()),
        };
        tracing::error!(
            ?ended,
            "a query of the embedded engine ended without an end"
        );
        let message = "the embedded engine failed at this statement, which is a fault of it; its log says more";
        QueryError::standard(
            "GENERIC_INTERNAL_ERROR",
            65_536,
            ErrorType::InternalError,
            message,
        )
    }

    /// Ends the work, and waits until it has.
    async fn end(mut self) {
        if let Some(work) = self.work.take() {
            work.abort();
            let _ = work.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            work.abort();
        }
    }
}

/// One of the queries that run.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}
