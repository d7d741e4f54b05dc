//! What else a coordinator answers: its version, its load, its list of queries.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::query::{Canceling, End, Query, Stage};
use super::server::Server;
use super::web::{self, Answer, Call};
use super::{Flavor, Mode};

/// How many queries a list has at most, besides those that run: real servers keep as many.
const LISTED: usize = 100;

pub(super) fn answer(server: &Server, call: &Call, path: &[&str]) -> Answer {
    let delete = call.method == Method::DELETE;
    server.see(|seen| match (delete, path) {
        (true, ["v1", "query", _]) => seen.deletes += 1,
        _ => seen.others += 1,
    });
    if server.flavor == Flavor::Trino && path.starts_with(&["v1", "query"]) && call.user.is_none() {
        return web::no_user(server);
    }
    match (path, &call.method) {
        (["v1", "query", id], &Method::DELETE) => delete_query(server, id),
        (_, &Method::GET | &Method::HEAD) => get(server, call, path),
        _ => web::text(StatusCode::METHOD_NOT_ALLOWED, ""),
    }
}

fn get(server: &Server, call: &Call, path: &[&str]) -> Answer {
    match path {
        ["v1", "info"] => web::json(info(server).to_string()),
        ["v1", "info", "state"] => web::json("\"ACTIVE\""),
        ["v1", "status"] => {
            let mut status = info(server);
            status["nodeId"] = json!("scripted");
            status["processors"] = json!(2);
            status["processCpuLoad"] = json!(0.0);
            status["systemCpuLoad"] = json!(0.0);
            status["heapUsed"] = json!(1 << 28);
            status["heapAvailable"] = json!(1 << 30);
            web::json(status.to_string())
        }
        ["v1", "cluster"] if server.flavor == Flavor::Presto => {
            web::json(cluster(server).to_string())
        }
        ["v1", "query"] => web::json(list(server, call).to_string()),
        ["v1", "query", id] => match server.find(id).filter(|query| registered(query)) {
            Some(query) => web::json(describe(&query, call).to_string()),
            None => web::text(StatusCode::GONE, "Query not found"),
        },
        ["ui", ..] => web::html(),
        _ => web::text(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn info(server: &Server) -> Value {
    json!({
        "nodeVersion": { "version": server.flavor.version() },
        "environment": "scripted",
        "coordinator": true,
        "starting": false,
        "uptime": "1.00m",
    })
}

fn cluster(server: &Server) -> Value {
    let states: Vec<_> = server
        .queries()
        .iter()
        .filter(|query| registered(query))
        .map(|query| query.state())
        .collect();
    let count = |state: &str| states.iter().filter(|other| **other == state).count() as u64;
    let load = server.state().load;
    json!({
        "runningQueries": count("RUNNING") + load.running,
        "blockedQueries": load.blocked,
        "queuedQueries": count("QUEUED") + load.queued,
        "activeWorkers": u8::from(server.mode() != Mode::NoNodes),
        "runningDrivers": 0,
        "runningTasks": 0,
        "reservedMemory": 0.0,
        "totalInputRows": 0,
        "totalInputBytes": 0,
        "totalCpuTimeSecs": 0,
        "adjustedQueueSize": 0,
    })
}

fn list(server: &Server, call: &Call) -> Value {
    let (mut live, mut ended) = (Vec::new(), Vec::new());
    for query in server
        .queries()
        .into_iter()
        .filter(|query| registered(query))
    {
        match query.life().end {
            None => live.push(Arc::clone(&query)),
            Some(_) => ended.push(Arc::clone(&query)),
        }
    }
    ended.sort_by_key(|query| std::cmp::Reverse(query.created));
    ended.truncate(LISTED);
    let load = server.state().load;
    let others = [
        ("RUNNING", load.running, false),
        ("RUNNING", load.blocked, true),
        ("QUEUED", load.queued, false),
    ];
    let others = others.iter().flat_map(|(state, count, blocked)| {
        (0..*count).map(move |n| {
            json!({
                "queryId": format!("20260101_000000_{n:05}_{}{}", if *blocked { "blk" } else { "oth" }, &state[..2].to_lowercase()),
                "session": { "user": "somebody else" },
                "state": state,
                "query": "SELECT 'pretended load'",
                "queryStats": { "fullyBlocked": blocked },
            })
        })
    });
    live.iter()
        .chain(&ended)
        .map(|query| describe(query, call))
        .chain(others)
        .collect()
}

fn describe(query: &Query, call: &Call) -> Value {
    let elapsed = format!("{}ms", query.created.elapsed().as_millis());
    let mut described = json!({
        "queryId": query.id,
        "session": { "queryId": query.id, "user": query.user },
        "state": query.state(),
        "scheduled": true,
        "self": format!("{}/v1/query/{}", call.origin, query.id),
        "query": &*query.sql,
        "queryStats": { "elapsedTime": elapsed, "queuedTime": "0ms", "fullyBlocked": false },
    });
    let error = match query.life().end {
        Some(End::Canceled) => Some("USER_CANCELED"),
        Some(End::Abandoned) => Some("ABANDONED_QUERY"),
        _ => None,
    };
    if let Some(error) = error {
        described["errorType"] = json!("USER_ERROR");
        described["errorCode"] = json!({ "name": error, "type": "USER_ERROR" });
    }
    described
}

/// `DELETE /v1/query/{id}`: 204 whatever the id; a statement that has not begun is no query yet, so that this
/// cancels nothing.
fn delete_query(server: &Server, id: &str) -> Answer {
    if let Some(query) = server.find(id) {
        server.told_to_delete(&query);
        let begun = {
            let mut life = query.life();
            let begun = life.stage > Stage::Posted;
            if begun {
                life.canceling.accept();
            } else {
                life.canceling = Canceling::Refused;
            }
            begun
        };
        if begun {
            server.end(&query, End::Canceled, 0);
        }
    }
    web::text(StatusCode::NO_CONTENT, "")
}

/// Whether the coordinator knows it as a query: from its first GET on.
fn registered(query: &Query) -> bool {
    query.life().stage > Stage::Posted
}
