//! Work that `DataFusion`'s functions do, with what they are given and what they give made the right types.

use std::fmt::Debug;

use datafusion::arrow::array::{ArrayRef, BooleanArray};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, EmitTo, GroupsAccumulator};

use super::convert::as_type;
use super::definition::{Distinct, Given, Passed};

/// What happens to columns before and after.
#[derive(Debug, Clone)]
pub(super) struct Conversion {
    given: Given,
    /// How many of the columns are arguments.
    arguments: usize,
    returns: DataType,
}

/// Calls something of the function with the arguments that are passed on to it.
pub(super) fn passed_on<R>(
    passed: &Passed,
    args: &AccumulatorArgs<'_>,
    call: impl FnOnce(&AggregateUDF, AccumulatorArgs<'_>) -> Result<R>,
) -> Result<R> {
    let fields = passed.given.fields(args.expr_fields);
    let inner = AccumulatorArgs {
        return_field: passed.to.return_field(&fields)?,
        exprs: &args.exprs[..fields.len()],
        expr_fields: &fields,
        is_distinct: passed.is_told_distinct(args.is_distinct),
        ..*args
    };
    call(&passed.to, inner)
}

impl Passed {
    fn is_told_distinct(&self, is_distinct: bool) -> bool {
        match self.distinct {
            Distinct::Told => is_distinct,
            Distinct::Always => true,
            Distinct::Gathered => false,
        }
    }

    /// Whether rows that leave a frame leave no trace, as those do that were rounded when they were added up. What
    /// `DISTINCT` is told to, or is nothing to, adds nothing up.
    pub(super) fn forgets(&self, arguments: &[FieldRef]) -> bool {
        let given = self.given.fields(arguments);
        let fractions = given.iter().any(|field| field.data_type().is_floating());
        !fractions || self.distinct != Distinct::Gathered
    }

    /// Whether nothing is to be converted.
    pub(super) fn is_plain(&self, arguments: &[FieldRef], returns: &DataType) -> Result<bool> {
        let own = self.to.return_field(&self.given.fields(arguments))?;
        Ok(self.given == Given::AsIs && own.data_type() == returns)
    }

    pub(super) fn conversion(&self, arguments: usize, returns: &DataType) -> Conversion {
        Conversion {
            given: self.given.clone(),
            arguments,
            returns: returns.clone(),
        }
    }

    pub(super) fn state_fields(&self, args: &StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let fields = self.given.fields(args.input_fields);
        self.to.state_fields(StateFieldsArgs {
            return_field: self.to.return_field(&fields)?,
            input_fields: &fields,
            is_distinct: self.is_told_distinct(args.is_distinct),
            ..*args
        })
    }
}

/// An accumulator of `DataFusion`'s between the conversions.
#[derive(Debug)]
pub(super) struct Converting<A: ?Sized> {
    conversion: Conversion,
    inner: Box<A>,
}

impl<A: ?Sized> Converting<A> {
    pub(super) fn new(inner: Box<A>, conversion: Conversion) -> Self {
        Self { conversion, inner }
    }

    fn given(&self, values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        self.conversion
            .given
            .columns(values, self.conversion.arguments)
    }
}

impl Accumulator for Converting<dyn Accumulator> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let given = self.given(values)?;
        self.inner.update_batch(&given)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let column = self.inner.evaluate()?.to_array()?;
        ScalarValue::try_from_array(&as_type(&column, &self.conversion.returns)?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let given = self.given(values)?;
        self.inner.retract_batch(&given)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

impl GroupsAccumulator for Converting<dyn GroupsAccumulator> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let given = self.given(values)?;
        self.inner
            .update_batch(&given, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        as_type(&self.inner.evaluate(emit_to)?, &self.conversion.returns)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.inner.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.inner
            .merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.inner
            .convert_to_state(&self.given(values)?, opt_filter)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
