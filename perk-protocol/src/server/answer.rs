//! A reading becomes an answer. Pages go through as the bytes they are, unless they have to cross dialects.
//!
//! The shape is class `QueryResults` of both projects' `client` modules. What is never null there is always here; `data`
//! is left out when there are no rows.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use perk_core::{
    Answer, Dialect, Envelope, Gateway, Next, Outcome, PerkError, QueryError, QueryId, QueryState,
    Reading, Statement,
};
use serde::Serialize;

use super::body::AnswerBody;
use super::public::Public;
use super::uri::{self, PageUri};
use crate::crossing::{Crossing, Reader};
use crate::wire::header_name;

/// Renders what a query has for its client.
pub(super) fn render(gateway: &Gateway, public: &Public, answer: Answer) -> Response<AnswerBody> {
    let Answer { id, reading } = answer;
    let dialect = reading.statement.dialect;
    match rows_for(&reading) {
        Ok(rows) => whole(gateway, public, &id, &reading, rows),
        Err(error) => failed(public, &id, dialect, &error),
    }
}

/// The answer to a token whose query is over and gone.
pub(super) fn expired(public: &Public, page: &PageUri, error: &QueryError) -> Response<AnswerBody> {
    failed(public, &page.id, page.dialect, error)
}

/// A result's columns and pages in the client's dialect.
struct Rows {
    columns: Option<Bytes>,
    pages: Vec<Bytes>,
}

/// What a statement's client can read.
fn reader(statement: &Statement) -> Reader {
    let names = |value: &str| {
        value
            .split(',')
            .any(|name| name.trim() == "PARAMETRIC_DATETIME")
    };
    let capabilities = statement
        .headers
        .iter()
        .filter(|(suffix, _)| suffix.eq_ignore_ascii_case("client-capabilities"));
    Reader {
        dialect: statement.dialect,
        parametric_datetime: capabilities.into_iter().any(|(_, value)| names(value)),
    }
}

fn rows_for(reading: &Reading) -> Result<Rows, QueryError> {
    let pages = reading.pages.iter().filter_map(|page| page.rows.clone());
    match &reading.columns {
        Some(columns) if reading.statement.dialect != reading.dialect => {
            let bad = |error| {
                let text = format!(
                    "the cluster's rows cannot be read as {}: {error}",
                    reading.dialect
                );
                PerkError::BadClusterAnswer.because(text)
            };
            let crossing =
                Crossing::new(columns, reading.dialect, reader(&reading.statement)).map_err(bad)?;
            let pages = pages
                .map(|rows| crossing.rows(&rows))
                .collect::<Result<_, _>>()
                .map_err(bad)?;
            Ok(Rows {
                columns: Some(crossing.columns()),
                pages,
            })
        }
        columns => Ok(Rows {
            columns: columns.clone(),
            pages: pages.collect(),
        }),
    }
}

fn whole(
    gateway: &Gateway,
    public: &Public,
    id: &QueryId,
    reading: &Reading,
    rows: Rows,
) -> Response<AnswerBody> {
    let dialect = reading.statement.dialect;
    let mut said = Envelope::default();
    for page in &reading.pages {
        said.merge(page.envelope.clone());
    }
    let mut json = opening(public, id);
    let mut error = None;
    let stats = match &reading.next {
        Next::Token(token) => {
            let phase = if is_waiting(&reading.state) {
                "queued"
            } else {
                "executing"
            };
            let slug = gateway.slug(id, *token);
            if !is_waiting(&reading.state) {
                let path = uri::leaf_stage_path(id, &gateway.leaf_stage_slug(id));
                member(
                    &mut json,
                    "partialCancelUri",
                    &[public.as_str(), &path].concat(),
                );
            }
            let path = uri::page_path(dialect, phase, id, *token, &slug);
            member(&mut json, "nextUri", &[public.as_str(), &path].concat());
            match &reading.progress {
                Some(stats) if !is_waiting(&reading.state) => stats.clone(),
                _ => self::stats(reading),
            }
        }
        Next::End(ending) => {
            said.merge(ending.envelope.clone());
            if let Outcome::Failed(failure) = &ending.outcome {
                error = Some(error_json(dialect, failure));
            }
            ending.stats.clone().unwrap_or_else(|| self::stats(reading))
        }
    };
    let stats = if rows.pages.is_empty() {
        stats
    } else {
        running(stats)
    };
    if let Some(columns) = &rows.columns {
        raw_member(&mut json, "columns", columns);
    }
    let mut body = AnswerBody::default();
    if !rows.pages.is_empty() {
        json.extend_from_slice(b",\"data\":");
        body = splice(std::mem::take(&mut json), rows.pages);
    }
    raw_member(&mut json, "stats", &stats);
    if let Some(error) = error {
        raw_member(&mut json, "error", &error);
    }
    raw_member(
        &mut json,
        "warnings",
        said.warnings.as_deref().unwrap_or(b"[]"),
    );
    if let Some(update_type) = &said.update_type {
        raw_member(&mut json, "updateType", update_type);
    }
    if let Some(update_count) = &said.update_count {
        raw_member(&mut json, "updateCount", update_count);
    }
    json.push(b'}');
    body.push(json.into());
    let mut response = json_response(body);
    for (suffix, value) in said.headers {
        if let (Some(name), Ok(value)) = (
            header_name(dialect, &suffix),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Pages are JSON arrays: several become one by a comma for each inner pair of brackets.
fn splice(opening: Vec<u8>, mut pages: Vec<Bytes>) -> AnswerBody {
    let mut body = AnswerBody::from(opening);
    let last = pages.len() - 1;
    for (at, page) in pages.iter_mut().enumerate() {
        if at > 0 {
            body.push(Bytes::from_static(b","));
            let _ = page.split_to(1);
        }
        if at < last {
            page.truncate(page.len() - 1);
        }
        body.push(std::mem::take(page));
    }
    body
}

fn failed(
    public: &Public,
    id: &QueryId,
    dialect: Dialect,
    error: &QueryError,
) -> Response<AnswerBody> {
    let mut json = opening(public, id);
    raw_member(&mut json, "stats", &waiting_stats("FAILED", false, 0, 0));
    raw_member(&mut json, "error", &error_json(dialect, error));
    raw_member(&mut json, "warnings", b"[]");
    json.push(b'}');
    json_response(AnswerBody::from(json))
}

fn is_waiting(state: &QueryState) -> bool {
    matches!(state, QueryState::Stored | QueryState::Queued)
}

/// Stats of a query of which no cluster has said anything.
fn stats(reading: &Reading) -> Bytes {
    let state = match (&reading.next, &reading.state) {
        (Next::End(ending), _) => match ending.outcome {
            Outcome::Finished => "FINISHED",
            Outcome::Failed(_) => "FAILED",
        },
        (_, QueryState::Stored | QueryState::Queued) => "QUEUED",
        _ => "RUNNING",
    };
    let millis =
        |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    waiting_stats(
        state,
        state == "QUEUED",
        millis(reading.queued),
        millis(reading.elapsed),
    )
}

/// `StatementStats` with everything that one of the dialects cannot be without.
fn waiting_stats(state: &str, queued: bool, queued_millis: u64, elapsed_millis: u64) -> Bytes {
    format!(
        r#"{{"state":"{state}","queued":{queued},"scheduled":false,"nodes":0,"totalSplits":0,"queuedSplits":0,"runningSplits":0,"completedSplits":0,"cpuTimeMillis":0,"wallTimeMillis":0,"queuedTimeMillis":{queued_millis},"elapsedTimeMillis":{elapsed_millis},"processedRows":0,"processedBytes":0,"physicalInputBytes":0,"peakMemoryBytes":0,"spilledBytes":0}}"#
    )
    .into()
}

/// The stats that go with rows. Node's presto-client drops rows of a query that is said to be queued, planned or started, and
/// so it may be said to be: the last that was heard of its progress is older than its rows, and a Trino that starts a query
/// gives rows already.
fn running(stats: Bytes) -> Bytes {
    const MEMBER: &[u8] = b"{\"state\":\"";
    const BEFORE: [&[u8]; 6] = [
        b"QUEUED",
        b"WAITING_FOR_PREREQUISITES",
        b"WAITING_FOR_RESOURCES",
        b"DISPATCHING",
        b"PLANNING",
        b"STARTING",
    ];
    let after = stats.strip_prefix(MEMBER).and_then(|rest| {
        let end = rest.iter().position(|byte| *byte == b'"')?;
        BEFORE.contains(&&rest[..end]).then(|| &rest[end..])
    });
    match after {
        Some(after) => [MEMBER, b"RUNNING", after].concat().into(),
        None => stats,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireError<'a> {
    message: &'a str,
    error_code: i32,
    error_name: &'a str,
    error_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retriable: Option<bool>,
    failure_info: FailureInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureInfo<'a> {
    r#type: &'a str,
    message: &'a str,
    suppressed: [(); 0],
    stack: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    error_info: Option<ErrorInfo<'a>>,
}

#[derive(Serialize)]
struct ErrorInfo<'a> {
    code: i32,
    name: &'a str,
    r#type: &'a str,
}

/// The engine's own error object, or one of the same shape: with the engine's class where the engine has such an error.
fn error_json(dialect: Dialect, error: &QueryError) -> Bytes {
    if let Some(json) = &error.json {
        return json.clone();
    }
    let class = match dialect {
        _ if error.name.starts_with("PERK_") => &error.name,
        Dialect::Presto => "com.facebook.presto.spi.PrestoException",
        Dialect::Trino => "io.trino.spi.TrinoException",
    };
    let wire = WireError {
        message: &error.message,
        error_code: error.code,
        error_name: &error.name,
        error_type: error.error_type.as_str(),
        retriable: (dialect == Dialect::Presto).then_some(false),
        failure_info: FailureInfo {
            r#type: class,
            message: &error.message,
            suppressed: [],
            stack: [],
            error_info: (dialect == Dialect::Trino).then_some(ErrorInfo {
                code: error.code,
                name: &error.name,
                r#type: error.error_type.as_str(),
            }),
        },
    };
    serde_json::to_vec(&wire)
        .expect("strings and numbers are JSON")
        .into()
}

fn opening(public: &Public, id: &QueryId) -> Vec<u8> {
    let mut json = Vec::with_capacity(1024);
    json.extend_from_slice(b"{\"id\":\"");
    json.extend_from_slice(id.as_str().as_bytes());
    json.push(b'"');
    member(
        &mut json,
        "infoUri",
        &[public.as_str(), &uri::query_page_path(id)].concat(),
    );
    json
}

/// Appends a member whose value needs no escaping: an address or a path of Perk's own, whose parts were checked.
fn member(json: &mut Vec<u8>, name: &str, value: &str) {
    for part in [",\"", name, "\":\"", value, "\""] {
        json.extend_from_slice(part.as_bytes());
    }
}

fn raw_member(json: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [&b",\""[..], name.as_bytes(), b"\":", value] {
        json.extend_from_slice(part);
    }
}

pub(super) fn json_response(body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::running;

    #[test]
    fn a_query_that_has_rows_is_running() {
        for (heard, said) in [
            (
                r#"{"state":"STARTING","queued":false}"#,
                r#"{"state":"RUNNING","queued":false}"#,
            ),
            (r#"{"state":"QUEUED"}"#, r#"{"state":"RUNNING"}"#),
            (r#"{"state":"FINISHING"}"#, r#"{"state":"FINISHING"}"#),
            (r#"{"state":"#, r#"{"state":"#),
            (
                r#"{"queued":true,"state":"QUEUED"}"#,
                r#"{"queued":true,"state":"QUEUED"}"#,
            ),
        ] {
            assert_eq!(running(heard.into()), said, "{heard}");
        }
    }
}
