//! Columns on their way into `DataFusion`'s functions and out of them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options, nullif};
use datafusion::arrow::datatypes::{
    DataType, Field, FieldRef, Float64Type, Int32Type, Int64Type, IntervalUnit,
    IntervalYearMonthType,
};
use datafusion::common::Result;

use super::definition::Given;
use crate::error::{Error, Kind};

/// A column as one of another type. Beside what Arrow casts, months are numbers, and numbers months.
pub(crate) fn as_type(column: &ArrayRef, kind: &DataType) -> Result<ArrayRef> {
    let months = DataType::Interval(IntervalUnit::YearMonth);
    Ok(match (column.data_type(), kind) {
        (from, to) if from == to => column.clone(),
        (from, to) if *from == months => {
            let numbers = column
                .as_primitive::<IntervalYearMonthType>()
                .reinterpret_cast::<Int32Type>();
            cast(&numbers, to)?
        }
        (DataType::Float64, to @ (DataType::Duration(_) | DataType::Interval(_))) => {
            as_type(&rounded(column), to)?
        }
        // Sums of months go round, as Java's do.
        #[expect(clippy::cast_possible_truncation, reason = "as Java does")]
        (DataType::Int64, to) if *to == months => {
            let numbers = column.as_primitive::<Int64Type>();
            let months = numbers.unary::<_, Int32Type>(|value| value as i32);
            Arc::new(months.reinterpret_cast::<IntervalYearMonthType>())
        }
        (_, to) => cast(column, to)?,
    })
}

/// What does not fit is an error and never a NULL.
fn cast(column: &dyn Array, kind: &DataType) -> Result<ArrayRef> {
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    Ok(cast_with_options(column, kind, &options)?)
}

/// Whole numbers, as `Math.round` makes them: halves are rounded up.
fn rounded(column: &ArrayRef) -> ArrayRef {
    #[expect(clippy::cast_possible_truncation, reason = "as Java does")]
    let round = |value: f64| (value + 0.5).floor() as i64;
    let numbers = column.as_primitive::<Float64Type>();
    Arc::new(numbers.unary::<_, Int64Type>(round))
}

/// How far off an estimate may be told to be.
const ERRORS: RangeInclusive<f64> = 0.004_062_5..=0.26;

fn check_errors(errors: &ArrayRef) -> Result<()> {
    let errors = errors.as_primitive::<Float64Type>();
    match errors
        .iter()
        .flatten()
        .find(|error| !ERRORS.contains(error))
    {
        Some(error) => {
            let (least, most) = (ERRORS.start(), ERRORS.end());
            let message = format!("Max standard error must be in [{least}, {most}]: {error}");
            Err(Error::new(Kind::InvalidFunctionArgument, message).into())
        }
        None => Ok(()),
    }
}

impl Given {
    /// What the arguments are once they are passed on.
    pub(crate) fn fields(&self, arguments: &[FieldRef]) -> Vec<FieldRef> {
        match self {
            Self::AsIs | Self::WhereTrue => arguments.to_vec(),
            Self::Estimated => arguments.iter().take(1).cloned().collect(),
            Self::As(kind) => arguments
                .iter()
                .map(|field| Arc::new(Field::new(field.name(), kind.clone(), true)))
                .collect(),
        }
    }

    /// The arguments as they are passed on. Behind them may be what they are ordered by, which stays.
    pub(crate) fn columns(&self, values: &[ArrayRef], arguments: usize) -> Result<Vec<ArrayRef>> {
        let (given, orders) = values.split_at(arguments.min(values.len()));
        let mut columns = match self {
            Self::AsIs => given.to_vec(),
            Self::Estimated => {
                check_errors(&given[1])?;
                given.iter().take(1).cloned().collect()
            }
            Self::As(kind) => given
                .iter()
                .map(|column| as_type(column, kind))
                .collect::<Result<_>>()?,
            Self::WhereTrue => given
                .iter()
                .map(|column| {
                    let flags = column.as_boolean();
                    let false_ones = BooleanArray::new(!flags.values(), None);
                    Ok(nullif(column, &false_ones)?)
                })
                .collect::<Result<_>>()?,
        };
        columns.extend_from_slice(orders);
        Ok(columns)
    }
}
