//! A batch's column as cells of one type of Presto's.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, LargeStringArray, StringArray,
};
use datafusion::arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType,
    TimeUnit, TimestampMillisecondType,
};

use crate::calendar::Zone;
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) struct Column {
    pub(super) nulls: Option<NullBuffer>,
    pub(super) cells: Cells,
}

/// Values of one type, in the one form of Arrow's that they are written from.
pub(super) enum Cells {
    /// Only nulls.
    Nothing,
    Boolean(BooleanBuffer),
    Tinyint(ScalarBuffer<i8>),
    Smallint(ScalarBuffer<i16>),
    Integer(ScalarBuffer<i32>),
    Bigint(ScalarBuffer<i64>),
    Real(ScalarBuffer<f32>),
    Double(ScalarBuffer<f64>),
    /// With the digits behind the point.
    Decimal(ScalarBuffer<i128>, usize),
    Varchar(StringArray),
    /// With the length in characters.
    Char(StringArray, usize),
    Varbinary(BinaryArray),
    Json(LargeStringArray),
    Date(ScalarBuffer<i32>),
    Time(ScalarBuffer<i32>),
    TimeWithZone {
        in_utc: ScalarBuffer<i32>,
        /// In minutes.
        offset: ScalarBuffer<i32>,
    },
    Timestamp(ScalarBuffer<i64>),
    TimestampWithZone(ScalarBuffer<i64>, Zone),
    Months(ScalarBuffer<i32>),
    Duration(ScalarBuffer<i64>),
    Array(OffsetBuffer<i32>, Box<Column>),
    Map {
        offsets: OffsetBuffer<i32>,
        keys: Box<Column>,
        values: Box<Column>,
    },
    Row(Vec<Column>),
}

impl Column {
    /// The cells of an array, converted where they are not held in the type's own form ([`Type::to_arrow`]): engines
    /// compute in views, dictionaries, unsigned counts, nanoseconds.
    pub(super) fn new(array: &ArrayRef, kind: &Type) -> Result<Self> {
        let array = &match array.data_type() {
            DataType::Dictionary(_, values) => converted(array, values)?,
            DataType::RunEndEncoded(_, values) => converted(array, values.data_type())?,
            _ => array.clone(),
        };
        if array.null_count() == array.len() || array.data_type() == &DataType::Null {
            return Ok(Self {
                nulls: None,
                cells: Cells::Nothing,
            });
        }
        match kind {
            Type::Array(element) => return Self::array(array, element),
            Type::Map(key, value) => return Self::map(array, key, value),
            Type::Row(fields) => return Self::row(array, fields),
            Type::TimeWithZone => return Self::zoned_time(array),
            _ => {}
        }
        let array = match (kind, array.data_type()) {
            // The instant is what counts; the zone to show it in is the type's.
            (Type::TimestampWithZone(_), DataType::Timestamp(_, Some(zone))) => converted(
                array,
                &DataType::Timestamp(TimeUnit::Millisecond, Some(zone.clone())),
            )?,
            _ => converted(array, &kind.to_arrow())?,
        };
        Ok(Self {
            nulls: array.nulls().cloned(),
            cells: Cells::scalar(&array, kind)?,
        })
    }

    fn array(array: &ArrayRef, element: &Type) -> Result<Self> {
        let list = match array.data_type() {
            DataType::LargeList(field)
            | DataType::FixedSizeList(field, _)
            | DataType::ListView(field)
            | DataType::LargeListView(field) => {
                converted(array, &DataType::List(Arc::clone(field)))?
            }
            _ => array.clone(),
        };
        let list = list
            .as_list_opt::<i32>()
            .ok_or_else(|| unexpected(array, "array"))?;
        let elements = Self::new(list.values(), element)?;
        Ok(Self {
            nulls: list.nulls().cloned(),
            cells: Cells::Array(list.offsets().clone(), Box::new(elements)),
        })
    }

    fn map(array: &ArrayRef, key: &Type, value: &Type) -> Result<Self> {
        let map = array.as_map_opt().ok_or_else(|| unexpected(array, "map"))?;
        Ok(Self {
            nulls: map.nulls().cloned(),
            cells: Cells::Map {
                offsets: map.offsets().clone(),
                keys: Box::new(Self::new(map.keys(), key)?),
                values: Box::new(Self::new(map.values(), value)?),
            },
        })
    }

    /// Fields are told apart by their place: names may be missing, or the same.
    fn row(array: &ArrayRef, fields: &[(Option<String>, Type)]) -> Result<Self> {
        let row = array
            .as_struct_opt()
            .filter(|row| row.num_columns() == fields.len())
            .ok_or_else(|| unexpected(array, "row"))?;
        let columns = row.columns().iter().zip(fields);
        let columns = columns.map(|(column, (_, kind))| Self::new(column, kind));
        Ok(Self {
            nulls: row.nulls().cloned(),
            cells: Cells::Row(columns.collect::<Result<_>>()?),
        })
    }

    fn zoned_time(array: &ArrayRef) -> Result<Self> {
        let wrong = || unexpected(array, "time with time zone");
        let pair = array.as_struct_opt().ok_or_else(wrong)?;
        let [time, offset] = pair.columns() else {
            return Err(wrong());
        };
        let time = converted(time, &Type::Time.to_arrow())?;
        Ok(Self {
            nulls: NullBuffer::union(pair.nulls(), time.nulls()),
            cells: Cells::TimeWithZone {
                in_utc: values::<Time32MillisecondType>(&time),
                offset: values::<Int32Type>(&converted(offset, &DataType::Int32)?),
            },
        })
    }
}

impl Cells {
    /// Of an array that is of the type's own form.
    fn scalar(array: &ArrayRef, kind: &Type) -> Result<Self> {
        Ok(match kind {
            Type::Boolean => Self::Boolean(array.as_boolean().values().clone()),
            Type::Tinyint => Self::Tinyint(values::<Int8Type>(array)),
            Type::Smallint => Self::Smallint(values::<Int16Type>(array)),
            Type::Integer => Self::Integer(values::<Int32Type>(array)),
            Type::Bigint => Self::Bigint(values::<Int64Type>(array)),
            Type::Real => Self::Real(values::<Float32Type>(array)),
            Type::Double => Self::Double(values::<Float64Type>(array)),
            Type::Decimal(_, scale) => {
                Self::Decimal(values::<Decimal128Type>(array), usize::from(*scale))
            }
            Type::Varchar(_) => Self::Varchar(array.as_string().clone()),
            Type::Char(length) => {
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                Self::Char(array.as_string().clone(), length)
            }
            Type::Varbinary => Self::Varbinary(array.as_binary().clone()),
            Type::Json => Self::Json(array.as_string().clone()),
            Type::Date => Self::Date(values::<Date32Type>(array)),
            Type::Time => Self::Time(values::<Time32MillisecondType>(array)),
            Type::Timestamp => Self::Timestamp(values::<TimestampMillisecondType>(array)),
            Type::TimestampWithZone(zone) => {
                let known = Zone::new(zone).ok_or_else(|| {
                    Error::new(Kind::Internal, format!("unknown time zone: {zone}"))
                })?;
                Self::TimestampWithZone(values::<TimestampMillisecondType>(array), known)
            }
            Type::IntervalYearToMonth => Self::Months(values::<IntervalYearMonthType>(array)),
            Type::IntervalDayToSecond => Self::Duration(values::<DurationMillisecondType>(array)),
            Type::Unknown | Type::TimeWithZone | Type::Array(_) | Type::Map(..) | Type::Row(_) => {
                return Err(unexpected(array, &kind.to_string()));
            }
        })
    }
}

/// The array as values of that type: itself, in most cases. What does not fit is an error and never a null.
fn converted(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(array.clone());
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, to, &options)
        .map_err(|error| Error::new(Kind::Internal, format!("a column cannot be shown: {error}")))
}

/// The values of an array that is known to be of this type.
fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> ScalarBuffer<T::Native> {
    array.as_primitive::<T>().values().clone()
}

fn unexpected(array: &ArrayRef, wanted: &str) -> Error {
    let given = array.data_type();
    Error::new(
        Kind::Internal,
        format!("a column of type {wanted} came as {given}"),
    )
}
