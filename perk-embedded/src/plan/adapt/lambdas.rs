//! Lambdas: what their parameters are called, and fields of these.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, LambdaFunction, OneOrManyWithParens,
};

use super::{Rules, names};
use crate::error::{Error, Kind, Result};
use crate::function::lambda::{self, Written};
use crate::function::{FUNCTIONS, lambda::marked};
use crate::plan::call::{placed, text};
use crate::plan::syntax::place;

impl Rules<'_> {
    /// Parameters have names like columns', and come before them.
    pub(super) fn enter_lambda(&mut self, expr: &mut Expr) {
        if let Expr::Lambda(lambda) = expr {
            let parameters = match &mut lambda.params {
                OneOrManyWithParens::One(parameter) => std::slice::from_mut(parameter),
                OneOrManyWithParens::Many(parameters) => parameters.as_mut_slice(),
            };
            let mut known = Vec::new();
            for parameter in parameters {
                names::fold(&mut parameter.name);
                known.push(parameter.name.value.clone());
            }
            self.parameters.push(known);
        }
    }

    pub(super) fn leave_lambda(&mut self, expr: &Expr) {
        if let Expr::Lambda(_) = expr {
            self.parameters.pop();
        }
    }

    /// `x.a` is no column where `x` is a parameter.
    pub(super) fn fields_of_parameters(&self, expr: &mut Expr) {
        let Expr::CompoundIdentifier(parts) = expr else {
            return;
        };
        let Some((first, fields)) = parts.split_first() else {
            return;
        };
        if !self
            .parameters
            .iter()
            .flatten()
            .any(|known| *known == first.value)
        {
            return;
        }
        let mut value = Expr::Identifier(first.clone());
        for field in fields {
            let at = field.span.start;
            value = placed("$field", at, vec![value, text(&field.value)]);
        }
        *expr = value;
    }
}

/// The name in a plan of the function that is called with these arguments, if it is one of lambdas.
pub(super) fn called(name: &str, arguments: &[FunctionArg]) -> Result<Option<String>> {
    let lambda_of = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Lambda(lambda))) => Some(lambda.clone()),
        _ => None,
    };
    let lambdas: Vec<Option<LambdaFunction>> = arguments.iter().map(lambda_of).collect();
    let any = lambdas.iter().any(Option::is_some);
    let Some(function) = lambda::FUNCTIONS.get(name) else {
        if !any || !FUNCTIONS.contains_key(name) {
            return Ok(None);
        }
        let message = format!("Unexpected parameters (a lambda) for function {name}");
        return Err(Error::new(Kind::LambdaMismatch, message));
    };
    if !any && FUNCTIONS.contains_key(name) {
        return Ok(None);
    }
    let written = lambdas.iter().map(|lambda| match lambda {
        Some(lambda) => Written::Lambda(lambda.params.len()),
        None => Written::Value,
    });
    function
        .check(&written.collect::<Vec<_>>())
        .map_err(|(i, error)| {
            let lambda = lambdas.get(i).and_then(Option::as_ref);
            let first = lambda.and_then(|lambda| lambda.params.first());
            let mut at = first.and_then(|parameter| place(parameter.name.span.start));
            // A list of parameters begins with its parenthesis.
            if let (Some(at), Some(OneOrManyWithParens::Many(_))) =
                (&mut at, lambda.map(|lambda| &lambda.params))
            {
                at.column -= 1;
            }
            error.at(at)
        })?;
    Ok(Some(marked(name)))
}
