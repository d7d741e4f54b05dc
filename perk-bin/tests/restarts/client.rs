//! A client that asks step by step, so that a test can stop between two steps.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

/// How long a GET is repeated while nothing but 503, or nothing at all, comes back; Presto's Java client does that for
/// two minutes too.
const RETRY_LIMIT: Duration = Duration::from_mins(2);
/// How long one request may take; long-polls last a second or so.
const REQUEST_LIMIT: Duration = Duration::from_mins(1);

/// An HTTP client with connections of its own, for which every status is an answer.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(REQUEST_LIMIT))
        .build()
        .into()
}

/// One statement, and what its client has been given so far.
#[derive(Debug)]
pub(crate) struct Reader {
    agent: Agent,
    /// The query's id.
    pub(crate) id: String,
    /// The rows in the order they came.
    pub(crate) rows: Vec<Vec<Value>>,
    /// How many answers had rows.
    pub(crate) pages: usize,
    /// The states as they changed.
    pub(crate) states: Vec<String>,
    /// The error object, once the query has failed.
    pub(crate) error: Option<Value>,
    /// When the last answer came.
    pub(crate) heard: Instant,
    next: Option<String>,
}

impl Reader {
    /// Posts a statement; `prefix` is the dialect's, `X-Presto-` or `X-Trino-`.
    pub(crate) fn post(url: &str, prefix: &str, sql: &str) -> Result<Self, String> {
        let mut reader = Self {
            agent: agent(),
            id: String::new(),
            rows: Vec::new(),
            pages: 0,
            states: Vec::new(),
            error: None,
            heard: Instant::now(),
            next: None,
        };
        let posted = reader
            .agent
            .post(format!("{url}/v1/statement"))
            .header(format!("{prefix}User"), "perk-test")
            .header(format!("{prefix}Source"), "perk-restarts")
            .send(sql);
        let page = posted
            .and_then(receive)
            .map_err(|error| error.to_string())
            .and_then(|(status, body)| page(status, &body))
            .map_err(|error| format!("POST {sql}: {error}"))?;
        reader.take(page)?;
        Ok(reader)
    }

    /// Asks once more; `false` if there is nothing left to ask for.
    pub(crate) fn step(&mut self) -> Result<bool, String> {
        let Some(next) = self.next.take() else {
            return Ok(false);
        };
        let page = self
            .get(&next)
            .map_err(|error| format!("{next}: {error}"))?;
        self.take(page)?;
        Ok(true)
    }

    /// Asks on until the query has ended.
    pub(crate) fn rest(mut self) -> Result<Self, String> {
        while self.step()? {}
        Ok(self)
    }

    /// [`Self::rest`], elsewhere.
    pub(crate) fn rest_in_a_thread(self) -> JoinHandle<Result<Self, String>> {
        thread::spawn(|| self.rest())
    }

    /// The error's name, `none` without an error.
    pub(crate) fn error_name(&self) -> &str {
        match &self.error {
            Some(error) => error["errorName"].as_str().unwrap_or("without a name"),
            None => "none",
        }
    }

    /// What the error says.
    pub(crate) fn error_message(&self) -> &str {
        let message = self.error.as_ref().map(|error| &error["message"]);
        message.and_then(Value::as_str).unwrap_or("no message")
    }

    fn get(&self, url: &str) -> Result<Value, String> {
        let start = Instant::now();
        let mut pause = Duration::ZERO;
        loop {
            let failure = match self.agent.get(url).call().and_then(receive) {
                Ok((503, _)) => "still 503".to_owned(),
                Ok((status, body)) => return page(status, &body),
                Err(error) => error.to_string(),
            };
            if start.elapsed() > RETRY_LIMIT {
                return Err(failure);
            }
            // As Presto's own client: a little longer every time.
            pause += Duration::from_millis(100);
            thread::sleep(pause);
        }
    }

    fn take(&mut self, mut page: Value) -> Result<(), String> {
        self.heard = Instant::now();
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let id = text(&page["id"]).ok_or("an answer without an id")?;
        if self.id.is_empty() {
            self.id = id;
        } else if self.id != id {
            return Err(format!("query {} has become {id}", self.id));
        }
        let state = text(&page["stats"]["state"]).ok_or("an answer without a state")?;
        if self.states.last() != Some(&state) {
            self.states.push(state);
        }
        if let Value::Array(rows) = page["data"].take() {
            let known = self.rows.len();
            self.rows
                .extend(rows.into_iter().filter_map(|row| match row {
                    Value::Array(row) => Some(row),
                    _ => None,
                }));
            self.pages += usize::from(self.rows.len() > known);
        }
        if page["error"].is_object() {
            self.error = Some(page["error"].take());
        }
        self.next = text(&page["nextUri"]);
        Ok(())
    }
}

fn receive(mut response: ureq::http::Response<ureq::Body>) -> Result<(u16, Vec<u8>), ureq::Error> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(u64::MAX);
    Ok((status, body.read_to_vec()?))
}

fn page(status: u16, body: &[u8]) -> Result<Value, String> {
    let said = || format!("answered {status}: {}", String::from_utf8_lossy(body));
    if status == 200 {
        serde_json::from_slice(body).map_err(|_| said())
    } else {
        Err(said())
    }
}
