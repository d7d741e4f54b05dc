//! What an aggregate function is: its forms, and who does the work of each.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::AggregateUDF;

use super::gathered::Finish;
use super::running::Start;
use crate::error::{Error, Kind, Position, Result};
use crate::function::signature::{Bound, Signature};
use crate::types::Type;

/// An aggregate function: a name and its forms.
pub(crate) struct Aggregation {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) forms: Vec<Form>,
    /// Whether it gives 0 for no rows at all, where others give NULL.
    pub(crate) counts: bool,
    /// Whether the order of its rows makes a difference.
    pub(crate) ordered: bool,
}

/// One of the forms of an aggregate function.
pub(crate) struct Form {
    pub(crate) signature: Signature,
    /// Whether it is for arguments of these types, where the signature's notation does not tell all.
    takes: fn(&[Type]) -> bool,
    pub(crate) work: Work,
}

/// Who works a form out.
#[derive(Clone)]
pub(crate) enum Work {
    /// A function of `DataFusion`'s, which groups fast.
    Passed(Passed),
    /// A sum that fails when it does not fit, as `DataFusion`'s do not.
    Sum,
    /// A little is kept of each group.
    Running(Arc<dyn Start>),
    /// The rows are kept, and looked at together in the end.
    Gathered(Finish),
}

/// What a function of `DataFusion`'s is given, and what it understands. Its result is cast to what the form gives.
#[derive(Clone)]
pub(crate) struct Passed {
    pub(crate) to: Arc<AggregateUDF>,
    pub(crate) given: Given,
    pub(crate) distinct: Distinct,
}

/// What arguments become before they are passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    AsIs,
    /// All of this type.
    As(DataType),
    /// The first alone; the second says how far off the result may be.
    Estimated,
    /// NULL where it is not true.
    WhereTrue,
}

/// How `DISTINCT` comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distinct {
    /// The function is told, or it makes no difference.
    Told,
    /// The function is told always.
    Always,
    /// The rows are gathered, and given to the function once each.
    Gathered,
}

impl Passed {
    pub(crate) fn to(to: Arc<AggregateUDF>) -> Self {
        Self {
            to,
            given: Given::AsIs,
            distinct: Distinct::Gathered,
        }
    }

    pub(crate) fn given(mut self, given: Given) -> Self {
        self.given = given;
        self
    }

    pub(crate) fn distinct(mut self, distinct: Distinct) -> Self {
        self.distinct = distinct;
        self
    }
}

/// An aggregate function's beginning.
pub(crate) fn aggregation(name: &'static str, description: &'static str) -> Aggregation {
    Aggregation {
        name,
        description,
        forms: Vec::new(),
        counts: false,
        ordered: false,
    }
}

impl Aggregation {
    fn form(mut self, signature: &'static str, work: Work) -> Self {
        self.forms.push(Form {
            signature: Signature::new(signature),
            takes: |_| true,
            work,
        });
        self
    }

    /// With a form that `DataFusion` works out.
    pub(crate) fn passed(self, signature: &'static str, passed: Passed) -> Self {
        self.form(signature, Work::Passed(passed))
    }

    /// With a form that is a sum without a fraction.
    pub(crate) fn sum(self, signature: &'static str) -> Self {
        self.form(signature, Work::Sum)
    }

    /// With a form that keeps a little of each group.
    pub(crate) fn running(self, signature: &'static str, start: Arc<dyn Start>) -> Self {
        self.form(signature, Work::Running(start))
    }

    /// With a form that needs its rows together.
    pub(crate) fn gathered(mut self, signature: &'static str, finish: Finish) -> Self {
        self.ordered = true;
        self.form(signature, Work::Gathered(finish))
    }

    /// With the last form only for arguments that this is true of.
    pub(crate) fn only(mut self, takes: fn(&[Type]) -> bool) -> Self {
        if let Some(last) = self.forms.last_mut() {
            last.takes = takes;
        }
        self
    }

    pub(crate) fn counting(mut self) -> Self {
        self.counts = true;
        self
    }

    pub(crate) fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Which form a call with these arguments means.
    pub(crate) fn bind(&self, arguments: &[Type]) -> Option<(&Form, Bound)> {
        let bound = self
            .forms
            .iter()
            .filter(|form| (form.takes)(arguments))
            .filter_map(|form| Some((form, form.signature.bind(arguments)?)));
        bound.min_by_key(|(_, bound)| bound.distance)
    }

    /// What a call with these arguments gives.
    pub(crate) fn returns(&self, arguments: &[Type], at: Option<Position>) -> Result<Type> {
        match self.bind(arguments) {
            Some((_, bound)) => Ok(bound.returns),
            None => Err(no_form(
                self.name,
                arguments,
                self.forms.iter().map(|form| &form.signature),
            )
            .at(at)),
        }
    }
}

impl fmt::Debug for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What Presto says of a call that no form is for.
pub(crate) fn no_form<'a>(
    name: &str,
    arguments: &[Type],
    forms: impl Iterator<Item = &'a Signature>,
) -> Error {
    let given: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let given = given.join(", ");
    let known: Vec<String> = forms
        .map(|signature| {
            let letters = signature.to_string();
            let mut letters: Vec<&str> = letters
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.len() == 1 && word.starts_with(|c: char| c.is_uppercase()))
                .collect();
            letters.dedup();
            format!("{name}({signature}) {}", letters.join(", "))
        })
        .collect();
    let known = known.join(", ");
    Error::new(
        Kind::UnexpectedParameters,
        format!("Unexpected parameters ({given}) for function {name}. Expected: {known}"),
    )
}
