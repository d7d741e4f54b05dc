//! The parameters of prepared statements: `?`.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Value, visit_expressions, visit_expressions_mut};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::at_start;
use super::said::Said;
use crate::error::{Error, Kind, Result};
use crate::plan::syntax::place;

/// Where a statement's parameters stand, in the order of its text.
pub(super) fn places(said: &mut Said) -> Vec<Location> {
    let mut places = Vec::new();
    let mut note = |expr: &Expr| {
        places.extend(parameter(expr).map(|span| span.start));
        ControlFlow::<()>::Continue(())
    };
    match said {
        Said::SetSession { value, .. } => {
            let _ = visit_expressions(value.as_ref(), &mut note);
        }
        said => {
            if let Some(query) = said.query_mut() {
                let _ = visit_expressions(query, &mut note);
            }
        }
    }
    places.sort();
    places
}

/// Puts values where the parameters are. There must be as many.
pub(super) fn fill(said: &mut Said, values: &[Expr]) -> Result<()> {
    // What is prepared keeps its parameters.
    if matches!(said, Said::Prepare { .. }) {
        return Ok(());
    }
    let places = places(said);
    let (expected, found) = (places.len(), values.len());
    if expected != found {
        let message =
            format!("Incorrect number of parameters: expected {expected} but found {found}");
        return Err(at_start(Kind::WrongParameters, message));
    }
    if values.is_empty() {
        return Ok(());
    }
    for value in values {
        constant(value)?;
    }
    let mut put = |expr: &mut Expr| {
        if let Some(span) = parameter(expr)
            && let Ok(i) = places.binary_search(&span.start)
        {
            *expr = placed(values[i].clone(), span);
        }
        ControlFlow::<()>::Continue(())
    };
    match said {
        Said::SetSession { value, .. } => {
            let _ = visit_expressions_mut(value.as_mut(), &mut put);
        }
        said => {
            if let Some(query) = said.query_mut() {
                let _ = visit_expressions_mut(query, &mut put);
            }
        }
    }
    Ok(())
}

/// Where a parameter stands, if this is one.
pub(super) fn parameter(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => Some(value.span),
        _ => None,
    }
}

/// Values cannot name columns: there are none where they stand.
fn constant(value: &Expr) -> Result<()> {
    let found = visit_expressions(value, |expr| {
        let name = match expr {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(names) => names.first(),
            _ => None,
        };
        match name {
            Some(name) => ControlFlow::Break(name.span.start),
            None => ControlFlow::Continue(()),
        }
    });
    match found {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(at) => {
            let message = "Constant expression cannot contain column references";
            Err(Error::new(Kind::Syntax, message).at(place(at)))
        }
    }
}

/// A value that is where its parameter was: places in another text than the statement's mean nothing there.
fn placed(mut value: Expr, span: Span) -> Expr {
    let _ = visit_expressions_mut(&mut value, |expr| {
        match expr {
            Expr::Value(value) => value.span = span,
            Expr::TypedString(text) => text.value.span = span,
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    value
}
