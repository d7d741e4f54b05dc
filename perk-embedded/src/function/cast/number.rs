//! Casts between numbers and booleans.

use datafusion::arrow::array::ArrayRef;

use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(_from: &Type, _to: &Type) -> bool {
    false
}

/// Makes values of one type values of another.
pub(super) fn cast(
    _values: &ArrayRef,
    from: &Type,
    to: &Type,
    _call: &Call<'_>,
) -> Result<ArrayRef> {
    Err(Error::new(
        Kind::Internal,
        format!("no cast from {from} to {to}"),
    ))
}
