//! Functions of maps and a lambda.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, MapArray};
use datafusion::arrow::row::Row;

use super::{LambdaCall, LambdaFunction, function, matching};
use crate::error::Result;
use crate::function::array::lists::{Both, Flat, Groups, Places, taken};
use crate::function::map::entries::{argument, map, map_of, range};

pub(super) fn functions() -> Vec<LambdaFunction> {
    vec![
        function("map_filter", "return map containing entries that match the given predicate").form(
            "map(K,V), function(K,V,boolean) -> map(K,V)",
            |call| {
                let each = Each::new(call)?;
                let ranges = each.flat.ranges();
                let answers = each.results.as_boolean();
                map_of(&call.values, &each.keys, &each.values, |row| {
                    let range = ranges[row].clone().filter(|&i| matching::is(answers, i, true));
                    Ok(call.values.arguments[0].is_valid(row).then(|| range.map(|i| (i, Some(i))).collect()))
                })
            },
        ),
        function("transform_keys", "apply lambda to each entry of the map and transform the key").form(
            "map(K,V), function(K,V,L) -> map(L,V)",
            |call| {
                let each = Each::new(call)?;
                let ranges = each.flat.ranges();
                map_of(&call.values, &each.results, &each.values, |row| {
                    let range = ranges[row].clone();
                    Ok(call.values.arguments[0].is_valid(row).then(|| range.map(|i| (i, Some(i))).collect()))
                })
            },
        ),
        function("transform_values", "apply lambda to each entry of the map and transform the value").form(
            "map(K,V), function(K,V,W) -> map(K,W)",
            |call| {
                let each = Each::new(call)?;
                map(&each.flat.groups, each.keys, each.results)
            },
        ),
        function(
            "map_zip_with",
            "merge two maps into a single map by applying the lambda function to the pair of values with the same key",
        )
        .form("map(K,V), map(K,W), function(K,V,W,X) -> map(K,X)", zip_with),
        function("any_keys_match", "Returns whether any key of a map matches the given predicate.")
            .form("map(K,V), function(K,boolean) -> boolean", |call| {
                matched(call, MapArray::keys, true, true)
            }),
        function("all_keys_match", "Returns whether all keys of a map match the given predicate.")
            .form("map(K,V), function(K,boolean) -> boolean", |call| {
                matched(call, MapArray::keys, false, false)
            }),
        function("no_keys_match", "Returns whether no keys of a map match the given predicate.")
            .form("map(K,V), function(K,boolean) -> boolean", |call| {
                matched(call, MapArray::keys, true, false)
            }),
        function("any_values_match", "Returns whether any values of a map match the given predicate.")
            .form("map(K,V), function(V,boolean) -> boolean", |call| {
                matched(call, MapArray::values, true, true)
            }),
        function("no_values_match", "Returns whether no values of a map match the given predicate.")
            .form("map(K,V), function(V,boolean) -> boolean", |call| {
                matched(call, MapArray::values, true, false)
            }),
    ]
}

/// A lambda's results for each entry of a map.
struct Each {
    flat: Flat,
    keys: ArrayRef,
    values: ArrayRef,
    results: ArrayRef,
}

impl Each {
    fn new(call: &LambdaCall<'_>) -> Result<Self> {
        let map = argument(&call.values, 0);
        let flat = flat(map)?;
        let (keys, values) = (flat.taken(map.keys())?, flat.taken(map.values())?);
        let results = call.lambdas[0].apply(&[keys.clone(), values.clone()], &flat.rows)?;
        Ok(Self {
            flat,
            keys,
            values,
            results,
        })
    }
}

fn flat(map: &MapArray) -> Result<Flat> {
    Flat::new((0..map.len()).map(|row| range(map, row)))
}

/// Of the keys, or of the values: see [`matching::matched`].
fn matched(
    call: &LambdaCall<'_>,
    part: fn(&MapArray) -> &ArrayRef,
    deciding: bool,
    decided: bool,
) -> Result<ArrayRef> {
    let map = argument(&call.values, 0);
    let flat = flat(map)?;
    matching::matched(call, &flat.taken(part(map))?, &flat, deciding, decided)
}

/// The keys of both; a map's value is NULL where it has no such key.
fn zip_with(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (left, right) = (argument(&call.values, 0), argument(&call.values, 1));
    let both = Both::new(left.keys(), right.keys())?;
    let mut groups = Groups::default();
    let mut rows = Vec::new();
    let [mut keys, mut a] = [Places::default(), Places::default()];
    // Of the other map's, each is found behind the key that it is of.
    let mut b = Vec::new();
    for row in 0..call.values.rows {
        let Some((left, right)) = range(left, row).zip(range(right, row)) else {
            groups.push(None)?;
            continue;
        };
        let begin = keys.len();
        let mut known: HashMap<Row<'_>, usize> = HashMap::new();
        for i in left {
            known.insert(both.keys.row(i), keys.len());
            keys.push(Some(i));
            a.push(Some(i));
            b.push(None);
        }
        for i in right {
            let key = both.second + i;
            if let Some(place) = known.get(&both.keys.row(key)) {
                b[*place] = Some(i);
            } else {
                keys.push(Some(key));
                a.push(None);
                b.push(Some(i));
            }
        }
        rows.extend(std::iter::repeat_n(row, keys.len() - begin));
        groups.push(Some(keys.len() - begin))?;
    }
    let keys = taken(&both.values, keys)?;
    let arguments = [
        keys.clone(),
        taken(left.values(), a)?,
        taken(right.values(), b.into_iter().collect())?,
    ];
    let results = call.lambdas[0].apply(&arguments, &rows)?;
    map(&groups, keys, results)
}
