//! Pages of one dialect's cluster for clients of the other dialect.
//!
//! | room | what is in it |
//! |---|---|
//! | [`types`] | a column's type as a tree, read from either dialect's spelling |
//! | [`spelling`] | that tree as `type` and `typeSignature` of either dialect |
//! | [`cells`] | which cells differ, and how one is written anew |
//! | [`cursor`] | where values begin and end in JSON text |
//! | [`out`] | JSON text being written, nested any number of strings deep, and never beyond a limit |
//!
//! What the dialects differ in was measured on Presto 0.287 and Trino 476; `testdata` holds what they sent. Presto
//! sends a cell of an array, map or row column as a string of JSON text, containers inside it as strings again,
//! unless it is told not to (`nested-data-serialization-enabled`); Trino sends plain JSON. So both are read at every
//! level, and the type alone says what a string is: `varchar` and `json` cells often look like arrays.

mod cells;
mod cursor;
mod out;
mod spelling;
#[cfg(test)]
mod tests;
mod types;

use bytes::Bytes;
use perk_core::Dialect;
use serde::Deserialize;
use serde_json::value::RawValue;

use cells::{Shape, Writer};
use cursor::Cursor;
use out::Out;
use types::Type;

/// How much longer than its input an output may be, as a factor. An empty string four containers down, 2 bytes in
/// Trino's form, is 32 in Presto's: as much as honest pages need, while every further level doubles it.
const GROWTH: usize = 16;
/// What the output of [`Crossing::rows`] may be longer in any case, so that small pages may be nested deeper.
const ROWS_ALLOWANCE: usize = 16 << 20;
/// The same for columns: Presto's signature of an array holds its element's twice.
const COLUMNS_ALLOWANCE: usize = 1 << 20;

/// Why a cluster's page cannot be given to a client of the other dialect. Trying again does not help: it is in the
/// data. Texts hold no data of the page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrossingError {
    /// `columns` is not a JSON array of objects with `name` and `type`.
    #[error("columns cannot be read")]
    Columns(#[source] serde_json::Error),
    /// A column's type is not one.
    #[error("type of column {column} cannot be read at byte {at}: {what}")]
    Type {
        /// The column, from 0.
        column: usize,
        /// Where in its type.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The rows are not what the columns say, or not JSON.
    #[error("rows cannot be read at row {row}, column {column}: {what}")]
    Rows {
        /// The row within the page, from 0.
        row: usize,
        /// The cell within the row, from 0.
        column: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The other dialect needs far more bytes for the same: containers are nested too deep for it.
    #[error("nested so deep that the other dialect needs more than {limit} bytes")]
    TooLarge {
        /// What was allowed.
        limit: usize,
    },
}

/// What a part of this module found wrong; who called it knows where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The text is not what it should be.
    Syntax(&'static str),
    /// The output went over its limit.
    TooLarge,
}

/// Who is to read the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// What the client speaks.
    pub dialect: Dialect,
    /// Whether the client wants times and timestamps with their precision, `timestamp(3)`: Trino's clients that name
    /// `PARAMETRIC_DATETIME` among their capabilities do, and some of them cannot read the plain form.
    pub parametric_datetime: bool,
}

impl From<Dialect> for Reader {
    fn from(dialect: Dialect) -> Self {
        Self {
            dialect,
            parametric_datetime: false,
        }
    }
}

/// What turns pages of one dialect's cluster into pages of the other dialect's client. Made once for a query's
/// columns, then used for each of its pages.
///
/// Timestamps and times lose their precision in a Presto type (`timestamp(6)` becomes `timestamp`) while the cells stay:
/// a worker that asks Trino for a Presto client leaves `PARAMETRIC_DATETIME` out of the capabilities, and the cluster
/// rounds. Keys of maps stay as they are, even where no client could read them (arrays and rows as keys).
#[derive(Debug, Clone)]
pub struct Crossing {
    to: Dialect,
    columns: Bytes,
    /// One for each column; empty between equal dialects.
    shapes: Vec<Shape>,
    untouched: bool,
}

/// A column as both dialects have it. The type string says all that the signature does.
#[derive(Deserialize)]
struct Column<'a> {
    #[serde(borrow)]
    name: &'a RawValue,
    #[serde(rename = "type")]
    kind: String,
}

impl Crossing {
    /// From the cluster's `columns`, a JSON array. Between equal dialects everything stays as it is, unread.
    pub fn new(
        columns: &[u8],
        from: Dialect,
        reader: impl Into<Reader>,
    ) -> Result<Crossing, CrossingError> {
        let reader = reader.into();
        let to = reader.dialect;
        if from == to {
            let columns = Bytes::copy_from_slice(columns);
            return Ok(Crossing {
                to,
                columns,
                shapes: Vec::new(),
                untouched: true,
            });
        }
        let read: Vec<Column<'_>> =
            serde_json::from_slice(columns).map_err(CrossingError::Columns)?;
        let mut out = Out::new(columns.len(), limit(columns.len(), COLUMNS_ALLOWANCE));
        let mut shapes = Vec::with_capacity(read.len());
        for (index, column) in read.iter().enumerate() {
            let mut kind = types::parse(&column.kind).map_err(|wrong| CrossingError::Type {
                column: index,
                at: wrong.at,
                what: wrong.what,
            })?;
            if reader.parametric_datetime && to == Dialect::Trino {
                kind.name_datetime_precision();
            }
            shapes.push(Shape::of(&kind));
            write_column(index, column.name, &kind, to, &mut out)
                .map_err(|_| CrossingError::TooLarge { limit: out.limit() })?;
        }
        let end: &[u8] = if read.is_empty() { b"[]" } else { b"]" };
        out.push(end)
            .map_err(|_| CrossingError::TooLarge { limit: out.limit() })?;
        Ok(Crossing {
            to,
            columns: out.into_bytes(),
            untouched: shapes.iter().all(Shape::is_plain),
            shapes,
        })
    }

    /// The columns as the client's dialect has them: a JSON array.
    pub fn columns(&self) -> Bytes {
        self.columns.clone()
    }

    /// The rows, a JSON array of arrays, for the client. Only cells of array, map, row and `time with time zone` columns
    /// are written anew, all other bytes are copied; where no column is one of these, the page is not looked at.
    pub fn rows(&self, rows: &Bytes) -> Result<Bytes, CrossingError> {
        if self.untouched {
            return Ok(rows.clone());
        }
        let limit = limit(rows.len(), ROWS_ALLOWANCE);
        let mut page = Page {
            cursor: Cursor::new(rows),
            writer: Writer::new(self.to, Out::new(rows.len() + rows.len() / 4, limit)),
            copied: 0,
            row: 0,
            column: 0,
        };
        match page.rows(&self.shapes) {
            Ok(()) => Ok(page.writer.into_bytes()),
            Err(Fault::TooLarge) => Err(CrossingError::TooLarge { limit }),
            Err(Fault::Syntax(what)) => Err(CrossingError::Rows {
                row: page.row,
                column: page.column,
                what,
            }),
        }
    }
}

fn limit(input: usize, allowance: usize) -> usize {
    input.saturating_mul(GROWTH).saturating_add(allowance)
}

fn write_column(
    index: usize,
    name: &RawValue,
    kind: &Type,
    to: Dialect,
    out: &mut Out,
) -> Result<(), Fault> {
    out.push(if index == 0 { b"[" } else { b"," })?;
    out.push(b"{\"name\":")?;
    out.push(name.get().as_bytes())?;
    out.push(b",\"type\":")?;
    spelling::type_string(kind, to, out)?;
    out.push(b",\"typeSignature\":")?;
    spelling::signature(kind, to, out)?;
    out.push(b"}")
}

/// A page on its way through.
struct Page<'a> {
    cursor: Cursor<'a>,
    writer: Writer,
    /// Up to where the cluster's bytes are in the output, as they were or written anew.
    copied: usize,
    row: usize,
    column: usize,
}

impl Page<'_> {
    fn rows(&mut self, shapes: &[Shape]) -> Result<(), Fault> {
        self.cursor.expect(b'[', "not an array of rows")?;
        if !self.cursor.accept(b']') {
            loop {
                self.row(shapes)?;
                if !self.cursor.another(b']')? {
                    break;
                }
                self.row += 1;
            }
        }
        self.cursor.end()?;
        self.copy(self.cursor.at())
    }

    fn row(&mut self, shapes: &[Shape]) -> Result<(), Fault> {
        self.column = 0;
        self.cursor.expect(b'[', "not a row")?;
        if !self.cursor.accept(b']') {
            loop {
                match shapes.get(self.column) {
                    None => return Err(Fault::Syntax("more cells than columns")),
                    Some(Shape::Plain) => self.cursor.skip_value()?,
                    Some(shape) => {
                        self.cursor.skip_space();
                        self.copy(self.cursor.at())?;
                        self.writer.value(shape, &mut self.cursor, 0)?;
                        self.copied = self.cursor.at();
                    }
                }
                self.column += 1;
                if !self.cursor.another(b']')? {
                    break;
                }
            }
        }
        if self.column == shapes.len() {
            Ok(())
        } else {
            Err(Fault::Syntax("fewer cells than columns"))
        }
    }

    /// Copies what was read up to there and is not in the output yet.
    fn copy(&mut self, to: usize) -> Result<(), Fault> {
        let bytes = self.cursor.text().get(self.copied..to).unwrap_or_default();
        self.copied = to;
        self.writer.copy(bytes)
    }
}
