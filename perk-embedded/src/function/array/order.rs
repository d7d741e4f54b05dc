//! Arrays in another order.

use std::cmp::Ordering;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int32Type;

use super::lists::{choose, is_null, list, pick_each, range, sortable};
use crate::error::{Error, Kind, Result};
use crate::function::{Call, Function, function};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "array_sort",
            "Sorts the given array in ascending order according to the natural ordering of its elements.",
        )
        .form("array(E) -> array(E)", |call| {
            sorted(call, |order| order, |_| Ok(usize::MAX))
        }),
        function(
            "array_sort_desc",
            "Sorts the given array in descending order according to the natural ordering of its elements.",
        )
        .form("array(T) -> array(T)", |call| {
            sorted(call, Ordering::reverse, |_| Ok(usize::MAX))
        }),
        function(
            "array_top_n",
            "Returns top N elements of a given array, using natural descending order.",
        )
        .form("array(T), integer -> array(T)", |call| {
            let most = call.arguments[1].as_primitive::<Int32Type>();
            sorted(call, Ordering::reverse, |row| at_most(most.value(row)))
        }),
        function("array_max", "Get maximum value of array").form("array(T) -> T", |call| {
            extreme(call, |order| order)
        }),
        function("array_min", "Get minimum value of array").form("array(T) -> T", |call| {
            extreme(call, Ordering::reverse)
        }),
        function(
            "reverse",
            "Returns an array which has the reversed order of the given array.",
        )
        .form("array(E) -> array(E)", |call| {
            let list = list(call, 0);
            pick_each(call, list.values(), |row| {
                Ok(range(list, row).unwrap_or_default().rev().map(Some).collect())
            })
        }),
        function(
            "shuffle",
            "Generates a random permutation of the given array.",
        )
        .form("array(E) -> array(E)", |call| {
            let list = list(call, 0);
            pick_each(call, list.values(), |row| {
                let elements = range(list, row).unwrap_or_default();
                let mut places: Vec<(u64, usize)> = elements.map(|i| (random(i), i)).collect();
                places.sort_unstable();
                Ok(places.into_iter().map(|(_, i)| Some(i)).collect())
            })
        })
        .volatile(),
    ]
}

/// How many `array_top_n` is to give.
pub(crate) fn at_most(n: i32) -> Result<usize> {
    usize::try_from(n).map_err(|_| {
        let message = format!("Parameter n: {n} to ARRAY_TOP_N is negative");
        Error::new(Kind::GenericUser, message)
    })
}

/// Every hasher of the standard library's has keys of its own that nobody can tell.
fn random(salt: usize) -> u64 {
    use std::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(salt)
}

/// In their own order or another made of it, with NULLs behind all others.
fn sorted(
    call: &Call<'_>,
    turn: fn(Ordering) -> Ordering,
    most: impl Fn(usize) -> Result<usize>,
) -> Result<ArrayRef> {
    let list = list(call, 0);
    let values = list.values();
    let keys = sortable(values)?;
    pick_each(call, values, |row| {
        let mut places: Vec<usize> = range(list, row).unwrap_or_default().collect();
        places.sort_by(|&a, &b| {
            let nulls = is_null(values, a).cmp(&is_null(values, b));
            nulls.then_with(|| turn(keys.row(a).cmp(&keys.row(b))))
        });
        Ok(places.into_iter().take(most(row)?).map(Some).collect())
    })
}

/// The last in that order. NULL where an element is.
fn extreme(call: &Call<'_>, turn: fn(Ordering) -> Ordering) -> Result<ArrayRef> {
    let list = list(call, 0);
    let values = list.values();
    let keys = sortable(values)?;
    choose(call, values, |row| {
        let mut elements = range(list, row).unwrap_or_default();
        if elements.clone().any(|i| is_null(values, i)) {
            return Ok(None);
        }
        let first = elements.next();
        Ok(first.map(|first| {
            elements.fold(first, |best, i| {
                match turn(keys.row(i).cmp(&keys.row(best))) {
                    Ordering::Greater => i,
                    _ => best,
                }
            })
        }))
    })
}
