//! Syntax of other databases, which `sqlparser` takes and Presto does not.

use datafusion::sql::sqlparser::ast::{
    Expr, JoinConstraint, LimitClause, Query, Select, Spanned, TableWithJoins, UnaryOperator, Value,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::constraint;
use crate::error::{Error, Kind, Result};
use crate::plan::syntax::place;

fn mismatched(what: &str, expected: &str, at: Location) -> Error {
    let message = format!("mismatched input '{what}'. Expecting: {expected}");
    Error::new(Kind::Syntax, message).at(place(at))
}

/// `==` and `::`.
pub(super) fn of_tokens(tokens: &[TokenWithSpan]) -> Result<()> {
    for TokenWithSpan { token, span } in tokens {
        let mut at = span.start;
        // What is wrong is the second of the two signs.
        at.column += 1;
        match token {
            Token::DoubleEq => return Err(mismatched("=", "<expression>", at)),
            Token::DoubleColon => return Err(mismatched(":", "<expression>", at)),
            _ => {}
        }
    }
    Ok(())
}

/// `SELECT TOP 5 …`.
pub(super) fn of_select(select: &Select) -> Result<()> {
    if select.top.is_some() {
        let mut at = select.select_token.0.span.end;
        at.column += 1;
        return Err(mismatched("TOP", "<expression>", at));
    }
    select.from.iter().try_for_each(of_joins)
}

/// A join that says nothing of how.
fn of_joins(tables: &TableWithJoins) -> Result<()> {
    for join in &tables.joins {
        if let Some(JoinConstraint::None) = constraint(join) {
            return Err(mismatched(
                "<EOF>",
                "'ON', 'USING'",
                join.relation.span().end,
            ));
        }
    }
    Ok(())
}

/// `LIMIT -1`, `LIMIT 'a'`.
pub(super) fn of_limit(query: &Query) -> Result<()> {
    let Some(LimitClause::LimitOffset {
        limit: Some(limit), ..
    }) = &query.limit_clause
    else {
        return Ok(());
    };
    let found = match limit {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            ..
        } => "-".to_owned(),
        Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => {
            value.to_string()
        }
        _ => return Ok(()),
    };
    Err(mismatched(&found, "'ALL', <integer>", limit.span().start))
}
