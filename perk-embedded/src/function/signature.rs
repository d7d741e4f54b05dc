//! What a function takes and gives, in Presto's own notation, and which of several such descriptions a call means.
//!
//! `substr(varchar(x), bigint) -> varchar(x)` is written `varchar(x), bigint -> varchar(x)`. A capital letter stands for
//! any type, the same one wherever it stands; a small letter for a number (`varchar(x)`, `decimal(p,s)`). The last
//! parameter may be repeated (`T...`), also not at all. `bound(…)` rules that this notation cannot tell (decimal arithmetic,
//! say) are functions.

use std::fmt;

use crate::types::parse::parse;
use crate::types::{MAX_PRECISION, Type};

/// What one parameter or a result is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// This type.
    Is(Type),
    /// Whatever the letter stands for.
    Any(char),
    /// `varchar(x)`: of any length, which the letter stands for.
    Varchar,
    /// `char(x)`.
    Char,
    /// `decimal(p,s)`.
    Decimal,
    /// `decimal(38,s)`: a result of as many digits as there can be.
    Widest,
    /// `timestamp with time zone`, of any zone; as a result, of the first argument's zone that has one.
    Zoned,
    Array(Box<Pattern>),
    Map(Box<Pattern>, Box<Pattern>),
    /// With as many fields, whatever their names.
    Row(Vec<Pattern>),
}

/// What a function takes and gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    text: &'static str,
    parameters: Vec<Pattern>,
    /// Whether the last parameter may be repeated, or left out.
    variadic: bool,
    returns: Pattern,
}

/// A call's meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    /// What the arguments are to be made.
    pub(crate) arguments: Vec<Type>,
    pub(crate) returns: Type,
    /// How far the arguments are from that; the least wins.
    pub(crate) distance: u32,
}

/// Of a text's type; there may be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Length(Option<u32>);

/// What letters stand for, and what numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bindings {
    types: Vec<(char, Type)>,
    /// The longest so far.
    length: Option<Length>,
    decimal: Option<(u8, u8)>,
    zone: Option<Type>,
}

impl Signature {
    /// Reads the notation. It is written in this crate's code only: what is wrong with it is a bug.
    pub(crate) fn new(text: &'static str) -> Self {
        let (parameters, returns) = text
            .split_once("->")
            .unwrap_or_else(|| panic!("no -> in {text}"));
        let mut list = split(parameters.trim());
        let variadic = list.last().is_some_and(|last| last.ends_with("..."));
        if let Some(last) = list.last_mut().filter(|_| variadic) {
            *last = last.trim_end_matches("...");
        }
        Self {
            text,
            parameters: list.into_iter().map(Pattern::read).collect(),
            variadic,
            returns: Pattern::read(returns.trim()),
        }
    }

    /// Arguments' and result's types as `SHOW FUNCTIONS` has them.
    pub(crate) fn parts(&self) -> (&'static str, &'static str) {
        let (parameters, returns) = self.text.split_once("->").unwrap_or(("", self.text));
        (parameters.trim(), returns.trim())
    }

    /// What a call with these arguments means, if the signature is for such a call.
    pub(crate) fn bind(&self, arguments: &[Type]) -> Option<Bound> {
        let fixed = self.parameters.len() - usize::from(self.variadic);
        if arguments.len() < fixed || (!self.variadic && arguments.len() > fixed) {
            return None;
        }
        let mut bindings = Bindings::default();
        let mut distance = u32::from(self.variadic);
        let pattern = |i: usize| &self.parameters[i.min(self.parameters.len() - 1)];
        for (i, argument) in arguments.iter().enumerate() {
            distance += pattern(i).matches(argument, &mut bindings)?;
        }
        // Only now is known what the letters stand for.
        let wanted = arguments
            .iter()
            .enumerate()
            .map(|(i, argument)| pattern(i).filled(argument, &bindings))
            .collect::<Option<Vec<_>>>()?;
        let returns = self.returns.filled(&Type::Unknown, &bindings)?;
        Some(Bound {
            arguments: wanted,
            returns,
            distance,
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.parts().0)
    }
}

/// At commas outside parentheses.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

impl Pattern {
    pub(super) fn read(text: &str) -> Self {
        let inside = |name: &str| {
            let rest = text.strip_prefix(name)?;
            Some(split(rest.strip_prefix('(')?.strip_suffix(')')?))
        };
        let boxed = |text: &&str| Box::new(Self::read(text));
        if let Some([element]) = inside("array").as_deref() {
            return Self::Array(boxed(element));
        }
        if let Some([key, value]) = inside("map").as_deref() {
            return Self::Map(boxed(key), boxed(value));
        }
        if let Some(fields) = inside("row") {
            return Self::Row(fields.into_iter().map(Self::read).collect());
        }
        match text {
            "varchar(x)" => Self::Varchar,
            "char(x)" => Self::Char,
            "decimal(p,s)" => Self::Decimal,
            "decimal(38,s)" => Self::Widest,
            "timestamp with time zone" => Self::Zoned,
            _ => match text.as_bytes() {
                [letter @ b'A'..=b'Z'] => Self::Any(char::from(*letter)),
                _ => Self::Is(parse(text).unwrap_or_else(|_| panic!("no type: {text}"))),
            },
        }
    }

    /// How far the argument is from this, with what the letters come to stand for.
    pub(super) fn matches(&self, argument: &Type, bindings: &mut Bindings) -> Option<u32> {
        match (self, argument) {
            (Self::Is(kind), argument) => distance(argument, kind),
            (Self::Any(letter), argument) => bindings.unify(*letter, argument),
            (Self::Varchar, Type::Varchar(length)) => Some(bindings.stretch(*length, 0)),
            (Self::Varchar, Type::Char(length)) => Some(bindings.stretch(Some(*length), 1)),
            (Self::Varchar, Type::Unknown) => Some(bindings.stretch(Some(0), 1)),
            (Self::Char, Type::Char(length)) => Some(bindings.stretch(Some(*length), 0)),
            (Self::Decimal, argument) => {
                let (precision, scale) = match argument {
                    Type::Unknown => (1, 0),
                    argument => argument.as_decimal()?,
                };
                let before = bindings.decimal.unwrap_or((0, 0));
                let scale_of_both = scale.max(before.1);
                let digits = (precision - scale).max(before.0 - before.1) + scale_of_both;
                bindings.decimal = Some((digits.min(MAX_PRECISION), scale_of_both));
                Some(if matches!(argument, Type::Decimal(..)) {
                    0
                } else {
                    5
                })
            }
            (Self::Zoned, Type::TimestampWithZone(_)) => {
                bindings.zone.get_or_insert_with(|| argument.clone());
                Some(0)
            }
            (Self::Zoned, Type::Timestamp | Type::Date | Type::Unknown) => Some(2),
            (Self::Array(element), Type::Array(kind)) => element.matches(kind, bindings),
            (Self::Array(element), Type::Unknown) => {
                element.matches(&Type::Unknown, bindings).map(|far| far + 1)
            }
            (Self::Map(key, value), Type::Map(k, v)) => {
                Some(key.matches(k, bindings)? + value.matches(v, bindings)?)
            }
            (Self::Map(key, value), Type::Unknown) => Some(
                key.matches(&Type::Unknown, bindings)?
                    + value.matches(&Type::Unknown, bindings)?
                    + 1,
            ),
            (Self::Row(patterns), Type::Row(fields)) if patterns.len() == fields.len() => patterns
                .iter()
                .zip(fields)
                .map(|(pattern, (_, kind))| pattern.matches(kind, bindings))
                .sum(),
            (Self::Row(patterns), Type::Unknown) => patterns
                .iter()
                .map(|pattern| pattern.matches(&Type::Unknown, bindings))
                .sum(),
            _ => None,
        }
    }

    /// The type, once the letters are known. An argument keeps its own length.
    pub(super) fn filled(&self, argument: &Type, bindings: &Bindings) -> Option<Type> {
        Some(match self {
            Self::Is(kind) => kind.clone(),
            Self::Any(letter) => {
                let found = bindings.types.iter().find(|(known, _)| known == letter);
                found.map_or(Type::Unknown, |(_, kind)| kind.clone())
            }
            Self::Varchar => match argument {
                Type::Varchar(length) => Type::Varchar(*length),
                Type::Char(length) => Type::Varchar(Some(*length)),
                _ => Type::Varchar(bindings.length.and_then(|length| length.0)),
            },
            Self::Char => match argument {
                Type::Char(length) => Type::Char(*length),
                _ => Type::Char(bindings.length.and_then(|length| length.0)?),
            },
            Self::Decimal => {
                let own = argument.as_decimal().filter(|_| *argument != Type::Unknown);
                let (precision, scale) = own.or(bindings.decimal)?;
                Type::Decimal(precision, scale)
            }
            Self::Widest => Type::Decimal(MAX_PRECISION, bindings.decimal?.1),
            Self::Zoned => match argument {
                Type::TimestampWithZone(_) => argument.clone(),
                _ => bindings
                    .zone
                    .clone()
                    .unwrap_or_else(|| Type::TimestampWithZone("UTC".into())),
            },
            Self::Array(element) => {
                let inner = match argument {
                    Type::Array(kind) => kind,
                    _ => &Type::Unknown,
                };
                Type::array(element.filled(inner, bindings)?)
            }
            Self::Map(key, value) => {
                let (k, v) = match argument {
                    Type::Map(key, value) => (&**key, &**value),
                    _ => (&Type::Unknown, &Type::Unknown),
                };
                Type::map(key.filled(k, bindings)?, value.filled(v, bindings)?)
            }
            Self::Row(patterns) => {
                let given = match argument {
                    Type::Row(fields) => fields.as_slice(),
                    _ => &[],
                };
                let field = |(i, pattern): (usize, &Self)| {
                    let (name, kind) = given.get(i).cloned().unwrap_or((None, Type::Unknown));
                    Some((name, pattern.filled(&kind, bindings)?))
                };
                Type::Row(
                    patterns
                        .iter()
                        .enumerate()
                        .map(field)
                        .collect::<Option<_>>()?,
                )
            }
        })
    }
}

impl Bindings {
    fn unify(&mut self, letter: char, argument: &Type) -> Option<u32> {
        let mut types = self.types.iter_mut();
        let Some((_, known)) = types.find(|(known, _)| *known == letter) else {
            self.types.push((letter, argument.clone()));
            return Some(1);
        };
        let common = known.common(argument)?;
        let far = u32::from(common != *known) + u32::from(common != *argument);
        *known = common;
        Some(far)
    }

    fn stretch(&mut self, length: Option<u32>, far: u32) -> u32 {
        let before = self.length.map_or(Some(0), |before| before.0);
        self.length = Some(Length(before.zip(length).map(|(a, b)| a.max(b))));
        far
    }
}

/// How far a type is from one that it can be had in.
fn distance(from: &Type, to: &Type) -> Option<u32> {
    let rank = |kind: &Type| match kind {
        Type::Tinyint | Type::Date => 0,
        Type::Smallint | Type::Timestamp => 1,
        Type::Bigint => 3,
        Type::Decimal(..) => 4,
        Type::Real => 6,
        Type::Double => 7,
        // `integer` too.
        _ => 2,
    };
    match (from, to) {
        (a, b) if a == b => Some(0),
        (Type::Varchar(_), Type::Varchar(None)) => Some(0),
        (Type::Char(_), Type::Varchar(None)) => Some(1),
        (Type::Unknown, to) => Some(1 + rank(to)),
        (from, to) if from.coerces_to(to) => {
            Some(u32::max(1, u32::saturating_sub(rank(to), rank(from))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(signature: &'static str, arguments: &[&str]) -> Option<(String, String)> {
        let arguments: Vec<Type> = arguments.iter().map(|text| parse(text).unwrap()).collect();
        let bound = Signature::new(signature).bind(&arguments)?;
        let wanted: Vec<String> = bound.arguments.iter().map(ToString::to_string).collect();
        Some((wanted.join(", "), bound.returns.to_string()))
    }

    #[test]
    fn calls_are_bound() {
        for (signature, arguments, wanted, returns) in [
            ("bigint -> bigint", &["integer"][..], "bigint", "bigint"),
            (
                "varchar(x), bigint -> varchar(x)",
                &["varchar(5)", "integer"],
                "varchar(5), bigint",
                "varchar(5)",
            ),
            (
                "varchar... -> varchar",
                &["varchar(5)", "varchar(2)", "varchar"],
                "varchar, varchar, varchar",
                "varchar",
            ),
            (
                "array(T), T -> array(T)",
                &["array(integer)", "bigint"],
                "array(bigint), bigint",
                "array(bigint)",
            ),
            (
                "map(K, V) -> array(V)",
                &["map(varchar(2), array(date))"],
                "map(varchar(2), array(date))",
                "array(array(date))",
            ),
            (
                "decimal(p,s) -> decimal(p,s)",
                &["integer"],
                "decimal(10,0)",
                "decimal(10,0)",
            ),
            ("T -> varchar", &["unknown"], "unknown", "varchar"),
            ("-> double", &[], "", "double"),
            (
                "array(T) -> bigint",
                &["unknown"],
                "array(unknown)",
                "bigint",
            ),
        ] {
            let bound = bind(signature, arguments);
            assert_eq!(bound, Some((wanted.into(), returns.into())), "{signature}");
        }
    }

    #[test]
    fn other_calls_are_not() {
        assert_eq!(bind("bigint -> bigint", &["double"]), None);
        assert_eq!(bind("bigint -> bigint", &["varchar"]), None);
        assert_eq!(bind("bigint -> bigint", &[]), None);
        assert_eq!(
            bind("array(T), T -> T", &["array(bigint)", "varchar"]),
            None
        );
        assert_eq!(bind("varchar(x) -> varchar(x)", &["json"]), None);
    }

    #[test]
    fn what_is_nearer_wins() {
        let far = |signature, argument| {
            let argument = parse(argument).unwrap();
            Signature::new(signature)
                .bind(&[argument])
                .unwrap()
                .distance
        };
        assert!(far("bigint -> bigint", "integer") < far("double -> double", "integer"));
        assert!(
            far("bigint -> bigint", "integer") < far("decimal(p,s) -> decimal(p,s)", "integer")
        );
        assert!(
            far("decimal(p,s) -> decimal(p,s)", "decimal(3,1)")
                < far("double -> double", "decimal(3,1)")
        );
        assert!(far("varchar -> bigint", "varchar(3)") < far("T -> bigint", "varchar(3)"));
    }
}
