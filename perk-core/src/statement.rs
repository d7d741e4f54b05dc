//! What a client asked for: the SQL and all that came with it.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::ids::TransactionId;
use crate::secret::Secret;

/// Which of the two protocols a client or a cluster speaks. They differ in header prefix, URI shape, type
/// signatures and how nested cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `PrestoDB`: headers `X-Presto-*`.
    Presto,
    /// Trino: headers `X-Trino-*`.
    Trino,
}

impl Dialect {
    /// What this dialect's header names begin with.
    pub fn header_prefix(self) -> &'static str {
        match self {
            Self::Presto => "X-Presto-",
            Self::Trino => "X-Trino-",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Presto => "Presto",
            Self::Trino => "Trino",
        })
    }
}

/// A header without its dialect's prefix: `("Catalog", "tpch")` is `X-Presto-Catalog: tpch` to one side and
/// `X-Trino-Catalog: tpch` to the other. Several values of one name are several headers, in their order.
pub type SessionHeader = (String, String);

/// A client's statement, with everything the worker needs to send it to a cluster.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The SQL text, as the client sent it.
    pub sql: String,
    /// What the client speaks.
    pub dialect: Dialect,
    /// Who asks: decides the lane, and who may see `/v1/query/{id}`.
    pub user: String,
    /// The program the client says it is (`presto-cli`, …), for routing.
    pub source: Option<String>,
    /// The client's tags, for routing.
    pub client_tags: Vec<String>,
    /// The transaction that the statement belongs to, if any.
    pub transaction: Option<TransactionId>,
    /// The session headers to pass on, unknown ones included; the ones above too.
    pub headers: Vec<SessionHeader>,
    /// Header names and values that must not be shown: `Authorization` by its full name, others without prefix.
    pub credentials: Vec<(String, Secret)>,
}

impl Statement {
    /// A statement with nothing but its text and its user.
    pub fn new(dialect: Dialect, user: &str, sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            dialect,
            user: user.to_owned(),
            source: None,
            client_tags: Vec::new(),
            transaction: None,
            headers: vec![("User".to_owned(), user.to_owned())],
            credentials: Vec::new(),
        }
    }

    /// What the statement weighs in a store's budget, in bytes.
    pub fn weight(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len());
        self.sql.len() + headers.sum::<usize>()
    }

    /// The texts of the prepared statements of a name that came with this one, decoded (`Prepared-Statement:
    /// name=url-encoded`). Several, where names differ in case only: engines differ in which of them they mean.
    pub fn prepared(&self, name: &str) -> Vec<String> {
        self.headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case("Prepared-Statement"))
            .flat_map(|(_, value)| value.split(','))
            .filter_map(|entry| entry.split_once('='))
            .filter(|(key, _)| decode(key.trim()).is_some_and(|key| key.eq_ignore_ascii_case(name)))
            .map(|(_, text)| decode(text.trim()).unwrap_or_default())
            .collect()
    }
}

/// Decodes as `java.net.URLDecoder` does: `+` is a space.
fn decode(text: &str) -> Option<String> {
    let text: Cow<'_, str> = if text.contains('+') {
        text.replace('+', " ").into()
    } else {
        text.into()
    };
    percent_decode_str(&text)
        .decode_utf8()
        .ok()
        .map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepared_statements_are_found_by_name_in_both_forms_clients_send() {
        let mut statement = Statement::new(Dialect::Presto, "ann", "EXECUTE q2");
        let mut add = |value: &str| {
            statement
                .headers
                .push(("Prepared-Statement".into(), value.into()));
        };
        add("q1=SELECT+1");
        add("q2=SELECT%20%3F,q3=DELETE+FROM+t%2Bu");
        assert_eq!(statement.prepared("q1"), ["SELECT 1"]);
        assert_eq!(statement.prepared("Q2"), ["SELECT ?"]);
        assert_eq!(statement.prepared("q3"), ["DELETE FROM t+u"]);
        assert!(statement.prepared("q4").is_empty());
    }
}
