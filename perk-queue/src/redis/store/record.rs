//! A query's record, as its scripts give it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{Attempt, Dialect, Ending, Outcome, QueryState, Statement, Target, Unavailable};

use super::written::{self, Written};
use crate::redis::reply::Reply;

/// Fields of a query's hash.
#[derive(Debug)]
pub(super) struct Record {
    fields: HashMap<String, Reply>,
    /// By Redis's clock, in milliseconds.
    now: u64,
}

impl Record {
    /// What a script gave; `None` when there is no such query.
    pub(super) fn read(now: &Reply, pairs: &Reply) -> Result<Option<Self>, Unavailable> {
        let pairs = pairs.list()?.chunks_exact(2);
        let fields = pairs
            .map(|pair| Ok((pair[0].text()?.to_owned(), pair[1].clone())))
            .collect::<Result<HashMap<_, _>, Unavailable>>()?;
        let now = now.count()?;
        Ok((!fields.is_empty()).then_some(Self { fields, now }))
    }

    fn field(&self, name: &str) -> Result<&Reply, Unavailable> {
        self.fields.get(name).ok_or_else(|| Reply::Nil.unexpected())
    }

    /// A field's bytes; `None` when it is missing or empty.
    fn bytes(&self, name: &str) -> Option<Bytes> {
        match self.fields.get(name) {
            Some(Reply::Bytes(bytes)) if !bytes.is_empty() => Some(bytes.clone()),
            _ => None,
        }
    }

    fn time(&self, name: &str) -> Result<Option<u64>, Unavailable> {
        self.fields.get(name).map(Reply::count).transpose()
    }

    pub(super) fn statement(&self) -> Result<Arc<Statement>, Unavailable> {
        let parts = ["sql", "headers", "rest"].map(|name| self.field(name));
        let [sql, headers, rest] = parts;
        written::statement(sql?, headers?, rest?).map(Arc::new)
    }

    pub(super) fn target(&self) -> Result<Target, Unavailable> {
        written::target(self.field("target")?)
    }

    pub(super) fn dialect(&self) -> Result<Dialect, Unavailable> {
        written::dialect(self.field("dialect")?)
    }

    pub(super) fn state(&self) -> Result<QueryState, Unavailable> {
        let life = self.field("life")?;
        Ok(match life.text()? {
            "stored" => QueryState::Stored,
            "queued" => QueryState::Queued,
            "running" => self.running()?,
            "ended" => QueryState::Ended,
            _ => return Err(life.unexpected()),
        })
    }

    fn running(&self) -> Result<QueryState, Unavailable> {
        Ok(QueryState::Running {
            worker: self.field("worker")?.name()?,
            attempt: Attempt(self.field("attempt")?.count()?),
        })
    }

    /// Where the query stands, unless it has ended and no attempt at it is open.
    pub(super) fn unended(&self) -> Result<Option<QueryState>, Unavailable> {
        let attempt = self.fields.get("attempt");
        Ok(match self.state()? {
            QueryState::Ended if attempt.is_none_or(Reply::is_empty) => None,
            QueryState::Ended => Some(self.running()?),
            state => Some(state),
        })
    }

    pub(super) fn ending(&self) -> Result<Option<Arc<Ending>>, Unavailable> {
        let Some(ending) = self.fields.get("ending") else {
            return Ok(None);
        };
        let Written { error, envelope } = written::ending(ending)?;
        let outcome = error.map_or(Outcome::Finished, |error| Outcome::Failed(Box::new(error)));
        Ok(Some(Arc::new(Ending {
            outcome,
            stats: self.bytes("stats"),
            columns: self.bytes("end_columns"),
            envelope,
        })))
    }

    pub(super) fn columns(&self) -> Option<Bytes> {
        self.bytes("columns")
    }

    pub(super) fn progress(&self) -> Option<Bytes> {
        self.bytes("progress")
    }

    /// Since it was stored, until its end.
    pub(super) fn elapsed(&self) -> Result<Duration, Unavailable> {
        self.since_created(self.time("ended")?)
    }

    /// How long it waited before its first attempt, or its end.
    pub(super) fn queued(&self) -> Result<Duration, Unavailable> {
        self.since_created(self.time("begun")?.or(self.time("ended")?))
    }

    fn since_created(&self, until: Option<u64>) -> Result<Duration, Unavailable> {
        let created: u64 = self.field("created")?.count()?;
        let until = until.unwrap_or(self.now);
        Ok(Duration::from_millis(until.saturating_sub(created)))
    }
}
