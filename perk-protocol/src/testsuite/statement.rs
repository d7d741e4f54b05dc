//! The statement resource: POST, and GET, HEAD and DELETE of the URIs it hands out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::time::Instant;

use super::body::AnswerBody;
use super::envelope::Page;
use super::query::{Address, Canceling, End, Phase, Query, Stage};
use super::script::Script;
use super::server::Server;
use super::web::{self, Answer, Call};
use super::{Flavor, rows};

/// `POST /v1/statement`: gives the statement an id, and runs nothing.
pub(super) async fn post(server: &Server, call: &Call, sql: Arc<str>, script: Script) -> Answer {
    let Some(user) = call.user.clone() else {
        return web::no_user(server);
    };
    if call.mixed && server.flavor == Flavor::Trino {
        return web::text(
            StatusCode::BAD_REQUEST,
            "Only one of X-Presto- and X-Trino- headers may be sent",
        );
    }
    if sql.is_empty() {
        return web::text(StatusCode::BAD_REQUEST, "SQL statement is empty");
    }
    pause(script.post.slow).await;
    let counted = script.post.status.is_some() || script.post.drops > 0;
    let nth = if counted { server.count_text(&sql) } else { 1 };
    if let Some((status, times)) = script.post.status
        && nth <= times
    {
        return web::outage(status);
    }
    if script.post.html {
        return web::html();
    }
    let drops = script.post.drops;
    let query = server.create(sql, user, script);
    if nth <= drops {
        return web::dropped();
    }
    send(query.initial(call.asker(server)))
}

/// `/v1/statement` by any other method: Trino's clients ask with HEAD whether they are welcome.
pub(super) fn probe(server: &Server, call: &Call) -> Answer {
    server.see(|seen| seen.others += 1);
    match (server.flavor, &call.method) {
        (Flavor::Trino, &Method::HEAD) if call.user.is_none() => web::no_user(server),
        (Flavor::Trino, &Method::HEAD) => web::text(StatusCode::OK, ""),
        _ => web::text(StatusCode::METHOD_NOT_ALLOWED, ""),
    }
}

/// `GET /v1/statement/queued/retry/{id}`: begins a failed query anew under another id. Asked again, it gives the
/// same one.
pub(super) fn retry(server: &Server, call: &Call, id: &str) -> Answer {
    server.see(|seen| seen.gets += 1);
    let Some(failed) = server.find(id).filter(|query| query.script.retry) else {
        return web::text(StatusCode::NOT_FOUND, "Query not found");
    };
    let mut life = failed.life();
    let again = match (&life.retried_as, life.end) {
        (Some(again), _) => Arc::clone(again),
        (None, Some(End::Failed)) => {
            let sql = format!("-- retry query {id}; attempt: 1\n{}", failed.sql);
            let mut script = failed.script.clone();
            script.retry = false;
            let again = server.create(sql.into(), failed.user.clone(), script);
            life.retried_as = Some(Arc::clone(&again));
            again
        }
        (None, _) => return web::text(StatusCode::NOT_FOUND, "Query not found"),
    };
    drop(life);
    send(again.initial(call.asker(server)))
}

/// Any method on a URI that a POST or GET handed out.
pub(super) async fn get_or_delete(
    server: &Server,
    call: &Call,
    phase: &str,
    id: &str,
    slug: &str,
    token: &str,
) -> Answer {
    server.see(|seen| match call.method {
        Method::GET => seen.gets += 1,
        Method::HEAD => {
            seen.heads += 1;
            seen.violated(format!("head: HEAD {}", call.path));
        }
        Method::DELETE => seen.deletes += 1,
        _ => seen.violated(format!("method: {} {}", call.method, call.path)),
    });
    let found = web::address(phase, token).and_then(|address| Some((address, server.find(id)?)));
    let Some((address, query)) = found else {
        server.judge_unknown(id);
        return web::text(StatusCode::NOT_FOUND, "Query not found");
    };
    match call.method {
        // A HEAD on a queued URI does all that its GET does, on both real servers.
        Method::GET | Method::HEAD => get(server, call, &query, address, slug).await,
        Method::DELETE if slug != server.slug(id, address) => wrong_slug(server, call),
        Method::DELETE => delete(server, &query, address),
        _ => web::text(StatusCode::METHOD_NOT_ALLOWED, ""),
    }
}

async fn get(server: &Server, call: &Call, query: &Query, address: Address, slug: &str) -> Answer {
    let (_heard, number) = Heard::now(server, call, query);
    let script = &query.script;
    if let Some(burst) = script.bursts.iter().find(|burst| burst.covers(number)) {
        return web::outage(burst.status);
    }
    if script.forget_after.is_some_and(|after| number > after) {
        server.end(query, End::Lost, 0);
        return web::text(StatusCode::NOT_FOUND, "Query not found");
    }
    let mut turn = query.turn.lock().await;
    let step = turn.step_of(server.flavor, address);
    let known = slug == server.slug(&query.id, address);
    let page = match (step, &turn.page) {
        (Some(step), Some(page)) if known && step == turn.at => {
            if step == 1 && query.life().first_answered {
                server.violated(format!("second-first-get: {}", call.path));
            }
            page.clone()
        }
        (Some(step), _) if known && step == turn.at + 1 && !turn.over => {
            query.advance(call.asker(server), &mut turn).await
        }
        (Some(step), _) if known && step <= turn.at => {
            server.violated(format!("older-token: {}", call.path));
            return web::text(StatusCode::GONE, "Invalid token");
        }
        // Trino's tokens have each their own slug, so that one never given out has a wrong one.
        (Some(step), _) if !known && step <= turn.at + 1 => return wrong_slug(server, call),
        _ => {
            server.violated(format!("skipped-token: {}", call.path));
            return web::text(StatusCode::NOT_FOUND, "Query not found");
        }
    };
    let first = turn.at == 1;
    drop(turn);
    pause(script.slow_header).await;
    if script.drops.contains(&number) {
        return web::dropped();
    }
    if script.cuts.contains(&number) {
        let body = AnswerBody::cut(&page.parts);
        return web::with_body(StatusCode::OK, "application/json", body);
    }
    if first {
        query.life().first_answered = true;
    }
    if script.html_from.is_some_and(|from| number >= from) {
        return web::html();
    }
    if script.truncated_from.is_some_and(|from| number >= from) {
        let text = page.parts.concat();
        let half = Bytes::copy_from_slice(&text[..text.len() / 2]);
        return web::json(half);
    }
    if script.endless_at == Some(number) {
        return web::with_body(StatusCode::OK, "application/json", endless(server, query));
    }
    send(page)
}

fn delete(server: &Server, query: &Query, address: Address) -> Answer {
    server.told_to_delete(query);
    {
        let mut life = query.life();
        let waiting =
            address.phase == Phase::Queued && life.stage == Stage::Posted && life.end.is_none();
        if waiting && server.flavor == Flavor::Presto {
            life.canceling = Canceling::Refused;
            return web::text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "java.lang.NullPointerException: because \"this.querySubmissionFuture\" is null",
            );
        }
        life.canceling.accept();
    }
    server.end(query, End::Canceled, 0);
    web::text(StatusCode::NO_CONTENT, "")
}

fn wrong_slug(server: &Server, call: &Call) -> Answer {
    server.violated(format!("slug: {} {}", call.method, call.path));
    web::text(StatusCode::NOT_FOUND, "Query not found")
}

fn send(page: Page) -> Answer {
    let mut response = web::response(StatusCode::OK, "application/json", page.parts);
    response.headers_mut().extend(page.headers);
    response
}

/// Rows that begin like a page and never end.
fn endless(server: &Server, query: &Query) -> AnswerBody {
    let columns = rows::columns(server.flavor, false);
    let first = format!(
        r#"{{"id":"{}","infoUri":"{}","columns":{columns},"data":["#,
        query.id, server.addr
    );
    let rows = rows::page(server.flavor, false, 0..1000, 56);
    let mut rows = rows[1..].to_vec();
    if let Some(last) = rows.last_mut() {
        *last = b',';
    }
    AnswerBody::Endless {
        first: Some(first.into()),
        rows: rows.into(),
    }
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// While a GET is being answered, its query is not abandoned.
struct Heard<'a>(&'a Query);

impl<'a> Heard<'a> {
    /// Also tells which GET of the query this is, from 1.
    fn now(server: &Server, call: &Call, query: &'a Query) -> (Self, u32) {
        let mut life = query.life();
        life.gets += 1;
        life.in_flight += 1;
        // One GET may still cross the DELETE, or read what came of it.
        if let Canceling::Accepted { gets_since } = &mut life.canceling {
            *gets_since += 1;
            if *gets_since > 1 {
                server.violated(format!("get-after-delete: {}", call.path));
            }
        }
        (Self(query), life.gets)
    }
}

impl Drop for Heard<'_> {
    fn drop(&mut self) {
        let mut life = self.0.life();
        life.in_flight -= 1;
        life.last_heard = Instant::now();
    }
}
