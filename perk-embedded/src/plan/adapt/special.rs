//! Forms that look like calls and are none.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Spanned, Value,
};

use crate::error::{Error, Kind, Result};
use crate::plan::syntax::place;

const TRY: &str = "$try";

/// The function's name as written, in lower case; none for names of more than one part and of this crate's own.
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

/// `IF`, `NULLIF` and `COALESCE` work out only what is needed, as `CASE` does; `DataFusion` has none of the first, and the
/// others give other types.
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
    let wrong = || {
        let message = format!("Invalid number of arguments for '{name}' function");
        Error::new(Kind::Syntax, message).at(place(function.span().start))
    };
    let new = match (name.as_str(), arguments.as_slice()) {
        ("if", [condition, then]) => case(vec![(condition.clone(), then.clone())], None),
        ("if", [condition, then, otherwise]) => case(
            vec![(condition.clone(), then.clone())],
            Some(otherwise.clone()),
        ),
        ("nullif", [a, b]) => {
            let equal = Expr::BinaryOp {
                left: Box::new(a.clone()),
                op: BinaryOperator::Eq,
                right: Box::new(b.clone()),
            };
            case(vec![(equal, Expr::value(Value::Null))], Some(a.clone()))
        }
        ("coalesce", [first @ .., last]) if !first.is_empty() => {
            let branch = |value: &Expr| (Expr::IsNotNull(Box::new(value.clone())), value.clone());
            case(first.iter().map(branch).collect(), Some(last.clone()))
        }
        ("try", [_]) => {
            let mut tried = function.clone();
            tried.name = vec![datafusion::sql::sqlparser::ast::Ident::with_quote('"', TRY)].into();
            Expr::Function(tried)
        }
        _ => return Err(wrong()),
    };
    *expr = new;
    Ok(())
}

pub(super) fn is_try(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if name(function).as_deref() == Some(TRY))
}

/// Once all calls within it are lenient, `TRY` itself has nothing left to do.
pub(super) fn without_try(expr: &mut Expr) {
    if let Expr::Function(function) = expr
        && let Some([inner]) = arguments(function).as_deref()
    {
        *expr = inner.clone();
    }
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
