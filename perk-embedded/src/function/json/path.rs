//! Paths to parts of JSON values: `$.a["b c"][0]`, and what Presto leaves to Jayway: `$..a`, `$.a[*]`, `$[0,2]`, `$[1:3]`,
//! `$[-1]`, `$.length()`.

use super::value::Value;
use crate::error::Result;
use crate::function::invalid;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// An object's field, or an array's element if it is a number.
    Key(String),
    /// An object's field only.
    Field(String),
    /// From the end where it is negative.
    Element(i64),
    Elements(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    All,
    /// The value itself and all that is in it, however deep.
    Deep,
    Length,
}

impl Step {
    /// Whether it leads to one value at most.
    fn is_definite(&self) -> bool {
        matches!(
            self,
            Self::Key(_) | Self::Field(_) | Self::Element(_) | Self::Length
        )
    }
}

impl Path {
    pub(crate) fn read(text: &str) -> Result<Self> {
        let steps = steps(text).ok_or_else(|| invalid(format!("Invalid JSON path: '{text}'")));
        Ok(Self { steps: steps? })
    }

    /// What is there: of a path to many, an array of them.
    pub(crate) fn find(&self, value: &Value) -> Option<Value> {
        let mut found = vec![value.clone()];
        let mut definite = true;
        for step in &self.steps {
            definite &= step.is_definite();
            found = found.iter().flat_map(|value| step.take(value)).collect();
            if definite && found.is_empty() {
                return None;
            }
        }
        if definite {
            found.pop()
        } else {
            Some(Value::Array(found))
        }
    }
}

impl Step {
    fn take(&self, value: &Value) -> Vec<Value> {
        match (self, value) {
            (Self::Key(key) | Self::Field(key), Value::Object(fields)) => {
                let found = fields.iter().find(|(known, _)| known == key);
                found.map(|(_, value)| value.clone()).into_iter().collect()
            }
            (Self::Key(key), Value::Array(elements)) => {
                let place = key.parse::<usize>().ok();
                let found = place.and_then(|place| elements.get(place));
                found.cloned().into_iter().collect()
            }
            (Self::Element(place), Value::Array(elements)) => {
                element(elements, *place).cloned().into_iter().collect()
            }
            (Self::Elements(places), Value::Array(elements)) => places
                .iter()
                .filter_map(|place| element(elements, *place).cloned())
                .collect(),
            (Self::Slice(from, to), Value::Array(elements)) => {
                let place = |bound: i64| match usize::try_from(bound) {
                    Ok(place) => place.min(elements.len()),
                    Err(_) => elements.len().saturating_sub(
                        usize::try_from(bound.unsigned_abs()).unwrap_or(usize::MAX),
                    ),
                };
                let (from, to) = (from.map_or(0, place), to.map_or(elements.len(), place));
                elements.get(from..to).unwrap_or_default().to_vec()
            }
            (Self::All, Value::Array(elements)) => elements.clone(),
            (Self::All, Value::Object(fields)) => {
                fields.iter().map(|(_, value)| value.clone()).collect()
            }
            (Self::Deep, value) => {
                let mut all = vec![value.clone()];
                all.extend(
                    Self::All
                        .take(value)
                        .iter()
                        .flat_map(|inner| self.take(inner)),
                );
                all
            }
            (Self::Length, Value::Array(_) | Value::Object(_)) => {
                vec![Value::Number(value.size().to_string())]
            }
            _ => Vec::new(),
        }
    }
}

fn element(elements: &[Value], place: i64) -> Option<&Value> {
    let size = usize::try_from(place.unsigned_abs()).ok()?;
    let place = if place < 0 {
        elements.len().checked_sub(size)?
    } else {
        size
    };
    elements.get(place)
}

/// The steps; none where it is no path.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = match text.strip_prefix('$') {
        Some(rest) => rest.to_owned(),
        // `a.b` is `$.a.b`.
        None if !text.is_empty() => format!(".{text}"),
        None => return None,
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let behind = if let Some(behind) = rest.strip_prefix("..") {
            steps.push(Step::Deep);
            if behind.starts_with('[') {
                behind
            } else {
                name(behind, &mut steps)?
            }
        } else if let Some(behind) = rest.strip_prefix('.') {
            name(behind, &mut steps)?
        } else {
            bracket(rest.strip_prefix('[')?, &mut steps)?
        };
        rest = behind.to_owned();
    }
    Some(steps)
}

/// What stands behind a point. Gives what is left.
fn name<'a>(text: &'a str, steps: &mut Vec<Step>) -> Option<&'a str> {
    if let Some(behind) = text.strip_prefix('*') {
        steps.push(Step::All);
        return Some(behind);
    }
    if let Some(behind) = text.strip_prefix("length()") {
        steps.push(Step::Length);
        return Some(behind);
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || "_-:".contains(c)))
        .unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    steps.push(Step::Key(
        Some(name).filter(|name| !name.is_empty())?.to_owned(),
    ));
    Some(behind)
}

/// What stands in brackets.
fn bracket<'a>(text: &'a str, steps: &mut Vec<Step>) -> Option<&'a str> {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let (name, behind) = quoted(&text[1..], quote)?;
        steps.push(match quote {
            '"' => Step::Key(name),
            _ => Step::Field(name),
        });
        return behind.strip_prefix(']');
    }
    let (inside, behind) = text.split_once(']')?;
    let numbers = |text: &str, separator| -> Option<Vec<Option<i64>>> {
        let bound = |part: &str| match part.trim() {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        text.split(separator).map(bound).collect()
    };
    let plain = !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || c == '_');
    steps.push(if inside == "*" {
        Step::All
    } else if plain {
        Step::Key(inside.to_owned())
    } else if let Ok(place) = inside.trim().parse() {
        Step::Element(place)
    } else if inside.contains(':') {
        match numbers(inside, ':')?.as_slice() {
            [from, to] => Step::Slice(*from, *to),
            _ => return None,
        }
    } else {
        Step::Elements(numbers(inside, ',')?.into_iter().collect::<Option<_>>()?)
    });
    Some(behind)
}

/// Up to the quote that ends it; a backslash stands before what is meant itself.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '\\' => name.push(characters.next()?),
            end if end == quote => return Some((name, characters.as_str())),
            other => name.push(other),
        }
    }
}
