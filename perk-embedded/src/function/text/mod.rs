//! Functions of text.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what is made of one text's characters |
//! | [`characters`] | case, blanks, normal forms: single characters |
//! | [`search`] | finding a text in another, and how far two are apart |
//! | [`split`] | a text's parts |
//! | [`like`] | `LIKE` |
//! | [`lists`] | columns of several texts each |

mod characters;
mod like;
pub(super) mod lists;
mod search;
mod split;
#[cfg(test)]
mod tests;

use datafusion::arrow::array::Array;

use super::cell::{Bigint, Integer, Text, each1, each2, each3};
use super::signature::Bound;
use super::{Function, budget, function, invalid};
use crate::error::Result;
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    let mut all = basics();
    all.extend(characters::functions());
    all.extend(search::functions());
    all.extend(split::functions());
    all.extend(like::functions());
    all
}

fn basics() -> Vec<Function> {
    let substr = function("substr", "Substring of given length starting at an index")
        .form(
            "varchar(x), bigint -> varchar(x)",
            each2::<Text, Bigint, Text>(|text, start| Ok(part(text, start, None).to_owned())),
        )
        .form(
            "varchar(x), bigint, bigint -> varchar(x)",
            each3::<Text, Bigint, Bigint, Text>(|text, start, length| {
                Ok(part(text, start, Some(length)).to_owned())
            }),
        )
        .form(
            "char(x), bigint -> char(x)",
            each2::<Text, Bigint, Text>(|text, start| Ok(part(text, start, None).to_owned())),
        )
        .form(
            "char(x), bigint, bigint -> char(x)",
            each3::<Text, Bigint, Bigint, Text>(|text, start, length| {
                Ok(part(text, start, Some(length)).to_owned())
            }),
        );
    vec![
        function("length", "Count of code points of the given string").form(
            "varchar -> bigint",
            each1::<Text, Bigint>(|text| Ok(count(text))),
        ),
        substr.also("substring"),
        substr,
        function("trail", "Returns the last N characters of the input string").form(
            "varchar, integer -> varchar",
            each2::<Text, Integer, Text>(|text, wanted| {
                let before = (count(text) - i64::from(wanted).max(0)).max(0);
                Ok(part(text, before + 1, None).to_owned())
            }),
        ),
        concat(),
        function("reverse", "Reverse all code points in a given string").form(
            "varchar(x) -> varchar(x)",
            each1::<Text, Text>(|text| Ok(text.chars().rev().collect())),
        ),
        replace(),
        pad("lpad", "Pads a string on the left", |text, padding| {
            padding + text
        }),
        pad("rpad", "Pads a string on the right", |text, padding| {
            text.to_owned() + &padding
        }),
        function("uuid", "Generates a random UUID")
            .form("-> varchar", |call| {
                call.rows::<Text>(|_| Ok(Some(uuid::Uuid::new_v4().to_string())))
            })
            .volatile(),
    ]
}

fn concat() -> Function {
    let joined = |call: &super::Call<'_>| {
        let columns: Vec<_> = call
            .arguments
            .iter()
            .map(<Text as super::cell::Cell>::column)
            .collect();
        call.rows::<Text>(|row| {
            let parts = columns
                .iter()
                .map(|column| column.is_valid(row).then(|| column.value(row)));
            let parts = parts.collect::<Option<Vec<_>>>();
            budget::bytes(parts.iter().flatten().map(|part| part.len()).sum())?;
            Ok(parts.map(|parts| parts.concat()))
        })
    };
    function("concat", "Concatenates given strings")
        .form("varchar, varchar, varchar... -> varchar", joined)
        .form_by_rule("char(x), char(x) -> char(x)", joined_fixed, joined)
}

/// Texts of a fixed length make one of both lengths.
fn joined_fixed(arguments: &[Type], _: &super::Literals<'_>) -> Option<Bound> {
    let length = |kind: &Type| match kind {
        Type::Char(length) | Type::Varchar(Some(length)) => Some(*length),
        _ => None,
    };
    match arguments {
        [a, b] if matches!((a, b), (Type::Char(_), _) | (_, Type::Char(_))) => Some(Bound {
            arguments: arguments.to_vec(),
            returns: Type::Char(length(a)? + length(b)?),
            distance: 0,
        }),
        _ => None,
    }
}

fn replace() -> Function {
    function(
        "replace",
        "Greedily replaces occurrences of a pattern with a string",
    )
    .form(
        "varchar(x), varchar -> varchar(x)",
        each2::<Text, Text, Text>(|text, old| Ok(text.replace(old, ""))),
    )
    .form_by_rule(
        "varchar, varchar, varchar -> varchar",
        |arguments, _| {
            // Something new may stand before every character and at the end.
            longer(arguments, |[text, _, new]| {
                text.saturating_add(new.saturating_mul(text.saturating_add(1)))
            })
        },
        each3::<Text, Text, Text, Text>(|text, old, new| {
            if new.len() > old.len() {
                let more = text.matches(old).count().saturating_mul(new.len());
                budget::bytes(more.saturating_add(text.len()))?;
            }
            Ok(text.replace(old, new))
        }),
    )
}

/// The length of an unbounded `varchar`, as Presto reckons with it.
const UNBOUNDED: u64 = i32::MAX.unsigned_abs() as u64;

/// What a form makes whose result is of a length that the arguments' lengths tell. All of them are text.
pub(super) fn longer<const N: usize>(
    arguments: &[Type],
    length: impl FnOnce([u64; N]) -> u64,
) -> Option<Bound> {
    let lengths: Vec<u64> = arguments.iter().map(length_of).collect::<Option<_>>()?;
    let length = length(lengths.try_into().ok()?);
    Some(Bound {
        arguments: vec![Type::VARCHAR; N],
        returns: Type::Varchar(u32::try_from(length).ok().filter(|_| length < UNBOUNDED)),
        distance: 0,
    })
}

fn length_of(kind: &Type) -> Option<u64> {
    Some(match kind {
        Type::Varchar(Some(length)) | Type::Char(length) => u64::from(*length),
        Type::Varchar(None) => UNBOUNDED,
        Type::Unknown => 0,
        _ => return None,
    })
}

fn pad(name: &'static str, description: &'static str, put: fn(&str, String) -> String) -> Function {
    function(name, description).form(
        "varchar, bigint, varchar -> varchar",
        each3::<Text, Bigint, Text, Text>(move |text, wanted, padding| {
            let missing = padded(wanted, count(text), padding.is_empty())?;
            let Some(missing) = missing else {
                return Ok(part(text, 1, Some(wanted)).to_owned());
            };
            let padding = padding.chars().cycle().take(missing).collect();
            Ok(put(text, padding))
        }),
    )
}

/// How much is missing; `None` where there is enough or too much.
pub(super) fn padded(wanted: i64, given: i64, nothing: bool) -> Result<Option<usize>> {
    if !(0..=i64::from(i32::MAX)).contains(&wanted) {
        return Err(invalid(
            "Target length must be in the range [0..2147483647]",
        ));
    }
    if nothing {
        return Err(invalid("Padding string must not be empty"));
    }
    let missing = usize::try_from(wanted - given).unwrap_or(0);
    budget::bytes(missing)?;
    Ok(Some(missing).filter(|missing| *missing > 0))
}

/// How many characters it has.
fn count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Where a character begins, or the text ends; `None` beyond that.
fn offset(text: &str, character: i64) -> Option<usize> {
    let character = usize::try_from(character).ok()?;
    let starts = text.char_indices().map(|(at, _)| at);
    starts.chain([text.len()]).nth(character)
}

/// From a place, counted from 1, or from the end where it is negative.
fn part(text: &str, start: i64, length: Option<i64>) -> &str {
    let from = match start {
        1.. => start - 1,
        0 => return "",
        _ => count(text).saturating_add(start),
    };
    let Some(begin) = offset(text, from) else {
        return "";
    };
    let rest = &text[begin..];
    match length {
        None => rest,
        Some(..=0) => "",
        Some(length) => offset(rest, length).map_or(rest, |end| &rest[..end]),
    }
}
