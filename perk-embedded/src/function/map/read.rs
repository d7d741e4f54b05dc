//! What is in a map.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};

use super::entries::{argument, range, shown};
use crate::error::Result;
use crate::function::array::lists::{
    Both, arrow, choose, count, element, has_null, is_null, pick_each, sortable,
};
use crate::function::cell::{Bigint, Boolean};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$[]", "An element by its place or key").form("map(K, V), K -> V", |call| {
            let found = Found::new(call)?;
            choose(call, found.map.values(), |row| match found.place(row) {
                Some(place) => Ok(Some(place)),
                None if has_null(call, row) => Ok(None),
                None => {
                    let key = shown(call, &call.arguments[1], row);
                    Err(invalid(format!("Key not present in map: {key}")))
                }
            })
        }),
        function("element_at", "Get element of array at given index").form(
            "map(K, V), K -> V",
            |call| {
                let found = Found::new(call)?;
                choose(call, found.map.values(), |row| Ok(found.place(row)))
            },
        ),
        function(
            "map_key_exists",
            "Returns whether a given key exists in a map.",
        )
        .form("map(K, V), K -> boolean", |call| {
            let found = Found::new(call)?;
            call.rows::<Boolean>(|row| {
                Ok((!has_null(call, row)).then(|| found.place(row).is_some()))
            })
        }),
        function(
            "cardinality",
            "Returns the cardinality (length) of the array",
        )
        .form("map(K, V) -> bigint", |call| {
            let map = argument(call, 0);
            call.rows::<Bigint>(|row| Ok(range(map, row).map(|range| count(range.len()))))
        }),
        function("map_keys", "Returns the keys of the given map(K,V) as an array")
            .form("map(K, V) -> array(K)", |call| {
                let map = argument(call, 0);
                list(map, map.keys().clone())
            }),
        function("map_values", "Returns the values of the given map(K,V) as an array")
            .form("map(K, V) -> array(V)", |call| {
                let map = argument(call, 0);
                list(map, map.values().clone())
            }),
        function("map_entries", "construct an array of entries from a given map").form(
            "map(K, V) -> array(row(K, V))",
            |call| {
                let map = argument(call, 0);
                let DataType::Struct(fields) = element(&call.returns.to_arrow()) else {
                    return Err(invalid("map_entries gives rows"));
                };
                let columns = vec![map.keys().clone(), map.values().clone()];
                list(map, Arc::new(arrow(StructArray::try_new(fields, columns, None))?))
            },
        ),
        function(
            "map_top_n_keys",
            "Returns the top N keys of the given map by sorting the keys in descending order according to the natural ordering of its keys.",
        )
        .form("map(K, V), bigint -> array(K)", |call| {
            let map = argument(call, 0);
            top(call, map, map.keys(), map.keys())
        }),
        function(
            "map_top_n_values",
            "Returns the top N values of the given map in descending order according to the natural ordering of its values.",
        )
        .form("map(K, V), bigint -> array(V)", |call| {
            let map = argument(call, 0);
            top(call, map, map.values(), map.values())
        }),
        function(
            "map_keys_by_top_n_values",
            "Returns the top N keys of the given map in descending order according to the natural ordering of its values.",
        )
        .form("map(K, V), bigint -> array(K)", |call| {
            let map = argument(call, 0);
            top(call, map, map.values(), map.keys())
        }),
    ]
}

/// An array for each map.
fn list(map: &MapArray, values: ArrayRef) -> Result<ArrayRef> {
    let field =
        datafusion::arrow::datatypes::Field::new_list_field(values.data_type().clone(), true);
    let list = ListArray::try_new(
        Arc::new(field),
        map.offsets().clone(),
        values,
        map.nulls().cloned(),
    );
    Ok(Arc::new(arrow(list)?))
}

/// Those of the entries that are the greatest by something, with NULL behind all others.
fn top(call: &Call<'_>, map: &MapArray, by: &ArrayRef, wanted: &ArrayRef) -> Result<ArrayRef> {
    let most = call.arguments[1].as_primitive::<Int64Type>();
    let compared = sortable(by)?;
    pick_each(call, wanted, |row| {
        let most = usize::try_from(most.value(row))
            .map_err(|_| invalid("n must be greater than or equal to 0"))?;
        let mut places: Vec<usize> = range(map, row).unwrap_or_default().collect();
        places.sort_by(|&a, &b| {
            let nulls = is_null(by, a).cmp(&is_null(by, b));
            nulls.then_with(|| compared.row(b).cmp(&compared.row(a)))
        });
        Ok(places.into_iter().take(most).map(Some).collect())
    })
}

/// The entry of the first argument whose key is the second.
struct Found<'a> {
    call: &'a Call<'a>,
    map: &'a MapArray,
    both: Both,
}

impl<'a> Found<'a> {
    fn new(call: &'a Call<'a>) -> Result<Self> {
        let map = argument(call, 0);
        let both = Both::of_keys(map.keys(), &call.arguments[1])?;
        Ok(Self { call, map, both })
    }

    fn place(&self, row: usize) -> Option<usize> {
        let keys = &self.both.keys;
        let wanted = self.both.second + row;
        range(self.map, row)
            .filter(|_| !has_null(self.call, row))?
            .find(|&i| keys.row(i) == keys.row(wanted))
    }
}
