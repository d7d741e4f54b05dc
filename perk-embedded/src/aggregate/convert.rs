//! Columns on their way into `DataFusion`'s functions and out of them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{cast, nullif};
use datafusion::arrow::datatypes::{
    DataType, Field, FieldRef, Int32Type, IntervalUnit, IntervalYearMonthType,
};
use datafusion::common::Result;

use super::definition::Given;

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
        (_, to) if *to == months => {
            let numbers = cast(column, &DataType::Int32)?;
            let months = numbers.as_primitive::<Int32Type>();
            Arc::new(months.reinterpret_cast::<IntervalYearMonthType>())
        }
        // Parts of milliseconds are cut off.
        (DataType::Float64, to @ DataType::Duration(_)) => {
            cast(&cast(column, &DataType::Int64)?, to)?
        }
        (_, to) => cast(column, to)?,
    })
}

impl Given {
    /// What the arguments are once they are passed on.
    pub(crate) fn fields(&self, arguments: &[FieldRef]) -> Vec<FieldRef> {
        match self {
            Self::AsIs | Self::WhereTrue => arguments.to_vec(),
            Self::First => arguments.iter().take(1).cloned().collect(),
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
            Self::First => given.iter().take(1).cloned().collect(),
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
