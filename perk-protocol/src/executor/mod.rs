//! Runs statements on Presto and Trino coordinators, over HTTP.
//!
//! | module | its job |
//! |---|---|
//! | here | what an executor is, and cancelling |
//! | `run` | one statement from POST to its end |
//! | `request` | the headers that go to the cluster |

mod request;
mod run;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use perk_core::{Cluster, Ending, ExecuteError, QueryExecutor, QuerySink, Statement, UpstreamRef};

use crate::client::{ClientLimits, ExchangeError, HttpClient, Origin};

#[cfg(any(test, feature = "testsuite"))]
pub(crate) use request::of as headers_for_cluster;

/// How a [`PrestoExecutor`] behaves.
#[derive(Debug, Clone, Copy)]
pub struct ExecutorConfig {
    /// What an exchange with the coordinator may take; the largest answer bounds a page.
    pub limits: ClientLimits,
    /// For how long a request is tried again while the coordinator does not answer it, before it counts as lost.
    pub patience: Duration,
    /// How often the coordinator is asked again for the page it last gave while that page waits for room: less than half of
    /// `query.client.timeout`, which is 5 minutes unless configured.
    pub keep_alive: Duration,
}

impl Default for ExecutorConfig {
    fn default() -> Self {
        Self {
            limits: ClientLimits::default(),
            patience: Duration::from_secs(5),
            keep_alive: Duration::from_mins(1),
        }
    }
}

/// A client of Presto and Trino coordinators that passes pages on as the bytes they are.
///
/// A statement is sent in two steps: the POST, which runs nothing; then, once the sink has recorded what it gave, the first
/// GET, which begins it (both engines' class `QueuedStatementResource`). The coordinator's `nextUri` is followed as it is,
/// but only to the coordinator itself.
#[derive(Debug, Clone)]
pub struct PrestoExecutor {
    http: HttpClient,
    config: ExecutorConfig,
}

impl PrestoExecutor {
    /// An executor with connections of its own.
    pub fn new(config: ExecutorConfig) -> Self {
        Self {
            http: HttpClient::new(config.limits),
            config,
        }
    }
}

/// How often, and how far apart, a DELETE is tried that the coordinator did not take: a query whose first GET is just
/// arriving answers 500 until it has begun.
const CANCEL_TRIES: u32 = 4;
const CANCEL_PAUSE: Duration = Duration::from_millis(150);
/// How long cancelling may take in all: whoever cancels has something else to do.
const CANCEL_LIMIT: Duration = Duration::from_secs(3);

#[async_trait]
impl QueryExecutor for PrestoExecutor {
    async fn execute(
        &self,
        cluster: &Cluster,
        statement: &Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Ending, ExecuteError> {
        run::Run::new(self, cluster, statement, sink)?
            .finish()
            .await
    }

    async fn cancel(&self, upstream: &UpstreamRef) -> Result<(), ExecuteError> {
        let headers = request::as_user(upstream.dialect, &upstream.user);
        self.delete(upstream, &headers).await
    }
}

impl PrestoExecutor {
    /// DELETE where the coordinator wants to be asked next; where it does not know that URI (Trino's change with every
    /// token), by the query's id. Never a GET or HEAD, which would begin the query.
    async fn delete(
        &self,
        upstream: &UpstreamRef,
        headers: &HeaderMap,
    ) -> Result<(), ExecuteError> {
        let tried = tokio::time::timeout(CANCEL_LIMIT, self.try_delete(upstream, headers)).await;
        let late = || ExecuteError::ClusterLost(format!("{} does not answer", upstream.origin));
        tried.map_err(|_| late())?
    }

    async fn try_delete(
        &self,
        upstream: &UpstreamRef,
        headers: &HeaderMap,
    ) -> Result<(), ExecuteError> {
        let lost = |error: &dyn std::fmt::Display| ExecuteError::ClusterLost(error.to_string());
        let origin: Origin = upstream.origin.parse().map_err(|error| lost(&error))?;
        let by_id = format!("{origin}/v1/query/{}", upstream.query_id);
        let mut uri = if origin.holds(&upstream.next_uri) {
            &upstream.next_uri
        } else {
            &by_id
        };
        for tried in 1..=CANCEL_TRIES {
            let answer = self
                .http
                .exchange(Method::DELETE, uri, headers.clone(), Bytes::new())
                .await;
            match answer {
                Ok(answer) if answer.status.is_success() => return Ok(()),
                Ok(answer) if matches!(answer.status.as_u16(), 404 | 410) => {
                    if uri == &by_id {
                        return Ok(());
                    }
                    uri = &by_id;
                }
                // Presto's word that the query has not begun: nothing will begin it now.
                Ok(answer) if tried == CANCEL_TRIES && answer.status.as_u16() == 500 => {
                    return Ok(());
                }
                Ok(answer) if tried == CANCEL_TRIES => return Err(lost(&answer.status)),
                // No coordinator is there, and with it went its queries.
                Err(ExchangeError::Refused { .. }) if tried == CANCEL_TRIES => return Ok(()),
                Err(error) if tried == CANCEL_TRIES => return Err(lost(&error)),
                _ => tokio::time::sleep(CANCEL_PAUSE).await,
            }
        }
        Err(lost(&"the query would not be cancelled"))
    }
}
