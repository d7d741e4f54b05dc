//! What is written of a query as text, with a version in its record: its statement, where it is to wait, what came with its pages
//! and its end. Rows, columns and stats are the cluster's bytes, as they are.

use bytes::Bytes;
use perk_core::{
    Dialect, Ending, Envelope, ErrorType, Lane, Outcome, Page, PoolName, QueryError, Secret,
    SessionHeader, Statement, Target, TransactionId, Unavailable, UpstreamRef, WorkerId,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::packing::{Packed, unpack};
use crate::redis::format;
use crate::redis::reply::Reply;

#[cfg(test)]
mod tests;

/// What an answer to a client needs of a statement's headers, when the query has ended.
const NEEDED: &str = "Client-Capabilities";
/// What a statement may weigh to be told whole with every answer.
const SMALL: usize = 16 << 10;

fn write(value: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(value).expect("texts and numbers can be written"))
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Unavailable> {
    serde_json::from_str(reply.text()?).map_err(|_| reply.unexpected())
}

/// A statement without its text and headers, which are fields of their own.
#[derive(Serialize, Deserialize)]
struct Rest {
    dialect: Dialect,
    user: String,
    source: Option<String>,
    client_tags: Vec<String>,
    transaction: Option<TransactionId>,
}

/// A statement's headers, those of them that answers need where it is large, and the rest.
pub(super) fn write_statement(statement: &Statement) -> [Bytes; 3] {
    let is_needed = |(name, _): &&SessionHeader| name.eq_ignore_ascii_case(NEEDED);
    let needed = match statement.weight() {
        0..=SMALL => Bytes::new(),
        _ => write(
            &statement
                .headers
                .iter()
                .filter(is_needed)
                .collect::<Vec<_>>(),
        ),
    };
    let rest = Rest {
        dialect: statement.dialect,
        user: statement.user.clone(),
        source: statement.source.clone(),
        client_tags: statement.client_tags.clone(),
        transaction: statement.transaction.clone(),
    };
    [write(&statement.headers), needed, write(&rest)]
}

pub(super) fn statement(
    sql: &Reply,
    headers: &Reply,
    rest: &Reply,
) -> Result<Statement, Unavailable> {
    let Reply::Bytes(sql) = sql else {
        return Err(sql.unexpected());
    };
    let headers: Vec<SessionHeader> = read(headers)?;
    let rest: Rest = read(rest)?;
    Ok(Statement {
        // A long one is cut off somewhere when its query ends.
        sql: String::from_utf8_lossy(sql).into_owned(),
        dialect: rest.dialect,
        user: rest.user,
        source: rest.source,
        client_tags: rest.client_tags,
        transaction: rest.transaction,
        headers,
        credentials: Vec::new(),
    })
}

/// Credentials in the clear, to be encrypted.
pub(super) fn write_credentials(credentials: &[(String, Secret)]) -> Vec<u8> {
    let revealed: Vec<_> = credentials
        .iter()
        .map(|(name, secret)| (name, secret.reveal()))
        .collect();
    serde_json::to_vec(&revealed).expect("texts can be written")
}

/// Credentials that were decrypted. `None` when that was not what had been encrypted.
pub(super) fn credentials(clear: &[u8]) -> Option<Vec<(String, Secret)>> {
    let revealed: Vec<(String, String)> = serde_json::from_slice(clear).ok()?;
    let secret = |(name, value): (String, String)| (name, Secret::new(value));
    Some(revealed.into_iter().map(secret).collect())
}

#[derive(Serialize, Deserialize)]
enum Waits {
    Lane(PoolName, u8, String),
    Inbox(WorkerId),
}

pub(super) fn write_target(target: &Target) -> Bytes {
    write(&match target {
        Target::Lane(lane) => {
            let priority = format::priority_number(lane.priority);
            Waits::Lane(lane.pool.clone(), priority, lane.user.clone())
        }
        Target::Inbox(worker) => Waits::Inbox(worker.clone()),
    })
}

pub(super) fn target(reply: &Reply) -> Result<Target, Unavailable> {
    Ok(match read(reply)? {
        Waits::Lane(pool, priority, user) => Target::Lane(Lane {
            pool,
            priority: format::priority(priority).ok_or_else(|| reply.unexpected())?,
            user,
        }),
        Waits::Inbox(worker) => Target::Inbox(worker),
    })
}

pub(super) fn write_dialect(dialect: Dialect) -> Bytes {
    Bytes::from_static(match dialect {
        Dialect::Presto => b"presto",
        Dialect::Trino => b"trino",
    })
}

pub(super) fn dialect(reply: &Reply) -> Result<Dialect, Unavailable> {
    match reply.text()? {
        "presto" => Ok(Dialect::Presto),
        "trino" => Ok(Dialect::Trino),
        _ => Err(reply.unexpected()),
    }
}

pub(super) fn write_upstream(upstream: &UpstreamRef) -> Bytes {
    write(upstream)
}

pub(super) fn upstreams(replies: &Reply) -> Result<Vec<UpstreamRef>, Unavailable> {
    replies.list()?.iter().map(read).collect()
}

/// What came with a page or an end. The cluster's own JSON is kept as text.
#[derive(Default, Serialize, Deserialize)]
struct With {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<SessionHeader>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update_count: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warnings: Option<String>,
    /// A page's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    columns: Option<String>,
    /// Of a page that has none, which is not the same as an empty array.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_rows: bool,
    /// How its rows were made smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    packed: Option<Packed>,
}

fn as_text(json: Option<&Bytes>) -> Option<String> {
    json.map(|json| String::from_utf8_lossy(json).into_owned())
}

impl With {
    fn of(envelope: &Envelope) -> Self {
        Self {
            headers: envelope.headers.clone(),
            update_type: as_text(envelope.update_type.as_ref()),
            update_count: as_text(envelope.update_count.as_ref()),
            warnings: as_text(envelope.warnings.as_ref()),
            ..Self::default()
        }
    }

    fn envelope(self) -> Envelope {
        Envelope {
            headers: self.headers,
            update_type: self.update_type.map(Bytes::from),
            update_count: self.update_count.map(Bytes::from),
            warnings: self.warnings.map(Bytes::from),
        }
    }
}

/// What came with a page's rows, and how they were made smaller: nothing, as a rule.
pub(super) fn write_page(page: &Page, packed: Option<Packed>) -> Bytes {
    let is_plain =
        page.rows.is_some() && page.columns.is_none() && page.envelope == Envelope::default();
    if is_plain && packed.is_none() {
        return Bytes::new();
    }
    let with = With {
        columns: as_text(page.columns.as_ref()),
        no_rows: page.rows.is_none(),
        packed,
        ..With::of(&page.envelope)
    };
    write(&with)
}

pub(super) fn page(rows: &Reply, with: &Reply) -> Result<Page, Unavailable> {
    let (Reply::Bytes(rows), Reply::Bytes(written)) = (rows, with) else {
        return Err(rows.unexpected());
    };
    let mut with: With = match written.len() {
        0 => With::default(),
        _ => read(with)?,
    };
    let rows = match with.packed {
        None => rows.clone(),
        Some(packed) => unpack(packed, rows)?,
    };
    Ok(Page {
        rows: (!with.no_rows).then_some(rows),
        columns: with.columns.take().map(Bytes::from),
        envelope: with.envelope(),
    })
}

#[derive(Serialize, Deserialize)]
struct End {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    #[serde(default)]
    with: With,
}

#[derive(Serialize, Deserialize)]
struct Failure {
    name: String,
    code: i32,
    error_type: ErrorType,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<String>,
}

/// What is written of an end beside its stats and columns.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) error: Option<QueryError>,
    pub(super) envelope: Envelope,
}

pub(super) fn write_ending(ending: &Ending) -> Bytes {
    let error = match &ending.outcome {
        Outcome::Finished => None,
        Outcome::Failed(error) => Some(&**error),
    };
    let failure = |error: &QueryError| Failure {
        name: error.name.clone(),
        code: error.code,
        error_type: error.error_type,
        message: error.message.clone(),
        json: as_text(error.json.as_ref()),
    };
    write(&End {
        error: error.map(failure),
        with: With::of(&ending.envelope),
    })
}

pub(super) fn ending(reply: &Reply) -> Result<Written, Unavailable> {
    let End { error, with } = read(reply)?;
    let error = error.map(|failure| QueryError {
        name: failure.name,
        code: failure.code,
        error_type: failure.error_type,
        message: failure.message,
        json: failure.json.map(Bytes::from),
    });
    Ok(Written {
        error,
        envelope: with.envelope(),
    })
}
