//! `LIKE`, where it is not `DataFusion`'s: with an escape character, and with patterns that may have a backslash, which
//! there is one without being asked for.

use crate::error::Result;
use crate::function::cell::{Cell, Text};
use crate::function::compiled::Compiled;
use crate::function::{Call, Function, function, invalid};
use datafusion::arrow::array::{Array, ArrayRef};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("$like", "Whether a text is like a pattern")
            .form("varchar, varchar -> boolean", like)
            .form("varchar, varchar, varchar -> boolean", like),
    ]
}

fn like(call: &Call<'_>) -> Result<ArrayRef> {
    let columns: Vec<_> = call.arguments.iter().map(Text::column).collect();
    let patterns = Compiled::default();
    call.rows::<crate::function::cell::Boolean>(|row| {
        if columns.iter().any(|column| column.is_null(row)) {
            return Ok(None);
        }
        let value = |argument: usize| columns.get(argument).map(|column| column.value(row));
        let (text, pattern, escape) = (value(0), value(1), value(2));
        let (text, pattern) = (text.unwrap_or_default(), pattern.unwrap_or_default());
        let escape = escape.map(escape_character).transpose()?.flatten();
        let pattern = patterns.get(pattern, |pattern| read(pattern, escape))?;
        Ok(Some(matches(text, &pattern)))
    })
}

/// None of no characters is none.
fn escape_character(text: &str) -> Result<Option<char>> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (escape, None) => Ok(escape),
        _ => Err(invalid("Escape string must be a single character")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Is(char),
    One,
    Any,
}

fn read(pattern: &str, escape: Option<char>) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            it if Some(it) == escape => match characters.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => Part::Is(next),
                _ => {
                    let message = "Escape character must be followed by '%', '_' or the escape character itself";
                    return Err(invalid(message));
                }
            },
            '%' => Part::Any,
            '_' => Part::One,
            other => Part::Is(other),
        });
    }
    Ok(parts)
}

/// Where something after a `%` does not fit, that `%` takes one character more; those before it need not.
fn matches(text: &str, pattern: &[Part]) -> bool {
    let (mut rest, mut at) = (text.chars(), 0);
    let mut again = None;
    loop {
        match pattern.get(at) {
            Some(Part::Any) => {
                at += 1;
                again = Some((rest.clone(), at));
                continue;
            }
            Some(part) => {
                let next = rest.next();
                if next.is_some_and(|next| *part == Part::One || *part == Part::Is(next)) {
                    at += 1;
                    continue;
                }
                if next.is_none() {
                    return false;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((from, behind)) = &mut again else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        (rest, at) = (from.clone(), *behind);
    }
}
