//! What Arrow holds Presto's values in.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};

use super::{MAX_PRECISION, Type};
use crate::error::{Error, Kind, Result};

/// The fields of a `time with time zone`, for which Arrow has no type: milliseconds of the day in UTC, which may be less
/// than none or more than a day has, and minutes that the place's clock is ahead of that. Times are compared by the first.
pub(crate) const ZONED_TIME: [&str; 2] = ["$utc", "$offset"];

/// What a row's field without a name is called in Arrow, with its place behind it.
const ANONYMOUS: &str = "$";

impl Type {
    /// Arrow's type for values of this one.
    pub(crate) fn to_arrow(&self) -> DataType {
        match self {
            Self::Unknown => DataType::Null,
            Self::Boolean => DataType::Boolean,
            Self::Tinyint => DataType::Int8,
            Self::Smallint => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::Bigint => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal(precision, scale) => {
                DataType::Decimal128(*precision, scale.cast_signed())
            }
            Self::Varchar(_) | Self::Char(_) => DataType::Utf8,
            Self::Varbinary => DataType::Binary,
            // Nothing else is this wide, so that it stays apart from varchar.
            Self::Json => DataType::LargeUtf8,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time32(TimeUnit::Millisecond),
            Self::TimeWithZone => {
                let [utc, offset] = ZONED_TIME;
                DataType::Struct(Fields::from(vec![
                    Field::new(utc, DataType::Time32(TimeUnit::Millisecond), true),
                    Field::new(offset, DataType::Int32, true),
                ]))
            }
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::TimestampWithZone(zone) => {
                DataType::Timestamp(TimeUnit::Millisecond, Some(zone.clone()))
            }
            Self::IntervalYearToMonth => DataType::Interval(IntervalUnit::YearMonth),
            Self::IntervalDayToSecond => DataType::Duration(TimeUnit::Millisecond),
            Self::Array(element) => {
                DataType::List(Arc::new(Field::new_list_field(element.to_arrow(), true)))
            }
            Self::Map(key, value) => {
                let entry = Fields::from(vec![
                    Field::new("key", key.to_arrow(), false),
                    Field::new("value", value.to_arrow(), true),
                ]);
                let entries = Field::new("entries", DataType::Struct(entry), false);
                DataType::Map(Arc::new(entries), false)
            }
            Self::Row(fields) => {
                let field = |(i, (name, kind)): (usize, &(Option<String>, Self))| {
                    let name = name.clone().unwrap_or_else(|| format!("{ANONYMOUS}{i}"));
                    Field::new(name, kind.to_arrow(), true)
                };
                DataType::Struct(fields.iter().enumerate().map(field).collect())
            }
        }
    }

    /// What values of an Arrow type are for Presto, as far as Arrow's type says it; `None` where Presto has nothing like it.
    pub(crate) fn from_arrow(kind: &DataType) -> Option<Self> {
        Some(match kind {
            DataType::Null => Self::Unknown,
            DataType::Boolean => Self::Boolean,
            DataType::Int8 => Self::Tinyint,
            DataType::Int16 | DataType::UInt8 => Self::Smallint,
            DataType::Int32 | DataType::UInt16 => Self::Integer,
            // DataFusion counts in unsigned numbers; none of its counts needs the last bit.
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::Bigint,
            DataType::Float16 | DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Double,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => {
                Self::Decimal((*precision).min(MAX_PRECISION), u8::try_from(*scale).ok()?)
            }
            DataType::Utf8 | DataType::Utf8View => Self::VARCHAR,
            DataType::LargeUtf8 => Self::Json,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Self::Varbinary,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Timestamp(_, None) => Self::Timestamp,
            DataType::Timestamp(_, Some(zone)) => Self::TimestampWithZone(zone.clone()),
            DataType::Interval(IntervalUnit::YearMonth) => Self::IntervalYearToMonth,
            DataType::Interval(_) | DataType::Duration(_) => Self::IntervalDayToSecond,
            DataType::List(element)
            | DataType::LargeList(element)
            | DataType::ListView(element)
            | DataType::LargeListView(element)
            | DataType::FixedSizeList(element, _) => {
                Self::array(Self::from_arrow(element.data_type())?)
            }
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(entry) if entry.len() == 2 => Self::map(
                    Self::from_arrow(entry[0].data_type())?,
                    Self::from_arrow(entry[1].data_type())?,
                ),
                _ => return None,
            },
            DataType::Struct(fields)
                if fields
                    .iter()
                    .map(|field| field.name())
                    .eq(ZONED_TIME.iter()) =>
            {
                Self::TimeWithZone
            }
            DataType::Struct(fields) => {
                let field = |field: &Arc<Field>| {
                    let name = Some(field.name()).filter(|name| !name.starts_with(ANONYMOUS));
                    Some((name.cloned(), Self::from_arrow(field.data_type())?))
                };
                Self::Row(fields.iter().map(field).collect::<Option<_>>()?)
            }
            DataType::Dictionary(_, values) => Self::from_arrow(values)?,
            DataType::RunEndEncoded(_, values) => Self::from_arrow(values.data_type())?,
            DataType::Union(..) => return None,
        })
    }
}

impl Type {
    /// What values of an Arrow type are for Presto; fails where Presto has nothing like it.
    pub(crate) fn known(kind: &DataType) -> Result<Self> {
        Self::from_arrow(kind).ok_or_else(|| {
            let message = format!("values of type {kind} are not supported");
            Error::new(Kind::NotSupported, message)
        })
    }

    /// The same of several.
    pub(crate) fn all_known<'a>(
        kinds: impl IntoIterator<Item = &'a DataType>,
    ) -> Result<Vec<Self>> {
        kinds.into_iter().map(Self::known).collect()
    }
}

/// What arguments of these types, which are `own` to Presto, become in Arrow to be `wanted`: those that are so already
/// stay as Arrow has them.
pub(crate) fn coerced(arguments: &[DataType], own: &[Type], wanted: &[Type]) -> Vec<DataType> {
    let coerce = |((arrow, own), wanted): ((&DataType, &Type), &Type)| {
        if own == wanted {
            arrow.clone()
        } else {
            wanted.to_arrow()
        }
    };
    arguments.iter().zip(own).zip(wanted).map(coerce).collect()
}

#[cfg(test)]
mod tests {
    use crate::types::{Type, parse::parse};

    #[test]
    fn what_arrow_can_say_comes_back() {
        for text in [
            "unknown",
            "boolean",
            "tinyint",
            "integer",
            "real",
            "decimal(38,10)",
            "varchar",
            "varbinary",
            "json",
            "date",
            "time",
            "time with time zone",
            "timestamp",
            "timestamp with time zone",
            "interval year to month",
            "interval day to second",
            "array(map(bigint, row(a integer, b array(json))))",
            "row(bigint, varchar)",
        ] {
            let kind = parse(text).unwrap();
            assert_eq!(Type::from_arrow(&kind.to_arrow()), Some(kind), "{text}");
        }
    }
}
