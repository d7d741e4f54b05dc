//! Arrays of what is none.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, StructArray, new_empty_array,
};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, Int32Type};

use super::lists::{
    Chosen, Groups, Places, arrow, count, element, is_null, list, pick, range, taken,
};
use crate::error::Result;
use crate::function::signature::Bound;
use crate::function::{Call, Function, function, invalid};
use crate::types::Type;

/// As many as `repeat` and `sequence` make at most.
pub(super) const MOST: usize = 10_000;

pub(super) fn functions() -> Vec<Function> {
    [of_elements(), of_arrays()].concat()
}

fn of_elements() -> Vec<Function> {
    vec![
        function("$array", "An array of these").form("T... -> array(T)", |call| {
            let Some((first, rest)) = call.arguments.split_first() else {
                let none = new_empty_array(&element(&call.returns.to_arrow()));
                return pick(call, &none, |_| Ok(Some(Chosen::new())));
            };
            let all: Vec<&dyn Array> = std::iter::once(first)
                .chain(rest)
                .map(AsRef::as_ref)
                .collect();
            let values = arrow(concat(&all))?;
            let columns = call.arguments.len();
            pick(call, &values, |row| {
                Ok(Some(
                    (0..columns).map(|i| Some(i * call.rows + row)).collect(),
                ))
            })
        }),
        function("repeat", "Repeat an element for a given number of times").form(
            "T, integer -> array(T)",
            |call| {
                let times = call.arguments[1].as_primitive::<Int32Type>();
                pick(call, &call.arguments[0], |row| {
                    if times.is_null(row) {
                        return Ok(None);
                    }
                    let times = usize::try_from(times.value(row)).map_err(|_| {
                        invalid(
                            "count argument of repeat function must be greater than or equal to 0",
                        )
                    })?;
                    if times > MOST {
                        return Err(invalid(
                            "count argument of repeat function must be less than or equal to 10000",
                        ));
                    }
                    Ok(Some(vec![Some(row); times]))
                })
            },
        ),
    ]
}

fn of_arrays() -> Vec<Function> {
    vec![
        function("concat", "Concatenates given arrays")
            .form("array(E)... -> array(E)", concatenation)
            .form("array(E), E -> array(E)", |call| {
                appended(call, 0, |mut elements, one| {
                    elements.push(one);
                    elements
                })
            })
            .form("E, array(E) -> array(E)", |call| {
                appended(call, 1, |mut elements, one| {
                    elements.insert(0, one);
                    elements
                })
            }),
        function(
            "zip",
            "Merges the given arrays, element-wise, into a single array of rows.",
        )
        .form_by_rule(
            "array(T), array(U) -> array(row(T,U))",
            |arguments, _| {
                let fields = arguments
                    .iter()
                    .map(elements_of)
                    .collect::<Option<Vec<_>>>()?;
                let fields = fields.into_iter().map(|kind| (None, kind)).collect();
                (2..=7).contains(&arguments.len()).then(|| Bound {
                    arguments: arguments
                        .iter()
                        .filter_map(elements_of)
                        .map(Type::array)
                        .collect(),
                    returns: Type::array(Type::Row(fields)),
                    distance: 0,
                })
            },
            zip,
        ),
        // The numbers of UNNEST's rows.
        function(
            "$ordinals",
            "As many numbers as the longest of the arrays has elements",
        )
        .form_by_rule(
            "array(T) -> array(bigint)",
            |arguments, _| {
                Some(Bound {
                    arguments: arguments.to_vec(),
                    returns: Type::array(Type::Bigint),
                    distance: 0,
                })
            },
            |call| {
                let longest = |row| longest(call, row).unwrap_or(0);
                let most = (0..call.rows).map(longest).max().unwrap_or(0);
                let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=count(most)));
                pick(call, &numbers, |row| {
                    Ok(Some((0..longest(row)).map(Some).collect()))
                })
            },
        ),
    ]
}

fn elements_of(kind: &Type) -> Option<Type> {
    match kind {
        Type::Array(element) => Some((**element).clone()),
        Type::Unknown => Some(Type::Unknown),
        _ => None,
    }
}

/// None where all are NULL.
fn longest(call: &Call<'_>, row: usize) -> Option<usize> {
    let lengths = (0..call.arguments.len()).filter_map(|i| match call.arguments[i].data_type() {
        DataType::List(_) => range(list(call, i), row).map(|range| range.len()),
        _ => None,
    });
    lengths.max()
}

fn concatenation(call: &Call<'_>) -> Result<ArrayRef> {
    let lists: Vec<_> = (0..call.arguments.len()).map(|i| list(call, i)).collect();
    let all: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    if all.is_empty() {
        return Err(invalid("There must be two or more concatenation arguments"));
    }
    let values = arrow(concat(&all))?;
    pick(call, &values, |row| {
        let mut begin = 0;
        let mut places = Chosen::new();
        for list in &lists {
            let Some(elements) = range(list, row) else {
                return Ok(None);
            };
            places.extend(elements.map(|i| Some(begin + i)));
            begin += list.values().len();
        }
        Ok(Some(places))
    })
}

/// An array, the given argument, with one element more, the other one.
fn appended(
    call: &Call<'_>,
    array: usize,
    add: impl Fn(Chosen, Option<usize>) -> Chosen,
) -> Result<ArrayRef> {
    let list = list(call, array);
    let one = &call.arguments[1 - array];
    let values = arrow(concat(&[list.values().as_ref(), one.as_ref()]))?;
    pick(call, &values, |row| {
        if is_null(one, row) {
            return Ok(None);
        }
        let elements = range(list, row).map(|elements| elements.map(Some).collect());
        Ok(elements.map(|elements| add(elements, Some(list.values().len() + row))))
    })
}

fn zip(call: &Call<'_>) -> Result<ArrayRef> {
    let mut groups = Groups::default();
    let lists: Vec<_> = (0..call.arguments.len()).map(|i| list(call, i)).collect();
    let mut columns: Vec<Places> = lists.iter().map(|_| Places::default()).collect();
    for row in 0..call.rows {
        let ranges: Option<Vec<_>> = lists.iter().map(|list| range(list, row)).collect();
        let Some(ranges) = ranges else {
            groups.push(None)?;
            continue;
        };
        let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        groups.push(Some(longest))?;
        for (column, range) in columns.iter_mut().zip(ranges) {
            column.extend((0..longest).map(|i| (i < range.len()).then_some(range.start + i)));
        }
    }
    let arrays = lists.iter().zip(columns);
    let arrays = arrays
        .map(|(list, places)| taken(list.values(), places))
        .collect::<Result<Vec<_>>>()?;
    let DataType::Struct(fields) = element(&call.returns.to_arrow()) else {
        return Err(invalid("zip gives rows"));
    };
    let rows = arrow(StructArray::try_new(fields, arrays, None))?;
    Ok(Arc::new(groups.list(Arc::new(rows))?))
}
