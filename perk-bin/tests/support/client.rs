//! A small client of Presto's and Trino's protocol, which shares no code with Perk so that it cannot share its mistakes.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use ureq::Agent;

/// How long a client goes on asking while it is answered 503; Presto's Java client does for two minutes too.
const RETRY_LIMIT: Duration = Duration::from_mins(2);
/// How long one request may take; long-polls last a second or so.
const REQUEST_LIMIT: Duration = Duration::from_mins(1);

/// What a client says of itself with a statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// The catalog; none is sent if this is `None`.
    pub(crate) catalog: Option<String>,
    /// The schema, likewise.
    pub(crate) schema: Option<String>,
    /// The time zone; the server's own if this is `None`.
    pub(crate) zone: Option<String>,
    /// Prepared statements by name.
    pub(crate) prepared: Vec<(String, String)>,
    /// The transaction it is in.
    pub(crate) transaction: Option<String>,
    /// Any other headers, without their prefix.
    pub(crate) more: Vec<(String, String)>,
}

impl Session {
    /// A session with a catalog and a schema and nothing else.
    pub(crate) fn of(catalog: &str, schema: &str) -> Self {
        Self {
            catalog: Some(catalog.to_owned()),
            schema: Some(schema.to_owned()),
            ..Self::default()
        }
    }

    /// Does what the server told it to: headers in lower case, without the prefix.
    pub(crate) fn heed(&mut self, told: &[(String, String)]) {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        for (name, value) in told {
            let value = value.clone();
            match name.as_str() {
                "set-catalog" => self.catalog = Some(value),
                "set-schema" => self.schema = Some(value),
                "started-transaction-id" => self.transaction = Some(value),
                "clear-transaction-id" => self.transaction = None,
                "set-session" => self.replace("Session", &value),
                "clear-session" => self.forget("Session", &value),
                "set-role" => self.replace("Role", &value),
                "set-path" => self.more.push(("Path".to_owned(), value)),
                "added-prepare" => {
                    if let Some((name, sql)) = value.split_once('=') {
                        let (name, sql) = (decoded(name), decoded(sql));
                        self.prepared.retain(|(known, _)| *known != name);
                        self.prepared.push((name, sql));
                    }
                }
                "deallocated-prepare" => {
                    let name = decoded(&value);
                    self.prepared.retain(|(known, _)| *known != name);
                }
                _ => {}
            }
        }
    }

    /// Sets one `name=value` of a header that may come several times.
    fn replace(&mut self, header: &str, pair: &str) {
        self.forget(header, pair.split('=').next().unwrap_or_default());
        self.more.push((header.to_owned(), pair.to_owned()));
    }

    fn forget(&mut self, header: &str, name: &str) {
        let is_it = |pair: &str| pair.split('=').next() == Some(name);
        self.more
            .retain(|(known, pair)| known != header || !is_it(pair));
    }

    /// The headers that say it, without their prefix.
    fn headers(&self) -> Vec<(String, String)> {
        let transaction = Some(
            self.transaction
                .clone()
                .unwrap_or_else(|| "NONE".to_owned()),
        );
        let named = [
            ("Catalog", &self.catalog),
            ("Schema", &self.schema),
            ("Time-Zone", &self.zone),
            ("Transaction-Id", &transaction),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let prepared = self.prepared.iter().map(|(name, statement)| {
            let prepared = format!("{}={}", encoded(name), encoded(statement));
            ("Prepared-Statement".to_owned(), prepared)
        });
        named.chain(prepared).chain(self.more.clone()).collect()
    }
}

/// What a statement gave, all of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The query's id.
    pub(crate) id: String,
    /// Names and types as sent, in order; empty if the statement has none.
    pub(crate) columns: Vec<(String, String)>,
    /// Each column's `typeSignature`, null where there is none.
    pub(crate) signatures: Vec<Value>,
    /// The rows in the order they came, each as long as `columns`.
    pub(crate) rows: Vec<Vec<Value>>,
    /// The error object, if the query failed.
    pub(crate) error: Option<Value>,
    /// For example `INSERT`.
    pub(crate) update_type: Option<String>,
    /// How many rows were written.
    pub(crate) update_count: Option<u64>,
    /// What the server told the client's session: the dialect's headers, in lower case and without the prefix, with
    /// their values.
    pub(crate) told: BTreeSet<(String, String)>,
    /// How many HTTP requests it took, repeated ones counted too.
    pub(crate) requests: usize,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
}

impl Answer {
    /// Takes in one response's body and checks what clients rely on. Returns the next address to ask.
    fn absorb(&mut self, body: &mut Value) -> Result<Option<String>, String> {
        let id = text(&body["id"]).ok_or("no id")?;
        if self.id.is_empty() {
            self.id = id;
        } else if self.id != id {
            return Err(format!("the id has changed to {id}"));
        }
        if !body["infoUri"].is_string() || !body["stats"]["state"].is_string() {
            return Err("no infoUri, or no stats.state".to_owned());
        }
        if let Some(given) = body["columns"].as_array() {
            let columns: Option<Vec<_>> = given
                .iter()
                .map(|column| Some((text(&column["name"])?, text(&column["type"])?)))
                .collect();
            let columns = columns.ok_or("a column without name or type")?;
            if self.columns.is_empty() {
                self.columns = columns;
                let signature = |column: &Value| column["typeSignature"].clone();
                self.signatures = given.iter().map(signature).collect();
            } else if self.columns != columns {
                return Err(format!("the columns have changed to {columns:?}"));
            }
        }
        if let Value::Array(rows) = body["data"].take() {
            if self.columns.is_empty() {
                return Err("data without columns".to_owned());
            }
            for row in rows {
                match row {
                    Value::Array(row) if row.len() == self.columns.len() => self.rows.push(row),
                    row => return Err(format!("{row} does not fit {:?}", self.columns)),
                }
            }
        }
        if body["error"].is_object() {
            self.error = Some(body["error"].take());
        }
        self.update_type = text(&body["updateType"]).or(self.update_type.take());
        self.update_count = body["updateCount"].as_u64().or(self.update_count);
        Ok(text(&body["nextUri"]))
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

/// Runs a statement in a session that has a catalog and a schema. See [`run_in`].
pub(crate) fn run(
    url: &str,
    prefix: &str,
    catalog: &str,
    schema: &str,
    sql: &str,
) -> Result<Answer, String> {
    run_in(url, prefix, &Session::of(catalog, schema), sql)
}

/// Runs a statement and takes in all of its answer; see [`follow`].
///
/// A failed query is an [`Answer`] with its `error`; an error here is a breach of the protocol.
pub(crate) fn run_in(
    url: &str,
    prefix: &str,
    session: &Session,
    sql: &str,
) -> Result<Answer, String> {
    let start = Instant::now();
    let mut answer = Answer::default();
    answer.requests = follow(url, prefix, session, sql, |received| {
        answer.told.extend(received.told(prefix));
        let next = answer.absorb(&mut received.json()?);
        next.map_err(|error| format!("query {}: {error}", answer.id))
    })?;
    answer.elapsed = start.elapsed();
    Ok(answer)
}

/// Runs a statement as a real client does: POST, then GET the next address, which `each` finds in what was received, until
/// there is none. A GET is asked again on 503 and when the connection breaks, a POST never. `prefix` is the dialect's:
/// `X-Presto-` or `X-Trino-`. Says how many requests it took.
pub(crate) fn follow(
    url: &str,
    prefix: &str,
    session: &Session,
    sql: &str,
    mut each: impl FnMut(Received) -> Result<Option<String>, String>,
) -> Result<usize, String> {
    let agent = agent(REQUEST_LIMIT);
    let mut requests = 1;
    let post = format!("{url}/v1/statement");
    let mut request = agent
        .post(&post)
        .header(format!("{prefix}User"), "perk-test")
        .header(format!("{prefix}Source"), "perk-test");
    for (name, value) in session.headers() {
        request = request.header(format!("{prefix}{name}"), value);
    }
    let mut asked = format!("POST {post}");
    let mut received = request
        .send(sql)
        .and_then(receive)
        .map_err(|error| error.to_string());
    loop {
        let next = received.and_then(&mut each);
        let Some(next) = next.map_err(|error| format!("{asked}: {error}"))? else {
            return Ok(requests);
        };
        asked = format!("GET {next}");
        received = get(&agent, &next, &mut requests);
    }
}

fn get(agent: &Agent, url: &str, requests: &mut usize) -> Result<Received, String> {
    let start = Instant::now();
    let mut pause = Duration::ZERO;
    loop {
        *requests += 1;
        let failure = match agent.get(url).call().and_then(receive) {
            Ok(received) if received.status == 503 => "still 503".to_owned(),
            Ok(received) => return Ok(received),
            Err(
                error @ (ureq::Error::Io(_)
                | ureq::Error::ConnectionFailed
                | ureq::Error::Timeout(_)),
            ) => error.to_string(),
            Err(error) => return Err(error.to_string()),
        };
        if start.elapsed() > RETRY_LIMIT {
            return Err(failure);
        }
        // As Presto's own client: a little longer every time.
        pause += Duration::from_millis(100);
        thread::sleep(pause);
    }
}

/// One HTTP response, read to its end.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) is_json: bool,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

fn receive(response: ureq::http::Response<ureq::Body>) -> Result<Received, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    Ok(Received {
        is_json: body.mime_type() == Some("application/json"),
        body: body.with_config().limit(u64::MAX).read_to_vec()?,
        headers: parts.headers,
        status: parts.status.as_u16(),
    })
}

impl Received {
    /// What it tells the client's session; see [`Answer::told`].
    pub(crate) fn told(&self, prefix: &str) -> Vec<(String, String)> {
        let prefix = prefix.to_ascii_lowercase();
        let told = self.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix(&prefix)?;
            Some((
                name.to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            ))
        });
        told.collect()
    }

    fn json(self) -> Result<Value, String> {
        if self.status == 200 && self.is_json {
            return serde_json::from_slice(&self.body).map_err(|error| error.to_string());
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(format!(
            "answered {}{}: {body}",
            self.status,
            if self.is_json { "" } else { ", not as JSON" }
        ))
    }
}

/// An HTTP client with connections of its own, for which every status is an answer.
pub(super) fn agent(limit: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(limit))
        .build()
        .into()
}
