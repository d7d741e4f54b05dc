//! The HTTP side: which request is which, and whether it was well-formed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use super::admin;
use super::body::{AnswerBody, ConnectionDropped};
use super::query::{Address, Asker, Phase};
use super::script::Script;
use super::seen::SeenRequest;
use super::server::Server;
use super::{Flavor, Mode, statement};

/// What a request is answered; [`AnswerBody::Dropped`] means nothing at all.
pub(super) type Answer = Response<AnswerBody>;

/// Statements longer than this are refused, as real servers do after a while.
const MAX_SQL: usize = 64 << 20;

pub(super) const HTML: &str =
    "<html>\n<head><title>Welcome</title></head>\n<body><h1>Please sign in</h1></body>\n</html>\n";

/// A request without its body, and what is asked of all of them.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    /// `http://host:port`, as the client calls the coordinator.
    pub(super) origin: String,
    /// The user, if the flavour's header names one.
    pub(super) user: Option<String>,
    /// Both dialects' headers came.
    pub(super) mixed: bool,
}

/// Answers a request. An error closes its connection without an answer.
pub(super) async fn handle(
    server: Arc<Server>,
    request: Request<Incoming>,
) -> Result<Answer, ConnectionDropped> {
    let answer = respond(&server, request).await;
    match answer.body() {
        AnswerBody::Dropped => Err(ConnectionDropped),
        _ => Ok(answer),
    }
}

async fn respond(server: &Server, request: Request<Incoming>) -> Answer {
    while server.mode() == Mode::Frozen {
        let mut mode = server.mode.subscribe();
        drop(mode.wait_for(|mode| *mode != Mode::Frozen).await);
    }
    let (parts, body) = request.into_parts();
    let call = Call::new(server, &parts.method, &parts.uri, &parts.headers);
    call.judge_headers(server, &parts.headers);
    let too_large = too_large(server, &parts);
    let seen = SeenRequest::new(parts);
    if call.method == Method::POST && call.path == "/v1/statement" {
        let sql = Limited::new(body, MAX_SQL).collect().await;
        let sql: Option<Arc<str>> = sql
            .ok()
            .map(|sql| String::from_utf8_lossy(&sql.to_bytes()).into());
        let script = server.see(|state| {
            let Some(sql) = &sql else {
                state.came(seen);
                return None;
            };
            state.came(seen.with_sql(sql));
            state.posted(sql);
            let script = Script::parse(sql);
            for problem in script.problems() {
                state.violated(problem.clone());
            }
            Some((Arc::clone(sql), script))
        });
        return match script {
            _ if too_large => text(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ""),
            Some(_) if let Mode::Answering(status) = server.mode() => outage(status),
            Some((sql, script)) => statement::post(server, &call, sql, script).await,
            None => text(StatusCode::PAYLOAD_TOO_LARGE, "Statement is too large"),
        };
    }
    server.see(|state| state.came(seen));
    match server.mode() {
        _ if too_large => text(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ""),
        Mode::Answering(status) => outage(status),
        _ => route(server, &call).await,
    }
}

async fn route(server: &Server, call: &Call) -> Answer {
    let path: Vec<&str> = call.path.split('/').skip(1).collect();
    match (server.flavor, path.as_slice()) {
        (_, ["v1", "statement"]) => statement::probe(server, call),
        (Flavor::Presto, ["v1", "statement", "queued", "retry", id]) => {
            statement::retry(server, call, id)
        }
        (
            Flavor::Presto,
            [
                "v1",
                "statement",
                phase @ ("queued" | "executing"),
                id,
                token,
            ],
        ) => {
            let slug = call.parameter("slug").unwrap_or_default();
            statement::get_or_delete(server, call, phase, id, slug, token).await
        }
        (
            Flavor::Trino,
            [
                "v1",
                "statement",
                phase @ ("queued" | "executing"),
                id,
                slug,
                token,
            ],
        ) => statement::get_or_delete(server, call, phase, id, slug, token).await,
        (Flavor::Presto, ["v1", "stage", _])
        | (Flavor::Trino, ["v1", "statement", "executing", "partialCancel", ..])
            if call.method == Method::DELETE =>
        {
            text(StatusCode::NO_CONTENT, "")
        }
        (_, path) => admin::answer(server, call, path),
    }
}

impl Call {
    fn new(server: &Server, method: &Method, uri: &http::Uri, headers: &HeaderMap) -> Self {
        let plain = |host: &&str| {
            host.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'[' | b']'))
        };
        let host = headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .filter(plain);
        let origin = match host {
            Some(host) => format!("http://{host}"),
            None => format!("http://{}", server.addr),
        };
        let user = headers
            .get(server.flavor.user_header())
            .and_then(|user| user.to_str().ok());
        let (mut presto, mut trino) = (false, false);
        for name in headers.keys() {
            presto |= name.as_str().starts_with("x-presto-");
            trino |= name.as_str().starts_with("x-trino-");
        }
        Self {
            method: method.clone(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            origin,
            user: user.filter(|user| !user.is_empty()).map(str::to_owned),
            mixed: presto && trino,
        }
    }

    pub(super) fn asker<'a>(&'a self, server: &'a Server) -> Asker<'a> {
        Asker {
            server,
            origin: &self.origin,
            max_wait: self.max_wait(),
        }
    }

    /// The value of a parameter of the query string.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|pair| pair.0 == name)
            .map(|pair| pair.1)
    }

    /// How long a GET may wait: a second, or less if the client says so.
    fn max_wait(&self) -> Duration {
        const MOST: Duration = Duration::from_secs(1);
        let Some(text) = self.parameter("maxWait") else {
            return MOST;
        };
        let split = text
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let scale = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            _ => return MOST,
        };
        let asked = number
            .parse()
            .ok()
            .map(|number: f64| Duration::try_from_secs_f64(number * scale));
        asked
            .and_then(Result::ok)
            .map_or(MOST, |asked| asked.min(MOST))
    }

    fn judge_headers(&self, server: &Server, headers: &HeaderMap) {
        let other = match server.flavor {
            Flavor::Presto => "x-trino-",
            Flavor::Trino => "x-presto-",
        };
        for name in headers.keys() {
            let name = name.as_str();
            if name == "forwarded"
                || name.starts_with("x-forwarded-")
                || name == "x-presto-prefix-url"
            {
                server.violated(format!(
                    "forwarded: {name} on {} {}",
                    self.method, self.path
                ));
            } else if name.starts_with(other) {
                server.violated(format!("dialect: {name} on {} {}", self.method, self.path));
            }
        }
    }
}

fn too_large(server: &Server, parts: &http::request::Parts) -> bool {
    let Some(most) = server.state().max_header_bytes else {
        return false;
    };
    let lines = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4);
    lines.sum::<usize>() + parts.uri.path().len() > most
}

/// The URI's place, from its phase and token.
pub(super) fn address(phase: &str, token: &str) -> Option<Address> {
    let phase = if phase == "queued" {
        Phase::Queued
    } else {
        Phase::Executing
    };
    // The next step after the largest token would not fit.
    Some(Address {
        phase,
        token: token.parse().ok().filter(|token| *token < u32::MAX / 2)?,
    })
}

/// An answer in plain text; none at all for 204.
pub(super) fn text(status: StatusCode, text: &'static str) -> Answer {
    response(status, "text/plain", [Bytes::from_static(text.as_bytes())])
}

pub(super) fn html() -> Answer {
    response(
        StatusCode::OK,
        "text/html",
        [Bytes::from_static(HTML.as_bytes())],
    )
}

pub(super) fn json(text: impl Into<Bytes>) -> Answer {
    response(StatusCode::OK, "application/json", [text.into()])
}

/// No answer: the connection is closed.
pub(super) fn dropped() -> Answer {
    Response::new(AnswerBody::Dropped)
}

/// What the script or the mode says instead of an answer.
pub(super) fn outage(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    text(status, "scripted status")
}

/// What is answered without a user.
pub(super) fn no_user(server: &Server) -> Answer {
    match server.flavor {
        Flavor::Presto => text(StatusCode::BAD_REQUEST, "User must be set"),
        Flavor::Trino => {
            let mut answer = text(
                StatusCode::UNAUTHORIZED,
                "Basic authentication or X-Trino-Original-User or X-Trino-User must be sent",
            );
            let realm = HeaderValue::from_static("Basic realm=\"Trino\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, realm);
            answer
        }
    }
}

pub(super) fn response(
    status: StatusCode,
    content_type: &'static str,
    parts: impl IntoIterator<Item = Bytes>,
) -> Answer {
    with_body(status, content_type, AnswerBody::of(parts))
}

pub(super) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: AnswerBody,
) -> Answer {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    response
}
