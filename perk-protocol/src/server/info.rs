//! What is asked beside statements: the server, and a query's page.

use http::{HeaderValue, Response, header};
use perk_core::{Ending, Gateway, Outcome, QueryId, QueryInfo, QueryState};
use serde::Serialize;

use super::answer::json_response;
use super::body::AnswerBody;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServerInfo<'a> {
    node_version: NodeVersion<'a>,
    environment: &'a str,
    coordinator: bool,
    starting: bool,
    uptime: &'a str,
}

#[derive(Serialize)]
struct NodeVersion<'a> {
    version: &'a str,
}

/// `/v1/info`: drivers read the server's version from it, so it is the cluster's where one is ready.
pub(super) fn server(version: Option<&str>) -> Response<AnswerBody> {
    let version = version.unwrap_or(env!("CARGO_PKG_VERSION"));
    let node_version = NodeVersion { version };
    json(&ServerInfo {
        node_version,
        environment: "perk",
        coordinator: true,
        starting: false,
        uptime: "1.00m",
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BasicQueryInfo<'a> {
    query_id: &'a QueryId,
    state: &'a str,
    session: Session<'a>,
    query: &'a str,
    elapsed_millis: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
}

#[derive(Serialize)]
struct Session<'a> {
    user: &'a str,
    source: Option<&'a str>,
}

/// `/v1/query/{id}`, for the query's own user.
pub(super) fn query(info: &QueryInfo, id: &QueryId) -> Response<AnswerBody> {
    let failure = info
        .ending
        .as_deref()
        .and_then(|ending| match &ending.outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Finished => None,
        });
    json(&BasicQueryInfo {
        query_id: id,
        state: state(info),
        session: Session {
            user: &info.statement.user,
            source: info.statement.source.as_deref(),
        },
        query: &info.statement.sql,
        elapsed_millis: u64::try_from(info.elapsed.as_millis()).unwrap_or(u64::MAX),
        error_name: failure.map(|error| error.name.as_str()),
        error_message: failure.map(|error| error.message.as_str()),
    })
}

fn state(info: &QueryInfo) -> &'static str {
    match (&info.state, info.ending.as_deref()) {
        (
            _,
            Some(Ending {
                outcome: Outcome::Finished,
                ..
            }),
        ) => "FINISHED",
        (
            _,
            Some(Ending {
                outcome: Outcome::Failed(_),
                ..
            }),
        ) => "FAILED",
        (QueryState::Stored | QueryState::Queued, None) => "QUEUED",
        (QueryState::Running { .. } | QueryState::Ended, None) => "RUNNING",
    }
}

/// Where infoUri points: a page for people. Whoever has the link may see how the query stands, but not what it says.
pub(super) async fn query_page(gateway: &Gateway, id: Option<QueryId>) -> Response<AnswerBody> {
    let (title, text) = match &id {
        None => ("Perk".to_owned(), "No query was named.".to_owned()),
        Some(id) => match gateway.info(id).await {
            Ok(info) => (
                id.to_string(),
                format!("{}, {:.1} s", state(&info), info.elapsed.as_secs_f64()),
            ),
            Err(_) => (
                id.to_string(),
                "This query is over and its result is gone, or it never was.".to_owned(),
            ),
        },
    };
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
         <body style=\"font-family:sans-serif;margin:3em\"><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let mut response = Response::new(AnswerBody::from(html));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

fn json<T: Serialize>(value: &T) -> Response<AnswerBody> {
    json_response(AnswerBody::from(
        serde_json::to_vec(value).expect("plain data is JSON"),
    ))
}
