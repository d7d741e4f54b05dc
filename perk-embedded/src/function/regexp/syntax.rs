//! Joni's patterns as those of the crate `regex`.
//!
//! | Joni, as Presto sets it | here |
//! |---|---|
//! | `\w`, `\d`, `\s` and their opposites are of ASCII | sets that say so |
//! | `[[:alpha:]]` is of Unicode | Unicode's properties |
//! | `\Z`, and `$` without `(?m)`, is the end, or a line's end there | the same, which takes the line's end |
//! | `\h` is a hexadecimal digit | a set |
//! | looking around, atomic groups, references back | refused |
//! | `a++`, which gives nothing back | `(?:a+)+`, which may |

use regex::Regex;

use crate::error::{Error, Kind, Result};
use crate::function::invalid;

pub(super) fn compile(pattern: &str) -> Result<Regex> {
    let translated = translate(pattern)?;
    Regex::new(&translated).map_err(|error| invalid(said(pattern, &error)))
}

const END: &str = r"(?:\n?\z)";

/// Whether `(?m)` is said somewhere. As here, so in Joni as Presto sets it, `$` is a line's end with it; but not without.
fn sets_multiline(pattern: &str) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let mut flags = group.chars().take_while(char::is_ascii_lowercase);
        let set = flags.any(|flag| flag == 'm');
        // What has a name between angle brackets is a group, not flags.
        set && !group.starts_with(['<', 'P'])
    })
}

fn translate(pattern: &str) -> Result<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let by_line = sets_multiline(pattern);
    // Sets may have sets within.
    let mut depth = 0_usize;
    while let Some(character) = rest.chars().next() {
        let mut taken = character.len_utf8();
        match character {
            '\\' => {
                let next = rest[taken..].chars().next();
                taken += next.map_or(0, char::len_utf8);
                match next {
                    Some(escaped) => escape(escaped, depth > 0, &mut out)?,
                    None => return Err(invalid("end pattern at escape")),
                }
            }
            '[' if depth > 0 && rest.starts_with("[:") => {
                if let Some((property, length)) = posix(rest) {
                    out.push_str(&property);
                    taken = length;
                } else {
                    depth += 1;
                    out.push('[');
                }
            }
            '[' => {
                depth += 1;
                out.push('[');
                // A bracket that comes first is one of the set.
                let inside = rest[taken..].strip_prefix('^');
                let first = inside.unwrap_or(&rest[taken..]);
                if inside.is_some() {
                    out.push('^');
                    taken += 1;
                }
                if first.starts_with(']') {
                    out.push_str("\\]");
                    taken += 1;
                }
            }
            ']' if depth > 0 => {
                depth -= 1;
                out.push(']');
            }
            // These have a meaning in sets only here.
            '~' if depth > 0 => out.push_str("\\~"),
            '-' if depth > 0 && rest.starts_with("--") => out.push_str("\\-"),
            '$' if depth == 0 && !by_line => out.push_str(END),
            '(' if depth == 0 => {
                refuse(&rest[taken..])?;
                out.push('(');
            }
            other => out.push(other),
        }
        rest = &rest[taken..];
    }
    Ok(out)
}

fn escape(escaped: char, in_set: bool, out: &mut String) -> Result<()> {
    let set = match escaped {
        'w' | 'W' => "a-zA-Z0-9_",
        'd' | 'D' => "0-9",
        's' | 'S' => r"\t\n\x0B\f\r ",
        'h' | 'H' => "0-9a-fA-F",
        'Z' if !in_set => {
            out.push_str(END);
            return Ok(());
        }
        'b' if !in_set => {
            out.push_str(r"(?-u:\b)");
            return Ok(());
        }
        'k' | '1'..='9' if !in_set => return Err(unsupported("references back")),
        // Escaped letters that mean nothing are themselves.
        'e' => {
            out.push_str(r"\x1B");
            return Ok(());
        }
        other => {
            let meant = "aAbBfnprtuUvxzPQE";
            if !other.is_ascii_alphanumeric() || meant.contains(other) {
                out.push('\\');
            }
            out.push(other);
            return Ok(());
        }
    };
    match (escaped.is_ascii_uppercase(), in_set) {
        (true, _) => out.extend(["[^", set, "]"]),
        (false, true) => out.push_str(set),
        (false, false) => out.extend(["[", set, "]"]),
    }
    Ok(())
}

/// A set such as `[:alpha:]`, and how much of the pattern it is.
fn posix(rest: &str) -> Option<(String, usize)> {
    let end = rest.find(":]")?;
    let name = &rest[2..end];
    let (negated, name) = match name.strip_prefix('^') {
        Some(name) => ("^", name),
        None => ("", name),
    };
    let set = match name {
        "alpha" => r"\p{Alphabetic}",
        "digit" => r"\p{Nd}",
        "alnum" => r"\p{Alphabetic}\p{Nd}",
        "upper" => r"\p{Uppercase}",
        "lower" => r"\p{Lowercase}",
        "space" => r"\p{White_Space}",
        "punct" => r"\p{P}",
        "cntrl" => r"\p{Cc}",
        "blank" => r"\p{Zs}\t",
        "xdigit" => "0-9a-fA-F",
        "word" => r"\w",
        _ => return None,
    };
    Some((format!("[{negated}{set}]"), end + 2))
}

/// Refuses the groups that are not to be had, by what is behind their parenthesis.
fn refuse(inside: &str) -> Result<()> {
    let around = ["?=", "?!", "?<=", "?<!"];
    if around.iter().any(|start| inside.starts_with(start)) {
        return Err(unsupported("looking ahead and behind"));
    }
    if inside.starts_with("?>") {
        return Err(unsupported("atomic groups"));
    }
    Ok(())
}

fn unsupported(what: &str) -> Error {
    let message = format!("{what} in regular expressions is not supported by the embedded engine");
    Error::new(Kind::NotSupported, message)
}

/// What Joni says of a bad pattern, as far as it is known.
fn said(pattern: &str, error: &regex::Error) -> String {
    let message = error.to_string();
    let known = [
        ("unclosed group", "end pattern with unmatched parenthesis"),
        ("unopened group", "unmatched close parenthesis"),
        ("unclosed character class", "premature end of char-class"),
        (
            "repetition operator missing expression",
            "target of repeat operator is not specified",
        ),
        (
            "invalid repetition count range",
            "upper is smaller than lower in repeat range",
        ),
        (
            "unclosed group name",
            "end pattern with unmatched parenthesis",
        ),
        ("invalid character class range", "empty range in char class"),
    ];
    let known = known.iter().find(|(ours, _)| message.contains(ours));
    match known {
        Some((_, joni)) => (*joni).to_owned(),
        None => format!("invalid regular expression: {pattern}"),
    }
}
