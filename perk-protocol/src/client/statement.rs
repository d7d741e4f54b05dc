//! A statement from POST to its last page, for programs that want rows.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use perk_core::{Dialect, QueryError, SessionHeader};

use super::{
    Envelope, ExchangeError, HttpAnswer, HttpClient, MalformedAnswer, Origin, session_changes,
};
use crate::wire::header_name;

/// How long a GET is tried again while the server is away, as the Java clients do.
const PATIENCE: Duration = Duration::from_mins(2);

/// Why a statement came to no end.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The server could not be spoken to.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The server refused the request.
    #[error("the server answered {status}: {text}")]
    Refused {
        /// The status.
        status: http::StatusCode,
        /// The beginning of what it said.
        text: String,
    },
    /// The server's answer is not the protocol's.
    #[error("the server's answer makes no sense: {0}")]
    Malformed(String),
}

impl From<MalformedAnswer> for StatementError {
    fn from(error: MalformedAnswer) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// One answer to a statement.
#[derive(Debug)]
pub struct StatementPage {
    /// The query's id.
    pub query_id: String,
    /// The columns as a JSON array, once they are known.
    pub columns: Option<Bytes>,
    /// Rows as a JSON array of arrays.
    pub rows: Option<Bytes>,
    /// The stats as a JSON object.
    pub stats: Option<Bytes>,
    /// What the statement changed in its session: response headers without prefix (`set-catalog`, `added-prepare`, …).
    pub session_changes: Vec<SessionHeader>,
    /// `updateType` as JSON.
    pub update_type: Option<Bytes>,
    /// `updateCount` as JSON.
    pub update_count: Option<Bytes>,
    /// Why the query failed; then this is the last page.
    pub error: Option<Box<QueryError>>,
}

/// A running statement: asks for page after page, as the Java client's `StatementClientV1` does.
///
/// ```no_run
/// # async fn example() -> Result<(), perk_protocol::StatementError> {
/// use perk_protocol::{ClientLimits, HttpClient, StatementClient};
/// let http = HttpClient::new(ClientLimits::default());
/// let origin = "http://localhost:8080".parse().unwrap();
/// let headers = [("User", "ann"), ("Catalog", "tpch"), ("Schema", "tiny")];
/// let mut statement =
///     StatementClient::post(http, origin, perk_core::Dialect::Trino, &headers, "SELECT 1").await?;
/// while let Some(page) = statement.next().await? {
///     println!("{:?}", page.rows);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct StatementClient {
    http: HttpClient,
    origin: Origin,
    dialect: Dialect,
    user: HeaderMap,
    first: Option<HttpAnswer>,
    next_uri: Option<String>,
}

impl StatementClient {
    /// Sends a statement with session headers (without prefix).
    pub async fn post(
        http: HttpClient,
        origin: Origin,
        dialect: Dialect,
        headers: &[(&str, &str)],
        sql: &str,
    ) -> Result<Self, StatementError> {
        let mut all = HeaderMap::new();
        let mut user = HeaderMap::new();
        for (suffix, value) in headers {
            let malformed = |what: &str| {
                StatementError::Malformed(format!("the {suffix} header cannot be sent: {what}"))
            };
            let name =
                header_name(dialect, suffix).ok_or_else(|| malformed("its name is not a token"))?;
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|e| malformed(&e.to_string()))?;
            if *suffix == "User" {
                user.insert(name.clone(), value.clone());
            }
            all.append(name, value);
        }
        let uri = format!("{origin}/v1/statement");
        let answer = http
            .exchange(
                Method::POST,
                &uri,
                all,
                Bytes::copy_from_slice(sql.as_bytes()),
            )
            .await?;
        Ok(Self {
            http,
            origin,
            dialect,
            user,
            first: Some(answer),
            next_uri: None,
        })
    }

    /// The next answer; `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<StatementPage>, StatementError> {
        let answer = match (self.first.take(), &self.next_uri) {
            (Some(first), _) => first,
            (None, None) => return Ok(None),
            (None, Some(next)) => self.get(next).await?,
        };
        if !answer.status.is_success() {
            let text = answer.excerpt();
            return Err(StatementError::Refused {
                status: answer.status,
                text,
            });
        }
        let envelope = Envelope::parse(&answer.body)?;
        if let Some(next) = &envelope.next_uri
            && !self.origin.holds(next)
        {
            return Err(StatementError::Malformed(format!(
                "it points to another server: {next}"
            )));
        }
        self.next_uri = envelope.next_uri;
        Ok(Some(StatementPage {
            query_id: envelope.id,
            columns: envelope.columns,
            rows: envelope.rows,
            stats: envelope.stats,
            session_changes: session_changes(self.dialect, &answer.headers),
            update_type: envelope.update_type,
            update_count: envelope.update_count,
            error: envelope.error,
        }))
    }

    /// Cancels the statement.
    pub async fn cancel(&mut self) -> Result<(), StatementError> {
        if let Some(next) = self.next_uri.take() {
            self.http
                .exchange(Method::DELETE, &next, self.user.clone(), Bytes::new())
                .await?;
        }
        Ok(())
    }

    async fn get(&self, uri: &str) -> Result<HttpAnswer, StatementError> {
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(50);
        loop {
            let answer = self
                .http
                .exchange(Method::GET, uri, self.user.clone(), Bytes::new())
                .await;
            let again = match &answer {
                Ok(answer) => answer.asks_to_retry(),
                Err(error) => !matches!(error, ExchangeError::TooLarge { .. }),
            };
            if !again || tokio::time::Instant::now() + pause > until {
                return Ok(answer?);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}
