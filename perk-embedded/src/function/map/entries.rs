//! Columns of maps, and others made of keys and values.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, MapArray, StructArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{Row, Rows};

use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::array::lists::{Groups, Places, arrow, comparable, index, is_null, taken};
use crate::function::invalid;
use crate::types::Type;

/// A call's argument that is a column of maps.
pub(crate) fn argument<'a>(call: &Call<'a>, argument: usize) -> &'a MapArray {
    call.arguments[argument].as_map()
}

/// Where the entries of a row's map are among all; none where it is NULL.
pub(crate) fn range(map: &MapArray, row: usize) -> Option<Range<usize>> {
    map.is_valid(row).then(|| {
        let offsets = map.value_offsets();
        index(offsets[row])..index(offsets[row + 1])
    })
}

/// A column of maps. Whoever calls this knows that no key is NULL, or there twice.
pub(crate) fn map(groups: &Groups, keys: ArrayRef, values: ArrayRef) -> Result<ArrayRef> {
    let kind = |array: &ArrayRef| array.data_type().clone();
    let DataType::Map(field, sorted) = map_type(kind(&keys), kind(&values)) else {
        return Err(Error::new(Kind::Internal, "maps are maps in Arrow"));
    };
    let DataType::Struct(fields) = field.data_type().clone() else {
        return Err(Error::new(Kind::Internal, "maps have entries in Arrow"));
    };
    let entries = arrow(StructArray::try_new(fields, vec![keys, values], None))?;
    let maps = MapArray::try_new(field, groups.offsets(), entries, groups.nulls(), sorted);
    Ok(Arc::new(arrow(maps)?))
}

/// As [`Type::to_arrow`] has it, of types that Arrow knows already.
fn map_type(key: DataType, value: DataType) -> DataType {
    let DataType::Map(entries, sorted) = Type::map(Type::Unknown, Type::Unknown).to_arrow() else {
        return DataType::Null;
    };
    let DataType::Struct(fields) = entries.data_type() else {
        return DataType::Null;
    };
    let fields = fields.iter().zip([key, value]);
    let fields = fields.map(|(field, kind)| field.as_ref().clone().with_data_type(kind));
    let entries = entries.as_ref().clone();
    let entries = entries.with_data_type(DataType::Struct(fields.collect()));
    DataType::Map(Arc::new(entries), sorted)
}

/// A column of maps of these keys and values, by their places; a key that comes twice or is NULL fails.
pub(crate) fn map_of(
    call: &Call<'_>,
    keys: &ArrayRef,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Option<Vec<(usize, Option<usize>)>>>,
) -> Result<ArrayRef> {
    let compared = comparable(keys)?;
    let mut groups = Groups::default();
    let (mut key_places, mut value_places) = (Places::default(), Places::default());
    for row in 0..call.rows {
        let entries = work(row)?;
        let own = || entries.iter().flatten().map(|(key, _)| *key);
        if own().any(|key| is_null(keys, key)) {
            return Err(invalid("map key cannot be null"));
        }
        if let Some(key) = repeated(&compared, own()) {
            let key = shown(call, keys, key);
            return Err(invalid(format!(
                "Duplicate map keys ({key}) are not allowed"
            )));
        }
        groups.push(entries.as_ref().map(Vec::len))?;
        for (key, value) in entries.into_iter().flatten() {
            key_places.push(Some(key));
            value_places.push(value);
        }
    }
    map(
        &groups,
        taken(keys, key_places)?,
        taken(values, value_places)?,
    )
}

/// The first of a map's keys that it has had before.
pub(crate) fn repeated(compared: &Rows, mut keys: impl Iterator<Item = usize>) -> Option<usize> {
    let mut seen: HashSet<Row<'_>> = HashSet::new();
    keys.find(|&key| !seen.insert(compared.row(key)))
}

/// A value for an error message.
pub(crate) fn shown(call: &Call<'_>, values: &ArrayRef, place: usize) -> String {
    use crate::function::cast::{cast, is_castable};
    let one = values.slice(place, 1);
    let kind = Type::from_arrow(values.data_type()).unwrap_or(Type::Unknown);
    let elements = Call {
        arguments: std::slice::from_ref(&one),
        types: std::slice::from_ref(&kind),
        returns: &Type::VARCHAR,
        rows: 1,
        ..*call
    };
    let text = is_castable(&kind, &Type::VARCHAR)
        .then(|| cast(&one, &kind, &Type::VARCHAR, &elements).ok())
        .flatten();
    match text {
        Some(text) if text.is_valid(0) => text.as_string::<i32>().value(0).to_owned(),
        _ => kind.to_string(),
    }
}
