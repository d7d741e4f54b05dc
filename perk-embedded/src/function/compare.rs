//! Equality of arrays, maps and rows: as of what is in them, so that it is open (NULL) where a NULL in them decides it.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::DataType;

use super::array::lists::{Both, is_null, range};
use super::cell::Boolean;
use super::map::entries;
use super::{Call, Function, function};
use crate::error::Result;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$=", "Whether two nested values are equal")
            .form("T, T -> boolean", |call| compared(call, |equal| equal)),
        function("$<>", "Whether two nested values are different")
            .form("T, T -> boolean", |call| compared(call, |equal| !equal)),
    ]
}

fn compared(call: &Call<'_>, answer: fn(bool) -> bool) -> Result<ArrayRef> {
    let pair = Pair::new(&call.arguments[0], &call.arguments[1])?;
    call.rows::<Boolean>(|row| Ok(pair.equal(row, row).map(answer)))
}

/// Two columns of one type.
pub(super) struct Pair<'a> {
    left: &'a ArrayRef,
    right: &'a ArrayRef,
    inside: Inside<'a>,
}

enum Inside<'a> {
    Plain(Both),
    Elements(Box<Pair<'a>>),
    /// Keys, as plain values, since none is NULL; and values.
    Entries(Both, Box<Pair<'a>>),
    Fields(Vec<Pair<'a>>),
}

impl<'a> Pair<'a> {
    pub(super) fn new(left: &'a ArrayRef, right: &'a ArrayRef) -> Result<Self> {
        let boxed = |left, right| Self::new(left, right).map(Box::new);
        let inside = match left.data_type() {
            DataType::List(_) => {
                let [a, b] = [left, right].map(|side| side.as_list::<i32>().values());
                Inside::Elements(boxed(a, b)?)
            }
            DataType::Map(..) => {
                let (left, right) = (left.as_map(), right.as_map());
                let keys = Both::new(left.keys(), right.keys())?;
                Inside::Entries(keys, boxed(left.values(), right.values())?)
            }
            DataType::Struct(_) => {
                let fields = left.as_struct().columns().iter();
                let fields = fields.zip(right.as_struct().columns());
                Inside::Fields(
                    fields
                        .map(|(a, b)| Self::new(a, b))
                        .collect::<Result<_>>()?,
                )
            }
            _ => Inside::Plain(Both::new(left, right)?),
        };
        Ok(Self {
            left,
            right,
            inside,
        })
    }

    /// None where it is open.
    pub(super) fn equal(&self, a: usize, b: usize) -> Option<bool> {
        if is_null(self.left, a) || is_null(self.right, b) {
            return None;
        }
        match &self.inside {
            Inside::Plain(both) => Some(both.keys.row(a) == both.keys.row(both.second + b)),
            Inside::Elements(elements) => {
                let a = range(self.left.as_list(), a)?;
                let b = range(self.right.as_list(), b)?;
                if a.len() != b.len() {
                    return Some(false);
                }
                all(a.zip(b).map(|(a, b)| elements.equal(a, b)))
            }
            Inside::Entries(keys, values) => {
                let a = entries::range(self.left.as_map(), a)?;
                let b = entries::range(self.right.as_map(), b)?;
                if a.len() != b.len() {
                    return Some(false);
                }
                let same_key =
                    |a: usize, b: usize| keys.keys.row(a) == keys.keys.row(keys.second + b);
                all(a.map(|a| match b.clone().find(|&b| same_key(a, b)) {
                    Some(b) => values.equal(a, b),
                    None => Some(false),
                }))
            }
            Inside::Fields(fields) => all(fields.iter().map(|field| field.equal(a, b))),
        }
    }
}

/// Whether all are true; one that is not decides, else one that is open.
fn all(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(true);
    let decided = parts.any(|part| {
        whole = whole.and(part);
        part == Some(false)
    });
    if decided { Some(false) } else { whole }
}

#[cfg(test)]
mod tests {
    use crate::testing::value;
    use serde_json::json;

    #[test]
    fn nulls_within_leave_it_open() {
        for (expression, expected) in [
            ("ARRAY[1, 2] = ARRAY[1, 2]", json!(true)),
            ("ARRAY[1] <> ARRAY[2]", json!(true)),
            ("ARRAY[1, NULL] = ARRAY[1, NULL]", json!(null)),
            ("ROW(1, NULL) = ROW(2, NULL)", json!(false)),
            ("ROW(1, NULL) = ROW(1, NULL)", json!(null)),
            (
                "MAP(ARRAY[1, 2], ARRAY['a', 'b']) = MAP(ARRAY[2, 1], ARRAY['b', 'a'])",
                json!(true),
            ),
            (
                "MAP(ARRAY[1], ARRAY['a']) <> MAP(ARRAY[1], ARRAY['b'])",
                json!(true),
            ),
        ] {
            assert_eq!(
                value(expression),
                ("boolean".to_owned(), expected),
                "{expression}"
            );
        }
    }
}
