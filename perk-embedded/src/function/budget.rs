//! How much one call of a function may make.
//!
//! `DataFusion` accounts for what its operators hold, not for what a function makes of one batch, which may be far more than
//! it is given: `rpad(name, 1000000, 'y')`. Nor can a column hold more than 2^31 bytes of text.

use crate::error::{Error, Kind, Result};

/// Bytes of text.
pub(crate) const BYTES: usize = 256 << 20;
/// Bytes of a value that is the same in all rows.
const CONSTANT: usize = 512 << 20;
/// Elements of arrays and maps.
const ELEMENTS: usize = 16 << 20;

/// Refuses a column of so many bytes of text.
pub(crate) fn bytes(made: usize) -> Result<()> {
    within(made, BYTES)
}

/// Refuses a column that is a value of so many bytes over and over.
pub(crate) fn constant(bytes: usize, rows: usize) -> Result<()> {
    within(bytes.saturating_mul(rows), CONSTANT)
}

/// Refuses a column of so many elements, of all its rows.
pub(crate) fn elements(made: usize) -> Result<()> {
    within(made, ELEMENTS)
}

fn within(made: usize, most: usize) -> Result<()> {
    if made <= most {
        return Ok(());
    }
    let message = "a function makes more of its rows than fits into memory";
    Err(Error::new(Kind::MemoryLimit, message))
}
