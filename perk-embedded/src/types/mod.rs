//! Presto's types.
//!
//! | room | what is in it |
//! |---|---|
//! | here | a type as a tree, and which type two have in common |
//! | [`parse`] | reading one from its spelling |
//! | [`arrow`] | what Arrow holds its values in |
//! | [`wire`] | how a client is told of it |
//!
//! Arrow keeps less apart than Presto does: `varchar(3)` and `char(5)` are both UTF-8. Plans carry Arrow's types;
//! what a column is for a client is worked out beside them, by [`crate::plan::typing`].

pub(crate) mod arrow;
pub(crate) mod parse;
pub(crate) mod wire;

use std::fmt;
use std::sync::Arc;

/// The most digits of a decimal.
pub(crate) const MAX_PRECISION: u8 = 38;

/// A type of Presto's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    /// What `NULL` is.
    Unknown,
    Boolean,
    Tinyint,
    Smallint,
    Integer,
    Bigint,
    Real,
    Double,
    /// Digits in all, and digits after the point.
    Decimal(u8, u8),
    /// With the most characters it holds, where that is bounded.
    Varchar(Option<u32>),
    /// With its length in characters. Values are held without the spaces at their end.
    Char(u32),
    Varbinary,
    Json,
    Date,
    /// Milliseconds of a day.
    Time,
    TimeWithZone,
    /// Milliseconds, in no zone.
    Timestamp,
    /// An instant in milliseconds, and the zone that its values are shown in. Presto keeps one with each value; here a
    /// column has one.
    TimestampWithZone(Arc<str>),
    IntervalYearToMonth,
    IntervalDayToSecond,
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// Fields, with their names where they have some.
    Row(Vec<(Option<String>, Type)>),
}

impl Type {
    /// `varchar` without a bound.
    pub(crate) const VARCHAR: Self = Self::Varchar(None);

    /// An array of these.
    pub(crate) fn array(element: Self) -> Self {
        Self::Array(Box::new(element))
    }

    /// A map between these.
    pub(crate) fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// Digits before the point, digits after it: of a decimal, or of the one that holds all of an integer type.
    pub(crate) fn as_decimal(&self) -> Option<(u8, u8)> {
        Some(match self {
            Self::Tinyint => (3, 0),
            Self::Smallint => (5, 0),
            Self::Integer => (10, 0),
            Self::Bigint => (19, 0),
            Self::Decimal(precision, scale) => (*precision, *scale),
            _ => return None,
        })
    }

    pub(crate) fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::Tinyint | Self::Smallint | Self::Integer | Self::Bigint
        )
    }

    pub(crate) fn is_numeric(&self) -> bool {
        self.as_decimal().is_some() || matches!(self, Self::Real | Self::Double)
    }

    /// `varchar` or `char`, of any length.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Varchar(_) | Self::Char(_))
    }

    /// Whether values can be sorted.
    pub(crate) fn is_orderable(&self) -> bool {
        match self {
            Self::Map(..) | Self::Json => false,
            Self::Array(element) => element.is_orderable(),
            Self::Row(fields) => fields.iter().all(|(_, kind)| kind.is_orderable()),
            _ => true,
        }
    }

    /// Whether every value of this type is one of `to` without being asked for: Presto's implicit coercion
    /// (`FunctionAndTypeManager.canCoerce`). A row's fields count by their places, whatever they are called.
    pub(crate) fn coerces_to(&self, to: &Self) -> bool {
        match (self, to) {
            (Self::Array(element), Self::Array(other)) => element.coerces_to(other),
            (Self::Map(key, value), Self::Map(other_key, other_value)) => {
                key.coerces_to(other_key) && value.coerces_to(other_value)
            }
            (Self::Row(fields), Self::Row(others)) => {
                let mut pairs = fields.iter().zip(others);
                fields.len() == others.len()
                    && pairs.all(|((_, kind), (_, other))| kind.coerces_to(other))
            }
            (Self::TimestampWithZone(_), Self::TimestampWithZone(_)) => true,
            _ => self.common(to).as_ref() == Some(to),
        }
    }

    /// The type that values of both can be had in without being asked for, if there is one
    /// (`TypeCoercer.getCommonSuperType`).
    pub(crate) fn common(&self, other: &Self) -> Option<Self> {
        use Type::{
            Array, Bigint, Char, Date, Decimal, Double, Integer, Map, Real, Row, Smallint,
            Timestamp, TimestampWithZone, Tinyint, Unknown, Varchar,
        };
        let rank = |kind: &Self| {
            [Tinyint, Smallint, Integer, Bigint]
                .iter()
                .position(|integer| integer == kind)
        };
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Unknown, a) | (a, Unknown) => a.clone(),
            (a, b) if rank(a).is_some() && rank(b).is_some() => {
                if rank(a) > rank(b) { a } else { b }.clone()
            }
            (Double, a) | (a, Double) if a.is_numeric() => Double,
            (Real, a) | (a, Real) if a.is_numeric() => Real,
            (a, b) if a.is_numeric() && b.is_numeric() => {
                let (one, two) = (a.as_decimal()?, b.as_decimal()?);
                let scale = one.1.max(two.1);
                let digits = (one.0 - one.1).max(two.0 - two.1) + scale;
                Decimal(digits.min(MAX_PRECISION), scale)
            }
            (Varchar(a), Varchar(b)) => Varchar(a.zip(*b).map(|(a, b)| a.max(b))),
            (Char(a), Char(b) | Varchar(Some(b))) | (Varchar(Some(b)), Char(a)) => Char(*a.max(b)),
            (Char(_), Varchar(None)) | (Varchar(None), Char(_)) => Self::VARCHAR,
            (Date, Timestamp) | (Timestamp, Date) => Timestamp,
            (Date | Timestamp, TimestampWithZone(zone))
            | (TimestampWithZone(zone), Date | Timestamp | TimestampWithZone(_)) => {
                TimestampWithZone(zone.clone())
            }
            (Self::Time, Self::TimeWithZone) | (Self::TimeWithZone, Self::Time) => {
                Self::TimeWithZone
            }
            (Array(a), Array(b)) => Self::array(a.common(b)?),
            (Map(k, v), Map(l, w)) => Self::map(k.common(l)?, v.common(w)?),
            (Row(a), Row(b)) if a.len() == b.len() => {
                let fields = a.iter().zip(b).map(|((name, a), (other, b))| {
                    let name = name.clone().filter(|_| name == other);
                    Some((name, a.common(b)?))
                });
                Row(fields.collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }
}

/// Presto's spelling, as in `typeof` and in its error messages.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Boolean => f.write_str("boolean"),
            Self::Tinyint => f.write_str("tinyint"),
            Self::Smallint => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::Bigint => f.write_str("bigint"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double"),
            Self::Decimal(precision, scale) => write!(f, "decimal({precision},{scale})"),
            Self::Varchar(None) => f.write_str("varchar"),
            Self::Varchar(Some(length)) => write!(f, "varchar({length})"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Varbinary => f.write_str("varbinary"),
            Self::Json => f.write_str("json"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::TimeWithZone => f.write_str("time with time zone"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampWithZone(_) => f.write_str("timestamp with time zone"),
            Self::IntervalYearToMonth => f.write_str("interval year to month"),
            Self::IntervalDayToSecond => f.write_str("interval day to second"),
            Self::Array(element) => write!(f, "array({element})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Row(fields) => {
                f.write_str("row(")?;
                for (i, (name, kind)) in fields.iter().enumerate() {
                    let separator = if i > 0 { ", " } else { "" };
                    match name {
                        Some(name) => write!(f, "{separator}{} {kind}", quoted_where_needed(name))?,
                        None => write!(f, "{separator}{kind}")?,
                    }
                }
                f.write_str(")")
            }
        }
    }
}

fn quoted_where_needed(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(a: &str, b: &str) -> Option<String> {
        let read = |text| parse::parse(text).unwrap();
        let (there, back) = (read(a).common(&read(b)), read(b).common(&read(a)));
        assert_eq!(there, back, "{a} and {b}");
        there.map(|kind| kind.to_string())
    }

    #[test]
    fn two_types_have_the_smallest_that_holds_both_in_common() {
        for (a, b, both) in [
            ("integer", "bigint", Some("bigint")),
            ("integer", "decimal(5,2)", Some("decimal(12,2)")),
            ("bigint", "double", Some("double")),
            ("bigint", "real", Some("real")),
            ("varchar(3)", "varchar(5)", Some("varchar(5)")),
            ("varchar(3)", "varchar", Some("varchar")),
            ("date", "timestamp", Some("timestamp")),
            ("unknown", "array(date)", Some("array(date)")),
            ("array(integer)", "array(double)", Some("array(double)")),
            ("row(a integer)", "row(a bigint)", Some("row(a bigint)")),
            ("row(a integer)", "row(b bigint)", Some("row(bigint)")),
            ("integer", "varchar", None),
            ("boolean", "integer", None),
            ("json", "varchar", None),
        ] {
            assert_eq!(common(a, b).as_deref(), both, "{a} and {b}");
        }
    }

    #[test]
    fn what_a_type_becomes_of_itself() {
        for (from, to, becomes) in [
            ("integer", "bigint", true),
            ("bigint", "integer", false),
            ("unknown", "row(a integer)", true),
            ("row(integer,varchar(1))", "row(x bigint,y varchar)", true),
            ("row(a integer)", "row(b integer)", true),
            ("row(a integer)", "row(a integer,b integer)", false),
            ("row(bigint)", "row(a integer)", false),
            ("array(row(integer))", "array(row(a integer))", true),
            (
                "map(varchar(1),row(integer))",
                "map(varchar,row(a double))",
                true,
            ),
            ("map(varchar,integer)", "map(varchar(1),integer)", false),
        ] {
            let read = |text| parse::parse(text).unwrap();
            assert_eq!(read(from).coerces_to(&read(to)), becomes, "{from} to {to}");
        }
    }
}
