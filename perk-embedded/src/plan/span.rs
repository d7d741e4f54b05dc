//! Where an expression begins and ends. `sqlparser`'s own spans look at all that is in it, by recursion: asked of every
//! operator of a long chain, that would take its length squared, and much of a stack.

use datafusion::sql::sqlparser::ast::{Expr, Spanned};
use datafusion::sql::sqlparser::tokenizer::Location;

/// Where the first word is.
pub(super) fn start(expr: &Expr) -> Location {
    let mut first = expr;
    loop {
        first = match first {
            Expr::AtTimeZone {
                timestamp: inner, ..
            }
            | Expr::Between { expr: inner, .. }
            | Expr::BinaryOp { left: inner, .. }
            | Expr::CompoundFieldAccess { root: inner, .. }
            | Expr::InList { expr: inner, .. }
            | Expr::InSubquery { expr: inner, .. }
            | Expr::IsNotNull(inner)
            | Expr::IsNull(inner)
            | Expr::Like { expr: inner, .. }
            | Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. } => inner,
            Expr::Function(function) => return function.name.span().start,
            other => return other.span().start,
        }
    }
}

/// Where the last word ends.
pub(super) fn end(expr: &Expr) -> Location {
    let mut last = expr;
    loop {
        last = match last {
            Expr::BinaryOp { right: inner, .. }
            | Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. } => inner,
            other => return other.span().end,
        }
    }
}
