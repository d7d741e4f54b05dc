//! `CAST`: which types can be made of which, and how.
//!
//! `CAST(x AS t)` is the call `$cast(x, 't')`; `TRY_CAST` is `$try_cast`, which makes NULL of what cannot be cast.

mod datetime;
mod json;
mod literal;
mod nested;
mod number;
#[cfg(test)]
mod tests;
mod text;

use datafusion::arrow::array::{Array, ArrayRef, new_null_array};
use datafusion::common::ScalarValue;

use super::cell::Cell;
use super::forgiving::forgiving;
use super::signature::Bound;
use super::{Call, Function, Literals, function};
use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::types::Type;
use crate::types::parse::parse;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$cast", "A value as one of another type").form_by_session(
            "T, varchar -> T",
            bind,
            |call| cast(&call.arguments[0], &call.types[0], call.returns, call),
        ),
        function("$try_cast", "A value as one of another type, or NULL").form_by_session(
            "T, varchar -> T",
            bind,
            |call| {
                forgiving(0..call.rows, &call.returns.to_arrow(), &|rows| {
                    let values = call.arguments[0].slice(rows.start, rows.len());
                    cast(&values, &call.types[0], call.returns, call)
                })
            },
        ),
        literal::typed(),
    ]
}

/// The type is the second argument's text.
fn bind(arguments: &[Type], literals: &Literals<'_>, session: &Session) -> Result<Option<Bound>> {
    let [from, _] = arguments else {
        return Ok(None);
    };
    let to = match literals.get(1) {
        Some(Some(ScalarValue::Utf8(Some(text)))) => parse(text)
            .map_err(|_| Error::new(Kind::TypeNotFound, format!("Unknown type: {text}")))?,
        // Only the arguments' types are asked for.
        _ => from.clone(),
    };
    if !is_castable(from, &to) {
        let message = format!("Cannot cast {from} to {to}");
        return Err(Error::new(Kind::TypeMismatch, message));
    }
    Ok(Some(Bound {
        arguments: vec![from.clone(), Type::VARCHAR],
        returns: datetime::in_zone(from, to, literals.first().copied().flatten(), session),
        distance: 0,
    }))
}

/// Whether there is such a cast at all, whatever the values.
pub(crate) fn is_castable(from: &Type, to: &Type) -> bool {
    from == to
        || *from == Type::Unknown
        || number::is_castable(from, to)
        || text::is_castable(from, to)
        || datetime::is_castable(from, to)
        || json::is_castable(from, to)
        || nested::is_castable(from, to)
}

/// Makes values of one type values of another. Who calls it knows that there is such a cast.
pub(crate) fn cast(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    if from == to {
        return Ok(values.clone());
    }
    if *from == Type::Unknown {
        return Ok(new_null_array(&to.to_arrow(), values.len()));
    }
    // The first that knows the two.
    let casts: [(IsCastable, Cast); 5] = [
        (number::is_castable, number::cast),
        (text::is_castable, text::cast),
        (datetime::is_castable, datetime::cast),
        (json::is_castable, |values, from, to, _| {
            json::cast(values, from, to)
        }),
        (nested::is_castable, nested::cast),
    ];
    for (is_castable, cast) in casts {
        if is_castable(from, to) {
            return cast(values, from, to, call);
        }
    }
    Err(Error::new(
        Kind::TypeMismatch,
        format!("Cannot cast {from} to {to}"),
    ))
}

/// A column of these values made others, one at a time.
fn each<A: Cell, R: Cell>(
    values: &ArrayRef,
    to: &Type,
    call: &Call<'_>,
    work: impl Fn(A::Read<'_>) -> Result<R::Made>,
) -> Result<ArrayRef> {
    let column = A::column(values);
    let inner = Call {
        returns: to,
        rows: values.len(),
        ..*call
    };
    inner.rows::<R>(|row| {
        if column.is_null(row) {
            return Ok(None);
        }
        work(A::read(column, row)).map(Some)
    })
}

type IsCastable = fn(&Type, &Type) -> bool;

type Cast = fn(&ArrayRef, &Type, &Type, &Call<'_>) -> Result<ArrayRef>;
