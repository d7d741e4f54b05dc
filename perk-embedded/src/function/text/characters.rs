//! Case, blanks, normal forms: what is made of single characters.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use crate::function::cell::{Bigint, Integer, Text, each1, each2};
use crate::function::signature::Bound;
use crate::function::{Function, function, invalid};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        kept("lower", "Converts the string to lower case", |text| {
            text.chars().map(lower).collect()
        }),
        kept("upper", "Converts the string to upper case", |text| {
            text.chars().map(upper).collect()
        }),
        trim(
            "trim",
            "Removes whitespace from the beginning and end of a string",
            |text, is| text.trim_matches(is),
        ),
        trim(
            "ltrim",
            "Removes whitespace from the beginning of a string",
            |text, is| text.trim_start_matches(is),
        ),
        trim(
            "rtrim",
            "Removes whitespace from the end of a string",
            |text, is| text.trim_end_matches(is),
        ),
        function("chr", "Convert Unicode code point to a string").form(
            "bigint -> varchar(1)",
            each1::<Bigint, Text>(|code| {
                let character = u32::try_from(code).ok().and_then(char::from_u32);
                let text = character.map(String::from);
                text.ok_or_else(|| invalid(format!("Not a valid Unicode code point: {code}")))
            }),
        ),
        function(
            "codepoint",
            "Returns Unicode code point of a single character string",
        )
        .form_by_rule(
            "varchar(1) -> integer",
            |arguments, _| match arguments {
                // Arrow does not tell a text's length: what is unbounded may be of one character.
                [Type::Varchar(None | Some(..=1)) | Type::Char(1) | Type::Unknown] => Some(Bound {
                    arguments: vec![Type::VARCHAR],
                    returns: Type::Integer,
                    distance: 0,
                }),
                _ => None,
            },
            each1::<Text, Integer>(|text| {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(only), None) => Ok(u32::from(only).cast_signed()),
                    _ => Err(invalid("Input string must be a single character string")),
                }
            }),
        ),
        function("normalize", "Transforms the string to normalized form")
            .form(
                "varchar -> varchar",
                each1::<Text, Text>(|text| {
                    let normal = ComposingNormalizerBorrowed::new_nfc();
                    Ok(normal.normalize(text).into_owned())
                }),
            )
            .form(
                "varchar, varchar -> varchar",
                each2::<Text, Text, Text>(|text, form| {
                    let normal = match form {
                        "NFC" => ComposingNormalizerBorrowed::new_nfc().normalize(text),
                        "NFKC" => ComposingNormalizerBorrowed::new_nfkc().normalize(text),
                        "NFD" => DecomposingNormalizerBorrowed::new_nfd().normalize(text),
                        "NFKD" => DecomposingNormalizerBorrowed::new_nfkd().normalize(text),
                        _ => {
                            let message =
                                "Normalization form must be one of [NFD, NFC, NFKD, NFKC]";
                            return Err(invalid(message));
                        }
                    };
                    Ok(normal.into_owned())
                }),
            ),
    ]
}

/// A function whose result is as long as what it is given.
fn kept(name: &'static str, description: &'static str, work: fn(&str) -> String) -> Function {
    function(name, description)
        .form(
            "varchar(x) -> varchar(x)",
            each1::<Text, Text>(move |text| Ok(work(text))),
        )
        .form(
            "char(x) -> char(x)",
            each1::<Text, Text>(move |text| Ok(work(text))),
        )
}

type Trim = for<'a> fn(&'a str, &dyn Fn(char) -> bool) -> &'a str;

fn trim(name: &'static str, description: &'static str, trimmed: Trim) -> Function {
    let blanks = move |text: &str| trimmed(text, &is_blank).to_owned();
    let these = move |text: &str, characters: &str| {
        trimmed(text, &|character| characters.contains(character)).to_owned()
    };
    function(name, description)
        .form(
            "varchar(x) -> varchar(x)",
            each1::<Text, Text>(move |text| Ok(blanks(text))),
        )
        .form(
            "char(x) -> char(x)",
            each1::<Text, Text>(move |text| Ok(blanks(text))),
        )
        .form(
            "varchar(x), varchar -> varchar(x)",
            each2::<Text, Text, Text>(move |text, characters| Ok(these(text, characters))),
        )
        .form(
            "char(x), varchar -> char(x)",
            each2::<Text, Text, Text>(move |text, characters| Ok(these(text, characters))),
        )
}

/// `Character.isWhitespace`: Java leaves out the spaces that lines do not break at, and has four control characters more.
fn is_blank(character: char) -> bool {
    match character {
        '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        other => other.is_whitespace(),
    }
}

/// One character for one: `ß` stays, since there is none for `SS`.
fn upper(character: char) -> char {
    match character {
        // Of the Greek letters with an iota below, Rust gives the iota apart, Unicode's own table one letter.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(u32::from(character) + 8).unwrap_or(character)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => {
            char::from_u32(u32::from(character) + 9).unwrap_or(character)
        }
        _ => {
            let mut mapped = character.to_uppercase();
            match (mapped.next(), mapped.next()) {
                (Some(only), None) => only,
                _ => character,
            }
        }
    }
}

/// One character for one: `İ` is `i` without its dot apart.
fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}
