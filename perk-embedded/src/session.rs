//! What a statement knows of its client's session.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use perk_core::{Dialect, Statement};

use crate::calendar::Zone;
use crate::types::wire::Datetimes;

/// What Trino calls the property that is the session's time zone; it wins over the client's own.
pub(crate) const TIME_ZONE: &str = "time_zone_id";

/// A client's session, as one statement's headers tell it, and the moment that the statement came.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) dialect: Dialect,
    pub(crate) user: String,
    /// In lower case, as all names are.
    pub(crate) catalog: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) time_zone: Zone,
    pub(crate) datetimes: Datetimes,
    /// What the clock says for all of the statement.
    pub(crate) now: DateTime<Utc>,
    /// Properties that the client has set: names and values.
    properties: Vec<(String, String)>,
    /// Statements that the client has prepared: names and texts.
    pub(crate) prepared: Vec<(String, String)>,
}

impl Session {
    pub(crate) fn new(statement: &Statement, now: DateTime<Utc>) -> Arc<Self> {
        let header = |name: &str| {
            let found = statement.headers.iter().rev();
            let mut found = found.filter(|(header, _)| header.eq_ignore_ascii_case(name));
            found
                .next()
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let capabilities = header("Client-Capabilities").unwrap_or_default();
        let parametric = capabilities
            .split(',')
            .any(|capability| capability.trim() == "PARAMETRIC_DATETIME");
        let properties: Vec<(String, String)> = statement
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case("Session"))
            .flat_map(|(_, value)| value.split(','))
            .filter_map(|property| property.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), decoded(value)))
            .collect();
        let zone = set_property(&properties, TIME_ZONE).or_else(|| header("Time-Zone"));
        Arc::new(Self {
            dialect: statement.dialect,
            user: statement.user.clone(),
            catalog: header("Catalog").map(str::to_lowercase),
            schema: header("Schema").map(str::to_lowercase),
            time_zone: zone.and_then(Zone::new).unwrap_or_else(Zone::utc),
            datetimes: if parametric {
                Datetimes::Parametric
            } else {
                Datetimes::Plain
            },
            now,
            properties,
            prepared: prepared(statement),
        })
    }

    /// What the client has set a property to.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        set_property(&self.properties, name)
    }
}

/// What counts is what was set last.
fn set_property<'a>(properties: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut set = properties.iter().filter(|(known, _)| known == name);
    set.next_back().map(|(_, value)| value.as_str())
}

/// `Prepared-Statement: name=text`.
fn prepared(statement: &Statement) -> Vec<(String, String)> {
    let headers = statement.headers.iter();
    headers
        .filter(|(header, _)| header.eq_ignore_ascii_case("Prepared-Statement"))
        .flat_map(|(_, value)| value.split(','))
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, text)| (decoded(name), decoded(text)))
        .collect()
}

/// A text that is encoded as in a form.
fn decoded(value: &str) -> String {
    let value = value.trim().replace('+', " ");
    percent_encoding::percent_decode_str(&value)
        .decode_utf8_lossy()
        .into_owned()
}
