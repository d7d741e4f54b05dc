//! Arrays as sets.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array};
use datafusion::arrow::row::{Row, Rows};

use super::lists::{
    Both, Chosen, Groups, Places, comparable, is_null, list, pick, pick_each, range, taken,
};
use crate::error::Result;
use crate::function::cell::Boolean;
use crate::function::map::entries;
use crate::function::{Call, Function, function};

pub(super) fn functions() -> Vec<Function> {
    [sets_of_one(), sets_of_two(), repetitions()].concat()
}

fn sets_of_one() -> Vec<Function> {
    vec![
        function(
            "array_distinct",
            "Remove duplicate values from the given array",
        )
        .form("array(E) -> array(E)", |call| {
            let list = list(call, 0);
            let keys = comparable(list.values())?;
            pick_each(call, list.values(), |row| {
                let mut seen = HashSet::new();
                Ok(distinct(&keys, elements(call, 0, row), &mut seen, |_| true))
            })
        }),
        function("remove_nulls", "Removes null values from an array.").form(
            "array(T) -> array(T)",
            |call| {
                let values = list(call, 0).values();
                pick_each(call, values, |row| {
                    let known = elements(call, 0, row).filter(|&i| !is_null(values, i));
                    Ok(known.map(Some).collect())
                })
            },
        ),
    ]
}

fn sets_of_two() -> Vec<Function> {
    vec![
        function("array_union", "Union elements of the two given arrays").form(
            "array(E), array(E) -> array(E)",
            |call| {
                sets(call, |keys, left, right| {
                    let mut seen = HashSet::new();
                    let mut places = distinct(keys, left, &mut seen, |_| true);
                    places.extend(distinct(keys, right, &mut seen, |_| true));
                    places
                })
            },
        ),
        function("array_intersect", "Intersects elements of the two given arrays").form(
            "array(E), array(E) -> array(E)",
            |call| {
                sets(call, |keys, left, right| {
                    // In the order of the longer one.
                    let (longer, other) = if left.len() < right.len() {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    let other: HashSet<Row<'_>> = other.map(|i| keys.row(i)).collect();
                    distinct(keys, longer, &mut HashSet::new(), |key| other.contains(key))
                })
            },
        ),
        function(
            "array_except",
            "Returns an array of elements that are in the first array but not the second, without duplicates.",
        )
        .form("array(E), array(E) -> array(E)", |call| {
            sets(call, |keys, left, right| {
                let right: HashSet<Row<'_>> = right.map(|i| keys.row(i)).collect();
                distinct(keys, left, &mut HashSet::new(), |key| !right.contains(key))
            })
        }),
        function("arrays_overlap", "Returns true if arrays have common elements").form(
            "array(T), array(T) -> boolean",
            |call| {
                let (left, right) = (list(call, 0), list(call, 1));
                let both = Both::new(left.values(), right.values())?;
                call.rows::<Boolean>(|row| {
                    let (Some(left), Some(right)) = (range(left, row), range(right, row)) else {
                        return Ok(None);
                    };
                    let right = both.shifted(&right);
                    if left.is_empty() || right.is_empty() {
                        return Ok(Some(false));
                    }
                    let null = |i: &usize| is_null(&both.values, *i);
                    let known: HashSet<Row<'_>> = left
                        .clone()
                        .filter(|i| !null(i))
                        .map(|i| both.keys.row(i))
                        .collect();
                    if right.clone().any(|i| !null(&i) && known.contains(&both.keys.row(i))) {
                        return Ok(Some(true));
                    }
                    let unknown = left.chain(right).any(|i| null(&i));
                    Ok((!unknown).then_some(false))
                })
            },
        ),
    ]
}

fn repetitions() -> Vec<Function> {
    let duplicates = function(
        "array_duplicates",
        "Returns set of elements that have duplicates",
    )
    .form("array(T) -> array(T)", |call| {
        let list = list(call, 0);
        let keys = comparable(list.values())?;
        pick_each(call, list.values(), |row| {
            let repeated = repeated(list.values(), &keys, elements(call, 0, row));
            Ok(repeated.into_iter().map(Some).collect())
        })
    });
    let has_duplicates = function(
        "array_has_duplicates",
        "Returns whether array has any duplicate element",
    )
    .form("array(T) -> boolean", |call| {
        let list = list(call, 0);
        let keys = comparable(list.values())?;
        call.rows::<Boolean>(|row| {
            Ok(range(list, row)
                .map(|elements| !repeated(list.values(), &keys, elements).is_empty()))
        })
    });
    vec![
        function(
            "array_frequency",
            "Returns the frequency of all array elements as a map.",
        )
        .form("array(T) -> map(T, integer)", frequency),
        duplicates.also("array_dupes"),
        duplicates,
        has_duplicates.also("array_has_dupes"),
        has_duplicates,
    ]
}

fn elements(call: &Call<'_>, argument: usize, row: usize) -> Range<usize> {
    range(list(call, argument), row).unwrap_or_default()
}

/// A function of two arrays.
fn sets(
    call: &Call<'_>,
    work: impl Fn(&Rows, Range<usize>, Range<usize>) -> Chosen,
) -> Result<ArrayRef> {
    let (left, right) = (list(call, 0), list(call, 1));
    let both = Both::new(left.values(), right.values())?;
    pick(call, &both.values, |row| {
        let ranges = range(left, row).zip(range(right, row));
        Ok(ranges.map(|(left, right)| work(&both.keys, left, both.shifted(&right))))
    })
}

/// The first of equal ones, if they are wanted.
fn distinct<'a>(
    keys: &'a Rows,
    elements: Range<usize>,
    seen: &mut HashSet<Row<'a>>,
    wanted: impl Fn(&Row<'a>) -> bool,
) -> Chosen {
    elements
        .filter(|&i| wanted(&keys.row(i)) && seen.insert(keys.row(i)))
        .map(Some)
        .collect()
}

/// The first of those that come more than once, with NULL before all others.
fn repeated(values: &ArrayRef, keys: &Rows, elements: Range<usize>) -> Vec<usize> {
    let mut counts: HashMap<Row<'_>, usize> = HashMap::new();
    let mut found = Vec::new();
    for i in elements.clone() {
        *counts.entry(keys.row(i)).or_default() += 1;
    }
    for i in elements {
        if counts.remove(&keys.row(i)).is_some_and(|count| count > 1) {
            found.push(i);
        }
    }
    found.sort_by_key(|&i| !is_null(values, i));
    found
}

fn frequency(call: &Call<'_>) -> Result<ArrayRef> {
    let list = list(call, 0);
    let keys = comparable(list.values())?;
    let mut groups = Groups::default();
    let (mut places, mut counts) = (Places::default(), Vec::new());
    for row in 0..call.rows {
        let Some(elements) = range(list, row) else {
            groups.push(None)?;
            continue;
        };
        let begin = places.len();
        let mut known: HashMap<Row<'_>, usize> = HashMap::new();
        for i in elements.filter(|&i| !is_null(list.values(), i)) {
            let place = *known.entry(keys.row(i)).or_insert(places.len());
            if place == places.len() {
                places.push(Some(i));
                counts.push(0);
            }
            counts[place] += 1;
        }
        groups.push(Some(places.len() - begin))?;
    }
    let keys = taken(list.values(), places)?;
    entries::map(&groups, keys, Arc::new(Int32Array::from(counts)))
}
