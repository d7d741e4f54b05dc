//! A client that reads as real ones do, and counts its requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use perk_protocol::testsuite::{Flavor, Script};
use perk_protocol::{ClientLimits, HttpClient};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A `User-Agent` that gets rows in its POST's answer.
pub(crate) const FAST: &str = "trino-cli/476";
/// One that does not.
pub(crate) const PLAIN: &str = "python-requests/2.32.3";

/// How long a statement may take from POST to end.
const PATIENCE: Duration = Duration::from_secs(50);

/// One user of one program.
#[derive(Debug)]
pub(crate) struct Client {
    http: HttpClient,
    url: String,
    /// Which dialect it speaks.
    pub(crate) flavor: Flavor,
    user: String,
    agent: String,
    headers: Vec<(String, String)>,
    requests: AtomicUsize,
}

impl Client {
    pub(crate) fn new(url: &str, flavor: Flavor) -> Self {
        let limits = ClientLimits {
            silence: PATIENCE,
            ..ClientLimits::default()
        };
        Self {
            http: HttpClient::new(limits),
            url: url.to_owned(),
            flavor,
            user: "ann".to_owned(),
            agent: PLAIN.to_owned(),
            headers: Vec::new(),
            requests: AtomicUsize::new(0),
        }
    }

    pub(crate) fn agent(self, agent: &str) -> Self {
        let agent = agent.to_owned();
        Self { agent, ..self }
    }

    pub(crate) fn user(self, user: &str) -> Self {
        let user = user.to_owned();
        Self { user, ..self }
    }

    /// With a header of its dialect's.
    pub(crate) fn with(mut self, suffix: &str, value: &str) -> Self {
        self.headers.push((suffix.to_owned(), value.to_owned()));
        self
    }

    /// How many requests it has sent.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let prefix = self.flavor.prefix();
        let mut all = vec![
            ("User-Agent".to_owned(), self.agent.clone()),
            (format!("{prefix}User"), self.user.clone()),
        ];
        let own = self.headers.iter();
        all.extend(own.map(|(suffix, value)| (format!("{prefix}{suffix}"), value.clone())));
        all
    }

    pub(crate) async fn send(&self, method: Method, uri: &str, body: &str) -> Reply {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut headers = HeaderMap::new();
        for (name, value) in self.all_headers() {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(&value).unwrap());
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        let answer = self.http.exchange(method, uri, headers, body).await;
        let answer = answer.unwrap_or_else(|error| panic!("{uri}: {error}"));
        Reply {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        }
    }

    /// Writes a request on a connection of its own and does not read the answer. Dropping the connection closes it.
    pub(crate) async fn send_only(&self, method: Method, uri: &str, body: &str) -> TcpStream {
        let path = uri.strip_prefix(&self.url).unwrap();
        let address = self.url.strip_prefix("http://").unwrap();
        let headers = self.all_headers().into_iter();
        let headers: Vec<String> = headers
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let headers = headers.concat();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    pub(crate) fn statement_uri(&self) -> String {
        format!("{}/v1/statement", self.url)
    }

    /// The URI by which a query is cancelled without its token.
    pub(crate) fn query_uri(&self, id: &str) -> String {
        format!("{}/v1/query/{id}", self.url)
    }

    pub(crate) async fn post(&self, sql: &str) -> Reply {
        self.send(Method::POST, &self.statement_uri(), sql).await
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(Method::GET, uri, "").await
    }

    pub(crate) async fn head(&self, uri: &str) -> Reply {
        self.send(Method::HEAD, uri, "").await
    }

    pub(crate) async fn delete(&self, uri: &str) -> Reply {
        self.send(Method::DELETE, uri, "").await
    }

    /// Asks with a token until the answer holds rows or the end.
    pub(crate) async fn get_something(&self, uri: &str) -> Reply {
        let mut uri = uri.to_owned();
        loop {
            let reply = self.get(&uri).await;
            match reply.next() {
                Some(next) if reply.rows().is_empty() => uri = next,
                _ => return reply,
            }
        }
    }

    /// Runs a statement to its end.
    pub(crate) async fn run(&self, sql: &str) -> Outcome {
        let before = self.requests();
        let reply = self.post(sql).await;
        let mut outcome = self.rest(reply).await;
        outcome.requests = self.requests() - before;
        outcome
    }

    /// Follows a statement from one of its answers to its end.
    pub(crate) async fn rest(&self, reply: Reply) -> Outcome {
        let before = self.requests();
        let mut outcome = Outcome::default();
        let follow = async {
            let mut reply = reply;
            while let Some(next) = outcome.absorb(&reply, self.flavor) {
                reply = self.get(&next).await;
            }
        };
        let followed = tokio::time::timeout(PATIENCE, follow).await;
        assert!(followed.is_ok(), "no end: {outcome:?}");
        outcome.requests = self.requests() - before;
        outcome
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The answer as JSON; panics where it is not the protocol's.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{:?}", self.body);
        let kind = self.headers.get(header::CONTENT_TYPE);
        assert_eq!(kind, Some(&HeaderValue::from_static("application/json")));
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.body))
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn next(&self) -> Option<String> {
        self.json()["nextUri"].as_str().map(str::to_owned)
    }

    /// The nextUri of an answer that must have one.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        self.next()
            .unwrap_or_else(|| panic!("no nextUri: {:?}", self.body))
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        self.json()["data"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) fn error_name(&self) -> Option<String> {
        self.json()["error"]["errorName"]
            .as_str()
            .map(str::to_owned)
    }

    pub(crate) fn state(&self) -> String {
        self.json()["stats"]["state"].as_str().unwrap().to_owned()
    }
}

/// What a statement gave, all of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) columns: Option<Value>,
    pub(crate) rows: Vec<Value>,
    pub(crate) error: Option<Value>,
    pub(crate) update: Option<(String, Option<u64>)>,
    /// Session changes, by their names without prefix, in lower case.
    pub(crate) changes: Vec<(String, String)>,
    pub(crate) requests: usize,
}

impl Outcome {
    /// Takes in one answer, checks what clients rely on, and gives the next address.
    fn absorb(&mut self, reply: &Reply, flavor: Flavor) -> Option<String> {
        let mut json = reply.json();
        let id = json["id"].as_str().expect("an id");
        assert!(self.id.is_empty() || self.id == id, "the id has changed");
        id.clone_into(&mut self.id);
        assert!(json["infoUri"].is_string() && json["stats"]["state"].is_string());
        if json["columns"].is_array() {
            let columns = json["columns"].take();
            let known = self.columns.get_or_insert_with(|| columns.clone());
            assert_eq!(*known, columns, "the columns have changed");
        }
        if let Value::Array(rows) = json["data"].take() {
            assert!(self.columns.is_some(), "rows without columns");
            assert!(!rows.is_empty(), "clients mishandle empty data");
            self.rows.extend(rows);
        }
        if json["error"].is_object() {
            self.error = Some(json["error"].take());
            assert!(json["nextUri"].is_null(), "an error is the end");
        }
        if let Some(update) = json["updateType"].as_str() {
            self.update = Some((update.to_owned(), json["updateCount"].as_u64()));
        }
        let prefix = flavor.prefix().to_ascii_lowercase();
        for (name, value) in &reply.headers {
            if let Some(suffix) = name.as_str().strip_prefix(&prefix) {
                let change = (suffix.to_owned(), value.to_str().unwrap().to_owned());
                self.changes.push(change);
            }
        }
        json["nextUri"].as_str().map(str::to_owned)
    }

    pub(crate) fn error_name(&self) -> Option<&str> {
        self.error.as_ref()?["errorName"].as_str()
    }

    /// Panics unless the statement gave every row of its script, once and in order, and no error.
    #[track_caller]
    pub(crate) fn assert_whole(&self, sql: &str, flavor: Flavor) {
        assert_eq!(self.error, None, "{sql}");
        let expected = Script::parse(sql).all_rows(flavor);
        let first = self.rows.iter().zip(&expected).position(|(a, b)| a != b);
        assert!(
            first.is_none() && self.rows.len() == expected.len(),
            "{sql}: {} of {} rows, the first wrong one {:?}",
            self.rows.len(),
            expected.len(),
            first.map(|at| (&self.rows[at], &expected[at]))
        );
    }

    /// Panics unless the statement failed with this error, and what it gave before was a beginning of its rows.
    #[track_caller]
    pub(crate) fn assert_failed(&self, name: &str, sql: &str, flavor: Flavor) {
        assert_eq!(self.error_name(), Some(name), "{sql}: {:?}", self.error);
        let expected = Script::parse(sql).all_rows(flavor);
        assert!(expected.starts_with(&self.rows), "{sql}: {:?}", self.rows);
    }
}
