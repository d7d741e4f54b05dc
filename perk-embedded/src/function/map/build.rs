//! Maps of what is none.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, new_empty_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::Row;

use super::entries::{argument, map, map_of, range};
use crate::error::Result;
use crate::function::array::lists::{
    Groups, Places, arrow, comparable, is_null, list, range as elements, taken,
};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("map", "Constructs a map from the given key/value arrays")
            .form("-> map(unknown, unknown)", |call| {
                let none = new_empty_array(&DataType::Null);
                map_of(call, &none, &none, |_| Ok(Some(Vec::new())))
            })
            .form("array(K), array(V) -> map(K, V)", |call| {
                let (keys, values) = (list(call, 0), list(call, 1));
                map_of(call, keys.values(), values.values(), |row| {
                    let Some((keys, values)) = elements(keys, row).zip(elements(values, row))
                    else {
                        return Ok(None);
                    };
                    if keys.len() != values.len() {
                        return Err(invalid("Key and value arrays must be the same length"));
                    }
                    Ok(Some(keys.zip(values.map(Some)).collect()))
                })
            }),
        function(
            "map_from_entries",
            "construct a map from an array of entries",
        )
        .form("array(row(K, V)) -> map(K, V)", |call| {
            let list = list(call, 0);
            let entries = list.values().as_struct();
            map_of(call, entries.column(0), entries.column(1), |row| {
                let Some(elements) = elements(list, row) else {
                    return Ok(None);
                };
                if elements.clone().any(|i| entries.is_null(i)) {
                    return Err(invalid("map entry cannot be null"));
                }
                Ok(Some(elements.map(|i| (i, Some(i))).collect()))
            })
        }),
        function(
            "multimap_from_entries",
            "construct a multimap from an array of entries",
        )
        .form("array(row(K, V)) -> map(K, array(V))", multimap),
        function("map_concat", "Concatenates given maps")
            .form("map(K, V)... -> map(K, V)", concatenation),
        function(
            "map_remove_null_values",
            "Constructs a map by removing all the keys with null values.",
        )
        .form("map(K, V) -> map(K, V)", |call| {
            let map = argument(call, 0);
            map_of(call, map.keys(), map.values(), |row| {
                Ok(range(map, row).map(|entries| {
                    let known = entries.filter(|&i| !is_null(map.values(), i));
                    known.map(|i| (i, Some(i))).collect()
                }))
            })
        }),
    ]
}

/// Of equal keys the last one's value.
fn concatenation(call: &Call<'_>) -> Result<ArrayRef> {
    let maps: Vec<_> = (0..call.arguments.len())
        .map(|i| argument(call, i))
        .collect();
    if maps.len() < 2 {
        return Err(invalid("There must be two or more concatenation arguments"));
    }
    let together = |arrays: Vec<&dyn Array>| arrow(concat(&arrays));
    let keys = together(maps.iter().map(|map| map.keys().as_ref()).collect())?;
    let values = together(maps.iter().map(|map| map.values().as_ref()).collect())?;
    let compared = comparable(&keys)?;
    map_of(call, &keys, &values, |row| {
        let mut begin = 0;
        let mut entries: Vec<(usize, Option<usize>)> = Vec::new();
        let mut known: HashMap<Row<'_>, usize> = HashMap::new();
        for map in &maps {
            let Some(range) = range(map, row) else {
                return Ok(None);
            };
            for i in range.map(|i| begin + i) {
                let place = *known.entry(compared.row(i)).or_insert(entries.len());
                match entries.get_mut(place) {
                    Some(entry) => entry.1 = Some(i),
                    None => entries.push((i, Some(i))),
                }
            }
            begin += map.keys().len();
        }
        Ok(Some(entries))
    })
}

fn multimap(call: &Call<'_>) -> Result<ArrayRef> {
    let list = list(call, 0);
    let entries = list.values().as_struct();
    let compared = comparable(entries.column(0))?;
    let (mut maps, mut arrays) = (Groups::default(), Groups::default());
    let (mut keys, mut values) = (Places::default(), Places::default());
    for row in 0..call.rows {
        let Some(elements) = elements(list, row) else {
            maps.push(None)?;
            continue;
        };
        let grouped = grouped(elements, entries, |i| compared.row(i))?;
        maps.push(Some(grouped.len()))?;
        for group in grouped {
            keys.push(group.first().copied());
            arrays.push(Some(group.len()))?;
            values.extend(group.into_iter().map(Some));
        }
    }
    let values = arrays.list(taken(entries.column(1), values)?)?;
    map(&maps, taken(entries.column(0), keys)?, Arc::new(values))
}

/// Entries of the same key together.
fn grouped<'a>(
    elements: std::ops::Range<usize>,
    entries: &datafusion::arrow::array::StructArray,
    key: impl Fn(usize) -> Row<'a>,
) -> Result<Vec<Vec<usize>>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Row<'_>, usize> = HashMap::new();
    for i in elements {
        if entries.is_null(i) {
            return Err(invalid("map entry cannot be null"));
        }
        if is_null(entries.column(0), i) {
            return Err(invalid("map key cannot be null"));
        }
        let place = *known.entry(key(i)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(i),
            None => groups.push(vec![i]),
        }
    }
    Ok(groups)
}
