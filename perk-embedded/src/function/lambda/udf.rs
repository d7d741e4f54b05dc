//! A function of lambdas as `DataFusion` calls it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, NullArray, UInt32Array, new_empty_array};
use datafusion::arrow::compute::take_arrays;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::signature::Bound;
use super::{Form, LambdaCall, LambdaFunction};
use crate::error::Position;
use crate::function::Call;
use crate::function::udf::{as_column, as_type, schema_name};
use crate::session::Session;
use crate::types::Type;

/// A call of a function of lambdas, at a place of a statement.
#[derive(Debug)]
pub(crate) struct CalledWithLambdas {
    /// As the statement's tree has it: with its place, so that `DataFusion` finds the name that it asked for.
    name: String,
    pub(crate) function: Arc<LambdaFunction>,
    pub(crate) at: Option<Position>,
    session: Arc<Session>,
    signature: HigherOrderSignature,
}

impl CalledWithLambdas {
    pub(crate) fn new(
        name: String,
        function: Arc<LambdaFunction>,
        at: Option<Position>,
        session: Arc<Session>,
    ) -> Self {
        Self {
            name,
            function,
            at,
            session,
            signature: HigherOrderSignature::variadic_any(Volatility::Immutable),
        }
    }

    /// What a call with these values means, as [`super::signature::Signature::bind`] has it.
    pub(crate) fn bind(
        &self,
        values: &[Type],
        results: &[Option<Type>],
    ) -> crate::error::Result<(&Form, Bound)> {
        let form = self.function.of_counts(values.len(), results.len());
        let bound = form.and_then(|form| Some((form, form.signature.bind(values, results)?)));
        bound.ok_or_else(|| self.function.no_form(values).at(self.at))
    }

    /// The same of Arrow's types.
    fn bind_arrow<'a>(
        &self,
        arguments: impl Iterator<Item = ValueOrLambda<&'a DataType, Option<&'a DataType>>>,
    ) -> Result<(&Form, Bound)> {
        let (mut values, mut results) = (Vec::new(), Vec::new());
        for argument in arguments {
            match argument {
                ValueOrLambda::Value(kind) => values.push(Type::known(kind)?),
                ValueOrLambda::Lambda(Some(kind)) => results.push(Some(Type::known(kind)?)),
                ValueOrLambda::Lambda(None) => results.push(None),
            }
        }
        Ok(self.bind(&values, &results)?)
    }
}

/// Of arguments whose types are all known.
fn types(
    fields: &[ValueOrLambda<FieldRef, FieldRef>],
) -> impl Iterator<Item = ValueOrLambda<&DataType, Option<&DataType>>> {
    fields.iter().map(|field| match field {
        ValueOrLambda::Value(field) => ValueOrLambda::Value(field.data_type()),
        ValueOrLambda::Lambda(field) => ValueOrLambda::Lambda(Some(field.data_type())),
    })
}

impl HigherOrderUDFImpl for CalledWithLambdas {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(schema_name(self.function.name, args))
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let arguments = fields.iter().map(|field| match field {
            ValueOrLambda::Value(field) => ValueOrLambda::Value(field.data_type()),
            ValueOrLambda::Lambda(field) => {
                ValueOrLambda::Lambda(field.as_ref().map(|field| field.data_type()))
            }
        });
        let (_, bound) = self.bind_arrow(arguments)?;
        let parameter = |kind: &Type| Arc::new(Field::new("", kind.to_arrow(), true));
        // Those without parameters need not be seen first; many of them within one another had better not be seen twice.
        let given = bound.parameters.iter().any(|kinds| !kinds.is_empty());
        let parameters = bound.parameters.iter();
        let parameters = parameters.map(|kinds| kinds.iter().map(parameter).collect::<Vec<_>>());
        let missing =
            |field: &ValueOrLambda<_, Option<_>>| matches!(field, ValueOrLambda::Lambda(None));
        Ok(if given && fields.iter().any(missing) {
            LambdaParametersProgress::Partial(parameters.map(Some).collect())
        } else {
            LambdaParametersProgress::Complete(parameters.collect())
        })
    }

    fn coerce_values_for_lambdas(
        &self,
        fields: &[ValueOrLambda<DataType, DataType>],
    ) -> Result<Option<Vec<DataType>>> {
        let arguments = fields.iter().map(|field| match field {
            ValueOrLambda::Value(kind) => ValueOrLambda::Value(kind),
            ValueOrLambda::Lambda(kind) => ValueOrLambda::Lambda(Some(kind)),
        });
        let (_, bound) = self.bind_arrow(arguments)?;
        Ok(Some(bound.values.iter().map(Type::to_arrow).collect()))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        let (_, bound) = self.bind_arrow(types(args.arg_fields))?;
        let kind = bound.returns.to_arrow();
        Ok(Arc::new(Field::new(self.function.name, kind, true)))
    }

    /// A lambda may be called for no row at all: what it fails of must not be worked out before.
    fn short_circuits(&self) -> bool {
        true
    }

    fn conditional_arguments<'a>(
        &self,
        args: &'a [Expr],
    ) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        Some(
            args.iter()
                .partition(|argument| !matches!(argument, Expr::Lambda(_))),
        )
    }

    /// Elements that belong to no array are never looked at here.
    fn clear_null_values(&self) -> bool {
        false
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let (form, bound) = self.bind_arrow(types(&args.arg_fields))?;
        let rows = args.number_rows;
        let (mut values, mut lambdas) = (Vec::new(), Vec::new());
        for argument in &args.args {
            match argument {
                ValueOrLambda::Value(value) => {
                    let kind = bound.values[values.len()].to_arrow();
                    values.push(as_column(value, rows, &kind)?);
                }
                ValueOrLambda::Lambda(lambda) => lambdas.push(Lambda {
                    lambda,
                    result: bound.results[lambdas.len()].to_arrow(),
                }),
            }
        }
        let call = LambdaCall {
            values: Call {
                arguments: &values,
                types: &bound.values,
                returns: &bound.returns,
                rows,
                session: &self.session,
            },
            lambdas,
        };
        let column = form.evaluate(&call)?;
        let column = as_type(&column, args.return_field.data_type())?;
        Ok(ColumnarValue::Array(column))
    }
}

/// A lambda that a function is called with.
pub(crate) struct Lambda<'a> {
    lambda: &'a LambdaArgument,
    result: DataType,
}

impl Lambda<'_> {
    /// The lambda's results for these arguments, each of a row of the statement's own: what the lambda names from around it
    /// is of that row.
    pub(crate) fn apply(
        &self,
        arguments: &[ArrayRef],
        rows: &[usize],
    ) -> crate::error::Result<ArrayRef> {
        if rows.is_empty() {
            return Ok(new_empty_array(&self.result));
        }
        // How many rows there are shows from the first argument where the lambda names nothing.
        let nothing: [ArrayRef; 1] = [Arc::new(NullArray::new(rows.len()))];
        let arguments = if arguments.is_empty() {
            &nothing
        } else {
            arguments
        };
        let columns: Vec<_> = arguments
            .iter()
            .map(|column| || Ok(column.clone()))
            .collect();
        let columns: Vec<&dyn Fn() -> Result<ArrayRef>> = columns
            .iter()
            .map(|column| column as &dyn Fn() -> Result<ArrayRef>)
            .collect();
        let results = self.lambda.evaluate(&columns, |around| {
            let all = around.first().map_or(0, Array::len);
            if rows.iter().copied().eq(0..all) {
                return Ok(around.to_vec());
            }
            let places = rows.iter().map(|row| u32::try_from(*row));
            let places = places.collect::<std::result::Result<Vec<_>, _>>();
            let places = places.map_err(|error| DataFusionError::External(Box::new(error)))?;
            Ok(take_arrays(around, &UInt32Array::from(places), None)?)
        })?;
        Ok(as_type(&results.into_array(rows.len())?, &self.result)?)
    }
}

impl PartialEq for CalledWithLambdas {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for CalledWithLambdas {}

impl Hash for CalledWithLambdas {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}
