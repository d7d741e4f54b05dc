//! One statement from POST to its end.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use perk_core::{
    Cluster, Control, Dialect, Ending, ExecuteError, Outcome, Page, PerkError, QueryError,
    QuerySink, Statement, UpstreamRef,
};
use tokio::time::Instant;

use super::{CANCEL_LIMIT, PrestoExecutor, request};
use crate::client::{Envelope, ExchangeError, HttpAnswer, Origin, session_changes};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What a coordinator answers that listens already and takes no statements yet (class `DispatchManager`).
const STARTING_UP: &str = "SERVER_STARTING_UP";

/// Why a run ends before the coordinator has said that the query has.
enum Broken {
    /// It says nothing of the query's end, and the executor's caller decides.
    Execution(ExecuteError),
    /// The query fails with an error of Perk's, and what runs of it is cancelled.
    Query(QueryError),
    /// The sink wants no more: what runs is cancelled.
    Stop,
}

impl From<perk_core::SinkClosed> for Broken {
    fn from(_: perk_core::SinkClosed) -> Self {
        Self::Stop
    }
}

/// A coordinator that did not answer a request, as it was seen last.
enum Away {
    /// There was nobody to send it to.
    NothingSent(String),
    /// It was sent, and may have arrived.
    Silent(String),
}

pub(super) struct Run<'a> {
    executor: &'a PrestoExecutor,
    statement: &'a Statement,
    sink: Arc<dyn QuerySink>,
    dialect: Dialect,
    origin: Origin,
    /// Headers of every request after the POST.
    headers: HeaderMap,
    /// The query on the cluster, once the cluster has named it; `next_uri` moves on.
    upstream: Option<UpstreamRef>,
    /// Whether the cluster was told to begin the query.
    begun: bool,
    partial_cancel_uri: Option<String>,
    /// Whether the leaf stage is to be cancelled as soon as the cluster names one.
    leaf_stage_unwanted: AtomicBool,
    /// What answers without rows have said, to go with the next page or the end.
    unsaid: perk_core::Envelope,
    columns_passed: bool,
    columns: Option<Bytes>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        executor: &'a PrestoExecutor,
        cluster: &Cluster,
        statement: &'a Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Self, ExecuteError> {
        let origin = cluster
            .origin
            .parse()
            .map_err(|error| ExecuteError::Unreachable(format!("{error}")))?;
        Ok(Self {
            executor,
            statement,
            sink,
            dialect: cluster.dialect,
            origin,
            headers: request::again(statement, cluster.dialect),
            upstream: None,
            begun: false,
            partial_cancel_uri: None,
            leaf_stage_unwanted: AtomicBool::new(false),
            unsaid: perk_core::Envelope::default(),
            columns_passed: false,
            columns: None,
        })
    }

    pub(super) async fn finish(mut self) -> Result<Ending, ExecuteError> {
        let broken = match self.pages().await {
            Ok(ending) => return Ok(ending),
            Err(Broken::Execution(error)) => return Err(error),
            Err(broken) => broken,
        };
        let canceled = match &self.upstream {
            Some(upstream) => self.executor.delete(upstream, &self.headers).await,
            None => Ok(()),
        };
        if let (Err(error), Some(upstream)) = (&canceled, &self.upstream) {
            let upstream = &upstream.query_id;
            tracing::warn!(upstream, %error, "the query could not be cancelled on the cluster yet");
        }
        match broken {
            Broken::Query(error) if self.begun => Err(ExecuteError::Failed(Box::new(error))),
            Broken::Query(error) => Ok(Ending::failed(error)),
            _ => canceled.and(Err(ExecuteError::Stopped)),
        }
    }

    async fn pages(&mut self) -> Result<Ending, Broken> {
        let mut answer = self.post().await?;
        loop {
            let mut envelope = parse(&self.origin, &answer)?;
            if let Some(next) = &envelope.next_uri
                && !self.origin.holds(next)
            {
                let text = format!(
                    "the cluster at {} points to another host: {next}",
                    self.origin
                );
                return Err(Broken::Query(PerkError::BadClusterAnswer.because(text)));
            }
            self.unsaid.merge(perk_core::Envelope {
                headers: session_changes(self.dialect, &answer.headers),
                update_type: envelope.update_type.take(),
                update_count: envelope.update_count.take(),
                warnings: envelope.warnings.take(),
            });
            self.partial_cancel_uri = envelope.partial_cancel_uri.take();
            if self.leaf_stage_unwanted.load(Ordering::Relaxed) {
                self.cancel_leaf_stage().await;
            }
            let first = self.upstream.is_none();
            // Presto may begin a query anew under another id.
            if self
                .upstream
                .as_ref()
                .is_none_or(|upstream| upstream.query_id != envelope.id)
            {
                self.record(&envelope).await?;
            }
            self.columns = envelope.columns.take().or_else(|| self.columns.take());
            if let Some(rows) = envelope.rows.take() {
                self.pass(rows).await?;
            }
            if let Some(error) = envelope.error.take() {
                if error.name == STARTING_UP {
                    // It came to the dispatcher's ears only: nothing of the statement runs, whatever it is.
                    return Err(Broken::Execution(ExecuteError::Unreachable(error.message)));
                }
                return Ok(self.ending(Outcome::Failed(error), envelope.stats));
            }
            let Some(next) = envelope.next_uri.take() else {
                return Ok(self.ending(Outcome::Finished, envelope.stats));
            };
            if let Some(upstream) = &mut self.upstream {
                upstream.next_uri.clone_from(&next);
            }
            if let Some(stats) = envelope.stats.filter(|_| !first) {
                self.sink.progress(stats).await?;
            }
            self.begun = true;
            answer = self.get(&next).await?;
        }
    }

    /// Records what the cluster calls the statement, before anything makes the cluster begin it.
    async fn record(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        let upstream = UpstreamRef {
            origin: self.origin.to_string(),
            dialect: self.dialect,
            query_id: envelope.id.clone(),
            next_uri: envelope.next_uri.clone().unwrap_or_default(),
            user: self.statement.user.clone(),
            credential: None,
        };
        self.upstream = Some(upstream.clone());
        Ok(self.sink.posted(upstream).await?)
    }

    /// Hands a page to the sink, however long that has no room, and keeps the query alive meanwhile.
    async fn pass(&mut self, rows: Bytes) -> Result<(), Broken> {
        let columns = if self.columns_passed {
            None
        } else {
            self.columns.clone()
        };
        self.columns_passed = true;
        let page = Page {
            rows: Some(rows),
            columns,
            envelope: std::mem::take(&mut self.unsaid),
        };
        let sink = self.sink.clone();
        let passed = sink.page(page);
        tokio::pin!(passed);
        loop {
            let waited = self.heeding(async {
                tokio::select! {
                    biased;
                    passed = &mut passed => Some(passed),
                    () = tokio::time::sleep(self.executor.config.keep_alive) => None,
                }
            });
            match waited.await? {
                Some(passed) => return Ok(passed?),
                None => self.heeding(self.keep_alive()).await?,
            }
        }
    }

    /// Asks again for the page the cluster last gave. What comes is dropped: the page is here.
    async fn keep_alive(&self) {
        if let Some(upstream) = self
            .upstream
            .as_ref()
            .filter(|upstream| !upstream.next_uri.is_empty())
        {
            let again = self.executor.http.exchange(
                Method::GET,
                &upstream.next_uri,
                self.headers.clone(),
                Bytes::new(),
            );
            if let Err(error) = again.await {
                tracing::debug!(upstream = upstream.query_id, %error, "the query could not be kept alive");
            }
        }
    }

    fn ending(&mut self, outcome: Outcome, stats: Option<Bytes>) -> Ending {
        let columns = self.columns.take().filter(|_| !self.columns_passed);
        Ending {
            outcome,
            stats,
            columns,
            envelope: std::mem::take(&mut self.unsaid),
        }
    }

    async fn post(&self) -> Result<HttpAnswer, Broken> {
        let uri = format!("{}/v1/statement", self.origin);
        let headers = request::of(self.statement, self.dialect);
        let body = Bytes::copy_from_slice(self.statement.sql.as_bytes());
        let sent = self.patiently(Method::POST, &uri, headers, body).await?;
        let answer = sent.map_err(|away| {
            Broken::Execution(match away {
                Away::NothingSent(reason) => ExecuteError::Unreachable(reason),
                // It may be this statement that the cluster cannot bear: that counts against it.
                Away::Silent(reason) => ExecuteError::ClusterLost(reason),
            })
        })?;
        self.accepted(answer, PerkError::ClusterRefused)
    }

    async fn get(&self, uri: &str) -> Result<HttpAnswer, Broken> {
        let lost = |reason: String| Broken::Execution(ExecuteError::ClusterLost(reason));
        let sent = self
            .patiently(Method::GET, uri, self.headers.clone(), Bytes::new())
            .await?;
        let answer =
            sent.map_err(|(Away::NothingSent(reason) | Away::Silent(reason))| lost(reason))?;
        if matches!(answer.status.as_u16(), 404 | 410) {
            return Err(lost(format!(
                "{} does not know the query any more",
                self.origin
            )));
        }
        self.accepted(answer, PerkError::BadClusterAnswer)
    }

    fn accepted(&self, answer: HttpAnswer, otherwise: PerkError) -> Result<HttpAnswer, Broken> {
        if answer.status == http::StatusCode::OK {
            return Ok(answer);
        }
        let (origin, status, text) = (&self.origin, answer.status, answer.excerpt());
        let mut text = format!("the cluster at {origin} answered {status}: {text}");
        if status == http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE {
            let headers = self.statement.headers.iter();
            let bytes: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
            let _ = write!(
                text,
                "; the session and its prepared statements are headers of {bytes} bytes: deallocate what is not needed, or raise \
                 http-server.max-request-header-size there"
            );
        }
        Err(Broken::Query(otherwise.because(text)))
    }

    /// Sends a request, again while the coordinator is away, until patience ends; then says what was seen last. Sending
    /// twice is harmless: a POST runs nothing, and a GET of one URI gives one page.
    async fn patiently(
        &self,
        method: Method,
        uri: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Result<HttpAnswer, Away>, Broken> {
        let until = Instant::now() + self.executor.config.patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let sent =
                self.executor
                    .http
                    .exchange(method.clone(), uri, headers.clone(), body.clone());
            let seen = match self.heeding(sent).await? {
                Ok(answer) if answer.asks_to_retry() => {
                    Away::Silent(format!("{} answers {}", self.origin, answer.status))
                }
                Ok(answer) => return Ok(Ok(answer)),
                Err(error @ ExchangeError::TooLarge { .. }) => {
                    let text = format!("{error}; select fewer columns or smaller values");
                    return Err(Broken::Query(PerkError::PageTooLarge.because(text)));
                }
                Err(
                    error @ (ExchangeError::Refused { .. } | ExchangeError::Unreachable { .. }),
                ) => Away::NothingSent(error.to_string()),
                Err(error) => Away::Silent(error.to_string()),
            };
            if Instant::now() + pause > until {
                return Ok(Err(seen));
            }
            self.heeding(tokio::time::sleep(pause)).await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
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
                    Control::CancelLeafStage => self.cancel_leaf_stage().await,
                },
                done = &mut something => return Ok(done),
            }
        }
    }

    async fn cancel_leaf_stage(&self) {
        let uri = self.partial_cancel_uri.as_ref();
        let Some(uri) = uri.filter(|uri| self.origin.holds(uri)) else {
            self.leaf_stage_unwanted.store(true, Ordering::Relaxed);
            return;
        };
        self.leaf_stage_unwanted.store(false, Ordering::Relaxed);
        let (http, headers) = (&self.executor.http, self.headers.clone());
        let delete = http.exchange(Method::DELETE, uri, headers, Bytes::new());
        match tokio::time::timeout(CANCEL_LIMIT, delete).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the leaf stage could not be cancelled"),
            Err(_) => tracing::warn!("the leaf stage could not be cancelled in time"),
        }
    }
}

fn parse(origin: &Origin, answer: &HttpAnswer) -> Result<Envelope, Broken> {
    Envelope::parse(&answer.body).map_err(|error| {
        let text = format!(
            "the cluster at {origin} answered what is not the Presto protocol ({error}): {}",
            answer.excerpt()
        );
        Broken::Query(PerkError::BadClusterAnswer.because(text))
    })
}
