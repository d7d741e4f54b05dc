//! Answers that are known at once.

use datafusion::arrow::array::RecordBatch;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use perk_core::{Dialect, Envelope};

use crate::catalog::Column;
use crate::catalog::listing::{self, Cell, Row, column};
use crate::error::Result;
use crate::types::Type;

/// An answer that is known at once.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<RecordBatch>,
    /// What the client's session becomes, and what kind of change was made.
    pub(crate) envelope: Envelope,
}

impl Answer {
    pub(super) fn listing(columns: Vec<Column>, rows: &[Row]) -> Result<Self> {
        Ok(Self {
            rows: vec![listing::batch(&columns, rows)?],
            columns,
            envelope: Envelope::default(),
        })
    }

    /// A plan's text.
    pub(crate) fn plan(text: &str) -> Result<Self> {
        let rows = [vec![text.into()]];
        Self::listing(
            fitted(vec![column("Query Plan", Type::VARCHAR)], &rows),
            &rows,
        )
    }

    /// That something has been done: Presto says `true`, Trino nothing.
    pub(super) fn done(
        dialect: Dialect,
        update_type: &str,
        headers: Vec<(String, String)>,
    ) -> Result<Self> {
        let mut answer = match dialect {
            Dialect::Presto => {
                let columns = vec![column("result", Type::Boolean)];
                Self::listing(columns, &[vec![true.into()]])?
            }
            Dialect::Trino => Self::default(),
        };
        answer.envelope = Envelope {
            headers,
            update_type: Some(json(update_type)),
            ..Envelope::default()
        };
        Ok(answer)
    }

    /// That so many rows have been written.
    pub(crate) fn written(update_type: &str, rows: usize) -> Result<Self> {
        let count = i64::try_from(rows).unwrap_or(i64::MAX);
        let columns = vec![column("rows", Type::Bigint)];
        let mut answer = Self::listing(columns, &[vec![count.into()]])?;
        answer.envelope.update_type = Some(json(update_type));
        answer.envelope.update_count = Some(rows.to_string().into());
        Ok(answer)
    }
}

fn json(text: &str) -> bytes::Bytes {
    serde_json::Value::from(text).to_string().into()
}

/// The columns with each `varchar` as long as its longest value, as in lists that are written in a statement.
pub(super) fn fitted(mut columns: Vec<Column>, rows: &[Row]) -> Vec<Column> {
    for (i, column) in columns.iter_mut().enumerate() {
        if column.kind != Type::VARCHAR {
            continue;
        }
        let length = |row: &Row| match row.get(i) {
            Some(Cell::Text(text)) => text.chars().count(),
            _ => 0,
        };
        let longest = rows.iter().map(length).max().unwrap_or(0);
        column.kind = Type::Varchar(Some(u32::try_from(longest).unwrap_or(u32::MAX)));
    }
    columns
}

/// A header without its prefix, and what it says.
pub(super) fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// A text as the servers write one into a header: as Java's `URLEncoder` does.
pub(super) fn encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'.')
        .remove(b'-')
        .remove(b'*')
        .remove(b'_')
        .remove(b' ');
    utf8_percent_encode(text, KEPT)
        .to_string()
        .replace(' ', "+")
}
