//! Casts from and to JSON.
//!
//! | room | what is in it |
//! |---|---|
//! | [`write`] | values of a type as JSON |
//! | [`read`] | JSON as values of a type |
//! | [`scalar`] | one JSON value as one number, text or truth value |

mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod write;

use datafusion::arrow::array::ArrayRef;

use crate::error::Result;
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Json, Type::Json) => true,
        (Type::Json, to) => read::is_readable(to),
        (from, Type::Json) => write::is_writable(from),
        _ => false,
    }
}

/// Makes values of one type values of another.
pub(super) fn cast(values: &ArrayRef, from: &Type, to: &Type) -> Result<ArrayRef> {
    if *from == Type::Json {
        read::read(values, to)
    } else {
        write::write(values, from)
    }
}
