//! `GROUP BY` and `ORDER BY`: numbers that stand for columns, and what grouped queries may name.

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, OrderByKind,
    Query, Select, SelectItem, SetExpr, Spanned, Value,
};

use super::calls::Calls;
use super::text::{Text, shown};
use super::{columns, refused};
use crate::error::{Kind, Position, Result};
use crate::plan::syntax::place;

/// A number that stands for a column.
fn ordinal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(digits),
            _ => None,
        },
        _ => None,
    }
}

fn expression(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// What an expression of a `GROUP BY` means: itself, or the column whose number it is.
pub(super) fn meant<'a>(expr: &'a Expr, select: &'a Select) -> &'a Expr {
    let number = ordinal(expr).and_then(|digits| digits.parse::<usize>().ok());
    let item = number
        .filter(|_| columns::items(select).is_some())
        .and_then(|number| select.projection.get(number.checked_sub(1)?));
    item.and_then(expression).unwrap_or(expr)
}

fn in_range(expr: &Expr, clause: &str, columns: Option<usize>) -> Result<()> {
    let (Some(digits), Some(columns)) = (ordinal(expr), columns) else {
        return Ok(());
    };
    if digits
        .parse::<usize>()
        .is_ok_and(|number| (1..=columns).contains(&number))
    {
        return Ok(());
    }
    let message = format!("{clause} position {digits} is not in select list");
    let at = place(expr.span().start);
    Err(refused(Kind::InvalidColumnReference, message, at))
}

/// The expressions of a `GROUP BY`, those of grouping sets too, and whether they are of such.
fn grouped(select: &Select) -> Vec<(&Expr, bool)> {
    let GroupByExpr::Expressions(expressions, _) = &select.group_by else {
        return Vec::new();
    };
    let each = expressions.iter().flat_map(|expr| match expr {
        Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
            sets.iter().flatten().map(|expr| (expr, true)).collect()
        }
        expr => vec![(expr, false)],
    });
    each.collect()
}

/// A query's `GROUP BY`, and the calls of `grouping` that look at it. `at` is where the query begins.
pub(super) fn of_select(select: &Select, text: Text<'_>, at: Option<Position>) -> Result<()> {
    let groups = grouped(select);
    for (expr, in_set) in &groups {
        in_range(expr, "GROUP BY", columns::items(select))?;
        if *in_set && !is_column(meant(expr, select)) {
            let message = format!(
                "GROUP BY expression must be a column reference: {}",
                shown(expr)
            );
            return Err(refused(
                Kind::InvalidColumnReference,
                message,
                text.of(expr),
            ));
        }
    }
    let keys: Vec<String> = groups
        .iter()
        .map(|(expr, _)| last_name(meant(expr, select)))
        .collect();
    for item in select.projection.iter().filter_map(expression) {
        for call in Calls::of(item).groupings {
            if groups.is_empty() {
                let message = "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause";
                return Err(refused(Kind::MissingGroupBy, message, at));
            }
            let FunctionArguments::List(list) = &call.args else {
                continue;
            };
            for argument in &list.args {
                let FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) = argument else {
                    continue;
                };
                if !keys.contains(&last_name(argument)) {
                    let message = format!(
                        "The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level. Mismatch due to {}.",
                        shown(argument)
                    );
                    let at = place(call.name.span().start);
                    return Err(refused(Kind::InvalidGroupingArguments, message, at));
                }
            }
        }
    }
    Ok(())
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

/// A column by its own name, without its table's; what is no column, by its text.
fn last_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.to_lowercase(),
        Expr::CompoundIdentifier(names) => names
            .last()
            .map_or_else(String::new, |name| name.value.to_lowercase()),
        other => shown(other).to_lowercase(),
    }
}

/// A query's `ORDER BY`.
pub(super) fn of_order(query: &Query) -> Result<()> {
    let Some(order) = &query.order_by else {
        return Ok(());
    };
    let OrderByKind::Expressions(keys) = &order.kind else {
        return Ok(());
    };
    for key in keys {
        in_range(&key.expr, "ORDER BY", columns::count(&query.body))?;
    }
    let SetExpr::Select(select) = &*query.body else {
        return Ok(());
    };
    if !matches!(select.distinct, Some(Distinct::Distinct)) || columns::items(select).is_none() {
        return Ok(());
    }
    let mut names: Vec<String> = Vec::new();
    for item in &select.projection {
        if let SelectItem::ExprWithAlias { alias, .. } = item {
            names.push(alias.value.to_lowercase());
        }
        names.extend(expression(item).map(last_name));
    }
    let hidden = |expr: &Expr| ordinal(expr).is_none() && !names.contains(&last_name(expr));
    if keys.iter().any(|key| hidden(&key.expr)) {
        let message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list";
        let at = place(select.select_token.0.span.start);
        return Err(refused(Kind::NotInDistinct, message, at));
    }
    Ok(())
}
