//! Arrays of arrays, and text of arrays.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int32Type;

use super::lists::{Groups, Places, list, pick_each, range, taken};
use crate::error::Result;
use crate::function::cast::{cast, is_castable};
use crate::function::cell::Text;
use crate::function::signature::Bound;
use crate::function::{Call, Function, budget, function, invalid};
use crate::types::Type;

/// As many as `combinations` gives at most.
const MOST: usize = 100_000;
/// Of as many elements as `combinations` makes them at most.
const LONGEST: usize = 5;

pub(super) fn functions() -> Vec<Function> {
    let description = "Concatenates the elements of the given array using a delimiter and an optional string to replace nulls";
    vec![
        function("flatten", "Flattens the given array").form(
            "array(array(E)) -> array(E)",
            |call| {
                let outer = list(call, 0);
                let inner = outer.values().as_list::<i32>();
                pick_each(call, inner.values(), |row| {
                    let arrays = range(outer, row).unwrap_or_default();
                    Ok(arrays
                        .filter_map(|i| range(inner, i))
                        .flatten()
                        .map(Some)
                        .collect())
                })
            },
        ),
        function("ngrams", "Return N-grams for the input").form(
            "array(T), integer -> array(array(T))",
            |call| {
                nested(call, |elements, n| {
                    let n = usize::try_from(n)
                        .ok()
                        .filter(|n| *n > 0)
                        .ok_or_else(|| invalid("N must be positive"))?;
                    if elements.len() <= n {
                        return Ok(vec![elements.to_vec()]);
                    }
                    Ok(elements.windows(n).map(<[usize]>::to_vec).collect())
                })
            },
        ),
        function("combinations", "Returns n-element combinations from array")
            .form("array(T), integer -> array(array(T))", |call| {
                nested(call, combinations)
            }),
        function("array_join", description)
            .form_by_rule(
                "array(T), varchar -> varchar",
                |arguments, _| joined(arguments, 2),
                join,
            )
            .form_by_rule(
                "array(T), varchar, varchar -> varchar",
                |arguments, _| joined(arguments, 3),
                join,
            ),
    ]
}

/// An array of arrays of an array's elements.
fn nested(
    call: &Call<'_>,
    work: impl Fn(&[usize], i32) -> Result<Vec<Vec<usize>>>,
) -> Result<ArrayRef> {
    let (list, numbers) = (list(call, 0), call.arguments[1].as_primitive::<Int32Type>());
    let (mut outer, mut inner) = (Groups::default(), Groups::default());
    let mut places = Places::default();
    for row in 0..call.rows {
        let made = range(list, row)
            .filter(|_| numbers.is_valid(row))
            .map(|elements| work(&elements.collect::<Vec<_>>(), numbers.value(row)));
        let made = made.transpose()?;
        outer.push(made.as_ref().map(Vec::len))?;
        for array in made.into_iter().flatten() {
            inner.push(Some(array.len()))?;
            places.extend(array.into_iter().map(Some));
        }
    }
    let inner = inner.list(taken(list.values(), places)?)?;
    Ok(Arc::new(outer.list(Arc::new(inner))?))
}

/// In the order of the last of each's elements, then of the one before it, and so on.
fn combinations(elements: &[usize], n: i32) -> Result<Vec<Vec<usize>>> {
    let n = usize::try_from(n)
        .map_err(|_| invalid(format!("combination size must not be negative: {n}")))?;
    if n > LONGEST {
        return Err(invalid(format!(
            "combination size must not exceed {LONGEST}: {n}"
        )));
    }
    let mut all = Vec::new();
    let mut chosen: Vec<usize> = (0..n).collect();
    if n > elements.len() {
        return Ok(all);
    }
    loop {
        if all.len() == MOST {
            return Err(invalid("combinations exceed max size"));
        }
        all.push(chosen.iter().map(|&i| elements[i]).collect());
        // The first that can move on without meeting the next does; those before it begin again.
        let end = |i: usize| chosen.get(i + 1).copied().unwrap_or(elements.len());
        let Some(moved) = (0..n).find(|&i| chosen[i] + 1 < end(i)) else {
            return Ok(all);
        };
        chosen[moved] += 1;
        for (i, place) in chosen.iter_mut().enumerate().take(moved) {
            *place = i;
        }
    }
}

/// Of elements that text can be made of.
fn joined(arguments: &[Type], count: usize) -> Option<Bound> {
    let (first, rest) = arguments.split_first()?;
    let element = match first {
        Type::Array(element) => &**element,
        Type::Unknown => &Type::Unknown,
        _ => return None,
    };
    let texts = rest
        .iter()
        .all(|kind| kind.is_text() || *kind == Type::Unknown);
    let nested = matches!(element, Type::Array(_) | Type::Map(..) | Type::Row(_));
    let castable = matches!(element, Type::Varchar(_)) || is_castable(element, &Type::VARCHAR);
    let known = arguments.len() == count && texts && castable && !nested;
    known.then(|| {
        let array = Type::array(element.clone());
        Bound {
            arguments: [vec![array], vec![Type::VARCHAR; count - 1]].concat(),
            returns: Type::VARCHAR,
            distance: 0,
        }
    })
}

fn join(call: &Call<'_>) -> Result<ArrayRef> {
    let list = list(call, 0);
    let element = match &call.types[0] {
        Type::Array(element) => (**element).clone(),
        other => other.clone(),
    };
    let values = list.values();
    let elements = Call {
        arguments: std::slice::from_ref(values),
        types: std::slice::from_ref(&element),
        returns: &Type::VARCHAR,
        rows: values.len(),
        ..*call
    };
    let texts = match element {
        Type::Varchar(_) => values.clone(),
        _ => cast(values, &element, &Type::VARCHAR, &elements)?,
    };
    let texts = texts.as_string::<i32>();
    let delimiters = call.arguments[1].as_string::<i32>();
    let replacements = call.arguments.get(2).map(AsArray::as_string::<i32>);
    call.rows::<Text>(|row| {
        let Some(elements) = range(list, row).filter(|_| delimiters.is_valid(row)) else {
            return Ok(None);
        };
        let replacement = match replacements {
            Some(replacements) if replacements.is_null(row) => return Ok(None),
            Some(replacements) => Some(replacements.value(row)),
            None => None,
        };
        let known = elements.filter_map(|i| {
            if texts.is_valid(i) {
                Some(texts.value(i))
            } else {
                replacement
            }
        });
        let mut text = String::new();
        for (i, element) in known.enumerate() {
            if i > 0 {
                text.push_str(delimiters.value(row));
            }
            text.push_str(element);
            budget::bytes(text.len())?;
        }
        Ok(Some(text))
    })
}
