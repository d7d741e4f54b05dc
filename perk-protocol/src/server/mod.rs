//! Perk as a server: the Presto protocol in front of a [`Gateway`].
//!
//! | module | its job |
//! |---|---|
//! | here | the service: which request goes where |
//! | `request` | a POST's headers and body become a [`Statement`](perk_core::Statement) |
//! | `uri` | the URIs that Perk gives out, and what it reads out of them |
//! | `public` | the address under which clients reach this server |
//! | `answer` | a reading becomes an answer; pages go through as bytes |
//! | `body` | a response body of several byte strings |
//! | `clients` | which clients read rows out of a POST's answer |
//! | `info` | what is asked beside statements |
//! | `listen` | accepting connections until told to stop |
//! | `late` | a service that begins later than its server |

mod answer;
mod body;
mod clients;
mod info;
mod late;
mod listen;
mod public;
mod request;
mod uri;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Body;
use ipnet::IpNet;
use perk_core::{Gateway, PollError, SubmitError};

pub use body::AnswerBody;
pub use late::LateService;
pub use listen::serve;
pub use public::{InvalidExternalUrl, PublicAddress};

use uri::Route;

/// What reads a client's bytes, for `testsuite::hostile`.
#[cfg(any(test, feature = "testsuite"))]
pub(crate) mod hostile {
    pub(crate) use super::request::{Posted, statement as posted};
    pub(crate) use super::uri::{Route, page_path};
}

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address to put into URIs, where it cannot be taken from the request.
    pub external_url: Option<PublicAddress>,
    /// From whom `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The longest statement, in characters: the engines' `query.max-length`.
    pub max_statement_chars: usize,
    /// Whether statements may carry credentials. Where the store has no key to encrypt them with it would refuse them, which
    /// no retry changes: so they are answered 400.
    pub takes_credentials: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            external_url: None,
            trusted_proxies: Vec::new(),
            max_statement_chars: 1_000_000,
            takes_credentials: true,
        }
    }
}

/// From which address a request came: an extension that [`serve`] puts into every request. Without it no proxy is trusted.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub IpAddr);

/// The Presto protocol as a tower service: mount it in any HTTP server that gives it hyper's requests.
///
/// It answers `POST` and `HEAD /v1/statement`, what it gives out as nextUri (`GET`, `HEAD`, `DELETE`), `GET` and `DELETE
/// /v1/query/{id}`, `GET /v1/info` and `/ui/query.html?{id}`. Errors of the query's are answers of status 200, as the
/// protocol has it; a 503 says that nothing was done and the same request may be sent again. Answers are not compressed
/// here: [`serve`] does that, or a layer of the server's that it is mounted in.
#[derive(Debug, Clone)]
pub struct PrestoService {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    gateway: Gateway,
    config: ServerConfig,
}

impl PrestoService {
    /// A service in front of a gateway.
    pub fn new(gateway: Gateway, config: ServerConfig) -> Self {
        Self {
            shared: Arc::new(Shared { gateway, config }),
        }
    }
}

impl<B> tower::Service<Request<B>> for PrestoService
where
    B: Body + Send + Unpin + 'static,
    B::Data: Buf + Send,
    B::Error: std::fmt::Display + Send,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = self.shared.clone();
        let is_delete = request.method() == Method::DELETE;
        let answered = async move {
            let handled = shared.handle(request).await;
            let mut response = handled.unwrap_or_else(Refusal::into_response);
            // As both engines say with every answer: rows are what they are called, never a page to show.
            response.headers_mut().insert(
                header::X_CONTENT_TYPE_OPTIONS,
                http::HeaderValue::from_static("nosniff"),
            );
            Ok(response)
        };
        if !is_delete {
            return Box::pin(answered);
        }
        // A CLI that is interrupted sends its DELETE and exits. Whoever hangs up is not answered, and what would answer is
        // dropped, perhaps before it was polled at all: so this begins now.
        let task = tokio::spawn(answered);
        Box::pin(async {
            task.await
                .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
        })
    }
}

/// A request that got no answer of the protocol's.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
    /// The methods that would have been right, with 405.
    allow: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            allow: None,
        }
    }

    fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::from(format!("{}\n", self.text)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            http::HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, http::HeaderValue::from_static(allow));
        }
        response
    }
}

impl From<SubmitError> for Refusal {
    fn from(error: SubmitError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<PollError> for Refusal {
    fn from(error: PollError) -> Self {
        let status = match error {
            // Expired: where no body of the protocol's is wanted; a GET gets one.
            PollError::Unknown | PollError::Expired(_) => StatusCode::NOT_FOUND,
            PollError::PageGone => StatusCode::GONE,
            PollError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}

type Handled = Result<Response<AnswerBody>, Refusal>;

/// What is over needs no cancelling.
fn canceled(done: Result<(), PollError>) -> Handled {
    match done {
        Ok(()) | Err(PollError::Expired(_)) => Ok(body::empty(StatusCode::NO_CONTENT)),
        Err(error) => Err(error.into()),
    }
}

impl Shared {
    async fn handle<B>(&self, request: Request<B>) -> Handled
    where
        B: Body + Send + Unpin,
        B::Data: Buf + Send,
        B::Error: std::fmt::Display,
    {
        let (head, body) = request.into_parts();
        let route = Route::of(&head.uri).ok_or_else(|| {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "there is nothing here; statements go to POST /v1/statement",
            )
        })?;
        let wrong_method = |allow| Refusal {
            allow: Some(allow),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("only {allow} can be asked of this"),
            )
        };
        match (route, head.method.clone()) {
            (Route::Statement, Method::POST) => self.submit(&head, body).await,
            // Trino JDBC's Connection.isValid
            (Route::Statement, Method::HEAD) => Ok(body::empty(StatusCode::OK)),
            (Route::Statement, _) => Err(wrong_method("POST, HEAD")),
            (Route::Page(page), Method::GET) => {
                let public = public::Public::of(&head, &self.config)?;
                let polled = self.gateway.poll(&page.id, page.token, &page.slug).await;
                match polled {
                    Ok(answer) => Ok(answer::render(&self.gateway, &public, answer)),
                    Err(PollError::Expired(error)) => Ok(answer::expired(&public, &page, &error)),
                    Err(error) => Err(error.into()),
                }
            }
            (Route::Page(page), Method::HEAD) => {
                self.gateway
                    .heartbeat(&page.id, page.token, &page.slug)
                    .await?;
                Ok(body::empty(StatusCode::OK))
            }
            (Route::Page(page), Method::DELETE) => {
                canceled(self.gateway.cancel(&page.id, page.token, &page.slug).await)
            }
            (Route::Page(_), _) => Err(wrong_method("GET, HEAD, DELETE")),
            (Route::LeafStage { id, slug }, Method::DELETE) => {
                canceled(self.gateway.cancel_leaf_stage(&id, &slug).await)
            }
            (Route::LeafStage { .. }, _) => Err(wrong_method("DELETE")),
            (Route::Query(id), Method::GET) => {
                let user = request::user(&head.headers)?;
                Ok(info::query(&self.gateway.info_as(&id, &user).await?, &id))
            }
            (Route::Query(id), Method::DELETE) => {
                let user = request::user(&head.headers)?;
                match self.gateway.cancel_as(&id, &user).await {
                    // Clients send this after the last page too, when the query may be gone already.
                    Err(PollError::Unknown) => canceled(Ok(())),
                    done => canceled(done),
                }
            }
            (Route::Query(_), _) => Err(wrong_method("GET, DELETE")),
            (Route::Info, Method::GET | Method::HEAD) => Ok(info::server(
                self.gateway.cluster_version().await.as_deref(),
            )),
            (Route::QueryPage(id), Method::GET | Method::HEAD) => {
                Ok(info::query_page(&self.gateway, id).await)
            }
            (Route::Info | Route::QueryPage(_), _) => Err(wrong_method("GET")),
        }
    }

    async fn submit<B>(&self, head: &http::request::Parts, body: B) -> Handled
    where
        B: Body + Send + Unpin,
        B::Data: Buf + Send,
        B::Error: std::fmt::Display,
    {
        let public = public::Public::of(head, &self.config)?;
        let max_chars = self.config.max_statement_chars;
        let holds = clients::post_answer(&head.headers);
        let posted = request::statement(&head.headers, body, max_chars).await?;
        if !self.config.takes_credentials {
            request::refuse_credentials(&posted)?;
        }
        let answer = match posted {
            request::Posted::Statement(statement) => self.gateway.submit(statement, holds).await?,
            request::Posted::TooLong { statement, error } => {
                self.gateway.reject(statement, error, holds).await?
            }
        };
        Ok(answer::render(&self.gateway, &public, answer))
    }
}
