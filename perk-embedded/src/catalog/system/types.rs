//! What JDBC is told of types: the numbers of `java.sql.Types`, and how much each holds.

use super::super::listing::{Cell, Row};
use crate::types::Type;

/// `DatabaseMetaData.columnNullableUnknown`.
pub(super) const NULLABLE_UNKNOWN: i64 = 2;
/// `DatabaseMetaData.typeNullable`.
const NULLABLE: i64 = 1;
/// `DatabaseMetaData.typeSearchable`: in every condition.
const SEARCHABLE: i64 = 3;
/// `Types.JAVA_OBJECT`: whatever JDBC has no number for.
const OTHER: i64 = 2000;
/// As much as there may be.
const UNBOUNDED: i64 = 2_147_483_647;

/// What JDBC knows of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) code: i64,
    /// Digits, characters or bytes.
    pub(super) size: Option<i64>,
    /// Digits after the point.
    pub(super) digits: Option<i64>,
    /// What the size counts digits of.
    pub(super) radix: Option<i64>,
    pub(super) octets: Option<i64>,
}

/// What JDBC is told of a column of this type.
pub(super) fn of(kind: &Type) -> Known {
    let known = |code, size| Known {
        code,
        size,
        digits: None,
        radix: None,
        octets: None,
    };
    let number = |code, size, radix| Known {
        radix: Some(radix),
        ..known(code, Some(size))
    };
    let octets = |code, size| Known {
        octets: Some(size),
        ..known(code, Some(size))
    };
    match kind {
        Type::Boolean => known(16, None),
        Type::Tinyint => number(-6, 3, 10),
        Type::Smallint => number(5, 5, 10),
        Type::Integer => number(4, 10, 10),
        Type::Bigint => number(-5, 19, 10),
        Type::Real => number(7, 24, 2),
        Type::Double => number(8, 53, 2),
        Type::Decimal(precision, scale) => Known {
            digits: Some(i64::from(*scale)),
            ..number(3, i64::from(*precision), 10)
        },
        Type::Varchar(length) => octets(12, length.map_or(UNBOUNDED, i64::from)),
        Type::Char(length) => octets(1, i64::from(*length)),
        Type::Varbinary => octets(-3, UNBOUNDED),
        Type::Date => known(91, Some(14)),
        Type::Time => known(92, Some(8)),
        Type::Timestamp => known(93, Some(23)),
        Type::TimeWithZone => known(2013, Some(14)),
        Type::TimestampWithZone(_) => known(2014, Some(29)),
        Type::Array(_) => known(2003, None),
        _ => known(OTHER, None),
    }
}

/// Types without parameters; they can be in conditions.
static PLAIN: [Type; 15] = [
    Type::Boolean,
    Type::Tinyint,
    Type::Smallint,
    Type::Integer,
    Type::Bigint,
    Type::Real,
    Type::Double,
    Type::Varbinary,
    Type::Date,
    Type::Time,
    Type::Timestamp,
    Type::TimeWithZone,
    Type::Json,
    Type::IntervalYearToMonth,
    Type::IntervalDayToSecond,
];

/// Types with parameters, of which JDBC is told no more than their names.
const PARAMETRIC: [(&str, i64); 6] = [
    ("varchar", OTHER),
    ("char", OTHER),
    ("decimal", OTHER),
    ("map", OTHER),
    ("row", OTHER),
    ("array", 2003),
];

/// All types.
pub(super) fn rows() -> Vec<Row> {
    let zoned = Type::TimestampWithZone("UTC".into());
    let plain = PLAIN
        .iter()
        .chain([&zoned, &Type::Unknown])
        .map(|kind| row(&kind.to_string(), of(kind), SEARCHABLE));
    let parametric = PARAMETRIC.iter().map(|(name, code)| {
        let known = Known {
            code: *code,
            size: None,
            digits: None,
            radix: None,
            octets: None,
        };
        row(name, known, 0)
    });
    plain.chain(parametric).collect()
}

fn row(name: &str, known: Known, searchable: i64) -> Row {
    vec![
        name.into(),
        known.code.into(),
        known.size.into(),
        Cell::Null,
        Cell::Null,
        Cell::Null,
        NULLABLE.into(),
        false.into(),
        searchable.into(),
        Cell::Null,
        false.into(),
        Cell::Null,
        Cell::Null,
        0_i64.into(),
        0_i64.into(),
        Cell::Null,
        Cell::Null,
        known.radix.into(),
    ]
}
