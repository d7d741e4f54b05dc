//! Casts of arrays, maps and rows: of what is in them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StructArray};
use datafusion::arrow::datatypes::DataType;

use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::array::lists::{Flat, Groups, arrow, taken};
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
            let flat = Flat::of_list(list);
            let elements = Part::new(&flat.taken(list.values())?, from, to, call)?;
            let groups = failed_as_null(call, values, &flat, &[&elements]);
            Ok(Arc::new(groups.list(elements.kept(&flat, &groups)?)?))
        }
        (Type::Map(key, value), Type::Map(k, v)) => {
            let map = values.as_map();
            let flat = Flat::new((0..map.len()).map(|row| entries::range(map, row)));
            let keys = Part::new(&flat.taken(map.keys())?, key, k, call)?;
            let values_of = Part::new(&flat.taken(map.values())?, value, v, call)?;
            let groups = failed_as_null(call, values, &flat, &[&keys, &values_of]);
            entries::map(
                &groups,
                keys.kept(&flat, &groups)?,
                values_of.kept(&flat, &groups)?,
            )
        }
        (Type::Row(from), Type::Row(kinds)) => {
            let rows = values.as_struct();
            let DataType::Struct(fields) = to.to_arrow() else {
                return Err(Error::new(Kind::Internal, "rows are structs in Arrow"));
            };
            let columns = rows.columns().iter().zip(from.iter().zip(kinds));
            let columns = columns
                .map(|(column, ((_, from), (_, to)))| inner(column, from, to, call))
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

/// Elements, and what they are made.
struct Part {
    before: ArrayRef,
    after: ArrayRef,
}

impl Part {
    fn new(before: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<Self> {
        Ok(Self {
            before: before.clone(),
            after: inner(before, from, to, call)?,
        })
    }

    fn fails(&self, i: usize) -> bool {
        self.before.is_valid(i) && self.after.is_null(i)
    }

    /// Without the elements of rows that are NULL now.
    fn kept(&self, flat: &Flat, groups: &Groups) -> Result<ArrayRef> {
        let nulls = groups.nulls();
        let whole = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let places = flat.rows.iter().enumerate();
        let kept = places.filter(|(_, row)| whole(**row));
        taken(&self.after, kept.map(|(i, _)| Some(i)))
    }
}

/// With `TRY`, what cannot be cast in all of its parts is NULL as a whole.
fn failed_as_null(call: &Call<'_>, values: &ArrayRef, flat: &Flat, parts: &[&Part]) -> Groups {
    let mut groups = Groups::default();
    let fails = |i: usize| parts.iter().any(|part| part.fails(i));
    for (row, mut range) in flat.ranges().into_iter().enumerate() {
        let length = range.len();
        let whole = values.is_valid(row) && !(call.lenient && range.any(fails));
        groups.push(whole.then_some(length));
    }
    groups
}
