//! Functions of an array and a lambda.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};

use super::{LambdaCall, LambdaFunction, function};
use crate::error::Result;
use crate::function::array::lists::{
    Flat, Groups, Places, choose, comparable, count, list, pick, range, taken,
};
use crate::function::cell::{Bigint, Boolean};
use crate::function::map::entries::invalid;

pub(super) fn functions() -> Vec<LambdaFunction> {
    vec![
        function("transform", "apply lambda to each element of the array").form(
            "array(T), function(T,U) -> array(U)",
            |call| {
                let each = Each::new(call)?;
                Ok(Arc::new(each.flat.groups.list(each.results)?))
            },
        ),
        function("filter", "return array containing elements that match the given predicate").form(
            "array(T), function(T,boolean) -> array(T)",
            |call| {
                let each = Each::new(call)?;
                let ranges = each.flat.ranges();
                let list = list(&call.values, 0);
                pick(&call.values, &each.elements, |row| {
                    let chosen = || ranges[row].clone().filter(|&i| each.is_true(i)).map(Some);
                    Ok(list.is_valid(row).then(|| chosen().collect()))
                })
            },
        ),
        function("any_match", "Returns true if the array contains one or more elements that match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, Match::Any)),
        function("all_match", "Returns true if all elements of the array match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, Match::All)),
        function("none_match", "Returns true if all elements of the array don't match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, Match::None)),
        function("find_first", "Return the first element which matches the given predicate, null if no match")
            .form("array(T), function(T,boolean) -> T", first)
            .form("array(T), bigint, function(T,boolean) -> T", first),
        function("find_first_index", "Return the index of the first element which matches the given predicate, null if no match")
            .form("array(T), function(T,boolean) -> bigint", first_index)
            .form("array(T), bigint, function(T,boolean) -> bigint", first_index),
        function("array_sort", "Sorts the given array with a lambda comparator.").form(
            "array(T), function(T,T,integer) -> array(T)",
            |call| sorted(call, |_| Ok(usize::MAX), |order| order),
        ),
        function("array_top_n", "Returns the top N values of the given map sorted using the provided lambda comparator.")
            .form("array(T), integer, function(T,T,integer) -> array(T)", |call| {
                let most = call.values.arguments[1].as_primitive::<Int32Type>();
                let most = |row| {
                    usize::try_from(most.value(row))
                        .map_err(|_| invalid("Parameter n: negative value not allowed"))
                };
                sorted(call, most, Ordering::reverse)
            }),
        function("array_max_by", "Get the maximum value of array, by using a specific transformation function")
            .form("array(T), function(T,U) -> T", |call| extreme(call, |order| order)),
        function("array_min_by", "Get the minimum value of array, by using a specific transformation function")
            .form("array(T), function(T,U) -> T", |call| extreme(call, Ordering::reverse)),
        function("zip_with", "merge two arrays, element-wise, into a single array using the lambda function")
            .form("array(T), array(U), function(T,U,R) -> array(R)", zip_with),
    ]
}

/// A lambda's results for each element of an array.
struct Each {
    flat: Flat,
    elements: ArrayRef,
    results: ArrayRef,
}

impl Each {
    fn new(call: &LambdaCall<'_>) -> Result<Self> {
        let list = list(&call.values, 0);
        let flat = Flat::of_list(list);
        let elements = flat.taken(list.values())?;
        let results = call.lambdas[0].apply(std::slice::from_ref(&elements), &flat.rows)?;
        Ok(Self {
            flat,
            elements,
            results,
        })
    }

    fn is_true(&self, i: usize) -> bool {
        let results = self.results.as_boolean();
        results.is_valid(i) && results.value(i)
    }
}

#[derive(Clone, Copy)]
enum Match {
    Any,
    All,
    None,
}

/// NULL where an element's NULL leaves it open.
fn matched(call: &LambdaCall<'_>, wanted: Match) -> Result<ArrayRef> {
    let each = Each::new(call)?;
    let ranges = each.flat.ranges();
    let list = list(&call.values, 0);
    let results: &BooleanArray = each.results.as_boolean();
    call.values.rows::<Boolean>(|row| {
        if list.is_null(row) {
            return Ok(None);
        }
        let deciding = !matches!(wanted, Match::All);
        let decided = matches!(wanted, Match::Any);
        let mut range = ranges[row].clone();
        if range
            .clone()
            .any(|i| results.is_valid(i) && results.value(i) == deciding)
        {
            return Ok(Some(decided));
        }
        Ok((!range.any(|i| results.is_null(i))).then_some(!decided))
    })
}

/// Where the first that matches is: among all elements, and in its array.
fn first_place(
    call: &LambdaCall<'_>,
    each: &Each,
    row: usize,
    range: std::ops::Range<usize>,
) -> Result<Option<(usize, usize)>> {
    let start = match call.values.arguments.get(1) {
        Some(starts) if starts.is_null(row) => return Ok(None),
        Some(starts) => starts.as_primitive::<Int64Type>().value(row),
        None => 1,
    };
    let length = range.len();
    let at = |i: usize| (range.start + i, i);
    let matches = |i: &usize| each.is_true(range.start + i);
    let skipped = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(match start {
        0 => return Err(invalid("SQL array indices start at 1. Got 0.")),
        1.. => (skipped - 1..length).find(matches).map(at),
        // From there to the array's beginning.
        _ if skipped > length => None,
        _ => (0..=length - skipped).rev().find(matches).map(at),
    })
}

fn first(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let each = Each::new(call)?;
    let ranges = each.flat.ranges();
    choose(&call.values, &each.elements, |row| {
        let place = first_place(call, &each, row, ranges[row].clone())?.map(|(place, _)| place);
        if place.is_some_and(|place| each.elements.is_null(place)) {
            return Err(invalid("find_first found NULL as the first match"));
        }
        Ok(place)
    })
}

fn first_index(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let each = Each::new(call)?;
    let ranges = each.flat.ranges();
    call.values.rows::<Bigint>(|row| {
        let place = first_place(call, &each, row, ranges[row].clone())?;
        Ok(place.map(|(_, i)| count(i + 1)))
    })
}

/// Every pair of an array's elements is compared, all at once, rather than those that sorting asks for, one by one.
fn sorted(
    call: &LambdaCall<'_>,
    most: impl Fn(usize) -> Result<usize>,
    turn: fn(Ordering) -> Ordering,
) -> Result<ArrayRef> {
    let list = list(&call.values, 0);
    let (mut left, mut right) = (Places::new(), Places::new());
    let (mut rows, mut starts) = (Vec::new(), Vec::new());
    for row in 0..list.len() {
        starts.push(rows.len());
        let elements = range(list, row).unwrap_or_default();
        for a in elements.clone() {
            for b in elements.clone() {
                left.push(Some(a));
                right.push(Some(b));
                rows.push(row);
            }
        }
    }
    let pairs = [taken(list.values(), left)?, taken(list.values(), right)?];
    let orders = call.lambdas[0].apply(&pairs, &rows)?;
    let orders = orders.as_primitive::<Int32Type>();
    let valid = |i| matches!(orders.is_valid(i).then(|| orders.value(i)), Some(-1..=1));
    pick(&call.values, list.values(), |row| {
        let Some(elements) = range(list, row) else {
            return Ok(None);
        };
        let (length, start) = (elements.len(), starts[row]);
        if length > 1 && !(start..start + length * length).all(valid) {
            return Err(invalid("Lambda comparator must return either -1, 0, or 1"));
        }
        let order = |a: usize, b: usize| orders.value(start + a * length + b).cmp(&0);
        let mut places: Vec<usize> = (0..length).collect();
        merge_sort(&mut places, &|a, b| turn(order(a, b)));
        let places = places.into_iter().take(most(row)?);
        Ok(Some(
            places.map(|place| Some(elements.start + place)).collect(),
        ))
    })
}

/// The standard library's may panic where an order contradicts itself, which a lambda's may.
fn merge_sort(places: &mut [usize], order: &impl Fn(usize, usize) -> Ordering) {
    if places.len() < 2 {
        return;
    }
    let (left, right) = places.split_at_mut(places.len() / 2);
    merge_sort(left, order);
    merge_sort(right, order);
    let (left, right) = (left.to_vec(), right.to_vec());
    let (mut i, mut j) = (0, 0);
    for place in places {
        let from_left = match (left.get(i), right.get(j)) {
            (Some(&a), Some(&b)) => order(b, a) != Ordering::Less,
            (first, _) => first.is_some(),
        };
        if from_left {
            *place = left[i];
            i += 1;
        } else {
            *place = right[j];
            j += 1;
        }
    }
}

/// The element whose result is the last in that order; NULL where a result is.
fn extreme(call: &LambdaCall<'_>, turn: fn(Ordering) -> Ordering) -> Result<ArrayRef> {
    let each = Each::new(call)?;
    let ranges = each.flat.ranges();
    let keys = comparable(&each.results)?;
    choose(&call.values, &each.elements, |row| {
        let mut range = ranges[row].clone();
        if range.clone().any(|i| each.results.is_null(i)) {
            return Ok(None);
        }
        let first = range.next();
        Ok(first.map(|first| {
            range.fold(first, |best, i| {
                match turn(keys.row(i).cmp(&keys.row(best))) {
                    Ordering::Greater => i,
                    _ => best,
                }
            })
        }))
    })
}

/// The shorter array is as long as the longer one, with NULLs.
fn zip_with(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (left, right) = (list(&call.values, 0), list(&call.values, 1));
    let mut groups = Groups::default();
    let (mut a, mut b, mut rows) = (Places::new(), Places::new(), Vec::new());
    for row in 0..call.values.rows {
        let Some((left, right)) = range(left, row).zip(range(right, row)) else {
            groups.push(None);
            continue;
        };
        let longest = left.len().max(right.len());
        groups.push(Some(longest));
        a.extend((0..longest).map(|i| (i < left.len()).then_some(left.start + i)));
        b.extend((0..longest).map(|i| (i < right.len()).then_some(right.start + i)));
        rows.extend(std::iter::repeat_n(row, longest));
    }
    let arguments = [taken(left.values(), a)?, taken(right.values(), b)?];
    let results = call.lambdas[0].apply(&arguments, &rows)?;
    Ok(Arc::new(groups.list(results)?))
}
