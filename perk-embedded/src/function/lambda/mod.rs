//! Functions of functions: `transform(array, x -> …)`.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what such a function is |
//! | [`signature`] | what one takes and gives, in Presto's notation |
//! | [`udf`] | one as `DataFusion` calls it |
//! | [`array`], [`map`], [`reduce`] | the functions themselves |
//! | [`lazy`] | `TRY` and `COALESCE` |
//! | [`matching`], [`sort`] | predicates of elements, and order by a lambda |
//!
//! A lambda is evaluated for all elements of all rows at once.

mod array;
mod lazy;
mod map;
mod matching;
mod reduce;
pub(crate) mod signature;
mod sort;
#[cfg(test)]
mod tests;
pub(crate) mod udf;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::ArrayRef;

use super::Call;
use crate::error::{Error, Kind, Result};
use crate::types::Type;
use signature::Signature;
use udf::Lambda;

/// What a form is given: the values as of any function, and the lambdas.
pub(crate) struct LambdaCall<'a> {
    pub(crate) values: Call<'a>,
    pub(crate) lambdas: Vec<Lambda<'a>>,
}

type Evaluate = Arc<dyn Fn(&LambdaCall<'_>) -> Result<ArrayRef> + Send + Sync>;

/// One of the forms of a function.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) signature: Signature,
    evaluate: Evaluate,
}

impl Form {
    pub(crate) fn evaluate(&self, call: &LambdaCall<'_>) -> Result<ArrayRef> {
        (self.evaluate)(call)
    }
}

/// A function that takes lambdas: a name and its forms.
#[derive(Clone)]
pub(crate) struct LambdaFunction {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) forms: Vec<Form>,
}

/// A function's beginning; [`LambdaFunction::form`] adds what it does.
fn function(name: &'static str, description: &'static str) -> LambdaFunction {
    LambdaFunction {
        name,
        description,
        forms: Vec::new(),
    }
}

/// What an argument is, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Value,
    /// With so many parameters.
    Lambda(usize),
}

impl LambdaFunction {
    fn form(
        mut self,
        signature: &'static str,
        evaluate: impl Fn(&LambdaCall<'_>) -> Result<ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        self.forms.push(Form {
            signature: Signature::new(signature),
            evaluate: Arc::new(evaluate),
        });
        self
    }

    /// The form for so many values and lambdas: no function has two.
    pub(crate) fn of_counts(&self, values: usize, lambdas: usize) -> Option<&Form> {
        let mut forms = self.forms.iter();
        forms.find(|form| form.signature.takes(values, lambdas))
    }

    /// The argument that is wrong already as it is written, and what is wrong with it.
    pub(crate) fn check(&self, arguments: &[Written]) -> std::result::Result<(), (usize, Error)> {
        let lambda = |written: &Written| matches!(written, Written::Lambda(_));
        let fitting = |form: &Form| {
            let lengths = form.signature.lambda_lengths(arguments.len())?;
            let mut pairs = lengths.iter().zip(arguments);
            pairs
                .all(|(length, argument)| length.is_some() == lambda(argument))
                .then_some(lengths)
        };
        let Some(lengths) = self.forms.iter().find_map(fitting) else {
            return Err((0, self.no_form(&[])));
        };
        for (i, (length, argument)) in lengths.into_iter().zip(arguments).enumerate() {
            if let (Some(expected), Written::Lambda(got)) = (length, *argument)
                && expected != got
            {
                let message =
                    format!("Expected a lambda that takes {expected} argument(s) but got {got}");
                return Err((i, Error::new(Kind::TypeMismatch, message)));
            }
        }
        Ok(())
    }

    /// What Presto says of a call that no form is for.
    pub(crate) fn no_form(&self, values: &[Type]) -> Error {
        let name = self.name;
        if let ("$coalesce", [first, ..]) = (name, values) {
            let message = format!("All COALESCE operands must be the same type: {first}");
            return Error::new(Kind::TypeMismatch, message);
        }
        let given: Vec<String> = values.iter().map(ToString::to_string).collect();
        let forms = self.forms.iter();
        let known: Vec<String> = forms
            .map(|form| format!("{name}({})", form.signature.parts().0))
            .collect();
        Error::new(
            Kind::LambdaMismatch,
            format!(
                "Unexpected parameters ({}) for function {name}. Expected: {}",
                given.join(", "),
                known.join(", ")
            ),
        )
    }
}

impl fmt::Debug for LambdaFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What comes behind the name of a called function that takes lambdas; another of its name may take none.
const MARK: &str = "->";

/// A function's name in a plan.
pub(crate) fn marked(name: &str) -> String {
    format!("{name}{MARK}")
}

/// The function of a name in a plan.
pub(crate) fn by_marked(name: &str) -> Option<Arc<LambdaFunction>> {
    FUNCTIONS.get(name.strip_suffix(MARK)?).cloned()
}

/// All of them, by name. Those that begin with `$` are what special forms of the syntax are made into.
pub(crate) static FUNCTIONS: LazyLock<BTreeMap<&'static str, Arc<LambdaFunction>>> =
    LazyLock::new(|| {
        let groups = [
            array::functions(),
            lazy::functions(),
            map::functions(),
            reduce::functions(),
        ];
        let all = groups.into_iter().flatten();
        all.map(|function| (function.name, Arc::new(function)))
            .collect()
    });
