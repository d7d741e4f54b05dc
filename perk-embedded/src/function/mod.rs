//! Presto's functions.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what a function is, and which of its forms a call means |
//! | [`signature`] | what a form takes and gives, in Presto's notation |
//! | [`cell`] | values of a column, a row at a time, for the functions that are written so |
//! | [`udf`] | a function as `DataFusion` calls it |
//! | [`lambda`] | functions of functions, and forms that need not work out all that they are given |
//! | [`forgiving`], [`budget`] | rows that may fail, and how much may be made of all |
//! | the others | the functions themselves, by what they are about |
//!
//! `DataFusion` has functions of many of these names, which take and give other types, count from elsewhere or fail where
//! Presto's do not. So none of its scalar functions is known to a statement by itself; where one is the same, a form here passes on to it.

mod array;
mod binary;
mod budget;
pub(crate) mod cast;
pub(crate) mod cell;
mod compare;
mod compiled;
mod datetime;
mod forgiving;
pub(crate) mod json;
mod kind;
pub(crate) mod lambda;
mod map;
mod member;
pub(crate) mod number;
mod regexp;
mod row;
pub(crate) mod signature;
mod text;
pub(crate) mod udf;
mod url;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::ArrayRef;
use datafusion::common::ScalarValue;

use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::types::Type;
use signature::{Bound, Signature};

/// What a form is given.
pub(crate) struct Call<'a> {
    /// Of the types that the form is bound to, all of [`Self::rows`] rows, but for [`Function::once`].
    pub(crate) arguments: &'a [ArrayRef],
    pub(crate) types: &'a [Type],
    pub(crate) returns: &'a Type,
    pub(crate) rows: usize,
    pub(crate) session: &'a Session,
}

type Evaluate = Arc<dyn Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync>;
type Bind = Arc<dyn Fn(&[Type], &Literals<'_>, &Session) -> Result<Option<Bound>> + Send + Sync>;

/// The values of those arguments that are written in the statement as they are. Empty where nobody asks for the result's
/// type.
pub(crate) type Literals<'a> = [Option<&'a ScalarValue>];

/// One of the forms of a function.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) signature: Signature,
    /// Where the signature's notation does not tell all.
    bind: Option<Bind>,
    evaluate: Evaluate,
}

/// A scalar function: a name and its forms.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) forms: Vec<Form>,
    /// Whether it gives the same for the same arguments, always.
    pub(crate) deterministic: bool,
    /// An argument that comes as one row where it is the same for all of them, as it may be large.
    pub(crate) once: Option<usize>,
}

/// A function's beginning; [`Function::form`] adds what it does.
pub(crate) fn function(name: &'static str, description: &'static str) -> Function {
    Function {
        name,
        description,
        forms: Vec::new(),
        deterministic: true,
        once: None,
    }
}

impl Function {
    /// The same with one form more: a signature as [`signature`] has it, and what to do. Of forms that are equally near
    /// to a call, the first is meant.
    pub(crate) fn form(
        mut self,
        signature: &'static str,
        evaluate: impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        self.forms.push(Form {
            signature: Signature::new(signature),
            bind: None,
            evaluate: Arc::new(evaluate),
        });
        self
    }

    /// The same with a form whose types follow a rule of their own. The signature is what `SHOW FUNCTIONS` says.
    pub(crate) fn form_by_rule(
        self,
        signature: &'static str,
        bind: impl Fn(&[Type], &Literals<'_>) -> Option<Bound> + Send + Sync + 'static,
        evaluate: impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        let bind =
            move |types: &[Type], literals: &Literals<'_>, _: &Session| Ok(bind(types, literals));
        self.form_by_session(signature, bind, evaluate)
    }

    /// The same with a form whose types follow a rule that asks the session too (for its time zone), or that knows
    /// better what is wrong with a call than that there is no such form.
    pub(crate) fn form_by_session(
        mut self,
        signature: &'static str,
        bind: impl Fn(&[Type], &Literals<'_>, &Session) -> Result<Option<Bound>> + Send + Sync + 'static,
        evaluate: impl Fn(&Call<'_>) -> Result<ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        self.forms.push(Form {
            signature: Signature::new(signature),
            bind: Some(Arc::new(bind)),
            evaluate: Arc::new(evaluate),
        });
        self
    }

    /// The same under another name too.
    pub(crate) fn also(&self, name: &'static str) -> Self {
        Self {
            name,
            ..self.clone()
        }
    }

    /// The same, giving something else each time.
    pub(crate) fn volatile(mut self) -> Self {
        self.deterministic = false;
        self
    }

    /// Which form a call with these arguments means, or what Presto says instead.
    pub(crate) fn bind(
        &self,
        arguments: &[Type],
        literals: &Literals<'_>,
        session: &Session,
    ) -> Result<(&Form, Bound)> {
        let mut nearest: Option<(&Form, Bound)> = None;
        for form in &self.forms {
            let bound = match &form.bind {
                Some(bind) => bind(arguments, literals, session)?,
                None => form.signature.bind(arguments),
            };
            let Some(bound) = bound else {
                continue;
            };
            if nearest
                .as_ref()
                .is_none_or(|(_, found)| bound.distance < found.distance)
            {
                nearest = Some((form, bound));
            }
        }
        nearest.ok_or_else(|| self.no_form(arguments))
    }

    /// What Presto says of a call that no form is for.
    fn no_form(&self, arguments: &[Type]) -> Error {
        let given: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let given = given.join(", ");
        let name = self.name;
        if let ("$cast" | "$try_cast", [from, ..]) = (name, arguments) {
            return Error::new(
                Kind::TypeMismatch,
                format!("Cannot cast {from} to another type"),
            );
        }
        if let ("$array", [first, ..]) = (name, arguments) {
            let message = format!("All ARRAY elements must be the same type: {first}");
            return Error::new(Kind::TypeMismatch, message);
        }
        // The operators' functions are named by what they are called in error messages.
        if let Some(operator) = name.strip_prefix('$') {
            let operator = if operator == "negate" { "-" } else { operator };
            let message = format!("'{operator}' cannot be applied to {given}");
            return Error::new(Kind::TypeMismatch, message);
        }
        let forms = self.forms.iter();
        let known: Vec<String> = forms
            .map(|form| format!("{name}({})", form.signature))
            .collect();
        let known = known.join(", ");
        Error::new(
            Kind::UnexpectedParameters,
            format!("Unexpected parameters ({given}) for function {name}. Expected: {known}"),
        )
    }
}

/// What is said of an argument that cannot be.
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Kind::InvalidFunctionArgument, message)
}

impl Form {
    pub(crate) fn evaluate(&self, call: &Call<'_>) -> Result<ArrayRef> {
        (self.evaluate)(call)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The scalar functions that statements may call, by name. Those that begin with `$` are what operators and
/// special forms of the syntax are made into; nobody can write their names.
pub(crate) static FUNCTIONS: LazyLock<BTreeMap<&'static str, Arc<Function>>> =
    LazyLock::new(|| {
        let groups = [
            array::functions(),
            binary::functions(),
            cast::functions(),
            compare::functions(),
            datetime::functions(),
            json::functions(),
            kind::functions(),
            map::functions(),
            member::functions(),
            number::functions(),
            regexp::functions(),
            row::functions(),
            text::functions(),
            url::functions(),
        ];
        let mut all: BTreeMap<&'static str, Function> = BTreeMap::new();
        for function in groups.into_iter().flatten() {
            // What a function does with other types may be in another room.
            match all.entry(function.name) {
                Entry::Vacant(place) => drop(place.insert(function)),
                Entry::Occupied(mut known) => known.get_mut().forms.extend(function.forms),
            }
        }
        let shared = all.into_iter();
        shared
            .map(|(name, function)| (name, Arc::new(function)))
            .collect()
    });

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads all signatures, which panics on a bad one.
    #[test]
    fn every_function_has_a_form_and_a_description() {
        for function in FUNCTIONS.values() {
            assert!(!function.forms.is_empty(), "{}", function.name);
            assert!(!function.description.is_empty(), "{}", function.name);
        }
    }
}
