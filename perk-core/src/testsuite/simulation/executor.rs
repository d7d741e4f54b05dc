//! The executor and the provisioner of one simulated process. The executor does as the one for real coordinators does: it
//! POSTs, has the upstream query recorded, and only then GETs; what gets no answer it sends again for a while.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::clusters::{Arrival, Away, Clusters};
use super::execution::{Last, Page as Rows, run_of, upstream};
use super::history::{ClusterEvent, ClusterName, Event, Run};
use super::process::{Site, Step};
use super::statement::{Row, transaction_id};
use crate::error::{ErrorType, QueryError};
use crate::executor::{Control, ExecuteError, QueryExecutor, QuerySink, SinkClosed};
use crate::provisioner::Cluster;
use crate::query::{Ending, Envelope, Outcome, Page, UpstreamRef};
use crate::statement::Statement;

/// For how long a request is sent again.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);
/// How often a query is asked for while its last page waits for room.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub(super) struct SiteExecutor {
    pub(super) site: Site,
    pub(super) clusters: Arc<Clusters>,
}

/// Why an execution ends before the cluster has said so.
#[derive(Debug)]
enum Broken {
    Execution(ExecuteError),
    Stop,
}

impl From<SinkClosed> for Broken {
    fn from(SinkClosed: SinkClosed) -> Self {
        Self::Stop
    }
}

#[async_trait]
impl QueryExecutor for SiteExecutor {
    async fn execute(
        &self,
        cluster: &Cluster,
        statement: &Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Ending, ExecuteError> {
        let mut execution = Execution {
            executor: self,
            cluster: ClusterName::of(&cluster.origin),
            statement,
            sink,
            run: None,
        };
        match execution.pages().await {
            Ok(ending) => Ok(ending),
            Err(Broken::Execution(error)) => Err(error),
            Err(Broken::Stop) => {
                if let Some(run) = execution.run {
                    self.delete(execution.cluster, run).await?;
                }
                Err(ExecuteError::Stopped)
            }
        }
    }

    async fn cancel(&self, upstream: &UpstreamRef) -> Result<(), ExecuteError> {
        self.delete(ClusterName::of(&upstream.origin), run_of(upstream))
            .await
    }
}

impl SiteExecutor {
    /// Sends a request, once. `after` says where the worker is when it has the answer.
    async fn exchange<T>(
        &self,
        cluster: ClusterName,
        request: impl Future<Output = Result<T, Away>> + Send,
        after: Step,
    ) -> Result<T, Away> {
        let lost = |_| {
            let lost = Event::Cluster(cluster, ClusterEvent::ExchangeLost);
            self.site.world.note(lost);
            Away::Silent
        };
        self.site.befalls(Step::Elsewhere).await.map_err(lost)?;
        let answer = request.await;
        let after = if answer.is_ok() {
            after
        } else {
            Step::Elsewhere
        };
        self.site.befalls(after).await.map_err(lost)?;
        answer
    }

    /// Ends a query on its cluster. Where no coordinator is, its queries are not either.
    async fn delete(&self, cluster: ClusterName, run: Run) -> Result<(), ExecuteError> {
        let world = &self.site.world;
        let apart = world.plan.clusters_apart && !world.is_calm();
        let delete = async {
            if apart && !self.clusters.belongs_to(cluster, &self.site.process) {
                return Err(Away::Silent);
            }
            self.clusters.cancel(cluster, run)
        };
        match self.exchange(cluster, delete, Step::Elsewhere).await {
            Ok(()) | Err(Away::Refused) => Ok(()),
            Err(Away::Silent) => Err(lost(cluster)),
        }
    }
}

fn lost(cluster: ClusterName) -> ExecuteError {
    ExecuteError::ClusterLost(format!("{cluster:?} does not answer"))
}

struct Execution<'a> {
    executor: &'a SiteExecutor,
    cluster: ClusterName,
    statement: &'a Statement,
    sink: Arc<dyn QuerySink>,
    run: Option<Run>,
}

impl Execution<'_> {
    async fn pages(&mut self) -> Result<Ending, Broken> {
        let run = self.post().await?;
        self.run = Some(run);
        let recorded = upstream(self.cluster, run, &self.statement.user);
        self.sink.posted(recorded).await?;
        for token in 0.. {
            let answer = self.get(run, token).await?;
            let last = answer.last;
            self.pass(run, answer.rows).await?;
            match last {
                Last::No => self.sink.progress(Bytes::from_static(b"{}")).await?,
                Last::Finished => return Ok(self.ending(run, Outcome::Finished)),
                Last::Failed(name) => {
                    let error = QueryError::standard(name, 8, ErrorType::UserError, "as planned");
                    return Ok(self.ending(run, Outcome::Failed(Box::new(error))));
                }
            }
        }
        Err(Broken::Stop)
    }

    async fn post(&self) -> Result<Run, Broken> {
        let sent = self.patiently(|| async {
            let post = async {
                self.executor
                    .clusters
                    .post(self.cluster, &self.statement.sql)
            };
            self.executor
                .exchange(self.cluster, post, Step::Posted)
                .await
        });
        sent.await?.map_err(|away| {
            Broken::Execution(match away {
                Away::Refused => ExecuteError::Unreachable("nobody is there".to_owned()),
                Away::Silent => lost(self.cluster),
            })
        })
    }

    async fn get(&self, run: Run, token: usize) -> Result<Rows, Broken> {
        let sent = self.patiently(|| self.ask(run, token));
        let answer = sent.await?.ok().flatten();
        answer.ok_or_else(|| Broken::Execution(lost(self.cluster)))
    }

    async fn ask(&self, run: Run, token: usize) -> Result<Option<Rows>, Away> {
        let clusters = &self.executor.clusters;
        let get = async {
            match clusters.arrive(run)? {
                Arrival::Unknown => return Ok(None),
                Arrival::Deadly => self.executor.site.die(Step::Poison).await,
                Arrival::Working(takes) => sleep(takes).await,
            }
            clusters.answer(run, token)
        };
        self.executor
            .exchange(self.cluster, get, Step::Elsewhere)
            .await
    }

    /// Hands rows to the sink, however long that has no room, and keeps the query alive meanwhile.
    async fn pass(&self, run: Run, values: Vec<u32>) -> Result<(), Broken> {
        if values.is_empty() {
            return Ok(());
        }
        let rows: Vec<Row> = values.into_iter().map(|value| (value, run.0)).collect();
        let rows = serde_json::to_vec(&rows).unwrap_or_default();
        let page = Page {
            rows: Some(Bytes::from(rows)),
            columns: Some(Bytes::from_static(b"[]")),
            envelope: Envelope::default(),
        };
        let passed = self.sink.page(page);
        tokio::pin!(passed);
        loop {
            let waited = self.heeding(async {
                tokio::select! {
                    biased;
                    passed = &mut passed => Some(passed),
                    () = sleep(KEEP_ALIVE) => None,
                }
            });
            if let Some(passed) = waited.await? {
                return Ok(passed?);
            }
            // What comes is dropped: the page is here.
            let _again = self.heeding(self.ask(run, usize::MAX)).await?;
        }
    }

    fn ending(&self, run: Run, outcome: Outcome) -> Ending {
        let clusters = &self.executor.clusters;
        let written = self.statement.sql.starts_with("INSERT");
        let count = clusters.values(run).first().copied().filter(|_| written);
        let update_count = count.map(|count| Bytes::from(count.to_string()));
        let mut headers = Vec::new();
        if outcome == Outcome::Finished && self.statement.sql.starts_with("START") {
            headers.push(("Started-Transaction-Id".to_owned(), transaction_id(run)));
        } else if outcome == Outcome::Finished && self.statement.sql.starts_with("COMMIT") {
            headers.push(("Clear-Transaction-Id".to_owned(), "true".to_owned()));
        }
        Ending {
            outcome,
            stats: None,
            columns: None,
            envelope: Envelope {
                headers,
                update_count,
                ..Envelope::default()
            },
        }
    }

    /// Sends a request again while nobody answers, until patience ends.
    async fn patiently<T, R: Future<Output = Result<T, Away>>>(
        &self,
        send: impl Fn() -> R,
    ) -> Result<Result<T, Away>, Broken> {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.heeding(send()).await?;
            if answer.is_ok() || Instant::now() + PAUSE > until {
                return Ok(answer);
            }
            self.heeding(sleep(PAUSE)).await?;
        }
    }

    /// Waits for something, and does meanwhile what the sink says.
    async fn heeding<T>(&self, something: impl Future<Output = T>) -> Result<T, Broken> {
        tokio::pin!(something);
        loop {
            tokio::select! {
                biased;
                control = self.sink.control() => match control {
                    Control::Stop => return Err(Broken::Stop),
                    Control::CancelLeafStage => {}
                },
                done = &mut something => return Ok(done),
            }
        }
    }
}
