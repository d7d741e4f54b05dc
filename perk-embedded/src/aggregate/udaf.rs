//! An aggregate function as `DataFusion` calls it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunctionParams, WindowFunctionParams};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
    udaf_default_display_name, udaf_default_schema_name, udaf_default_window_function_display_name,
    udaf_default_window_function_schema_name,
};
use datafusion::physical_expr::PhysicalExpr;

use super::convert::as_type;
use super::definition::{Aggregation, Distinct, Form, Passed, Work};
use super::gathered::{End, Gathered, Gathering, Plan, state_type};
use super::passed::{Converting, passed_on};
use super::sum;
use crate::error::{Error, Kind, Position};
use crate::function::signature::Bound;
use crate::types::Type;
use crate::types::arrow::coerced;

/// A call of an aggregate function, at a place of a statement.
///
/// As with scalar functions, a call that no form is for passes through `DataFusion`'s planner with the type of NULL, and
/// [`crate::plan::typing`] says afterwards what Presto says.
#[derive(Debug)]
pub(crate) struct Aggregated {
    /// As the statement's tree has it, with its place.
    name: String,
    pub(crate) definition: Arc<Aggregation>,
    at: Option<Position>,
    signature: Signature,
}

impl Aggregated {
    pub(crate) fn new(name: String, definition: Arc<Aggregation>, at: Option<Position>) -> Self {
        Self {
            name,
            definition,
            at,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }

    /// The function's result for arguments of these types, or what Presto says instead.
    pub(crate) fn returns(&self, arguments: &[Type]) -> crate::error::Result<Type> {
        self.definition.returns(arguments, self.at)
    }

    fn bind(&self, arguments: &[Type]) -> Result<(&Form, Bound)> {
        Ok(self.definition.bind(arguments).ok_or_else(|| {
            let message = format!("no form of {} is for its arguments", self.definition.name);
            Error::new(Kind::Internal, message)
        })?)
    }

    fn bind_fields(&self, fields: &[FieldRef]) -> Result<(&Form, Bound)> {
        self.bind(&Type::all_known(
            fields.iter().map(|field| field.data_type()),
        )?)
    }

    /// Without the place: two calls that differ in nothing else are the same expression.
    fn placeless(&self, text: &str) -> String {
        text.replacen(&self.name, self.definition.name, 1)
    }
}

/// Whether the rows of a group are kept until its end.
fn gathers(work: &Work, is_distinct: bool, is_ordered: bool) -> bool {
    match work {
        Work::Gathered(_) => true,
        Work::Sum => is_distinct,
        Work::Running(_) => is_distinct || is_ordered,
        Work::Passed(passed) => is_distinct && passed.distinct == Distinct::Gathered,
    }
}

/// The same for an accumulator.
fn is_gathering(work: &Work, args: &AccumulatorArgs<'_>) -> bool {
    gathers(work, args.is_distinct, !args.order_bys.is_empty())
}

fn types(fields: &[FieldRef]) -> Vec<DataType> {
    let types = fields.iter().map(|field| field.data_type().clone());
    types.collect()
}

/// What works out a form whose rows need not be kept.
fn accumulator(work: &Work, args: &AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
    let returns = args.return_field.data_type();
    match work {
        Work::Passed(passed) => passed_accumulator(passed, args, false),
        Work::Running(start) => start.accumulator(&types(args.expr_fields), returns),
        Work::Sum | Work::Gathered(_) => Ok(sum::accumulator(returns)),
    }
}

/// What an accumulator is made from, for those that are made later.
#[derive(Clone)]
struct Args {
    schema: Schema,
    ignore_nulls: bool,
    name: String,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    fields: Vec<FieldRef>,
    returns: DataType,
}

impl Args {
    fn new(args: &AccumulatorArgs<'_>) -> Self {
        Self {
            schema: args.schema.clone(),
            ignore_nulls: args.ignore_nulls,
            name: args.name.to_owned(),
            exprs: args.exprs.to_vec(),
            fields: args.expr_fields.to_vec(),
            returns: args.return_field.data_type().clone(),
        }
    }

    /// One that takes all rows at once.
    fn accumulator(&self, work: &Work) -> Result<Box<dyn Accumulator>> {
        let args = AccumulatorArgs {
            return_field: Arc::new(Field::new(&self.name, self.returns.clone(), true)),
            schema: &self.schema,
            ignore_nulls: self.ignore_nulls,
            order_bys: &[],
            is_reversed: false,
            name: &self.name,
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.fields,
        };
        accumulator(work, &args)
    }
}

fn passed_accumulator(
    passed: &Passed,
    args: &AccumulatorArgs<'_>,
    sliding: bool,
) -> Result<Box<dyn Accumulator>> {
    let conversion = passed.conversion(args.expr_fields.len(), args.return_field.data_type());
    let is_plain = passed.is_plain(args.expr_fields, args.return_field.data_type())?;
    let inner = passed_on(passed, args, |to, args| {
        if sliding {
            to.create_sliding_accumulator(args)
        } else {
            to.accumulator(args)
        }
    })?;
    Ok(if is_plain {
        inner
    } else {
        Box::new(Converting::new(inner, conversion))
    })
}

/// Keeps the rows, and does the work with them in the end.
fn gathering(work: &Work, args: &AccumulatorArgs<'_>) -> Result<Gathering> {
    let returns = args.return_field.data_type().clone();
    let end: End = match work {
        Work::Gathered(finish) => {
            let finish = finish.clone();
            Arc::new(move |columns: &[ArrayRef]| {
                let column = finish(&Gathered {
                    columns,
                    returns: &returns,
                })?;
                as_type(&column, &returns)
            })
        }
        work => {
            let (work, args) = (work.clone(), Args::new(args));
            Arc::new(move |columns: &[ArrayRef]| {
                let mut accumulator = args.accumulator(&work)?;
                accumulator.update_batch(columns)?;
                accumulator.evaluate()?.to_array()
            })
        }
    };
    let mut kinds = types(args.expr_fields);
    let orders: Vec<SortOptions> = args.order_bys.iter().map(|order| order.options).collect();
    for order in args.order_bys {
        kinds.push(order.expr.data_type(args.schema)?);
    }
    Ok(Gathering::new(Plan {
        types: kinds,
        arguments: args.expr_fields.len(),
        orders,
        distinct: args.is_distinct,
        end,
    }))
}

impl AggregateUDFImpl for Aggregated {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        Ok(self.placeless(&udaf_default_schema_name(self, params)?))
    }

    fn display_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        Ok(self.placeless(&udaf_default_display_name(self, params)?))
    }

    fn window_function_schema_name(&self, params: &WindowFunctionParams) -> Result<String> {
        Ok(self.placeless(&udaf_default_window_function_schema_name(self, params)?))
    }

    fn window_function_display_name(&self, params: &WindowFunctionParams) -> Result<String> {
        Ok(self.placeless(&udaf_default_window_function_display_name(self, params)?))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        let bound = self.definition.bind(&Type::all_known(arguments)?);
        Ok(bound.map_or(DataType::Null, |(_, bound)| bound.returns.to_arrow()))
    }

    fn is_nullable(&self) -> bool {
        !self.definition.counts
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let own = Type::all_known(arguments)?;
        Ok(match self.definition.bind(&own) {
            Some((_, bound)) => coerced(arguments, &own, &bound.arguments),
            None => arguments.to_vec(),
        })
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let (form, _) = self.bind_fields(args.expr_fields)?;
        if is_gathering(&form.work, &args) {
            return Ok(Box::new(gathering(&form.work, &args)?));
        }
        accumulator(&form.work, &args)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let (form, bound) = self.bind_fields(args.input_fields)?;
        let is_ordered = !args.ordering_fields.is_empty();
        if gathers(&form.work, args.is_distinct, is_ordered) {
            let inputs = args.input_fields.iter().chain(args.ordering_fields);
            let kept = inputs.enumerate().map(|(i, field)| {
                let name = format!("{}[{i}]", args.name);
                Arc::new(Field::new(name, state_type(field.data_type()), true))
            });
            return Ok(kept.collect());
        }
        let kinds = match &form.work {
            Work::Passed(passed) => return passed.state_fields(&args),
            Work::Running(start) => start.state_types(&types(args.input_fields)),
            Work::Sum | Work::Gathered(_) => vec![sum::working_type(&bound.returns.to_arrow())],
        };
        let fields = kinds.into_iter().enumerate().map(|(i, kind)| {
            let name = format!("{}[{i}]", args.name);
            Arc::new(Field::new(name, kind, true))
        });
        Ok(fields.collect())
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        let Ok((form, _)) = self.bind_fields(args.expr_fields) else {
            return false;
        };
        if is_gathering(&form.work, &args) {
            return false;
        }
        match &form.work {
            Work::Passed(passed) => passed_on(passed, &args, |to, args| {
                Ok(to.groups_accumulator_supported(args))
            })
            .unwrap_or_default(),
            Work::Running(start) => {
                let returns = args.return_field.data_type();
                start
                    .groups_accumulator(&types(args.expr_fields), returns)
                    .is_some()
            }
            Work::Sum | Work::Gathered(_) => true,
        }
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let (form, _) = self.bind_fields(args.expr_fields)?;
        let returns = args.return_field.data_type();
        let passed = match &form.work {
            Work::Passed(passed) => passed,
            Work::Running(start) => {
                let groups = start.groups_accumulator(&types(args.expr_fields), returns);
                return Ok(groups.ok_or_else(|| {
                    Error::new(Kind::Internal, "there is no accumulator for groups")
                })?);
            }
            Work::Sum | Work::Gathered(_) => return Ok(sum::groups_accumulator(returns)),
        };
        let conversion = passed.conversion(args.expr_fields.len(), returns);
        let is_plain = passed.is_plain(args.expr_fields, returns)?;
        let inner = passed_on(passed, &args, AggregateUDF::create_groups_accumulator)?;
        Ok(if is_plain {
            inner
        } else {
            Box::new(Converting::new(inner, conversion))
        })
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        let (form, _) = self.bind_fields(args.expr_fields)?;
        let sliding = match &form.work {
            work if is_gathering(work, &args) => None,
            Work::Passed(passed) if passed.forgets(args.expr_fields) => {
                Some(passed_accumulator(passed, &args, true)?)
            }
            Work::Sum => Some(sum::sliding_accumulator(args.return_field.data_type())),
            _ => None,
        };
        // Anything else adds up each frame anew.
        Ok(
            match sliding.filter(|sliding| sliding.supports_retract_batch()) {
                Some(sliding) => sliding,
                None => Box::new(gathering(&form.work, &args)?),
            },
        )
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        if self.definition.ordered {
            AggregateOrderSensitivity::SoftRequirement
        } else {
            AggregateOrderSensitivity::Insensitive
        }
    }

    /// The same either way: rows are put in order in the end, wherever they come from.
    fn with_beneficial_ordering(
        self: Arc<Self>,
        _: bool,
    ) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }

    fn default_value(&self, kind: &DataType) -> Result<ScalarValue> {
        if self.definition.counts {
            Ok(ScalarValue::Int64(Some(0)))
        } else {
            ScalarValue::try_from(kind)
        }
    }
}

impl PartialEq for Aggregated {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name
    }
}

impl Eq for Aggregated {}

impl Hash for Aggregated {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
    }
}
