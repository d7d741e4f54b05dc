//! Perk as a client: how a coordinator is spoken to.
//!
//! | module | its job |
//! |---|---|
//! | here | one HTTP exchange: sent, answered within bounds |
//! | [`origin`](Origin) | a coordinator's address, and which URIs belong to it |
//! | `envelope` | a coordinator's answer, taken apart without touching its rows |
//! | `statement` | a statement from POST to its last page, for programs that want rows |

mod envelope;
mod origin;
mod statement;

use std::fmt::Debug;
use std::io::ErrorKind;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::{Layer, ServiceExt};
use tower_http::decompression::{Decompression, DecompressionLayer};

pub(crate) use envelope::{Envelope, MalformedAnswer, session_changes};
pub use origin::{InvalidOrigin, Origin};
pub use statement::{StatementClient, StatementError, StatementPage};

/// What an exchange with a coordinator may take.
#[derive(Debug, Clone, Copy)]
pub struct ClientLimits {
    /// The largest answer, in bytes when it is not compressed.
    pub answer_bytes: usize,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long the coordinator may be silent: before its answer begins, and within it.
    pub silence: Duration,
    /// Whether answers are asked for compressed: where the network is slower than both sides' processors.
    pub gzip: bool,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            answer_bytes: 64 << 20,
            connect: Duration::from_secs(5),
            silence: Duration::from_mins(1),
            gzip: false,
        }
    }
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The connection was refused: nobody listens there.
    #[error("{origin} cannot be reached: connection refused")]
    Refused {
        /// Who was to answer.
        origin: String,
    },
    /// No connection could be had: nothing was sent.
    #[error("{origin} cannot be reached: {reason}")]
    Unreachable {
        /// Who was to answer.
        origin: String,
        /// What was seen.
        reason: String,
    },
    /// The connection broke, or was silent for too long. What was sent may have arrived.
    #[error("{origin} did not answer: {reason}")]
    Broken {
        /// Who was to answer.
        origin: String,
        /// What was seen.
        reason: String,
    },
    /// The answer is larger than the limit.
    #[error("{origin} gave an answer of more than {limit} bytes")]
    TooLarge {
        /// Who answered.
        origin: String,
        /// The limit.
        limit: usize,
    },
}

/// A coordinator's answer, read whole.
#[derive(Debug)]
pub struct HttpAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, within the limit.
    pub body: Bytes,
}

impl HttpAnswer {
    /// The body as text for an error message: its beginning, on one line. Nothing of what looks like an answer of the
    /// protocol's, which may name addresses that are nobody else's business.
    pub fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(600)]).into_owned();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            "an empty body".to_owned()
        } else if text.starts_with('{') {
            format!("{} bytes of JSON", self.body.len())
        } else {
            text.chars().take(300).collect()
        }
    }

    /// Whether the same request may succeed in a moment.
    pub fn asks_to_retry(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 502 | 503 | 504)
    }
}

/// Connections to coordinators, kept open between requests. Cloning it shares them.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Decompression<Client<HttpConnector, Full<Bytes>>>,
    limits: ClientLimits,
}

impl HttpClient {
    /// A client with these limits.
    pub fn new(limits: ClientLimits) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.connect));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .http1_max_headers(1000)
            .http1_max_buf_size(1 << 20)
            .build(connector);
        let client = DecompressionLayer::new().gzip(limits.gzip).layer(client);
        Self { client, limits }
    }

    /// Sends a request and reads the whole answer. Never follows a redirect.
    pub async fn exchange(
        &self,
        method: Method,
        uri: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<HttpAnswer, ExchangeError> {
        let origin =
            || Origin::of(uri).map_or_else(|_| uri.to_owned(), |origin| origin.to_string());
        let broken = |reason: String| ExchangeError::Broken {
            origin: origin(),
            reason,
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri
            .parse()
            .map_err(|error: http::uri::InvalidUri| broken(error.to_string()))?;
        *request.headers_mut() = headers;
        request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert(USER_AGENT);
        let silent = |_| {
            broken(format!(
                "nothing came for {} s",
                self.limits.silence.as_secs()
            ))
        };
        let sent = tokio::time::timeout(self.limits.silence, self.client.clone().oneshot(request))
            .await
            .map_err(silent)?;
        let response = sent.map_err(|error| {
            let reason = innermost(&error);
            match io_kind(&error) {
                Some(ErrorKind::ConnectionRefused) => ExchangeError::Refused { origin: origin() },
                _ if error.is_connect() => ExchangeError::Unreachable {
                    origin: origin(),
                    reason,
                },
                _ => broken(reason),
            }
        })?;
        let (parts, mut body) = response.into_parts();
        let announced = body
            .size_hint()
            .exact()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(0);
        let too_large = || ExchangeError::TooLarge {
            origin: origin(),
            limit: self.limits.answer_bytes,
        };
        if announced > self.limits.answer_bytes {
            return Err(too_large());
        }
        let mut read = BytesMut::with_capacity(announced);
        while let Some(frame) = tokio::time::timeout(self.limits.silence, body.frame())
            .await
            .map_err(silent)?
        {
            let frame = frame.map_err(|error| broken(innermost(error.as_ref())))?;
            if let Some(data) = frame.data_ref() {
                if read.len() + data.len() > self.limits.answer_bytes {
                    return Err(too_large());
                }
                read.extend_from_slice(data);
            }
        }
        Ok(HttpAnswer {
            status: parts.status,
            headers: parts.headers,
            body: read.freeze(),
        })
    }
}

/// What Perk calls itself.
const USER_AGENT: http::HeaderValue =
    http::HeaderValue::from_static(concat!("perk/", env!("CARGO_PKG_VERSION")));

/// The kind of the input or output error that an error comes from.
fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<ErrorKind> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .last()
        .map(std::io::Error::kind)
}

/// The last cause in an error's chain says what happened; the ones around it say where.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
