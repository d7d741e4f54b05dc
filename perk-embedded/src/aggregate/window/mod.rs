//! Window functions.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what one is, and it as `DataFusion` calls it |
//! | [`passed`] | those that `DataFusion` works out |
//! | [`values`] | those that give the value of another row |

mod passed;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    LimitEffect, PartitionEvaluator, Signature, Volatility, WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;

use super::definition::no_form;
use crate::error::Position;
use crate::function::signature::{Bound, Signature as Notation};
use crate::types::Type;
use crate::types::arrow::coerced;

/// Makes what works out a partition. It is told whether NULLs are passed over.
type Make =
    Arc<dyn Fn(&PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> + Send + Sync>;

/// A window function: a name and its forms.
pub(crate) struct Window {
    pub(crate) name: &'static str,
    pub(crate) forms: Vec<Notation>,
    make: Make,
}

fn window(
    name: &'static str,
    forms: &[&'static str],
    make: impl Fn(&PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>>
    + Send
    + Sync
    + 'static,
) -> Window {
    Window {
        name,
        forms: forms.iter().map(|form| Notation::new(form)).collect(),
        make: Arc::new(make),
    }
}

impl Window {
    fn bind(&self, arguments: &[Type]) -> Option<Bound> {
        let bound = self.forms.iter().filter_map(|form| form.bind(arguments));
        bound.min_by_key(|bound| bound.distance)
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The window functions, by name. Aggregate functions are so too.
pub(crate) static WINDOWS: LazyLock<BTreeMap<&'static str, Arc<Window>>> = LazyLock::new(|| {
    let all = passed::windows().into_iter().chain(values::windows());
    all.map(|window| (window.name, Arc::new(window))).collect()
});

/// A call of a window function, at a place of a statement.
#[derive(Debug)]
pub(crate) struct Windowed {
    name: String,
    definition: Arc<Window>,
    at: Option<Position>,
    signature: Signature,
}

impl Windowed {
    pub(crate) fn new(name: String, definition: Arc<Window>, at: Option<Position>) -> Self {
        let signature = if definition
            .forms
            .iter()
            .all(|form| form.parts().0.is_empty())
        {
            Signature::nullary(Volatility::Immutable)
        } else {
            Signature::user_defined(Volatility::Immutable)
        };
        Self {
            name,
            definition,
            at,
            signature,
        }
    }

    /// The function's result for arguments of these types, or what Presto says instead.
    pub(crate) fn returns(&self, arguments: &[Type]) -> crate::error::Result<Type> {
        let forms = self.definition.forms.iter();
        let bound = self.definition.bind(arguments);
        bound
            .map(|bound| bound.returns)
            .ok_or_else(|| no_form(self.definition.name, arguments, forms).at(self.at))
    }
}

impl WindowUDFImpl for Windowed {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let own = Type::all_known(arguments)?;
        Ok(match self.definition.bind(&own) {
            Some(bound) => coerced(arguments, &own, &bound.arguments),
            None => arguments.to_vec(),
        })
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let fields = args.input_fields().iter();
        let arguments = Type::all_known(fields.map(|field| field.data_type()))?;
        let bound = self.definition.bind(&arguments);
        let kind = bound.map_or(DataType::Null, |bound| bound.returns.to_arrow());
        Ok(Arc::new(Field::new(args.name(), kind, true)))
    }

    fn partition_evaluator(
        &self,
        args: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        (self.definition.make)(&args)
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        LimitEffect::Unknown
    }
}

/// With the place: a window's column is named by it, so two calls at two places are two columns.
impl PartialEq for Windowed {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Windowed {}

impl Hash for Windowed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
