//! Whole queries: what their columns are called, and numbers that are none.

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, LimitClause, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind,
};

use super::{literals, names};
use crate::error::{Error, Kind, Result};
use crate::plan::syntax::folded;

/// What a column without a name is called until the query's own are counted out; nothing can refer to it.
pub(crate) const UNNAMED: &str = "$unnamed";
/// What comes before the name of a column that another one has already: `DataFusion` wants all to be different.
pub(crate) const AGAIN: &str = "$again";

/// Every column gets a name of its own, as `DataFusion` demands.
pub(super) fn before_select(select: &mut Select) -> Result<()> {
    flat_groups(select);
    let mut taken: Vec<String> = Vec::new();
    let stars: Vec<String> = select.projection.iter().filter_map(starred).collect();
    for (i, item) in select.projection.iter_mut().enumerate() {
        let written = match item {
            SelectItem::UnnamedExpr(expr) => {
                // Those of a `*` are there as well.
                if is_in(&stars, expr) {
                    taken.extend(written_name(expr).map(|name| name.to_lowercase()));
                }
                written_name(expr)
            }
            SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
            SelectItem::ExprWithAliases { .. } => {
                return Err(Error::new(
                    Kind::NotSupported,
                    "several names for one column are not supported",
                ));
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                names::of_object(name);
                continue;
            }
            SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => continue,
        };
        let name = written.map(|name| name.to_lowercase());
        let own = match name {
            None => format!("{UNNAMED}{i}"),
            Some(name) if taken.contains(&name) => format!("{AGAIN}{i}${name}"),
            Some(name) => {
                taken.push(name.clone());
                // A column by its own name stays what it is, so that its table is still known.
                if matches!(item, SelectItem::UnnamedExpr(_)) {
                    continue;
                }
                name
            }
        };
        let alias = Ident::with_quote('"', own);
        *item = match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias,
                }
            }
            _ => continue,
        };
    }
    Ok(())
}

/// Whose columns an item gives all: those of a table, or of every one.
fn starred(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::Wildcard(_) => Some(EVERY_TABLE.to_owned()),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            name.0.last()?.as_ident().map(folded)
        }
        _ => None,
    }
}

const EVERY_TABLE: &str = "*";

/// Whether a column is surely one of those that are given anyway.
fn is_in(stars: &[String], expr: &Expr) -> bool {
    let table = match expr {
        Expr::Identifier(_) => None,
        Expr::CompoundIdentifier(names) => names.iter().nth_back(1).map(folded),
        _ => return false,
    };
    stars
        .iter()
        .any(|star| star == EVERY_TABLE || Some(star) == table.as_ref())
}

/// Several columns in parentheses are those columns, and none a group of all rows. `DataFusion` would make rows of them.
fn flat_groups(select: &mut Select) {
    let GroupByExpr::Expressions(expressions, _) = &mut select.group_by else {
        return;
    };
    let several = expressions.len() > 1;
    let flat = std::mem::take(expressions)
        .into_iter()
        .flat_map(|group| match group {
            Expr::Tuple(columns) if columns.is_empty() && !several => {
                vec![Expr::GroupingSets(vec![columns])]
            }
            Expr::Tuple(columns) => columns,
            other => vec![other],
        });
    *expressions = flat.collect();
}

/// What an expression is called that has no name of its own.
pub(crate) fn written_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
        _ => None,
    }
}

pub(super) fn after_select(select: &mut Select) {
    let in_order = |expr: &mut Expr| literals::bare_number(expr);
    if let GroupByExpr::Expressions(expressions, _) = &mut select.group_by {
        expressions.iter_mut().for_each(in_order);
        for expression in expressions {
            if let Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) = expression {
                sets.iter_mut().flatten().for_each(in_order);
            }
        }
    }
}

pub(super) fn before_query(query: &mut Query) {
    if let Some(with) = &mut query.with {
        for table in &mut with.cte_tables {
            names::of_alias(&mut table.alias);
        }
    }
}

pub(super) fn after_query(query: &mut Query) {
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(expressions) = &mut order.kind
    {
        for expression in expressions {
            literals::bare_number(&mut expression.expr);
        }
    }
    if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &mut query.limit_clause {
        if let Some(limit) = limit {
            literals::bare_number(limit);
        }
        if let Some(offset) = offset {
            literals::bare_number(&mut offset.value);
        }
    }
}
