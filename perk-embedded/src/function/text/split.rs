//! A text's parts.

use std::collections::{HashMap, HashSet};

use super::lists::{TextMap, TextMultimap, Texts};
use super::offset;
use crate::error::Result;
use crate::function::cell::{Bigint, Text, each2, each3, optional3};
use crate::function::{Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("split", "Splits a string by a delimiter")
            .form(
                "varchar(x), varchar -> array(varchar(x))",
                each2::<Text, Text, Texts>(|text, delimiter| {
                    Ok(split(text, delimiter, usize::MAX))
                }),
            )
            .form(
                "varchar(x), varchar, bigint -> array(varchar(x))",
                each3::<Text, Text, Bigint, Texts>(|text, delimiter, limit| {
                    if limit <= 0 {
                        return Err(invalid("Limit must be positive"));
                    }
                    let limit = i32::try_from(limit).map_err(|_| invalid("Limit is too large"))?;
                    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                    Ok(split(text, delimiter, limit))
                }),
            ),
        function(
            "split_part",
            "Splits a string by a delimiter and returns the specified field (counting from one)",
        )
        .form(
            "varchar(x), varchar, bigint -> varchar(x)",
            optional3::<Text, Text, Bigint, Text>(split_part),
        ),
        function(
            "split_to_map",
            "Creates a map using entryDelimiter and keyValueDelimiter",
        )
        .form(
            "varchar, varchar, varchar -> map(varchar, varchar)",
            each3::<Text, Text, Text, TextMap>(split_to_map),
        ),
        function(
            "split_to_multimap",
            "Creates a multimap by splitting a string into key/value pairs",
        )
        .form(
            "varchar, varchar, varchar -> map(varchar, array(varchar))",
            each3::<Text, Text, Text, TextMultimap>(split_to_multimap),
        ),
    ]
}

/// At most that many parts, the last with all of the rest. Nothing, as a delimiter, stands behind every character.
fn split(text: &str, delimiter: &str, limit: usize) -> Vec<Option<String>> {
    if !delimiter.is_empty() {
        let parts = text.splitn(limit, delimiter);
        return parts.map(|part| Some(part.to_owned())).collect();
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next()
        && parts.len() + 1 < limit
    {
        parts.push(Some(first.to_string()));
        rest = &rest[first.len_utf8()..];
    }
    parts.push(Some(rest.to_owned()));
    parts
}

fn split_part(text: &str, delimiter: &str, part: i64) -> Result<Option<String>> {
    if part <= 0 {
        return Err(invalid("Index must be greater than zero"));
    }
    if delimiter.is_empty() {
        let begin = offset(text, part - 1);
        let character = begin.and_then(|begin| text[begin..].chars().next());
        return Ok(character.map(String::from));
    }
    let part = usize::try_from(part - 1).unwrap_or(usize::MAX);
    Ok(text.split(delimiter).nth(part).map(str::to_owned))
}

fn split_to_map(text: &str, entry: &str, between: &str) -> Result<Vec<(String, String)>> {
    let (mut map, mut known) = (Vec::new(), HashSet::new());
    for (key, value) in entries(text, entry, between, |bad| format!("'{bad}'"))? {
        if !known.insert(key) {
            return Err(invalid(format!(
                "Duplicate keys ({key}) are not allowed. Specifying a lambda to resolve conflicts can avoid this error"
            )));
        }
        map.push((key.to_owned(), value.to_owned()));
    }
    Ok(map)
}

fn split_to_multimap(text: &str, entry: &str, between: &str) -> Result<Vec<(String, Vec<String>)>> {
    let mut map: Vec<(String, Vec<String>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (key, value) in entries(text, entry, between, str::to_owned)? {
        let place = *known.entry(key).or_insert(map.len());
        if place == map.len() {
            map.push((key.to_owned(), Vec::new()));
        }
        map[place].1.push(value.to_owned());
    }
    Ok(map)
}

/// Keys and values. A delimiter at the end ends the last entry.
fn entries<'a>(
    text: &'a str,
    entry: &str,
    between: &str,
    shown: fn(&str) -> String,
) -> Result<Vec<(&'a str, &'a str)>> {
    if entry.is_empty() {
        return Err(invalid("entryDelimiter is empty"));
    }
    if between.is_empty() {
        return Err(invalid("keyValueDelimiter is empty"));
    }
    if entry == between {
        return Err(invalid(
            "entryDelimiter and keyValueDelimiter must not be the same",
        ));
    }
    let parts = text.split_terminator(entry);
    let pair = |part: &'a str| match part.split_once(between) {
        Some((key, value)) if !value.contains(between) => Ok((key, value)),
        _ => {
            let message = "Key-value delimiter must appear exactly once in each entry. Bad input:";
            Err(invalid(format!("{message} {}", shown(part))))
        }
    };
    parts.map(pair).collect()
}
