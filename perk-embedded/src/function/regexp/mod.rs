//! Regular expressions.
//!
//! Presto's are Joni's, which searches by trying; these are of the crate `regex`, which does not, and so has no looking around
//! and no references back. A pattern with one of these is refused. [`syntax`] has the other differences.

mod replacement;
mod syntax;
#[cfg(test)]
mod tests;

use datafusion::arrow::array::{Array, ArrayRef};
use regex::{Captures, Regex};

use super::cell::{Bigint, Boolean, Cell, Text};
use super::compiled::Compiled;
use super::text::lists::Texts;
use super::text::longer;
use super::{Call, Function, function, invalid};
use crate::error::Result;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "regexp_like",
            "Returns whether the pattern is contained within the string",
        )
        .form("varchar, varchar -> boolean", |call| {
            each::<Boolean>(call, |text, regex, _| Ok(Some(regex.is_match(text))))
        }),
        function(
            "regexp_extract",
            "Returns regex group of extracted string with a pattern",
        )
        .form("varchar(x), varchar -> varchar(x)", extract)
        .form("varchar(x), varchar, bigint -> varchar(x)", extract),
        function(
            "regexp_extract_all",
            "Group(s) extracted using the given pattern",
        )
        .form("varchar(x), varchar -> array(varchar(x))", extract_all)
        .form(
            "varchar(x), varchar, bigint -> array(varchar(x))",
            extract_all,
        ),
        function("regexp_split", "Returns array of strings split by pattern").form(
            "varchar(x), varchar -> array(varchar(x))",
            |call| {
                each::<Texts>(call, |text, regex, _| {
                    let parts = regex.split(text);
                    Ok(Some(parts.map(|part| Some(part.to_owned())).collect()))
                })
            },
        ),
        replace(),
    ]
}

fn replace() -> Function {
    function(
        "regexp_replace",
        "Replaces substrings matching a regular expression by given string",
    )
    .form("varchar(x), varchar -> varchar(x)", |call| {
        each::<Text>(call, |text, regex, _| {
            Ok(Some(regex.replace_all(text, "").into_owned()))
        })
    })
    .form_by_rule(
        "varchar, varchar, varchar -> varchar",
        |arguments, _| {
            longer(arguments, |[text, _, new]| {
                // As Presto reckons, from the most that a replacement can be made of.
                let more = (text.saturating_mul(new) / 2).max(new);
                text.saturating_add(more.saturating_mul(text.saturating_add(1)))
            })
        },
        |call| {
            let replacements = Compiled::default();
            let new = Text::column(&call.arguments[2]);
            each::<Text>(call, |text, regex, row| {
                if new.is_null(row) {
                    return Ok(None);
                }
                let with = replacements.get(new.value(row), |new| Ok(replacement::read(new)))?;
                replacement::replace_all(text, regex, &with).map(Some)
            })
        },
    )
}

/// Rows of a text and a pattern.
fn each<R: Cell>(
    call: &Call<'_>,
    work: impl Fn(&str, &Regex, usize) -> Result<Option<R::Made>>,
) -> Result<ArrayRef> {
    let (texts, patterns) = (
        Text::column(&call.arguments[0]),
        Text::column(&call.arguments[1]),
    );
    let compiled = Compiled::default();
    call.rows::<R>(|row| {
        if texts.is_null(row) || patterns.is_null(row) {
            return Ok(None);
        }
        let regex = compiled.get(patterns.value(row), syntax::compile)?;
        work(texts.value(row), &regex, row)
    })
}

/// Which group a row asks for, if it asks at all; the whole match is group 0.
fn group(call: &Call<'_>, regex: &Regex, row: usize) -> Result<Option<usize>> {
    let Some(groups) = call.arguments.get(2).map(Bigint::column) else {
        return Ok(Some(0));
    };
    if groups.is_null(row) {
        return Ok(None);
    }
    let (wanted, known) = (groups.value(row), regex.captures_len() - 1);
    let Ok(group) = usize::try_from(wanted) else {
        return Err(invalid("Group cannot be negative"));
    };
    if group > known {
        let message = format!("Pattern has {known} groups. Cannot access group {wanted}");
        return Err(invalid(message));
    }
    Ok(Some(group))
}

fn captured(captures: &Captures<'_>, group: usize) -> Option<String> {
    captures.get(group).map(|found| found.as_str().to_owned())
}

fn extract(call: &Call<'_>) -> Result<ArrayRef> {
    each::<Text>(call, |text, regex, row| {
        let Some(group) = group(call, regex, row)? else {
            return Ok(None);
        };
        let captures = regex.captures(text);
        Ok(captures.and_then(|captures| captured(&captures, group)))
    })
}

fn extract_all(call: &Call<'_>) -> Result<ArrayRef> {
    each::<Texts>(call, |text, regex, row| {
        let Some(group) = group(call, regex, row)? else {
            return Ok(None);
        };
        let all = regex.captures_iter(text);
        Ok(Some(
            all.map(|captures| captured(&captures, group)).collect(),
        ))
    })
}
