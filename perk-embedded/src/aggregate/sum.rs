//! Sums that fail when they do not fit.

use std::fmt::{Arguments, Debug};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type, i256};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::convert::as_type;
use super::passes;
use crate::error::{Error, Kind};

/// What is summed, and what Presto says when it does not fit.
pub(super) trait Summed: ArrowPrimitiveType + Debug {
    /// Numbers that all sums fit.
    type Wide: ArrowNativeTypeOp;

    fn widened(value: Self::Native) -> Self::Wide;

    fn narrowed(sum: Self::Wide) -> Option<Self::Native>;

    fn overflow(sum: Arguments<'_>) -> Error;
}

impl Summed for Int64Type {
    type Wide = i128;

    fn widened(value: i64) -> i128 {
        value.into()
    }

    fn narrowed(sum: i128) -> Option<i64> {
        sum.try_into().ok()
    }

    fn overflow(sum: Arguments<'_>) -> Error {
        let message = format!("bigint addition overflow: {sum}");
        Error::new(Kind::NumericValueOutOfRange, message)
    }
}

impl Summed for Decimal128Type {
    type Wide = i256;

    fn widened(value: i128) -> i256 {
        i256::from_i128(value)
    }

    fn narrowed(sum: i256) -> Option<i128> {
        sum.to_i128()
    }

    fn overflow(_: Arguments<'_>) -> Error {
        Error::new(Kind::NumericValueOutOfRange, "Decimal overflow")
    }
}

fn add<T: Summed>(sum: T::Native, value: T::Native) -> Result<T::Native> {
    sum.add_checked(value)
        .map_err(|_| T::overflow(format_args!("{sum:?} + {value:?}")).into())
}

/// What a sum is worked out in: the numbers of intervals, decimals with all digits.
pub(super) fn working_type(returns: &DataType) -> DataType {
    match returns {
        DataType::Decimal128(..) => returns.clone(),
        _ => DataType::Int64,
    }
}

/// A sum for one group.
pub(super) fn accumulator(returns: &DataType) -> Box<dyn Accumulator> {
    match working_type(returns) {
        DataType::Decimal128(..) => Box::new(Sum::<Decimal128Type>::new(returns)),
        _ => Box::new(Sum::<Int64Type>::new(returns)),
    }
}

/// A sum for frames that rows leave again.
pub(super) fn sliding_accumulator(returns: &DataType) -> Box<dyn Accumulator> {
    match working_type(returns) {
        DataType::Decimal128(..) => Box::new(SlidingSum::<Decimal128Type>::new(returns)),
        _ => Box::new(SlidingSum::<Int64Type>::new(returns)),
    }
}

/// Sums for many groups.
pub(super) fn groups_accumulator(returns: &DataType) -> Box<dyn GroupsAccumulator> {
    match working_type(returns) {
        DataType::Decimal128(..) => Box::new(Sums::<Decimal128Type>::new(returns)),
        _ => Box::new(Sums::<Int64Type>::new(returns)),
    }
}

fn finished<T: Summed>(sums: PrimitiveArray<T>, returns: &DataType) -> Result<ArrayRef> {
    if let Some(decimals) = (&sums as &dyn Array).as_primitive_opt::<Decimal128Type>() {
        decimals
            .validate_decimal_precision(decimals.precision())
            .map_err(|_| Decimal128Type::overflow(format_args!("")))?;
    }
    let sums: ArrayRef = Arc::new(sums);
    as_type(&sums, returns)
}

#[derive(Debug)]
struct Sum<T: Summed> {
    total: T::Native,
    /// How many values it is of: with none it is NULL.
    values: usize,
    working: DataType,
    returns: DataType,
}

impl<T: Summed> Sum<T> {
    fn new(returns: &DataType) -> Self {
        Self {
            total: T::Native::ZERO,
            values: 0,
            working: working_type(returns),
            returns: returns.clone(),
        }
    }

    fn column(&self) -> PrimitiveArray<T> {
        let total = (self.values > 0).then_some(self.total);
        PrimitiveArray::from_iter([total]).with_data_type(self.working.clone())
    }

    fn add(&mut self, values: &ArrayRef) -> Result<()> {
        let values = as_type(values, &self.working)?;
        for value in values.as_primitive::<T>().iter().flatten() {
            self.total = add::<T>(self.total, value)?;
            self.values += 1;
        }
        Ok(())
    }
}

impl<T: Summed> Accumulator for Sum<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&finished(self.column(), &self.returns)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::try_from_array(&self.column(), 0)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(&states[0])
    }
}

/// Rows join a frame before others leave it, so that there may be more in between than fits.
#[derive(Debug)]
struct SlidingSum<T: Summed> {
    total: T::Wide,
    values: usize,
    working: DataType,
    returns: DataType,
}

impl<T: Summed> SlidingSum<T> {
    fn new(returns: &DataType) -> Self {
        Self {
            total: T::Wide::ZERO,
            values: 0,
            working: working_type(returns),
            returns: returns.clone(),
        }
    }

    fn column(&self) -> Result<PrimitiveArray<T>> {
        let total = self.total;
        let total = T::narrowed(total).ok_or_else(|| T::overflow(format_args!("{total:?}")))?;
        let total = (self.values > 0).then_some(total);
        Ok(PrimitiveArray::from_iter([total]).with_data_type(self.working.clone()))
    }
}

impl<T: Summed> Accumulator for SlidingSum<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = as_type(&values[0], &self.working)?;
        for value in values.as_primitive::<T>().iter().flatten() {
            self.total = self.total.add_wrapping(T::widened(value));
            self.values += 1;
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = as_type(&values[0], &self.working)?;
        for value in values.as_primitive::<T>().iter().flatten() {
            self.total = self.total.sub_wrapping(T::widened(value));
            self.values -= 1;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&finished(self.column()?, &self.returns)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::try_from_array(&self.column()?, 0)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}

#[derive(Debug)]
struct Sums<T: Summed> {
    totals: Vec<T::Native>,
    /// Whether a group has had a value: without it is NULL.
    begun: Vec<bool>,
    working: DataType,
    returns: DataType,
}

impl<T: Summed> Sums<T> {
    fn new(returns: &DataType) -> Self {
        Self {
            totals: Vec::new(),
            begun: Vec::new(),
            working: working_type(returns),
            returns: returns.clone(),
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> PrimitiveArray<T> {
        let totals = emit_to.take_needed(&mut self.totals);
        let begun = emit_to.take_needed(&mut self.begun);
        PrimitiveArray::new(totals.into(), Some(NullBuffer::from(begun)))
            .with_data_type(self.working.clone())
    }
}

impl<T: Summed> GroupsAccumulator for Sums<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.totals.resize(total_num_groups, T::Native::ZERO);
        self.begun.resize(total_num_groups, false);
        let values = as_type(&values[0], &self.working)?;
        let values = values.as_primitive::<T>();
        let wanted = |row: usize| values.is_valid(row) && passes(opt_filter, row);
        let all = values.null_count() == 0 && opt_filter.is_none();
        for (row, (&group, &value)) in group_indices.iter().zip(values.values()).enumerate() {
            if all || wanted(row) {
                self.totals[group] = add::<T>(self.totals[group], value)?;
                self.begun[group] = true;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        finished(self.take(emit_to), &self.returns)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.take(emit_to))])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let values = as_type(&values[0], &self.working)?;
        let values = values.as_primitive::<T>();
        let passing = opt_filter.map(|filter| match filter.nulls() {
            Some(nulls) => NullBuffer::new(filter.values() & nulls.inner()),
            None => NullBuffer::new(filter.values().clone()),
        });
        let nulls = NullBuffer::union(values.nulls(), passing.as_ref());
        let state = PrimitiveArray::<T>::new(values.values().clone(), nulls);
        Ok(vec![Arc::new(state.with_data_type(self.working.clone()))])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.totals.capacity() * size_of::<T::Native>() + self.begun.capacity()
    }
}
