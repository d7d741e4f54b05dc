//! A client as the real ones are: posts a statement, follows nextUri to the end, asks again after a connection error or 503.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::sleep;

use crate::statement::{Rows, RowsHash, Statement};

/// For how long a request is sent again; Presto's Java client does so for two minutes.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long one request may take.
const REQUEST_LIMIT: Duration = Duration::from_mins(1);
/// Between two tries, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// What a client does beyond what all do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Sends a POST again whose answer it did not get.
    pub(crate) repeats_posts: bool,
    /// Is known to read rows from the POST's answer.
    pub(crate) reads_posts: bool,
}

/// Where a client is told how far it has got.
pub(crate) trait Watcher: Send + Sync {
    /// The query has an id.
    fn has_id(&self, _id: &str) {}
    /// This many bytes of rows have come. Whether to go on; otherwise the client is never heard of again.
    fn has_read(&self, _bytes: usize) -> bool {
        true
    }
}

/// Wants to know nothing.
pub(crate) struct Nobody;

impl Watcher for Nobody {}

/// How a statement ended for its client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// With these rows.
    Rows(Rows),
    /// With an error, after so many bytes of rows.
    Failed {
        name: String,
        message: String,
        bytes: usize,
    },
    /// Its POST was not answered, and not sent again: whether it is known is not known.
    Unsure(String),
    /// The client has gone, as it was told to.
    Gone,
    /// As no client can bear: neither rows nor a query's error.
    Broken(String),
}

/// A statement and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) statement: Statement,
    /// The query's id, once the client has been told.
    pub(crate) id: String,
    pub(crate) end: End,
    pub(crate) posted: Instant,
    pub(crate) ended: Instant,
    /// How often it was answered 503.
    pub(crate) refusals: usize,
    /// How often it got no answer.
    pub(crate) silences: usize,
}

/// A query that its client has just posted.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) id: String,
    /// What to ask for next.
    pub(crate) next: String,
}

/// Connections to a deployment, and who uses them.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    url: String,
    pub(crate) user: String,
    pub(crate) habits: Habits,
}

#[derive(Deserialize)]
struct Body<'a> {
    id: String,
    #[serde(rename = "nextUri")]
    next_uri: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<Failure>,
    #[serde(rename = "updateType")]
    update_type: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    message: String,
    #[serde(rename = "errorName")]
    name: String,
}

/// A request that got no answer to go on with.
enum Trouble {
    Refused,
    Silent(String),
    Other(String),
}

impl Client {
    /// A client of the gateway or balancer at `url`.
    pub(crate) fn new(url: &str, user: &str, habits: Habits) -> Self {
        let mut builder = Http::builder(TokioExecutor::new());
        // A client's retries are its own, and counted.
        builder.retry_canceled_requests(false);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            http: builder.build(connector),
            url: url.to_owned(),
            user: user.to_owned(),
            habits,
        }
    }

    /// The same connections, for another user.
    pub(crate) fn of(&self, user: &str) -> Self {
        Self {
            user: user.to_owned(),
            ..self.clone()
        }
    }

    /// Runs a statement to its end.
    pub(crate) async fn run(&self, statement: Statement, watcher: &dyn Watcher) -> Outcome {
        let mut run = Run {
            client: self,
            refusals: 0,
            silences: 0,
            id: String::new(),
            rows: RowsHash::default(),
        };
        let posted = Instant::now();
        let end = run.follow(&statement, watcher).await;
        Outcome {
            end: end.unwrap_or_else(|end| end),
            id: run.id,
            statement,
            posted,
            ended: Instant::now(),
            refusals: run.refusals,
            silences: run.silences,
        }
    }

    pub(crate) async fn post(&self, statement: &Statement) -> Result<Posted, String> {
        let answer = self
            .send(Method::POST, &self.statements(), &statement.sql)
            .await;
        let answer = answer.map_err(|trouble| match trouble {
            Trouble::Refused => "503".to_owned(),
            Trouble::Silent(text) | Trouble::Other(text) => text,
        })?;
        let body = read(&answer)?;
        match (body.next_uri, body.error) {
            (Some(next), _) => Ok(Posted { id: body.id, next }),
            (None, Some(error)) => Err(error.name),
            (None, None) => Err("it has ended".to_owned()),
        }
    }

    /// Cancels what this nextUri is of.
    pub(crate) async fn cancel(&self, next: &str) -> Result<(), String> {
        match self.send(Method::DELETE, next, "").await {
            Ok(_) => Ok(()),
            Err(Trouble::Refused) => Err("503".to_owned()),
            Err(Trouble::Silent(text) | Trouble::Other(text)) => Err(text),
        }
    }

    fn statements(&self) -> String {
        format!("{}/v1/statement", self.url)
    }

    async fn send(&self, method: Method, uri: &str, body: &str) -> Result<Bytes, Trouble> {
        let agent = if self.habits.reads_posts {
            "StatementClientV1/0.287"
        } else {
            "perk-faults"
        };
        let request = Request::builder()
            .method(&method)
            .uri(uri)
            .header("X-Presto-User", &self.user)
            .header("User-Agent", agent)
            .body(Full::from(body.to_owned()))
            .map_err(|error| Trouble::Other(error.to_string()))?;
        let silent = |error: &dyn std::fmt::Display| Trouble::Silent(format!("{method}: {error}"));
        let answer = tokio::time::timeout(REQUEST_LIMIT, async {
            let answer = self.http.request(request).await;
            let (parts, body) = answer.map_err(|error| silent(&error))?.into_parts();
            let body = body.collect().await.map_err(|error| silent(&error))?;
            Ok((parts.status, body.to_bytes()))
        });
        let (status, body) = answer.await.map_err(|late| silent(&late))??;
        match status {
            StatusCode::SERVICE_UNAVAILABLE => Err(Trouble::Refused),
            status if status.is_success() => Ok(body),
            status => {
                let text = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
                Err(Trouble::Other(format!("{method} {uri}: {status}: {text}")))
            }
        }
    }
}

/// One statement under way.
struct Run<'a> {
    client: &'a Client,
    refusals: usize,
    silences: usize,
    id: String,
    rows: RowsHash,
}

impl Run<'_> {
    async fn follow(&mut self, statement: &Statement, watcher: &dyn Watcher) -> Result<End, End> {
        let post = self.client.statements();
        let repeats = self.client.habits.repeats_posts;
        let mut answer = self
            .insist(Method::POST, &post, &statement.sql, repeats)
            .await?;
        let mut updated = false;
        loop {
            let body = read(&answer).map_err(End::Broken)?;
            if self.id.is_empty() {
                self.id = body.id;
                watcher.has_id(&self.id);
            } else if self.id != body.id {
                let text = format!("query {} has become {}", self.id, body.id);
                return Err(End::Broken(text));
            }
            if let Some(data) = body.data {
                self.rows.add(data.get());
            }
            updated |= body.update_type.is_some_and(|update| update == "INSERT");
            if let Some(Failure { name, message }) = body.error {
                let bytes = self.rows.bytes();
                return Ok(End::Failed {
                    name,
                    message,
                    bytes,
                });
            }
            let Some(next) = body.next_uri else {
                if updated == statement.kind.is_read() {
                    return Err(End::Broken(format!("ended with updateType: {updated}")));
                }
                return Ok(End::Rows(std::mem::take(&mut self.rows).rows()));
            };
            if !watcher.has_read(self.rows.bytes()) {
                return Ok(End::Gone);
            }
            answer = self.insist(Method::GET, &next, "", true).await?;
        }
    }

    /// Sends a request until it is answered with something else than 503; again after silence only where that is said.
    async fn insist(
        &mut self,
        method: Method,
        uri: &str,
        body: &str,
        after_silence: bool,
    ) -> Result<Bytes, End> {
        let began = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let why = match self.client.send(method.clone(), uri, body).await {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Other(text)) => return Err(End::Broken(text)),
                Err(Trouble::Silent(text)) if !after_silence => return Err(End::Unsure(text)),
                Err(Trouble::Silent(text)) => {
                    self.silences += 1;
                    text
                }
                Err(Trouble::Refused) => {
                    self.refusals += 1;
                    "503".to_owned()
                }
            };
            if began.elapsed() > PATIENCE {
                return Err(End::Broken(format!("patience is over: {why}")));
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}

fn read(answer: &[u8]) -> Result<Body<'_>, String> {
    serde_json::from_slice(answer).map_err(|error| format!("an answer is no JSON: {error}"))
}
