//! What a function of lambdas takes and gives: Presto's notation as [`crate::function::signature`] has it, with
//! `function(T,U)` for a lambda from `T` to `U`.

use crate::function::signature::{Bindings, Pattern, split};
use crate::types::Type;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Parameter {
    Value(Pattern),
    Lambda(Vec<Pattern>, Pattern),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    text: &'static str,
    parameters: Vec<Parameter>,
    returns: Pattern,
}

/// A call's meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    /// What the values are to be made.
    pub(crate) values: Vec<Type>,
    /// Of each lambda: what it is given.
    pub(crate) parameters: Vec<Vec<Type>>,
    /// Of each lambda: what its result is to be made.
    pub(crate) results: Vec<Type>,
    pub(crate) returns: Type,
}

impl Signature {
    /// Reads the notation. It is written in this crate's code only: what is wrong with it is a bug.
    pub(crate) fn new(text: &'static str) -> Self {
        let (parameters, returns) = text
            .split_once("->")
            .unwrap_or_else(|| panic!("no -> in {text}"));
        let parameter = |text: &str| {
            let lambda = text.strip_prefix("function(");
            let Some(inside) = lambda.and_then(|rest| rest.strip_suffix(')')) else {
                return Parameter::Value(Pattern::read(text));
            };
            let mut patterns: Vec<Pattern> = split(inside).into_iter().map(Pattern::read).collect();
            let result = patterns.pop();
            let result = result.unwrap_or_else(|| panic!("no result in {text}"));
            Parameter::Lambda(patterns, result)
        };
        Self {
            text,
            parameters: split(parameters.trim())
                .into_iter()
                .map(parameter)
                .collect(),
            returns: Pattern::read(returns.trim()),
        }
    }

    /// Arguments' and result's types as `SHOW FUNCTIONS` has them.
    pub(crate) fn parts(&self) -> (&'static str, &'static str) {
        let (parameters, returns) = self.text.split_once("->").unwrap_or(("", self.text));
        (parameters.trim(), returns.trim())
    }

    /// Of each argument: of how many parameters the lambda is; none for values.
    pub(crate) fn lambda_lengths(&self) -> Vec<Option<usize>> {
        let length = |parameter: &Parameter| match parameter {
            Parameter::Value(_) => None,
            Parameter::Lambda(patterns, _) => Some(patterns.len()),
        };
        self.parameters.iter().map(length).collect()
    }

    /// Of values and of lambdas.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.values().count(), self.lambdas().count())
    }

    fn values(&self) -> impl Iterator<Item = &Pattern> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Value(pattern) => Some(pattern),
                Parameter::Lambda(..) => None,
            })
    }

    fn lambdas(&self) -> impl Iterator<Item = (&[Pattern], &Pattern)> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Value(_) => None,
                Parameter::Lambda(patterns, result) => Some((patterns.as_slice(), result)),
            })
    }

    /// What a call with these values means, and with lambdas that give this as far as it is known. What a lambda gives may
    /// make something else of what it is given: a sum that begins with an `integer` may become a `bigint`.
    pub(crate) fn bind(&self, values: &[Type], results: &[Option<Type>]) -> Option<Bound> {
        let mut bindings = Bindings::default();
        if values.len() != self.values().count() {
            return None;
        }
        for (pattern, kind) in self.values().zip(values) {
            pattern.matches(kind, &mut bindings)?;
        }
        for ((_, pattern), kind) in self.lambdas().zip(results) {
            if let Some(kind) = kind {
                pattern.matches(kind, &mut bindings)?;
            }
        }
        let filled = |pattern: &Pattern, kind: &Type| pattern.filled(kind, &bindings);
        let unknown = |pattern: &Pattern| filled(pattern, &Type::Unknown);
        let given = results
            .iter()
            .map(|kind| kind.clone().unwrap_or(Type::Unknown));
        let given = given.chain(std::iter::repeat(Type::Unknown));
        Some(Bound {
            values: self
                .values()
                .zip(values)
                .map(|(pattern, kind)| filled(pattern, kind))
                .collect::<Option<_>>()?,
            parameters: self
                .lambdas()
                .map(|(patterns, _)| patterns.iter().map(unknown).collect())
                .collect::<Option<_>>()?,
            results: self
                .lambdas()
                .zip(given)
                .map(|((_, pattern), kind)| filled(pattern, &kind))
                .collect::<Option<_>>()?,
            returns: unknown(&self.returns)?,
        })
    }
}
