//! Casts of arrays, maps and rows: of what is in them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StructArray};
use datafusion::arrow::datatypes::DataType;

use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::array::lists::{Flat, arrow, comparable, taken};
use crate::function::map::entries;
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(from: &Type, to: &Type) -> bool {
    let castable = super::is_castable;
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => castable(from, to),
        (Type::Map(key, value), Type::Map(k, v)) => castable(key, k) && castable(value, v),
        (Type::Row(from), Type::Row(to)) => {
            let fields = from.iter().zip(to);
            from.len() == to.len() && fields.into_iter().all(|((_, a), (_, b))| castable(a, b))
        }
        _ => false,
    }
}

/// Makes values of one type values of another.
pub(super) fn cast(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => {
            let list = values.as_list::<i32>();
            let flat = Flat::of_list(list)?;
            let elements = inner(&flat.taken(list.values())?, from, to, call)?;
            Ok(Arc::new(flat.groups.list(elements)?))
        }
        (Type::Map(key, value), Type::Map(k, v)) => {
            let map = values.as_map();
            let flat = Flat::new((0..map.len()).map(|row| entries::range(map, row)))?;
            let keys = inner(&flat.taken(map.keys())?, key, k, call)?;
            let values = inner(&flat.taken(map.values())?, value, v, call)?;
            if key != k {
                without_repeated(&keys, &flat)?;
            }
            entries::map(&flat.groups, keys, values)
        }
        (Type::Row(from), Type::Row(kinds)) => {
            let rows = values.as_struct();
            let DataType::Struct(fields) = to.to_arrow() else {
                return Err(Error::new(Kind::Internal, "rows are structs in Arrow"));
            };
            let columns = rows.columns().iter().zip(from.iter().zip(kinds));
            let columns = columns
                .map(|(column, ((_, from), (_, to)))| {
                    // What is in a row that is NULL need not be anything.
                    let present = (0..rows.len()).map(|i| rows.is_valid(i).then_some(i));
                    let column = match rows.null_count() {
                        0 => column.clone(),
                        _ => taken(column, present.collect())?,
                    };
                    inner(&column, from, to, call)
                })
                .collect::<Result<Vec<_>>>()?;
            let made = StructArray::try_new(fields, columns, rows.nulls().cloned());
            Ok(Arc::new(arrow(made)?))
        }
        _ => Err(Error::new(
            Kind::Internal,
            format!("no cast from {from} to {to}"),
        )),
    }
}

/// Keys that were different may be the same now.
fn without_repeated(keys: &ArrayRef, flat: &Flat) -> Result<()> {
    let compared = comparable(keys)?;
    let mut maps = flat.ranges().into_iter();
    if maps.any(|map| entries::repeated(&compared, map).is_some()) {
        return Err(Error::new(Kind::InvalidCastArgument, "duplicate keys"));
    }
    Ok(())
}

fn inner(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let elements = Call {
        arguments: std::slice::from_ref(values),
        types: std::slice::from_ref(from),
        returns: to,
        rows: values.len(),
        ..*call
    };
    super::cast(values, from, to, &elements)
}
