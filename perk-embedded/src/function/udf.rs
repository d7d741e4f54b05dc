//! A function as `DataFusion` calls it.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::array::lists::compacted;
use super::{Call, Function, budget};
use crate::error::Position;
use crate::session::Session;
use crate::types::Type;
use crate::types::arrow::coerced;

/// A call of a function, at a place of a statement.
///
/// A call whose arguments no form is for passes through `DataFusion`'s planner with the type of NULL, since an error there
/// would come out as another; [`crate::plan::typing`] finds it afterwards and says what Presto says.
#[derive(Debug)]
pub(crate) struct Called {
    /// As the statement's tree has it: with its place, so that `DataFusion` finds the name that it asked for.
    name: String,
    pub(crate) function: Arc<Function>,
    pub(crate) at: Option<Position>,
    /// The arguments' types as the statement has them, once they are known: Arrow's keep less apart.
    written: OnceLock<Vec<Type>>,
    session: Arc<Session>,
    signature: Signature,
}

impl Called {
    pub(crate) fn new(
        name: String,
        function: Arc<Function>,
        at: Option<Position>,
        session: Arc<Session>,
    ) -> Self {
        let volatility = if function.deterministic {
            Volatility::Immutable
        } else {
            Volatility::Volatile
        };
        Self {
            name,
            function,
            at,
            written: OnceLock::new(),
            session,
            signature: Signature::user_defined(volatility),
        }
    }

    /// The function's result for arguments of these types, or what Presto says instead.
    pub(crate) fn returns(
        &self,
        arguments: &[Type],
        literals: &[Option<&ScalarValue>],
    ) -> crate::error::Result<Type> {
        match self.function.bind(arguments, literals, &self.session) {
            Ok((_, bound)) => {
                self.written.get_or_init(|| arguments.to_vec());
                Ok(bound.returns)
            }
            Err(error) => Err(error.at(self.at)),
        }
    }

    /// What the arguments are, from Arrow's types and from what the statement says beside them.
    fn own_types<'a>(&self, arrow: impl IntoIterator<Item = &'a DataType>) -> Result<Vec<Type>> {
        let mut own = Type::all_known(arrow)?;
        if let Some(written) = self
            .written
            .get()
            .filter(|written| written.len() == own.len())
        {
            for (own, written) in own.iter_mut().zip(written) {
                // Others have been coerced meanwhile.
                if own.to_arrow() == written.to_arrow() {
                    own.clone_from(written);
                }
            }
        }
        Ok(own)
    }
}

/// How an expression that calls a function is known, without the place: two calls that differ in nothing else are the same.
pub(super) fn schema_name(function: &str, arguments: &[Expr]) -> String {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| argument.schema_name().to_string())
        .collect();
    format!("{function}({})", arguments.join(","))
}

impl ScalarUDFImpl for Called {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(schema_name(self.function.name, args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// For those that do not ask for a field: what is known without the arguments' values.
    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        let bound = self
            .function
            .bind(&Type::all_known(arguments)?, &[], &self.session);
        Ok(bound.map_or(DataType::Null, |(_, bound)| bound.returns.to_arrow()))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let own = self.own_types(args.arg_fields.iter().map(|field| field.data_type()))?;
        let bind = |literals| self.function.bind(&own, literals, &self.session);
        // A literal may be inside of a cast, where only [`crate::plan::typing`] finds it.
        let bound = bind(args.scalar_arguments).or_else(|_| bind(&[]));
        let returns = bound.map_or(DataType::Null, |(_, bound)| bound.returns.to_arrow());
        Ok(Arc::new(Field::new(self.function.name, returns, true)))
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let own = Type::all_known(arguments)?;
        // Which values the arguments have says nothing of what they are to be.
        let Ok((_, bound)) = self.function.bind(&own, &[], &self.session) else {
            return Ok(arguments.to_vec());
        };
        Ok(coerced(arguments, &own, &bound.arguments))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let own = self.own_types(args.arg_fields.iter().map(|field| field.data_type()))?;
        let literals: Vec<Option<&ScalarValue>> = args
            .args
            .iter()
            .map(|argument| match argument {
                ColumnarValue::Scalar(value) => Some(value),
                ColumnarValue::Array(_) => None,
            })
            .collect();
        let (form, bound) = self
            .function
            .bind(&own, &literals, &self.session)
            .map_err(|error| error.at(self.at))?;
        let constant = self.function.deterministic
            && args
                .args
                .iter()
                .all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arguments = args.args.iter().zip(&bound.arguments).enumerate();
        let arguments = arguments
            .map(|(place, (argument, kind))| {
                let is_one = matches!(argument, ColumnarValue::Scalar(_));
                let once = is_one && self.function.once == Some(place);
                as_column(argument, if once { 1 } else { rows }, &kind.to_arrow())
            })
            .collect::<Result<Vec<_>>>()?;
        let call = Call {
            arguments: &arguments,
            types: &bound.arguments,
            returns: &bound.returns,
            rows,
            session: &self.session,
        };
        let column = form.evaluate(&call)?;
        let column = as_type(&column, args.return_field.data_type())?;
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?)
        } else {
            ColumnarValue::Array(column)
        })
    }
}

/// An argument as a column of this type, with nothing in it that is of no row.
pub(super) fn as_column(
    argument: &ColumnarValue,
    rows: usize,
    kind: &DataType,
) -> Result<ArrayRef> {
    let column = match argument {
        ColumnarValue::Array(array) => compacted(array)?,
        ColumnarValue::Scalar(scalar) if rows == 1 => compacted(&scalar.to_array()?)?,
        ColumnarValue::Scalar(scalar) => {
            let one = compacted(&scalar.to_array()?)?;
            budget::constant(one.to_data().get_slice_memory_size()?, rows)?;
            scalar.to_array_of_size(rows)?
        }
    };
    as_type(&column, kind)
}

pub(super) fn as_type(column: &ArrayRef, kind: &DataType) -> Result<ArrayRef> {
    if column.data_type() == kind {
        return Ok(column.clone());
    }
    Ok(cast(column, kind)?)
}

impl PartialEq for Called {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Called {}

impl Hash for Called {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}
