//! How many columns queries have, where that is written in them.

use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Spanned, TableFactor,
};

use super::text::Text;
use super::{foreign, refused};
use crate::error::{Kind, Result};
use crate::plan::syntax::{folded, place};

/// The number of a query's columns; none where a `*` leaves it open.
pub(super) fn count(body: &SetExpr) -> Option<usize> {
    match body {
        SetExpr::Select(select) => items(select),
        SetExpr::Query(query) => count(&query.body),
        SetExpr::SetOperation { left, right, .. } => count(left).or_else(|| count(right)),
        SetExpr::Values(values) => values.rows.first().map(|row| row.content.len()),
        _ => None,
    }
}

/// The number of a query's columns, if they are all written out.
pub(super) fn items(select: &Select) -> Option<usize> {
    let written = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
        )
    };
    let all = select.projection.iter().all(written);
    all.then_some(select.projection.len())
}

/// `t (a, b)`.
pub(super) fn of_alias(factor: &TableFactor, text: Text<'_>) -> Result<()> {
    if let TableFactor::Derived {
        subquery,
        alias: Some(alias),
        ..
    } = factor
        && !alias.columns.is_empty()
        && let Some(available) = count(&subquery.body)
        && available != alias.columns.len()
    {
        let (name, given) = (folded(&alias.name), alias.columns.len());
        let message = format!(
            "Column alias list has {given} entries but '{name}' has {available} columns available"
        );
        let at = text.of_query(subquery);
        return Err(refused(Kind::MismatchedAliases, message, at));
    }
    Ok(())
}

/// `WITH t (a, b) AS …`.
pub(super) fn of_with(table: &Cte) -> Result<()> {
    let (name, given) = (folded(&table.alias.name), table.alias.columns.len());
    match count(&table.query.body) {
        Some(columns) if given > 0 && columns != given => {
            let message = format!(
                "WITH column alias list has {given} entries but WITH query({name}) has {columns} columns"
            );
            let at = place(table.alias.name.span.start);
            Err(refused(Kind::MismatchedAliases, message, at))
        }
        _ => Ok(()),
    }
}

/// A subquery that is a value has one column.
pub(super) fn of_subquery(expr: &Expr, text: Text<'_>) -> Result<()> {
    let (query, at): (&Query, _) = match expr {
        Expr::Subquery(query) => (query, text.of_query(query)),
        Expr::InSubquery { subquery, .. } => (subquery, text.of(expr)),
        _ => return Ok(()),
    };
    match count(&query.body) {
        Some(columns) if columns != 1 => {
            let message = format!(
                "Multiple columns returned by subquery are not yet supported. Found {columns}"
            );
            Err(refused(Kind::UnsupportedSyntax, message, at))
        }
        _ => Ok(()),
    }
}

/// Both sides have as many columns, and only unions keep what is there twice.
pub(super) fn of_set_operations(body: &SetExpr, text: Text<'_>) -> Result<()> {
    let SetExpr::SetOperation {
        left,
        op,
        set_quantifier,
        right,
    } = body
    else {
        return Ok(());
    };
    of_set_operations(left, text)?;
    of_set_operations(right, text)?;
    foreign::of_body(body, text)?;
    // Only where it is wanted: a long chain of queries would be looked at as often as it is long.
    let at = || text.after(left.span().end, &op.to_string());
    if matches!(set_quantifier, SetQuantifier::All) && !matches!(op, SetOperator::Union) {
        let message = format!("{op} ALL not yet implemented");
        return Err(refused(Kind::UnsupportedSyntax, message, at()));
    }
    match (count(left), count(right)) {
        (Some(a), Some(b)) if a != b => {
            let message = format!("{op} query has different number of fields: {a}, {b}");
            Err(refused(Kind::TypeMismatch, message, at()))
        }
        _ => Ok(()),
    }
}
