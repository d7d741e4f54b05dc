//! A cell as JSON.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::buffer::OffsetBuffer;

use super::column::{Cells, Column};
use super::text;

const NULL: &[u8] = b"null";

impl Column {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Writes the cell of that row.
    pub(super) fn json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.extend_from_slice(NULL);
        }
        match &self.cells {
            Cells::Nothing => out.extend_from_slice(NULL),
            Cells::Boolean(values) => {
                let word: &[u8] = if values.value(row) { b"true" } else { b"false" };
                out.extend_from_slice(word);
            }
            Cells::Tinyint(values) => text::integer(values[row], out),
            Cells::Smallint(values) => text::integer(values[row], out),
            Cells::Integer(values) => text::integer(values[row], out),
            Cells::Bigint(values) => text::integer(values[row], out),
            Cells::Real(values) => text::real(values[row], out),
            Cells::Double(values) => text::double(values[row], out),
            Cells::Varchar(values) => text::string(values.value(row).as_bytes(), out),
            Cells::Json(values) => text::string(values.value(row).as_bytes(), out),
            Cells::Char(values, length) => {
                out.push(b'"');
                text::escaped(values.value(row).as_bytes(), out);
                pad(values.value(row), *length, out);
                out.push(b'"');
            }
            Cells::Array(offsets, elements) => {
                out.push(b'[');
                separated(range(offsets, row), b",", out, |at, out| {
                    elements.json(at, out);
                });
                out.push(b']');
            }
            Cells::Map {
                offsets,
                keys,
                values,
            } => {
                out.push(b'{');
                separated(range(offsets, row), b",", out, |at, out| {
                    keys.key(at, out);
                    out.push(b':');
                    values.json(at, out);
                });
                out.push(b'}');
            }
            Cells::Row(fields) => {
                out.push(b'[');
                separated(0..fields.len(), b",", out, |at, out| {
                    fields[at].json(row, out);
                });
                out.push(b']');
            }
            _ => {
                out.push(b'"');
                self.plain(row, out);
                out.push(b'"');
            }
        }
    }

    /// What has a spelling of its own that needs no escapes: the rest of the types.
    fn plain(&self, row: usize, out: &mut Vec<u8>) {
        match &self.cells {
            Cells::Decimal(values, scale) => text::decimal(values[row], *scale, out),
            Cells::Varbinary(values) => {
                let bytes = values.value(row);
                let start = out.len();
                out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
                let written = STANDARD.encode_slice(bytes, &mut out[start..]);
                debug_assert!(written.is_ok());
            }
            Cells::Date(values) => text::date(values[row].into(), out),
            Cells::Time(values) => text::time(of_day(values[row]), out),
            Cells::TimeWithZone { in_utc, offset } => {
                text::time(of_day(in_utc[row] + offset[row] * 60_000), out);
                text::offset(offset[row], out);
            }
            Cells::Timestamp(values) => text::timestamp(values[row], out),
            Cells::TimestampWithZone(values, zone) => text::zoned_timestamp(values[row], zone, out),
            Cells::Months(values) => text::months(values[row], out),
            Cells::Duration(values) => text::duration(values[row], out),
            _ => debug_assert!(false, "written by json"),
        }
    }

    /// Writes a map's key, which is a string whatever its type.
    fn key(&self, row: usize, out: &mut Vec<u8>) {
        if matches!(
            self.cells,
            Cells::Array(..) | Cells::Map { .. } | Cells::Row(_)
        ) {
            let mut spelled = Vec::new();
            self.spelled(row, &mut spelled);
            return text::string(&spelled, out);
        }
        let start = out.len();
        self.json(row, out);
        if out.get(start) != Some(&b'"') {
            out.insert(start, b'"');
            out.push(b'"');
        }
    }

    /// As Java's collections spell themselves, which is what Trino makes of a container that is a key.
    fn spelled(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.extend_from_slice(NULL);
        }
        match &self.cells {
            Cells::Varchar(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Cells::Json(values) => out.extend_from_slice(values.value(row).as_bytes()),
            Cells::Char(values, length) => {
                out.extend_from_slice(values.value(row).as_bytes());
                pad(values.value(row), *length, out);
            }
            Cells::Array(offsets, elements) => {
                out.push(b'[');
                separated(range(offsets, row), b", ", out, |at, out| {
                    elements.spelled(at, out);
                });
                out.push(b']');
            }
            Cells::Map {
                offsets,
                keys,
                values,
            } => {
                out.push(b'{');
                separated(range(offsets, row), b", ", out, |at, out| {
                    keys.spelled(at, out);
                    out.push(b'=');
                    values.spelled(at, out);
                });
                out.push(b'}');
            }
            Cells::Row(fields) => {
                out.push(b'[');
                separated(0..fields.len(), b", ", out, |at, out| {
                    fields[at].spelled(row, out);
                });
                out.push(b']');
            }
            _ => {
                let start = out.len();
                self.json(row, out);
                if out.get(start) == Some(&b'"') {
                    out.remove(start);
                    out.pop();
                }
            }
        }
    }
}

fn separated(
    places: Range<usize>,
    separator: &[u8],
    out: &mut Vec<u8>,
    mut write: impl FnMut(usize, &mut Vec<u8>),
) {
    for at in places.clone() {
        if at > places.start {
            out.extend_from_slice(separator);
        }
        write(at, out);
    }
}

/// Where a row's elements are.
fn range(offsets: &OffsetBuffer<i32>, row: usize) -> Range<usize> {
    let place = |at: usize| usize::try_from(offsets[at]).unwrap_or(0);
    place(row)..place(row + 1)
}

/// The spaces that a char is held without.
fn pad(value: &str, length: usize, out: &mut Vec<u8>) {
    let missing = length.saturating_sub(value.chars().count());
    out.resize(out.len() + missing, b' ');
}

/// Milliseconds of a day, whatever day they are counted from.
fn of_day(milliseconds: i32) -> u64 {
    u64::from(milliseconds.rem_euclid(86_400_000).unsigned_abs())
}
