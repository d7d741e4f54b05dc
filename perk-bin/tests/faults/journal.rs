//! What the coordinator tells of itself, line by line, as the harness reads it. A line is written before what it tells has any
//! effect, so that a coordinator that is killed has told everything.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::lock;

/// How many complaints a failure shows.
const SHOWN: usize = 5;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Line {
    /// It listens.
    Listens,
    /// A POST's statement is given an id.
    Given { id: String, sql: String },
    /// The first GET of a statement has come.
    Begun { id: String, sql: String },
    /// A DELETE has come.
    Deleted { id: String, sql: String },
    /// A query has ended.
    Ended { id: String, how: String },
    /// The coordinator was spoken to wrongly.
    Complaint(String),
}

/// What became of one statement, in the order of the times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(crate) given: Vec<Instant>,
    pub(crate) begun: Vec<Instant>,
    pub(crate) deleted: Vec<Instant>,
}

impl fmt::Display for Story {
    /// Each thing that happened, with the seconds since the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("given", &self.given),
            ("begun", &self.begun),
            ("deleted", &self.deleted),
        ];
        let mut all: Vec<_> = all
            .into_iter()
            .flat_map(|(what, times)| times.iter().map(move |at| (*at, what)))
            .collect();
        all.sort_unstable();
        let first = all.first().map(|(at, _)| *at);
        for (number, (at, what)) in all.into_iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            let after = first.map_or(Duration::ZERO, |first| at - first);
            write!(f, "{comma}{what} at {:.2} s", after.as_secs_f64())?;
        }
        Ok(())
    }
}

/// All that was told so far, also by a coordinator that was killed since.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    told: Mutex<Told>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Told {
    listens: usize,
    stories: HashMap<Arc<str>, Story>,
    ended: BTreeMap<String, usize>,
    running: BTreeMap<String, String>,
    complaints: Vec<String>,
}

impl Journal {
    /// Takes in a line.
    pub(crate) fn add(&self, line: Line) {
        let now = Instant::now();
        {
            let mut told = lock(&self.told);
            match line {
                Line::Listens => {
                    told.listens += 1;
                    // It knows nothing of what its predecessor ran.
                    told.running.clear();
                }
                Line::Given { sql, .. } => told.story(sql).given.push(now),
                Line::Begun { id, sql } => {
                    told.running.insert(id, sql.clone());
                    told.story(sql).begun.push(now);
                }
                Line::Deleted { sql, .. } => told.story(sql).deleted.push(now),
                Line::Ended { id, how } => {
                    told.running.remove(&id);
                    *told.ended.entry(how).or_default() += 1;
                }
                Line::Complaint(complaint) => told.complaints.push(complaint),
            }
        }
        self.changed.notify_waiters();
    }

    /// How often a coordinator has begun to listen.
    pub(crate) fn listens(&self) -> usize {
        lock(&self.told).listens
    }

    /// What is known of a statement.
    pub(crate) fn story(&self, sql: &str) -> Story {
        let told = lock(&self.told);
        told.stories.get(sql).cloned().unwrap_or_default()
    }

    /// How many queries have ended so: `finished`, `canceled`, and so on.
    pub(crate) fn ended(&self, how: &str) -> usize {
        lock(&self.told).ended.get(how).copied().unwrap_or_default()
    }

    /// The queries that have begun and not ended, each with its statement and what became of that.
    pub(crate) fn running(&self) -> Vec<String> {
        let told = lock(&self.told);
        let running = told.running.iter();
        running
            .map(|(id, sql)| match told.stories.get(sql.as_str()) {
                Some(story) => format!("{id} {sql} ({story})"),
                None => format!("{id} {sql}"),
            })
            .collect()
    }

    /// The statements of which this holds.
    pub(crate) fn statements(&self, which: impl Fn(&str, &Story) -> bool) -> Vec<Arc<str>> {
        let told = lock(&self.told);
        let stories = told.stories.iter();
        stories
            .filter(|(sql, story)| which(sql, story))
            .map(|(sql, _)| sql.clone())
            .collect()
    }

    /// What the coordinator has to complain about, if anything but the kinds that are `expected`.
    pub(crate) fn complaints(&self, expected: &[&str]) -> Result<(), String> {
        let told = lock(&self.told);
        let is_expected = |text: &str| expected.iter().any(|kind| text.starts_with(kind));
        let complaints = told.complaints.iter();
        let complaints: Vec<_> = complaints.filter(|text| !is_expected(text)).collect();
        if complaints.is_empty() {
            return Ok(());
        }
        let first: Vec<_> = complaints
            .iter()
            .take(SHOWN)
            .map(|text| text.as_str())
            .collect();
        Err(format!(
            "the coordinator complains {} times: {}",
            complaints.len(),
            first.join("; ")
        ))
    }

    /// Waits until there is an answer, at most `limit`. `ask` is tried again after each line.
    pub(crate) async fn wait<T>(
        &self,
        limit: Duration,
        ask: impl Fn(&Self) -> Option<T>,
    ) -> Option<T> {
        let waited = tokio::time::timeout(limit, async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                changed.as_mut().enable();
                if let Some(answer) = ask(self) {
                    return answer;
                }
                changed.await;
            }
        });
        waited.await.ok()
    }
}

impl Told {
    fn story(&mut self, sql: String) -> &mut Story {
        self.stories.entry(sql.into()).or_default()
    }
}
