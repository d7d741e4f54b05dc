//! One element of an array, and where it is.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int64Type;

use super::lists::{choose, count, has_null, is_null, list, pick_each, range};
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Bigint, Boolean};
use crate::function::compare::Pair;
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$[]", "An element by its place or key").form("array(E), bigint -> E", |call| {
            element(call, Outside::Fails)
        }),
        function("element_at", "Get element of array at given index")
            .form("array(E), bigint -> E", |call| element(call, Outside::IsNull)),
        function(
            "cardinality",
            "Returns the cardinality (length) of the array",
        )
        .form("array(E) -> bigint", |call| {
            let list = list(call, 0);
            call.rows::<Bigint>(|row| Ok(range(list, row).map(|range| count(range.len()))))
        }),
        function(
            "contains",
            "Determines whether given value exists in the array",
        )
        .form("array(T), T -> boolean", |call| {
            let found = Found::new("contains", call)?;
            call.rows::<Boolean>(|row| {
                if has_null(call, row) {
                    return Ok(None);
                }
                Ok(match found.nth(found.elements(row), row, 0)? {
                    Some(_) => Some(true),
                    None => (!found.has_null(row)).then_some(false),
                })
            })
        }),
        function(
            "array_position",
            "Returns the position of the first occurrence of the given value in array (or 0 if not found)",
        )
        .form("array(T), T -> bigint", |call| position(call, |_| 1))
        .form("array(T), T, bigint -> bigint", |call| {
            let instances = call.arguments[2].as_primitive::<Int64Type>();
            position(call, |row| instances.value(row))
        }),
        function("array_remove", "Remove specified values from the given array").form(
            "array(E), E -> array(E)",
            |call| {
                let found = Found::new("array_remove", call)?;
                pick_each(call, list(call, 0).values(), |row| {
                    let mut kept = Vec::new();
                    for i in found.elements(row) {
                        if !found.is(i, row)? {
                            kept.push(Some(i));
                        }
                    }
                    Ok(kept)
                })
            },
        ),
        function("slice", "Subsets an array given an offset (1-indexed) and length").form(
            "array(E), bigint, bigint -> array(E)",
            slice,
        ),
        function("trim_array", "Remove elements from the end of array").form(
            "array(E), bigint -> array(E)",
            |call| {
                let (list, sizes) = (list(call, 0), call.arguments[1].as_primitive::<Int64Type>());
                pick_each(call, list.values(), |row| {
                    let elements = range(list, row).unwrap_or_default();
                    let size = usize::try_from(sizes.value(row))
                        .map_err(|_| invalid("size must not be negative"))?;
                    let rest = elements.len().checked_sub(size).ok_or_else(|| {
                        let cardinality = elements.len();
                        invalid(format!("size must not exceed array cardinality {cardinality}: {size}"))
                    })?;
                    Ok(elements.take(rest).map(Some).collect())
                })
            },
        ),
    ]
}

/// What an element is that the array does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outside {
    Fails,
    IsNull,
}

fn element(call: &Call<'_>, outside: Outside) -> Result<ArrayRef> {
    let (list, places) = (list(call, 0), call.arguments[1].as_primitive::<Int64Type>());
    choose(call, list.values(), |row| {
        let Some(elements) = range(list, row).filter(|_| places.is_valid(row)) else {
            return Ok(None);
        };
        let place = places.value(row);
        let length = count(elements.len());
        let from_start = match (place, outside) {
            (0, _) => return Err(invalid("SQL array indices start at 1")),
            (1.., _) => place - 1,
            (_, Outside::Fails) => return Err(invalid("Array subscript is negative")),
            (_, Outside::IsNull) => length.saturating_add(place),
        };
        match usize::try_from(from_start) {
            Ok(place) if place < elements.len() => Ok(Some(elements.start + place)),
            _ if outside == Outside::IsNull => Ok(None),
            _ => Err(invalid("Array subscript out of bounds")),
        }
    })
}

/// Elements of the first argument that are the second.
struct Found<'a> {
    /// For error messages.
    function: &'static str,
    call: &'a Call<'a>,
    pair: Pair<'a>,
}

impl<'a> Found<'a> {
    fn new(function: &'static str, call: &'a Call<'a>) -> Result<Self> {
        let pair = Pair::new(list(call, 0).values(), &call.arguments[1])?;
        Ok(Self {
            function,
            call,
            pair,
        })
    }

    fn elements(&self, row: usize) -> std::ops::Range<usize> {
        range(list(self.call, 0), row).unwrap_or_default()
    }

    /// No element that is NULL is it. Whether one is that has NULL in it, Presto does not say.
    fn is(&self, element: usize, row: usize) -> Result<bool> {
        if is_null(list(self.call, 0).values(), element) {
            return Ok(false);
        }
        self.pair.equal(element, row).ok_or_else(|| {
            let function = self.function;
            let message = format!(
                "{function} does not support arrays with elements that are null or contain null"
            );
            Error::new(Kind::NotSupported, message)
        })
    }

    /// The one that is it after so many others that are.
    fn nth(
        &self,
        elements: impl Iterator<Item = usize>,
        row: usize,
        mut others: usize,
    ) -> Result<Option<usize>> {
        for i in elements {
            if self.is(i, row)? {
                if others == 0 {
                    return Ok(Some(i));
                }
                others -= 1;
            }
        }
        Ok(None)
    }

    fn has_null(&self, row: usize) -> bool {
        let values = list(self.call, 0).values();
        self.elements(row).any(|i| is_null(values, i))
    }
}

/// Of the n-th such element, from the end where n is negative.
fn position(call: &Call<'_>, instance: impl Fn(usize) -> i64) -> Result<ArrayRef> {
    let found = Found::new("array_position", call)?;
    call.rows::<Bigint>(|row| {
        if has_null(call, row) {
            return Ok(None);
        }
        let instance = instance(row);
        let others = usize::try_from(instance.unsigned_abs()).unwrap_or(usize::MAX);
        let elements = found.elements(row);
        let start = elements.start;
        let place = match instance {
            0 => {
                return Err(invalid(
                    "array_position cannot take a 0-valued instance argument.",
                ));
            }
            1.. => found.nth(elements, row, others - 1)?,
            _ => found.nth(elements.rev(), row, others - 1)?,
        };
        Ok(Some(place.map_or(0, |place| count(place - start + 1))))
    })
}

fn slice(call: &Call<'_>) -> Result<ArrayRef> {
    let list = list(call, 0);
    let [starts, lengths] = [1, 2].map(|i| call.arguments[i].as_primitive::<Int64Type>());
    pick_each(call, list.values(), |row| {
        let elements = range(list, row).unwrap_or_default();
        let (start, length) = (starts.value(row), lengths.value(row));
        let length = usize::try_from(length)
            .map_err(|_| invalid("length must be greater than or equal to 0"))?;
        let skipped = match start {
            0 => return Err(invalid("SQL array indices start at 1")),
            1.. => start - 1,
            _ => count(elements.len()).saturating_add(start),
        };
        Ok(match usize::try_from(skipped) {
            Ok(skipped) => elements.skip(skipped).take(length).map(Some).collect(),
            Err(_) => Vec::new(),
        })
    })
}
