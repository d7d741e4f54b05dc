//! Means of decimals. `DataFusion`'s add them up in as many digits as they have, which are too few for the longest.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal256Array, Int64Array};
use datafusion::arrow::datatypes::{
    DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, Decimal256Type, Int64Type, i256,
};

use super::running::Running;

#[derive(Debug, Clone, Default)]
pub(super) struct DecimalMean {
    sum: i256,
    count: i64,
}

impl DecimalMean {
    /// Halves are rounded away from zero.
    pub(super) fn mean(&self) -> Option<i128> {
        let twice = |value: i256| value.wrapping_add(value);
        let count = i256::from_i128(self.count.into());
        let above = twice(self.sum.wrapping_abs()).wrapping_add(count);
        // There is none of nothing.
        let size = above.checked_div(twice(count))?.to_i128()?;
        Some(if self.sum.is_negative() { -size } else { size })
    }
}

impl Running for DecimalMean {
    type Gives = Decimal128Type;

    fn given(argument: &DataType) -> DataType {
        argument.clone()
    }

    fn state_types(argument: &DataType) -> Vec<DataType> {
        let scale = match argument {
            DataType::Decimal128(_, scale) => *scale,
            _ => 0,
        };
        vec![
            DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale),
            DataType::Int64,
        ]
    }

    fn result_type(returns: &DataType) -> DataType {
        returns.clone()
    }

    fn add(&mut self, arguments: &[ArrayRef], row: usize) {
        let value = arguments[0].as_primitive::<Decimal128Type>().value(row);
        self.sum = self.sum.wrapping_add(i256::from_i128(value));
        self.count += 1;
    }

    fn merge(&mut self, states: &[ArrayRef], row: usize) {
        let sum = states[0].as_primitive::<Decimal256Type>().value(row);
        self.sum = self.sum.wrapping_add(sum);
        self.count += states[1].as_primitive::<Int64Type>().value(row);
    }

    fn states(groups: &[Self], types: &[DataType]) -> Vec<ArrayRef> {
        let sums = groups.iter().map(|group| group.sum);
        let counts = groups.iter().map(|group| group.count);
        vec![
            Arc::new(Decimal256Array::from_iter_values(sums).with_data_type(types[0].clone())),
            Arc::new(Int64Array::from_iter_values(counts)),
        ]
    }
}
