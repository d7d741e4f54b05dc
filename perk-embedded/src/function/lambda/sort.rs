//! Sorting by a lambda.
//!
//! A merge sort in rounds, of all rows at once: in each, runs of the length that is reached are merged in pairs. Every
//! element looks for its place in the other run by halves, so that a round needs few calls of the lambda, each for many
//! pairs. The lambda is asked only about elements of different runs, the right one first: no element is compared with
//! itself, and equal ones keep their order.

use std::ops::Range;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int32Type;

use super::LambdaCall;
use crate::error::Result;
use crate::function::array::lists::{Flat, taken};
use crate::function::invalid;

/// The places of these elements, those of each row by the lambda's order. A lambda that contradicts itself gives them in
/// some order.
pub(super) fn sorted(
    call: &LambdaCall<'_>,
    elements: &ArrayRef,
    flat: &Flat,
) -> Result<Vec<usize>> {
    let ranges = flat.ranges();
    let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    let mut order: Vec<usize> = (0..elements.len()).collect();
    let mut run = 1;
    while run < longest {
        let mut searches = searches(&ranges, run);
        while ask(call, elements, &order, &mut searches)? {}
        let mut placed: Vec<(usize, usize)> = searches
            .iter()
            .map(|search| (search.place(), order[search.at]))
            .collect();
        // Two have the same place only where the lambda contradicts itself.
        placed.sort_by_key(|(place, _)| *place);
        for (search, (_, element)) in searches.iter().zip(placed) {
            order[search.at] = element;
        }
        run *= 2;
    }
    Ok(order)
}

/// An element's search for its place in the run beside its own.
struct Search {
    row: usize,
    /// Where the element is.
    at: usize,
    is_left: bool,
    /// The place is not before this one …
    low: usize,
    /// … nor behind this one.
    high: usize,
    /// Where the element would be if all of the other run came behind it, less where that run begins.
    own: isize,
}

impl Search {
    fn middle(&self) -> Option<usize> {
        (self.low < self.high).then(|| usize::midpoint(self.low, self.high))
    }

    fn place(&self) -> usize {
        self.low.saturating_add_signed(self.own)
    }
}

/// Those of all elements whose runs have one beside them, in the order of their places.
fn searches(ranges: &[Range<usize>], run: usize) -> Vec<Search> {
    let mut all = Vec::new();
    for (row, range) in ranges.iter().enumerate() {
        for start in range.clone().step_by(2 * run) {
            let middle = (start + run).min(range.end);
            let end = (middle + run).min(range.end);
            let (left, right) = (start..middle, middle..end);
            if right.is_empty() {
                continue;
            }
            let search = |at, is_left, other: &Range<usize>, own: usize| Search {
                row,
                at,
                is_left,
                low: other.start,
                high: other.end,
                own: own.cast_signed() - other.start.cast_signed(),
            };
            all.extend(left.clone().map(|at| search(at, true, &right, at)));
            // Both runs begin where the left one does.
            let moved = right.start - left.start;
            all.extend(right.map(|at| search(at, false, &left, at - moved)));
        }
    }
    all
}

/// Halves what is left to each search; says whether there was one to halve.
fn ask(
    call: &LambdaCall<'_>,
    elements: &ArrayRef,
    order: &[usize],
    searches: &mut [Search],
) -> Result<bool> {
    let open = || {
        searches
            .iter()
            .filter_map(|search| Some((search, search.middle()?)))
    };
    let rows: Vec<usize> = open().map(|(search, _)| search.row).collect();
    if rows.is_empty() {
        return Ok(false);
    }
    let of_right = |(search, middle): (&Search, usize)| {
        Some(order[if search.is_left { middle } else { search.at }])
    };
    let of_left = |(search, middle): (&Search, usize)| {
        Some(order[if search.is_left { search.at } else { middle }])
    };
    let pairs = [
        taken(elements, open().map(of_right).collect())?,
        taken(elements, open().map(of_left).collect())?,
    ];
    let orders = call.lambdas[0].apply(&pairs, &rows)?;
    let orders = orders.as_primitive::<Int32Type>();
    let mut answers = orders.iter();
    for search in searches {
        let Some(middle) = search.middle() else {
            continue;
        };
        let Some(Some(order @ -1..=1)) = answers.next() else {
            return Err(invalid("Lambda comparator must return either -1, 0, or 1"));
        };
        let right_first = order < 0;
        if right_first == search.is_left {
            search.low = middle + 1;
        } else {
            search.high = middle;
        }
    }
    Ok(true)
}
