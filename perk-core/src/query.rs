//! A query's life: its states, its pages, its end.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::QueryError;
use crate::ids::{Attempt, WorkerId};
use crate::statement::{Dialect, SessionHeader};

/// Whether running a statement again can be noticed (promise P3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rerunnable {
    /// It only reads, or only changes the client's own session.
    Yes,
    /// It may have an effect, or one cannot tell.
    No,
}

/// Where a query stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryState {
    /// Kept, but not to be run before its client asks for it: the client may have lost the answer to its POST
    /// and sent the statement again.
    Stored,
    /// Waits for a worker.
    Queued,
    /// A worker runs it.
    Running {
        /// The worker.
        worker: WorkerId,
        /// Under which fencing token.
        attempt: Attempt,
    },
    /// It has ended; what is left is to read the rest.
    Ended,
}

/// What a cluster's answer says beside rows, passed on as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Session changes: response headers without prefix (`Set-Catalog`, `Added-Prepare`, …).
    pub headers: Vec<SessionHeader>,
    /// `updateType` as JSON.
    pub update_type: Option<Bytes>,
    /// `updateCount` as JSON.
    pub update_count: Option<Bytes>,
    /// `warnings` as a JSON array; absent when there are none.
    pub warnings: Option<Bytes>,
}

impl Envelope {
    /// What `later` says replaces what this says; session changes add up, each said once.
    pub fn merge(&mut self, later: Self) {
        for header in later.headers {
            if !self.headers.contains(&header) {
                self.headers.push(header);
            }
        }
        self.update_type = later.update_type.or_else(|| self.update_type.take());
        self.update_count = later.update_count.or_else(|| self.update_count.take());
        self.warnings = later.warnings.or_else(|| self.warnings.take());
    }
}

/// One block of rows, as the bytes that the cluster wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// A JSON array of rows, each an array of cells. Absent where the answer had no rows but told of a session change.
    pub rows: Option<Bytes>,
    /// The columns as a JSON array, with the first page that knows them.
    pub columns: Option<Bytes>,
    /// What came with the rows.
    pub envelope: Envelope,
}

impl Page {
    /// What the page weighs in a store's budget, in bytes.
    pub fn weight(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self
            .envelope
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        length(&self.rows) + length(&self.columns) + length(&self.envelope.warnings) + headers
    }
}

/// How a query ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows are complete.
    Finished,
    /// It failed, or was cancelled.
    Failed(Box<QueryError>),
}

/// A query's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// The cluster's last `stats` as a JSON object, where a cluster had begun it.
    pub stats: Option<Bytes>,
    /// The columns, where no page brought them (a result without rows).
    pub columns: Option<Bytes>,
    /// What came with the last answer.
    pub envelope: Envelope,
}

impl Ending {
    /// An end by an error of which the cluster has nothing to say.
    pub fn failed(error: QueryError) -> Self {
        Self {
            outcome: Outcome::Failed(Box::new(error)),
            stats: None,
            columns: None,
            envelope: Envelope::default(),
        }
    }
}

/// A query on a cluster: everything needed to end it from another process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamRef {
    /// The cluster's address: scheme, host and port.
    pub origin: String,
    /// What the cluster speaks, and so what its pages are written in.
    pub dialect: Dialect,
    /// The query's id on the cluster.
    pub query_id: String,
    /// Where the cluster wants to be asked next.
    pub next_uri: String,
    /// Who asks there.
    pub user: String,
    /// The name of the stored credential to ask with, where one is needed.
    pub credential: Option<String>,
}
