//! Comparisons of a value with all rows of a query, which come as an array: `x IN (…)`, `x < ANY (…)`.

use std::cmp::Ordering;

use datafusion::arrow::array::{Array, ArrayRef};

use super::array::lists::{Both, is_null, list, range};
use super::cell::Boolean;
use super::compare::Pair;
use super::{Call, Function, function};
use crate::error::Result;

pub(super) fn functions() -> Vec<Function> {
    let equal = |name, holds: fn(bool) -> bool| {
        function(
            name,
            "Whether a value is equal to one of these, or different",
        )
        .form("T, array(T) -> boolean", move |call| {
            let pair = Pair::new(&call.arguments[0], list(call, 1).values())?;
            any(call, |row, place| pair.equal(row, place).map(holds))
        })
    };
    let ordered = |name, holds: fn(Ordering) -> bool| {
        function(name, "Whether a value is so beside one of these").form(
            "T, array(T) -> boolean",
            move |call| {
                let (values, others) = (&call.arguments[0], list(call, 1).values());
                let both = Both::new(values, others)?;
                any(call, |row, place| {
                    let open = is_null(values, row) || is_null(others, place);
                    let (value, other) = (both.keys.row(row), both.keys.row(both.second + place));
                    (!open).then(|| holds(value.cmp(&other)))
                })
            },
        )
    };
    let all = vec![
        equal("$in", |equal| equal),
        equal("$any<>", |equal| !equal),
        ordered("$any<", Ordering::is_lt),
        ordered("$any<=", Ordering::is_le),
        ordered("$any>", Ordering::is_gt),
        ordered("$any>=", Ordering::is_ge),
    ];
    // All the rows of a query that does not depend on the value.
    let once = |function| Function {
        once: Some(1),
        ..function
    };
    all.into_iter().map(once).collect()
}

/// Whether it is so with one of them; if not, it is open (NULL) where it is open with one. No array stands for no rows.
fn any(call: &Call<'_>, is_so: impl Fn(usize, usize) -> Option<bool>) -> Result<ArrayRef> {
    let others = list(call, 1);
    let one_for_all = others.len() == 1;
    call.rows::<Boolean>(|row| {
        let mut whole = Some(false);
        for place in range(others, if one_for_all { 0 } else { row })
            .into_iter()
            .flatten()
        {
            match is_so(row, place) {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => whole = None,
            }
        }
        Ok(whole)
    })
}
