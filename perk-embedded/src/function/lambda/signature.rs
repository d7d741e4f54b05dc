//! What a function of lambdas takes and gives: Presto's notation as [`crate::function::signature`] has it, with
//! `function(T,U)` for a lambda from `T` to `U`, and `function(T)...` for as many as there are, one at least.

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
    /// Whether the last parameter may be repeated.
    variadic: bool,
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
        let parameters = parameters.trim();
        let once = parameters.trim_end_matches("...");
        Self {
            text,
            parameters: split(once).into_iter().map(parameter).collect(),
            variadic: once != parameters,
            returns: Pattern::read(returns.trim()),
        }
    }

    /// Arguments' and result's types as `SHOW FUNCTIONS` has them.
    pub(crate) fn parts(&self) -> (&'static str, &'static str) {
        let (parameters, returns) = self.text.split_once("->").unwrap_or(("", self.text));
        (parameters.trim(), returns.trim())
    }

    /// Of each of so many arguments: of how many parameters the lambda is; none for values. Nothing if there cannot be so
    /// many.
    pub(crate) fn lambda_lengths(&self, arguments: usize) -> Option<Vec<Option<usize>>> {
        let length = |parameter: &Parameter| match parameter {
            Parameter::Value(_) => None,
            Parameter::Lambda(patterns, _) => Some(patterns.len()),
        };
        let mut lengths: Vec<_> = self.parameters.iter().map(length).collect();
        if let Some(last) = lengths.last().copied().filter(|_| self.variadic) {
            lengths.resize(arguments.max(lengths.len()), last);
        }
        (lengths.len() == arguments).then_some(lengths)
    }

    /// Whether there can be so many values and lambdas.
    pub(crate) fn takes(&self, values: usize, lambdas: usize) -> bool {
        let known = self.lambdas().take(lambdas + 1).count();
        self.values().count() == values && (known == lambdas || self.variadic && lambdas > 0)
    }

    fn values(&self) -> impl Iterator<Item = &Pattern> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Value(pattern) => Some(pattern),
                Parameter::Lambda(..) => None,
            })
    }

    /// The last of them without end, if it may be repeated.
    fn lambdas(&self) -> impl Iterator<Item = (&[Pattern], &Pattern)> {
        let repeated = self.parameters.last().filter(|_| self.variadic);
        self.parameters
            .iter()
            .chain(std::iter::repeat(repeated).map_while(|last| last))
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
        Some(Bound {
            values: self
                .values()
                .zip(values)
                .map(|(pattern, kind)| filled(pattern, kind))
                .collect::<Option<_>>()?,
            parameters: self
                .lambdas()
                .zip(results)
                .map(|((patterns, _), _)| patterns.iter().map(unknown).collect())
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
