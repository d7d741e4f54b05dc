//! `LIKE` in `SHOW`.

use super::said::Like;
use crate::error::{Error, Kind, Result};

/// Which names are wanted.
pub(super) struct Names(Option<Vec<Piece>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    This(char),
    One,
    Any,
}

impl Names {
    pub(super) fn new(like: Option<&Like>) -> Result<Self> {
        like.map(pieces).transpose().map(Self)
    }

    pub(super) fn include(&self, name: &str) -> bool {
        let Some(pieces) = &self.0 else {
            return true;
        };
        let name: Vec<char> = name.chars().collect();
        matches(pieces, &name)
    }
}

fn pieces(like: &Like) -> Result<Vec<Piece>> {
    let bad = |message: &str| Error::new(Kind::InvalidFunctionArgument, message);
    let escape = match &like.escape {
        None => None,
        Some(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(escape), None) => Some(escape),
                _ => return Err(bad("Escape string must be a single character")),
            }
        }
    };
    let mut pieces = Vec::new();
    let mut pattern = like.pattern.chars();
    while let Some(next) = pattern.next() {
        pieces.push(match next {
            next if Some(next) == escape => match pattern.next() {
                Some(next) if matches!(next, '%' | '_') || Some(next) == escape => {
                    Piece::This(next)
                }
                _ => {
                    return Err(bad(
                        "Escape character must be followed by '%', '_' or the escape character itself",
                    ));
                }
            },
            '%' => Piece::Any,
            '_' => Piece::One,
            next => Piece::This(next),
        });
    }
    Ok(pieces)
}

/// Goes back to the last `%` only, which is enough: so it takes no longer than the lengths' product.
fn matches(pieces: &[Piece], name: &[char]) -> bool {
    let (mut i, mut j) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while j < name.len() {
        match pieces.get(i) {
            Some(Piece::Any) => {
                last = Some((i, j));
                i += 1;
                continue;
            }
            Some(Piece::One) => {
                i += 1;
                j += 1;
                continue;
            }
            Some(Piece::This(wanted)) if *wanted == name[j] => {
                i += 1;
                j += 1;
                continue;
            }
            _ => {}
        }
        let Some((any, from)) = last else {
            return false;
        };
        last = Some((any, from + 1));
        i = any + 1;
        j = from + 1;
    }
    pieces[i..].iter().all(|piece| *piece == Piece::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, escape: Option<&str>) -> Like {
        Like {
            pattern: pattern.to_owned(),
            escape: escape.map(str::to_owned),
        }
    }

    #[test]
    fn names_are_matched() {
        for (pattern, escape, name, matches) in [
            ("n%", None, "nation", true),
            ("N%", None, "nation", false),
            ("tp_h", None, "tpch", true),
            ("tp$_h", Some("$"), "tpch", false),
            ("information$_schema", Some("$"), "information_schema", true),
            ("%a%a%", None, "banana", true),
            ("%a%b", None, "banana", false),
            ("", None, "", true),
            ("%", None, "", true),
            ("_", None, "", false),
        ] {
            let names = Names::new(Some(&like(pattern, escape))).unwrap();
            assert_eq!(names.include(name), matches, "{pattern} {name}");
        }
        for (pattern, escape) in [("in$x", "$"), ("in$", "$"), ("in", "xy"), ("in", "")] {
            assert!(Names::new(Some(&like(pattern, Some(escape)))).is_err());
        }
    }
}
