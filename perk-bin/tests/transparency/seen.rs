//! What a client sees of a statement, and what must be the same in two of them.
//!
//! Excluded are, by name: ids and addresses ([`NOT_COMPARED`]), what says how the answer is carried ([`CARRIED`]), the
//! stats but for the final state, stack traces, and where one page ends and the next begins.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::corpus::Case;
use crate::support::{Received, Session, follow};

/// Members of an answer that are another's every time: ids and addresses, and what only a query in the middle of its work
/// has.
const NOT_COMPARED: &[&str] = &["id", "infoUri", "nextUri", "partialCancelUri", "stats"];
/// Headers that say how an answer is carried, not what it says. Perk forbids caches to keep it; the engines say nothing of that.
const CARRIED: &[&str] = &[
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "transfer-encoding",
    "vary",
];
/// What a Trino says of a statement that failed, or does not say: whichever of its threads comes first.
const NOT_OF_FAILURES: &[&str] = &["columns", "updateType"];
/// The state that the last answer tells.
const STATE: &str = "final state";
/// How many rows of an answer are shown.
const SHOWN_ROWS: usize = 5;

/// All that a client sees of a statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// By name: what the answers' members said together, and the headers.
    facts: BTreeMap<String, Value>,
    /// The rows as they came, byte for byte.
    rows: Vec<Box<RawValue>>,
    /// What the client's session was told: headers in lower case, without the dialect's prefix.
    pub(crate) told: Vec<(String, String)>,
}

impl Seen {
    /// Runs a statement to its end. An error is a breach of the protocol.
    pub(crate) fn of(
        url: &str,
        prefix: &str,
        session: &Session,
        sql: &str,
    ) -> Result<Self, String> {
        let mut seen = Self::default();
        follow(url, prefix, session, sql, |received| {
            seen.absorb(&received, prefix)
        })?;
        Ok(seen)
    }

    fn absorb(&mut self, received: &Received, prefix: &str) -> Result<Option<String>, String> {
        for (name, value) in &received.headers {
            let name = name.as_str();
            if CARRIED.contains(&name) {
                continue;
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            // Every transaction has a name of its own.
            let value = if name.ends_with("started-transaction-id") {
                "a transaction"
            } else {
                value.as_ref()
            };
            self.also(&format!("header {name}"), json!(value));
        }
        self.told.extend(received.told(prefix));
        self.also("status", json!(received.status));
        if received.status != 200 {
            return Ok(None);
        }
        let members: BTreeMap<String, &RawValue> =
            serde_json::from_slice(&received.body).map_err(|error| error.to_string())?;
        let mut next = None;
        for (name, value) in members {
            let parsed = || -> Result<Value, String> {
                serde_json::from_str(value.get()).map_err(|error| format!("{name}: {error}"))
            };
            match name.as_str() {
                "data" => {
                    let rows: Vec<Box<RawValue>> = serde_json::from_str(value.get())
                        .map_err(|error| format!("data: {error}"))?;
                    self.rows.extend(rows);
                    self.facts.insert("data".to_owned(), json!(true));
                }
                "nextUri" => next = parsed()?.as_str().map(str::to_owned),
                "stats" => {
                    // Of the last answer, as it is overwritten.
                    let state = parsed()?["state"].take();
                    self.facts.insert(STATE.to_owned(), state);
                }
                name if NOT_COMPARED.contains(&name) => {}
                "error" => {
                    let error = without_traces(parsed()?);
                    self.facts.insert("error".to_owned(), error);
                }
                // What was said of these last counts.
                _ => _ = self.facts.insert(name.clone(), parsed()?),
            }
        }
        Ok(next)
    }

    /// Adds a value to what a name says.
    fn also(&mut self, name: &str, value: Value) {
        let values = self.facts.entry(name.to_owned());
        let Some(values) = values.or_insert_with(|| json!([])).as_array_mut() else {
            return;
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
}

/// An error without its stack traces, and with query ids made alike.
fn without_traces(error: Value) -> Value {
    match error {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| name != "stack")
            .map(|(name, value)| (name, without_traces(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_traces).collect(),
        Value::String(text) => Value::String(without_ids(&text)),
        other => other,
    }
}

/// A text in which every query's id reads `QUERY_ID`: `20261123_073540_00008_b5ikp`.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        let parts: Vec<_> = word.split('_').collect();
        let digits = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        matches!(parts.as_slice(), [day, time, count, _] if digits(day, 8) && digits(time, 6) && digits(count, 5))
    };
    let is_apart = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    text.split_inclusive(is_apart)
        .map(|part| {
            let word = part.trim_end_matches(is_apart);
            if is_id(word) {
                part.replace(word, "QUERY_ID")
            } else {
                part.to_owned()
            }
        })
        .collect()
}

/// What is different in two answers to one of a case's statements; nothing if nothing is.
pub(crate) fn differences(one: &Seen, other: &Seen, case: &Case, sql: &str) -> String {
    let mut told = String::new();
    let names: BTreeSet<_> = one.facts.keys().chain(other.facts.keys()).collect();
    let failed = one.facts.contains_key("error") && other.facts.contains_key("error");
    for name in names {
        let is_told =
            !(failed && NOT_OF_FAILURES.contains(&name.as_str()) || case.races && name == STATE);
        if !is_told {
            continue;
        }
        let (one, other) = (one.facts.get(name), other.facts.get(name));
        let same = match (one, other) {
            // Headers come in any order.
            (Some(Value::Array(one)), Some(Value::Array(other))) if name.starts_with("header") => {
                one.len() == other.len() && one.iter().all(|value| other.contains(value))
            }
            (one, other) => one == other,
        };
        if !same {
            let [one, other] = [one, other].map(|value| json!(value).to_string());
            let _ = write!(told, "\n{name}: {one} directly, {other} here");
        }
    }
    if !case.varies && !same_rows(one, other, case.is_ordered(sql)) {
        let shown = |seen: &Seen| {
            let rows = seen.rows.iter().take(SHOWN_ROWS).map(|row| row.get());
            let rows = rows.collect::<Vec<_>>().join(" ");
            format!("{} rows: {rows}", seen.rows.len())
        };
        let _ = write!(told, "\n{} directly, {} here", shown(one), shown(other));
    }
    told
}

fn same_rows(one: &Seen, other: &Seen, ordered: bool) -> bool {
    let [one, other] = [one, other].map(|seen| {
        let mut rows: Vec<&str> = seen.rows.iter().map(|row| row.get()).collect();
        if !ordered {
            rows.sort_unstable();
        }
        rows
    });
    one == other
}

/// The comparison itself must see what is different, or all else here says nothing.
pub(crate) fn self_test() -> Result<(), String> {
    let case = crate::support::corpus::one("SELECT 1")?;
    let ordered = "SELECT 1 ORDER BY 1";
    let answer = |body: &str, headers: &[(&'static str, &str)]| {
        let mut seen = Seen::default();
        let mut map = ureq::http::HeaderMap::new();
        for (name, value) in headers {
            let value = value.parse().map_err(|_| "a bad value".to_owned())?;
            map.insert(*name, value);
        }
        let received = Received {
            status: 200,
            is_json: true,
            headers: map,
            body: body.as_bytes().to_vec(),
        };
        seen.absorb(&received, "X-Presto-").map(|_| seen)
    };
    let body =
        r#"{"id":"1","columns":[{"name":"a"}],"data":[[1],[2.0]],"stats":{"state":"FINISHED"}}"#;
    let told = [("x-presto-set-schema", "a"), ("date", "now")];
    let first = answer(body, &told)?;
    let changed = |from: &str, to: &str| answer(&body.replace(from, to), &told);
    let same = |other: &Seen, sql: &str| differences(&first, other, &case, sql).is_empty();
    for (right, what) in [
        (same(&first.clone(), ordered), "the same"),
        (same(&changed("\"1\"", "\"2\"")?, ordered), "another id"),
        (!same(&changed("\"a\"", "\"b\"")?, ordered), "a name"),
        (!same(&changed("[2.0]", "[2]")?, ordered), "a spelling"),
        (
            !same(&changed("[2.0]", "[2.0],[2.0]")?, "SELECT 1"),
            "a row twice",
        ),
        (
            same(&changed("[1],[2.0]", "[2.0],[1]")?, "SELECT 1"),
            "no order",
        ),
        (
            !same(&changed("[1],[2.0]", "[2.0],[1]")?, ordered),
            "an order",
        ),
        (!same(&changed("FINISHED", "FAILED")?, ordered), "a state"),
        (
            !same(&changed("\"id\"", "\"warnings\":[],\"id\"")?, ordered),
            "a member more",
        ),
        (!same(&answer(body, &told[1..])?, ordered), "a header"),
        (same(&answer(body, &told[..1])?, ordered), "the date"),
        (
            without_ids("query 20261123_073540_00008_b5ikp: no") == "query QUERY_ID: no",
            "an id in a text",
        ),
    ] {
        if !right {
            return Err(format!("the comparison is wrong about {what}"));
        }
    }
    Ok(())
}
