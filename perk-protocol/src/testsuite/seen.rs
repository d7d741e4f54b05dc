//! What the scripted coordinator has seen, for a test to assert on.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use http::{HeaderMap, Method};

/// How many of the latest requests, ids and violations are kept.
const KEPT: usize = 1000;
/// How many different statements are counted by their text, and how much text that may be.
const KEPT_TEXTS: usize = 100_000;
const KEPT_TEXT_BYTES: usize = 32 << 20;
/// How much of a statement's text a recorded request keeps.
const KEPT_SQL: usize = 16 << 10;

/// Everything a [`ScriptedCoordinator`](super::ScriptedCoordinator) has seen since it was first started; a restart
/// forgets the queries, not this.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Seen {
    /// POSTs of statements, whatever they were answered.
    pub posts: u64,
    /// Statements accepted and given an id.
    pub created: u64,
    /// Statements begun by a first GET (or HEAD).
    pub begun: u64,
    /// GETs of statement URIs.
    pub gets: u64,
    /// HEADs of statement URIs.
    pub heads: u64,
    /// DELETEs of statement URIs and of `/v1/query/{id}`.
    pub deletes: u64,
    /// Other requests: `/v1/info`, `/v1/cluster` and the like.
    pub others: u64,
    /// Queries that came to their end and were read to it.
    pub finished: u64,
    /// Queries that failed as their script said.
    pub failed: u64,
    /// Queries ended by a DELETE, begun or not.
    pub canceled: u64,
    /// Queries begun and then not polled for `abandon_after`.
    pub abandoned: u64,
    /// Statements never begun, dropped without having run.
    pub never_begun: u64,
    /// Queries lost with a stopped coordinator, or forgotten as their script said.
    pub lost: u64,
    /// Queries begun and not ended.
    pub running: u64,
    /// The most queries that were running at one time.
    pub max_running: u64,
    /// Statements not counted by their text, because there were too many different ones. While this is 0,
    /// [`posts_of`](Self::posts_of) and [`begun_of`](Self::begun_of) are exact.
    pub texts_dropped: u64,
    /// How many violations there were.
    pub violation_count: u64,
    /// The first 1,000 violations: what a real coordinator's operator would not forgive, each as
    /// `kind: what happened`.
    pub violations: Vec<String>,
    /// The latest 1,000 query ids, in the order they were given.
    pub ids: VecDeque<String>,
    /// The latest 1,000 requests, in the order they came.
    pub requests: VecDeque<SeenRequest>,
    pub(super) texts: HashMap<Arc<str>, TextCount>,
    text_bytes: usize,
}

/// One request, as it came.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SeenRequest {
    /// The method.
    pub method: Method,
    /// The path with its query string.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// A POST's statement, at most its first 16 KiB.
    pub sql: Option<Arc<str>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextCount {
    posts: u64,
    begun: u64,
}

impl Seen {
    /// How many statements whose text contains `part` were begun.
    pub fn begun_of(&self, part: &str) -> u64 {
        self.sum_of(part, |count| count.begun)
    }

    /// How many POSTs brought a statement whose text contains `part`, whatever they were answered.
    pub fn posts_of(&self, part: &str) -> u64 {
        self.sum_of(part, |count| count.posts)
    }

    /// Panics with the violations, if there are any.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(
            self.violation_count == 0,
            "{} violations, the first of them:\n{}",
            self.violation_count,
            self.violations[..self.violations.len().min(20)].join("\n")
        );
    }

    fn sum_of(&self, part: &str, which: impl Fn(&TextCount) -> u64) -> u64 {
        self.texts
            .iter()
            .filter(|(text, _)| text.contains(part))
            .map(|(_, count)| which(count))
            .sum()
    }

    pub(super) fn posted(&mut self, sql: &Arc<str>) {
        self.posts += 1;
        if let Some(count) = self.texts.get_mut(sql) {
            count.posts += 1;
        } else if self.texts.len() < KEPT_TEXTS && self.text_bytes + sql.len() <= KEPT_TEXT_BYTES {
            self.text_bytes += sql.len();
            self.texts
                .insert(Arc::clone(sql), TextCount { posts: 1, begun: 0 });
        } else {
            self.texts_dropped += 1;
        }
    }

    pub(super) fn began(&mut self, sql: &Arc<str>) {
        self.begun += 1;
        self.running += 1;
        self.max_running = self.max_running.max(self.running);
        if let Some(count) = self.texts.get_mut(sql) {
            count.begun += 1;
        }
    }

    pub(super) fn violated(&mut self, violation: String) {
        tracing::warn!(violation, "the scripted coordinator was spoken to wrongly");
        self.violation_count += 1;
        if self.violations.len() < KEPT {
            self.violations.push(violation);
        }
    }

    pub(super) fn came(&mut self, request: SeenRequest) {
        push_bounded(&mut self.requests, request);
    }

    pub(super) fn named(&mut self, id: &str) {
        push_bounded(&mut self.ids, id.to_owned());
    }
}

impl SeenRequest {
    pub(super) fn new(parts: http::request::Parts) -> Self {
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        Self {
            method: parts.method,
            path,
            headers: parts.headers,
            sql: None,
        }
    }

    pub(super) fn with_sql(mut self, sql: &Arc<str>) -> Self {
        self.sql = Some(if sql.len() <= KEPT_SQL {
            Arc::clone(sql)
        } else {
            let end = (0..=KEPT_SQL)
                .rev()
                .find(|at| sql.is_char_boundary(*at))
                .unwrap_or(0);
            Arc::from(&sql[..end])
        });
        self
    }

    /// The value of a header, the first if it came several times; `None` also if it is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every value of a header, in order; those that are no text are left out.
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        self.headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect()
    }
}

fn push_bounded<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(item);
}
