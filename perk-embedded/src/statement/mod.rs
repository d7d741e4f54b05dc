//! What a statement asks for.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::sql::sqlparser::ast::Statement as Parsed;
use perk_core::Envelope;

use crate::catalog::{Catalogs, Column};
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Planned, syntax};
use crate::session::Session;

/// What there is to do for a statement.
#[derive(Debug)]
pub(crate) enum Work {
    /// A query's rows are to be worked out.
    Query(Box<Planned>),
    /// The answer is known.
    Answer(Answer),
}

/// An answer that is known at once.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<RecordBatch>,
    /// What the client's session becomes, and what kind of change was made.
    pub(crate) envelope: Envelope,
}

/// What a statement is worked out with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) session: Arc<Session>,
    pub(crate) catalogs: Catalogs,
    pub(crate) options: ConfigOptions,
}

/// Reads a statement, and what there is to do for it. Nothing has been done yet.
pub(crate) fn work(sql: &str, setting: &Setting) -> Result<Work> {
    let tokens = syntax::tokens(sql)?;
    let mut parser = syntax::parser(tokens.clone());
    match syntax::statement(&mut parser)? {
        Parsed::Query(query) => {
            let Setting {
                session,
                catalogs,
                options,
            } = setting.clone();
            let planned = plan::query(*query, &tokens, session, catalogs, options)?;
            Ok(Work::Query(Box::new(planned)))
        }
        other => {
            let words = other.to_string();
            let mut words = words.split_whitespace();
            let name = words.next().unwrap_or_default().to_uppercase();
            Err(Error::new(
                Kind::NotSupported,
                format!("{name} is not supported by the embedded engine"),
            ))
        }
    }
}
