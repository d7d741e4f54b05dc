//! Rows: what makes them, and their fields.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StructArray};
use datafusion::arrow::compute::is_not_null;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use super::array::lists::arrow;
use super::signature::Bound;
use super::{Call, Function, Literals, function};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$row", "A row of these").form_by_rule(
            "T... -> row(T)",
            |arguments, _| {
                let fields = arguments.iter().map(|kind| (None, kind.clone()));
                Some(Bound {
                    arguments: arguments.to_vec(),
                    returns: Type::Row(fields.collect()),
                    distance: 0,
                })
            },
            |call| {
                let DataType::Struct(fields) = call.returns.to_arrow() else {
                    return Err(Error::new(Kind::Internal, "rows are structs in Arrow"));
                };
                let row = StructArray::try_new(fields, call.arguments.to_vec(), None);
                Ok(Arc::new(arrow(row)?))
            },
        ),
        function("$field", "A field by its name").form_by_rule(
            "R, varchar -> T",
            |arguments, literals| {
                let [Type::Row(_), _] = arguments else {
                    return None;
                };
                bound(arguments, by_name(&arguments[0], literals))
            },
            |call| field(call, by_name_of(call)),
        ),
        function("$[]", "An element by its place or key").form_by_rule(
            "R, integer -> T",
            |arguments, literals| {
                let [Type::Row(fields), place] = arguments else {
                    return None;
                };
                let literal = literals.get(1).copied().flatten();
                let place = literal.and_then(place_of).filter(|_| place.is_integer());
                match (literals, place) {
                    ([], _) => bound(arguments, Field::NotAsked),
                    (_, Some(place)) if (1..=fields.len()).contains(&place) => {
                        bound(arguments, Field::At(place - 1))
                    }
                    _ => None,
                }
            },
            |call| {
                let place = ScalarValue::try_from_array(&call.arguments[1], 0)?;
                field(
                    call,
                    place_of(&place).and_then(|place| place.checked_sub(1)),
                )
            },
        ),
    ]
}

/// Which field a call is for.
enum Field {
    At(usize),
    /// Only the arguments' types are.
    NotAsked,
    Missing,
}

fn bound(arguments: &[Type], field: Field) -> Option<Bound> {
    let returns = match (field, &arguments[0]) {
        (Field::At(place), Type::Row(fields)) => fields.get(place)?.1.clone(),
        (Field::NotAsked, _) => Type::Unknown,
        _ => return None,
    };
    Some(Bound {
        arguments: arguments.to_vec(),
        returns,
        distance: 0,
    })
}

fn by_name(row: &Type, literals: &Literals<'_>) -> Field {
    let Some(Some(ScalarValue::Utf8(Some(name)))) = literals.get(1) else {
        return Field::NotAsked;
    };
    place_by_name(row, name).map_or(Field::Missing, Field::At)
}

fn place_by_name(row: &Type, name: &str) -> Option<usize> {
    let Type::Row(fields) = row else {
        return None;
    };
    let is_it = |field: &Option<String>| {
        field
            .as_ref()
            .is_some_and(|field| field.eq_ignore_ascii_case(name))
    };
    fields.iter().position(|(field, _)| is_it(field))
}

fn by_name_of(call: &Call<'_>) -> Option<usize> {
    let names = call.arguments[1].as_string::<i32>();
    (!names.is_empty()).then(|| place_by_name(&call.types[0], names.value(0)))?
}

fn place_of(literal: &ScalarValue) -> Option<usize> {
    match literal {
        ScalarValue::Int32(Some(place)) => usize::try_from(*place).ok(),
        ScalarValue::Int64(Some(place)) => usize::try_from(*place).ok(),
        _ => None,
    }
}

/// A field of NULL is NULL.
fn field(call: &Call<'_>, place: Option<usize>) -> Result<ArrayRef> {
    let rows = call.arguments[0].as_struct();
    let Some(field) = place.and_then(|place| rows.columns().get(place)) else {
        return Err(Error::new(Kind::Internal, "a row has no such field"));
    };
    if rows.null_count() == 0 {
        return Ok(field.clone());
    }
    let present = arrow(is_not_null(rows))?;
    let absent = datafusion::arrow::array::new_null_array(field.data_type(), 1);
    let absent = datafusion::arrow::array::Scalar::new(absent);
    arrow(datafusion::arrow::compute::kernels::zip::zip(
        &present, field, &absent,
    ))
}
