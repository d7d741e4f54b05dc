//! What matches are replaced with: text with groups in it, `$1` or `${name}`.

use regex::{Captures, Regex};

use crate::error::Result;
use crate::function::{budget, invalid};

/// Pieces of a replacement, or why there is none: which matters only once something is replaced.
pub(super) type Replacement = std::result::Result<Vec<Piece>, String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Is(char),
    /// A group's digits. How many of them are meant depends on how many groups there are.
    Numbered(String),
    Named(String),
}

pub(super) fn read(text: &str) -> Replacement {
    let illegal = || format!("Illegal replacement sequence: {text}");
    let mut pieces = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        pieces.push(match character {
            '\\' => Piece::Is(rest.next().ok_or_else(illegal)?),
            '$' => {
                let after = rest.as_str();
                if let Some((name, behind)) = after
                    .strip_prefix('{')
                    .and_then(|inside| inside.split_once('}'))
                {
                    rest = behind.chars();
                    Piece::Named(name.to_owned())
                } else {
                    let end = after
                        .find(|c: char| !c.is_ascii_digit())
                        .unwrap_or(after.len());
                    if end == 0 {
                        return Err(illegal());
                    }
                    let (digits, behind) = after.split_at(end);
                    rest = behind.chars();
                    Piece::Numbered(digits.to_owned())
                }
            }
            other => Piece::Is(other),
        });
    }
    Ok(pieces)
}

pub(super) fn replace_all(text: &str, regex: &Regex, with: &Replacement) -> Result<String> {
    let mut out = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let with = with.as_ref().map_err(invalid)?;
        let Some(whole) = captures.get(0) else {
            continue;
        };
        out.push_str(&text[end..whole.start()]);
        for piece in with {
            write(piece, &captures, &mut out)?;
        }
        end = whole.end();
        budget::bytes(out.len())?;
    }
    out.push_str(&text[end..]);
    Ok(out)
}

fn write(piece: &Piece, captures: &Captures<'_>, out: &mut String) -> Result<()> {
    let found = match piece {
        Piece::Is(character) => {
            out.push(*character);
            return Ok(());
        }
        Piece::Numbered(digits) => {
            let (group, behind) = numbered(digits, captures.len())?;
            let found = captures.get(group).map_or("", |found| found.as_str());
            out.push_str(found);
            behind
        }
        // A number in braces is a number.
        Piece::Named(name) => match name.parse::<usize>() {
            Ok(group) if group < captures.len() => captures.get(group),
            _ => captures.name(name),
        }
        .map(|found| found.as_str())
        .ok_or_else(|| {
            invalid(format!(
                "Illegal replacement sequence: unknown group {{ {name} }}"
            ))
        })?,
    };
    out.push_str(found);
    Ok(())
}

/// The longest number that a group has, with the digits that are none of it.
fn numbered(digits: &str, groups: usize) -> Result<(usize, &str)> {
    let known = (1..=digits.len()).rev().find_map(|end| {
        let group: usize = digits[..end].parse().ok()?;
        (group < groups).then(|| (group, &digits[end..]))
    });
    known.ok_or_else(|| {
        let first = &digits[..1];
        invalid(format!(
            "Illegal replacement sequence: unknown group {first}"
        ))
    })
}
