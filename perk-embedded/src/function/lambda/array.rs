//! Functions of an array and a lambda.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use datafusion::arrow::row::Row;

use super::{LambdaCall, LambdaFunction, function, matching, sort};
use crate::error::Result;
use crate::function::array::lists::{
    Flat, Groups, Places, choose, count, is_null, list, pick_each, range, sortable, taken,
};
use crate::function::array::order::at_most;
use crate::function::cell::Bigint;
use crate::function::invalid;

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
                let answers = each.results.as_boolean();
                pick_each(&call.values, &each.elements, |row| {
                    let chosen = ranges[row].clone().filter(|&i| matching::is(answers, i, true));
                    Ok(chosen.map(Some).collect())
                })
            },
        ),
        function("any_match", "Returns true if the array contains one or more elements that match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, true, true)),
        function("all_match", "Returns true if all elements of the array match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, false, false)),
        function("none_match", "Returns true if all elements of the array don't match the given predicate")
            .form("array(T), function(T,boolean) -> boolean", |call| matched(call, true, false)),
        function("find_first", "Return the first element which matches the given predicate, null if no match")
            .form("array(T), function(T,boolean) -> T", first)
            .form("array(T), bigint, function(T,boolean) -> T", first),
        function("find_first_index", "Return the index of the first element which matches the given predicate, null if no match")
            .form("array(T), function(T,boolean) -> bigint", first_index)
            .form("array(T), bigint, function(T,boolean) -> bigint", first_index),
        function("array_sort", "Sorts the given array with a lambda comparator.").form(
            "array(T), function(T,T,integer) -> array(T)",
            sorted,
        ),
        function("array_top_n", "Returns the top N values of the given map sorted using the provided lambda comparator.")
            .form("array(T), integer, function(T,T,integer) -> array(T)", last),
        function("array_max_by", "Get the maximum value of array, by using a specific transformation function")
            .form("array(T), function(T,U) -> T", |call| extreme(call, |a, b| a >= b)),
        function("array_min_by", "Get the minimum value of array, by using a specific transformation function")
            .form("array(T), function(T,U) -> T", |call| extreme(call, |a, b| a < b)),
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
        let (flat, elements) = flat(call)?;
        let results = call.lambdas[0].apply(std::slice::from_ref(&elements), &flat.rows)?;
        Ok(Self {
            flat,
            elements,
            results,
        })
    }
}

/// All elements of the first argument.
fn flat(call: &LambdaCall<'_>) -> Result<(Flat, ArrayRef)> {
    let list = list(&call.values, 0);
    let flat = Flat::of_list(list)?;
    let elements = flat.taken(list.values())?;
    Ok((flat, elements))
}

fn matched(call: &LambdaCall<'_>, deciding: bool, decided: bool) -> Result<ArrayRef> {
    let (flat, elements) = flat(call)?;
    matching::matched(call, &elements, &flat, deciding, decided)
}

/// The places of a row's elements in the order in which `find_first` looks at them.
fn looked_at(
    call: &LambdaCall<'_>,
    row: usize,
    elements: Range<usize>,
) -> Result<Box<dyn Iterator<Item = usize>>> {
    let start = match call.values.arguments.get(1) {
        Some(starts) if is_null(starts, row) => return Ok(Box::new(std::iter::empty())),
        Some(starts) => starts.as_primitive::<Int64Type>().value(row),
        None => 1,
    };
    let skipped = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(match start {
        0 => return Err(invalid("SQL array indices start at 1. Got 0.")),
        1.. => Box::new(elements.skip(skipped - 1)),
        // From there to the array's beginning.
        _ => Box::new(elements.rev().skip(skipped - 1)),
    })
}

/// Of each row, where its elements are and which of them is the first that matches.
fn firsts(
    call: &LambdaCall<'_>,
    elements: &ArrayRef,
    flat: &Flat,
) -> Result<Vec<(Range<usize>, Option<usize>)>> {
    let ranges = flat.ranges();
    let looked_at = |row: usize| looked_at(call, row, ranges[row].clone());
    let answers = matching::answers(call, elements, flat, looked_at, true)?;
    let rows = ranges.iter().enumerate();
    rows.map(|(row, range)| {
        let first = looked_at(row)?.find(|&i| matching::is(&answers, i, true));
        Ok((range.clone(), first))
    })
    .collect()
}

fn first(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (flat, elements) = flat(call)?;
    let firsts = firsts(call, &elements, &flat)?;
    choose(&call.values, &elements, |row| {
        let (_, first) = firsts[row];
        if first.is_some_and(|first| is_null(&elements, first)) {
            return Err(invalid("find_first found NULL as the first match"));
        }
        Ok(first)
    })
}

fn first_index(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (flat, elements) = flat(call)?;
    let firsts = firsts(call, &elements, &flat)?;
    call.values.rows::<Bigint>(|row| {
        let (range, first) = &firsts[row];
        Ok(first.map(|first| count(first - range.start + 1)))
    })
}

fn sorted(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (flat, elements) = flat(call)?;
    let order = sort::sorted(call, &elements, &flat)?;
    Ok(Arc::new(flat.groups.list(taken(
        &elements,
        order.into_iter().map(Some).collect(),
    )?)?))
}

/// The last ones of the sorted array, from its end.
fn last(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (flat, elements) = flat(call)?;
    let order = sort::sorted(call, &elements, &flat)?;
    let ranges = flat.ranges();
    let most = call.values.arguments[1].as_primitive::<Int32Type>();
    pick_each(&call.values, &elements, |row| {
        let most = at_most(most.value(row))?;
        let sorted = order[ranges[row].clone()].iter().rev();
        Ok(sorted.take(most).copied().map(Some).collect())
    })
}

/// The element whose result comes before all others', as that says of two of which the second has been before; NULL where a
/// result is.
fn extreme(call: &LambdaCall<'_>, before: fn(&Row<'_>, &Row<'_>) -> bool) -> Result<ArrayRef> {
    let each = Each::new(call)?;
    let ranges = each.flat.ranges();
    let keys = sortable(&each.results)?;
    choose(&call.values, &each.elements, |row| {
        let mut range = ranges[row].clone();
        if range.clone().any(|i| is_null(&each.results, i)) {
            return Ok(None);
        }
        let first = range.next();
        Ok(first.map(|first| {
            range.fold(first, |best, i| {
                if before(&keys.row(i), &keys.row(best)) {
                    i
                } else {
                    best
                }
            })
        }))
    })
}

/// The shorter array is as long as the longer one, with NULLs.
fn zip_with(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let (left, right) = (list(&call.values, 0), list(&call.values, 1));
    let mut groups = Groups::default();
    let (mut a, mut b, mut rows) = (Places::default(), Places::default(), Vec::new());
    for row in 0..call.values.rows {
        let Some((left, right)) = range(left, row).zip(range(right, row)) else {
            groups.push(None)?;
            continue;
        };
        let longest = left.len().max(right.len());
        groups.push(Some(longest))?;
        a.extend((0..longest).map(|i| (i < left.len()).then_some(left.start + i)));
        b.extend((0..longest).map(|i| (i < right.len()).then_some(right.start + i)));
        rows.extend(std::iter::repeat_n(row, longest));
    }
    let arguments = [taken(left.values(), a)?, taken(right.values(), b)?];
    let results = call.lambdas[0].apply(&arguments, &rows)?;
    Ok(Arc::new(groups.list(results)?))
}
