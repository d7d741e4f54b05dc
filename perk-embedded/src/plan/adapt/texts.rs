//! Forms of the syntax about text.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

use super::{Rules, special};
use crate::error::{Error, Kind, Result};
use crate::plan::call::{placed, text};
use crate::plan::span;
use crate::plan::syntax::place;

impl Rules<'_> {
    /// `LIKE … ESCAPE` is a call; so is a `LIKE` whose pattern may have a backslash, since that escapes for `DataFusion`.
    pub(super) fn like(expr: &mut Expr) {
        let at = span::start(expr);
        let Expr::Like {
            negated,
            any: false,
            expr: value,
            pattern,
            escape_char,
        } = expr
        else {
            return;
        };
        if escape_char.is_none() && is_plain(pattern) {
            return;
        }
        let take = |expr: &mut Expr| std::mem::replace(expr, Expr::value(Value::Null));
        let escape = escape_char.take().map(Expr::Value);
        let arguments = [take(value), take(pattern)].into_iter().chain(escape);
        let call = placed("$like", at, arguments.collect());
        *expr = if *negated {
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr: Box::new(call),
            }
        } else {
            call
        };
    }
}

/// Whether a pattern is written as it is, and without a backslash.
fn is_plain(pattern: &Expr) -> bool {
    let Expr::Value(value) = pattern else {
        return false;
    };
    match &value.value {
        Value::SingleQuotedString(text) => !text.contains('\\'),
        _ => true,
    }
}

/// The form in `normalize(x, NFD)` is a word of the syntax, no column.
pub(super) fn normal_form(expr: &mut Expr) -> Result<()> {
    let Expr::Function(function) = expr else {
        return Ok(());
    };
    if special::name(function).as_deref() != Some("normalize") {
        return Ok(());
    }
    let FunctionArguments::List(list) = &mut function.args else {
        return Ok(());
    };
    if let [_, FunctionArg::Unnamed(FunctionArgExpr::Expr(form))] = list.args.as_mut_slice()
        && let Expr::Identifier(word) = form
    {
        let name = word.value.to_uppercase();
        let forms = ["NFC", "NFD", "NFKC", "NFKD"];
        if !forms.contains(&name.as_str()) {
            let message = format!(
                "mismatched input '{}'. Expecting: 'NFC', 'NFD', 'NFKC', 'NFKD'",
                word.value
            );
            return Err(Error::new(Kind::Syntax, message).at(place(word.span.start)));
        }
        *form = text(&name);
    }
    Ok(())
}
