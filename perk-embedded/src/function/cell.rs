//! Values of a column, a row at a time: for functions whose work on one value is what costs, not the call.
//!
//! ```text
//! .form("varchar, bigint -> varchar", each2::<Text, Bigint, Text>(|text, n| Ok(…)))
//! ```
//!
//! NULL in any argument gives NULL, which is what nearly all of Presto's functions do; `optional…` is for the others.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, LargeStringArray, PrimitiveArray,
    StringArray,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType,
    TimestampMillisecondType,
};

use super::{Call, budget};
use crate::error::Result;

/// How values of a type are read from a column and put into one.
pub(crate) trait Cell {
    /// The column's array.
    type Column: Array + 'static;
    /// A value as it is read.
    type Read<'a>;
    /// A value as it is made.
    type Made;

    fn column(array: &ArrayRef) -> &Self::Column;
    fn read(column: &Self::Column, row: usize) -> Self::Read<'_>;
    /// How many bytes a value has beside the place that all have.
    fn size(_made: &Self::Made) -> usize {
        0
    }
    /// A column of these. The type says what Arrow's types have beside the values (a zone).
    fn make(values: impl Iterator<Item = Option<Self::Made>>, kind: &DataType) -> ArrayRef;
}

macro_rules! primitive_cells {
    ($($(#[$doc:meta])* $cell:ident: $arrow:ident = $native:ty;)*) => {
        $(
            $(#[$doc])*
            pub(crate) enum $cell {}

            impl Cell for $cell {
                type Column = PrimitiveArray<$arrow>;
                type Read<'a> = $native;
                type Made = $native;

                fn column(array: &ArrayRef) -> &Self::Column {
                    array.as_primitive::<$arrow>()
                }

                fn read(column: &Self::Column, row: usize) -> $native {
                    column.value(row)
                }

                fn make(values: impl Iterator<Item = Option<$native>>, kind: &DataType) -> ArrayRef {
                    let array: PrimitiveArray<$arrow> = values.collect();
                    Arc::new(array.with_data_type(kind.clone()))
                }
            }
        )*
    };
}

primitive_cells! {
    Tinyint: Int8Type = i8;
    Smallint: Int16Type = i16;
    Integer: Int32Type = i32;
    Bigint: Int64Type = i64;
    Real: Float32Type = f32;
    Double: Float64Type = f64;
    /// Without its point: the type says where that is.
    Decimal: Decimal128Type = i128;
    /// Days since 1970.
    Date: Date32Type = i32;
    /// Milliseconds of the day.
    Time: Time32MillisecondType = i32;
    /// Milliseconds since 1970, with a zone or without.
    Timestamp: TimestampMillisecondType = i64;
    Months: IntervalYearMonthType = i32;
    /// Of an interval day to second.
    Millis: DurationMillisecondType = i64;
}

macro_rules! other_cells {
    ($($(#[$doc:meta])* $cell:ident: $column:ty, $method:ident, <$life:lifetime> $read:ty, $made:ty, $size:expr;)*) => {
        $(
            $(#[$doc])*
            pub(crate) enum $cell {}

            impl Cell for $cell {
                type Column = $column;
                type Read<$life> = $read;
                type Made = $made;

                fn column(array: &ArrayRef) -> &Self::Column {
                    array.$method()
                }

                fn read(column: &Self::Column, row: usize) -> Self::Read<'_> {
                    column.value(row)
                }

                fn size(made: &$made) -> usize {
                    $size(made)
                }

                fn make(values: impl Iterator<Item = Option<$made>>, _kind: &DataType) -> ArrayRef {
                    Arc::new(values.collect::<$column>())
                }
            }
        )*
    };
}

other_cells! {
    Boolean: BooleanArray, as_boolean, <'a> bool, bool, |_: &bool| 0;
    /// `varchar` and `char`.
    Text: StringArray, as_string, <'a> &'a str, String, String::len;
    Json: LargeStringArray, as_string, <'a> &'a str, String, String::len;
    Bytes: BinaryArray, as_binary, <'a> &'a [u8], Vec<u8>, Vec::len;
}

/// What a form that is written for one row does.
macro_rules! each {
    ($(#[$doc:meta])* $name:ident, $optional:ident, $($cell:ident $column:ident $index:literal),+) => {
        $(#[$doc])*
        pub(crate) fn $name<$($cell: Cell,)+ R: Cell>(
            work: impl for<'a> Fn($($cell::Read<'a>),+) -> Result<R::Made> + Send + Sync + 'static,
        ) -> impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static {
            $optional::<$($cell,)+ R>(move |$($column),+| work($($column),+).map(Some))
        }

        $(#[$doc])*
        /// Gives NULL where the work gives `None`.
        pub(crate) fn $optional<$($cell: Cell,)+ R: Cell>(
            work: impl for<'a> Fn($($cell::Read<'a>),+) -> Result<Option<R::Made>> + Send + Sync + 'static,
        ) -> impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static {
            move |call| {
                $(let $column = $cell::column(&call.arguments[$index]);)+
                call.rows::<R>(|row| {
                    if $($column.is_null(row))||+ {
                        return Ok(None);
                    }
                    work($($cell::read($column, row)),+)
                })
            }
        }
    };
}

each! {
    /// A function of one argument.
    each1, optional1, A a 0
}
each! {
    /// A function of two arguments.
    each2, optional2, A a 0, B b 1
}
each! {
    /// A function of three arguments.
    each3, optional3, A a 0, B b 1, C c 2
}
each! {
    /// A function of four arguments.
    each4, optional4, A a 0, B b 1, C c 2, D d 3
}

impl Call<'_> {
    /// A result column, made row by row. The first row that fails is the statement's failure.
    pub(crate) fn rows<R: Cell>(
        &self,
        work: impl Fn(usize) -> Result<Option<R::Made>>,
    ) -> Result<ArrayRef> {
        let (mut failure, mut size) = (None, 0);
        let values = (0..self.rows).map_while(|row| {
            let value = work(row).and_then(|value| {
                size += value.as_ref().map_or(0, R::size);
                budget::bytes(size).map(|()| value)
            });
            value.map_err(|error| failure = Some(error)).ok()
        });
        let column = R::make(values, &self.returns.to_arrow());
        failure.map_or(Ok(column), Err)
    }
}
