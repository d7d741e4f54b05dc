//! Calls of functions.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned, Value, WindowFrameBound,
    WindowType,
};

use super::{Rules, lambdas, literals, special};
use crate::error::{Error, Kind, Result};
use crate::function::FUNCTIONS;
use crate::plan::call::{Name, placed};
use crate::plan::context;
use crate::plan::syntax::place;
use crate::types::parse::{NoType, parse};

impl Rules<'_> {
    /// A call's place is written into its name; a name that no function has is refused, with its place.
    pub(super) fn calls(expr: &mut Expr) -> Result<()> {
        let Expr::Function(function) = expr else {
            return Ok(());
        };
        let at = function.name.span().start;
        let Some(name) = special::name(function).filter(|name| !Name::is_placed(name)) else {
            return Ok(());
        };
        if let "$cast" | "$try_cast" = name.as_str() {
            let arguments = special::arguments(function).unwrap_or_default();
            if let [_, kind] = arguments.as_slice() {
                known_type(kind).map_err(|error| error.at(place(at)))?;
            }
            *expr = placed(&name, at, arguments);
            return Ok(());
        }
        // `count()` and `count(*)` are the same.
        if name == "count"
            && let FunctionArguments::List(list) = &mut function.args
            && matches!(
                list.args.as_slice(),
                [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]
            )
        {
            let one = literals::integer(1);
            list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(one))];
        }
        let with_lambdas = match &function.args {
            FunctionArguments::List(list) => lambdas::called(&name, &list.args),
            _ => Ok(None),
        };
        let with_lambdas = with_lambdas.map_err(|error| error.at(place(at)))?;
        let known = with_lambdas.is_some() || FUNCTIONS.contains_key(name.as_str());
        if known && function.over.is_none() {
            let arguments = match &mut function.args {
                FunctionArguments::List(list) => std::mem::take(&mut list.args),
                // `current_date`.
                FunctionArguments::None => Vec::new(),
                FunctionArguments::Subquery(_) => return Ok(()),
            };
            let arguments = arguments.into_iter().map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Ok(argument),
                other => {
                    let message = format!("{name}({other}) is not supported");
                    Err(Error::new(Kind::NotSupported, message).at(place(at)))
                }
            });
            let arguments = arguments.collect::<Result<_>>()?;
            let name = with_lambdas.as_ref().unwrap_or(&name);
            *expr = placed(name, at, arguments);
            return Ok(());
        }
        if let Expr::Function(function) = expr
            && context::knows_function(&name)
        {
            // `DataFusion` knows this one by its name.
            let written = if name == "grouping" {
                name
            } else {
                let name = Name {
                    function: &name,
                    at: place(at),
                };
                name.write()
            };
            function.name = vec![Ident::with_quote('"', written)].into();
            return Ok(());
        }
        let message = format!("Function {name} not registered");
        Err(Error::new(Kind::FunctionNotFound, message).at(place(at)))
    }
}

/// Which field of a row a subscript means is known only where its place is a plain number.
pub(super) fn subscript(expr: &mut Expr) {
    if let Expr::Function(function) = expr
        && special::name(function).is_some_and(|name| Name::read(&name).function == "$[]")
        && let FunctionArguments::List(list) = &mut function.args
        && let [_, FunctionArg::Unnamed(FunctionArgExpr::Expr(place))] = list.args.as_mut_slice()
    {
        literals::bare_number(place);
    }
}

/// Refuses what is no type.
fn known_type(kind: &Expr) -> Result<()> {
    let Expr::Value(value) = kind else {
        return Ok(());
    };
    let Value::SingleQuotedString(text) = &value.value else {
        return Ok(());
    };
    match parse(text) {
        Ok(_) => Ok(()),
        Err(NoType::Unknown(_)) => Err(Error::new(
            Kind::TypeNotFound,
            format!("Unknown type: {text}"),
        )),
        Err(NoType::Parameters(_)) => Err(Error::new(
            Kind::InvalidTypeParameter,
            format!("Invalid type: {text}"),
        )),
    }
}

/// Frames' bounds are numbers for `DataFusion`, not expressions.
pub(super) fn frame(expr: &mut Expr) {
    let Expr::Function(function) = expr else {
        return;
    };
    let Some(WindowType::WindowSpec(window)) = &mut function.over else {
        return;
    };
    let Some(frame) = &mut window.window_frame else {
        return;
    };
    for bound in [Some(&mut frame.start_bound), frame.end_bound.as_mut()]
        .into_iter()
        .flatten()
    {
        if let WindowFrameBound::Preceding(Some(rows)) | WindowFrameBound::Following(Some(rows)) =
            bound
        {
            literals::bare_number(rows);
        }
    }
}
