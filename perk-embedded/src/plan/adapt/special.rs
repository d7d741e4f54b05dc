//! Forms that look like calls and are none.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, LambdaFunction,
    LambdaSyntax, OneOrManyWithParens, Spanned,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Kind, Result};
use crate::plan::call::unplaced;
use crate::plan::syntax::place;

/// The function's name in lower case, with its place once [`placed`](crate::plan::call::placed) has written that into it; none
/// for names of more than one part.
pub(super) fn name(function: &Function) -> Option<String> {
    let [part] = function.name.0.as_slice() else {
        return None;
    };
    part.as_ident().map(|name| name.value.to_lowercase())
}

/// The arguments, if they are plain expressions.
pub(super) fn arguments(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let plain = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument.clone()),
        _ => None,
    };
    list.args.iter().map(plain).collect()
}

/// `IF` and `COALESCE` work out only what is needed, as `CASE` does, and `TRY` under rules of its own. None of them is
/// `DataFusion`'s: that has no `IF`, and gives other types for the others.
pub(super) fn before(expr: &mut Expr) -> Result<()> {
    let Expr::Function(function) = expr else {
        return Ok(());
    };
    let Some(name) = name(function) else {
        return Ok(());
    };
    if !matches!(name.as_str(), "if" | "nullif" | "coalesce" | "try") {
        return Ok(());
    }
    let Some(arguments) = arguments(function) else {
        return Ok(());
    };
    let at = function.span().start;
    let new = match (name.as_str(), arguments.as_slice()) {
        ("if", [condition, then]) => case(vec![(condition.clone(), then.clone())], None),
        ("if", [condition, then, otherwise]) => case(
            vec![(condition.clone(), then.clone())],
            Some(otherwise.clone()),
        ),
        ("nullif", [_, _]) => unplaced("$nullif", at, arguments),
        ("coalesce", [_, _, ..]) => coalesce(flat(&arguments), at),
        ("try", [inner]) => unplaced("$try", at, vec![later(inner)]),
        _ => {
            let message = format!("Invalid number of arguments for '{name}' function");
            return Err(Error::new(Kind::Syntax, message).at(place(at)));
        }
    };
    *expr = new;
    Ok(())
}

/// What is within a `COALESCE` that is an argument of one is as well an argument itself.
fn flat(arguments: &[Expr]) -> Vec<Expr> {
    let inner = |argument: &Expr| match argument {
        Expr::Function(function) if name(function).as_deref() == Some("coalesce") => {
            self::arguments(function).filter(|inner| inner.len() > 1)
        }
        _ => None,
    };
    let parts = |argument: &Expr| match inner(argument) {
        Some(inner) => flat(&inner),
        None => vec![argument.clone()],
    };
    arguments.iter().flat_map(parts).collect()
}

/// Names and what is written as it is may stand twice. Anything else is worked out once, since twice within one another
/// soon is a million times.
fn coalesce(mut values: Vec<Expr>, at: Location) -> Expr {
    let plain = |value: &Expr| {
        matches!(
            value,
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_)
        )
    };
    let last = values.len() - 1;
    if values[..last].iter().all(plain) {
        let last = values.pop();
        let branch = |value: Expr| (Expr::IsNotNull(Box::new(value.clone())), value);
        return case(values.into_iter().map(branch).collect(), last);
    }
    for value in &mut values[1..] {
        *value = later(value);
    }
    unplaced("$coalesce", at, values)
}

/// A lambda without parameters, for whoever works this out, if at all.
fn later(body: &Expr) -> Expr {
    Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::Many(Vec::new()),
        body: Box::new(body.clone()),
        syntax: LambdaSyntax::Arrow,
    })
}

fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let branch = |(condition, result)| CaseWhen { condition, result };
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: branches.into_iter().map(branch).collect(),
        else_result: otherwise.map(Box::new),
    }
}
