//! Rows as the pages of the protocol, in Trino's form: a JSON array of rows, each an array of cells.
//!
//! | room | what is in it |
//! |---|---|
//! | here | pages, cut to a size |
//! | [`column`] | a batch's column as cells of one type, whatever Arrow held them in |
//! | [`cell`] | a cell as JSON |
//! | [`text`] | numbers, dates and strings as both engines spell them |
//!
//! ```text
//! let encoder = Encoder::new(&types);
//! let mut page = Page::default();
//! for batch in batches {
//!     let mut rows = encoder.rows(&batch)?;
//!     while rows.remaining() > 0 {
//!         rows.write(&mut page, target);
//!         if page.len() >= target { send(page.take()) }
//!     }
//! }
//! ```

mod cell;
mod column;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;

use crate::error::{Error, Kind, Result};
use crate::types::Type;
use column::Column;

/// Knows what a query's columns are.
pub(crate) struct Encoder {
    types: Vec<Type>,
}

impl Encoder {
    pub(crate) fn new(types: &[Type]) -> Self {
        Self {
            types: types.to_vec(),
        }
    }

    /// A batch's rows, ready to be written. Fails on what Arrow holds and Presto's type does not.
    pub(crate) fn rows(&self, batch: &RecordBatch) -> Result<Rows> {
        if batch.num_columns() != self.types.len() {
            let (given, wanted) = (batch.num_columns(), self.types.len());
            let message = format!("a batch has {given} columns, {wanted} were announced");
            return Err(Error::new(Kind::Internal, message));
        }
        let columns = batch.columns().iter().zip(&self.types);
        let columns = columns.map(|(array, kind)| Column::new(array, kind));
        Ok(Rows {
            columns: columns.collect::<Result<_>>()?,
            next: 0,
            end: batch.num_rows(),
        })
    }
}

/// The rows of a batch that are still to be written.
pub(crate) struct Rows {
    columns: Vec<Column>,
    next: usize,
    end: usize,
}

impl Rows {
    pub(crate) fn remaining(&self) -> usize {
        self.end - self.next
    }

    /// Writes rows until the page has this many bytes or more, or there are no more rows. Returns how many were written.
    pub(crate) fn write(&mut self, page: &mut Page, target_bytes: usize) -> usize {
        let first = self.next;
        while self.next < self.end && page.len() < target_bytes {
            page.begin_row();
            for (i, column) in self.columns.iter().enumerate() {
                if i > 0 {
                    page.bytes.push(b',');
                }
                column.json(self.next, &mut page.bytes);
            }
            page.bytes.push(b']');
            self.next += 1;
        }
        self.next - first
    }
}

/// Rows being gathered, from as many batches as it takes.
#[derive(Default)]
pub(crate) struct Page {
    bytes: Vec<u8>,
    rows: usize,
}

impl Page {
    /// Bytes so far; none while there are no rows.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The rows so far, as a whole JSON array; the page is empty again.
    pub(crate) fn take(&mut self) -> Bytes {
        let mut bytes = std::mem::take(&mut self.bytes);
        self.rows = 0;
        if bytes.is_empty() {
            bytes.push(b'[');
        }
        bytes.push(b']');
        // Pages wait in a store until they are read, maybe for long: room that was only reserved does not wait with them.
        bytes.shrink_to_fit();
        Bytes::from(bytes)
    }

    fn begin_row(&mut self) {
        let before: &[u8] = if self.bytes.is_empty() { b"[[" } else { b",[" };
        self.bytes.extend_from_slice(before);
        self.rows += 1;
    }
}
