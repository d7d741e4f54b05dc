//! `EXISTS` as a value. `DataFusion` plans it as a condition only; whether there is a row is also whether their count is
//! above 0.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Query, Select, SelectFlavor, SelectItem, SetExpr,
    TableAlias, TableFactor, TableWithJoins, UnaryOperator, visit_expressions_mut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::literals;
use super::names::table_alias;
use crate::plan::call;

/// In what a query gives.
pub(super) fn exists_as_value(select: &mut Select) {
    for item in &mut select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        let _ = visit_expressions_mut(expr, |expr| {
            if let Expr::Exists { subquery, negated } = expr {
                let counted = counts(std::mem::replace(&mut **subquery, plain_query(nothing())));
                *expr = if *negated {
                    Expr::UnaryOp {
                        op: UnaryOperator::Not,
                        expr: Box::new(counted),
                    }
                } else {
                    counted
                };
            }
            ControlFlow::<()>::Continue(())
        });
    }
}

/// `(SELECT count(1) > 0 FROM (…))`.
fn counts(query: Query) -> Expr {
    let count = call::unplaced("count", Location::empty(), vec![literals::integer(1)]);
    let more_than_none = Expr::BinaryOp {
        left: Box::new(count),
        op: BinaryOperator::Gt,
        right: Box::new(literals::integer(0)),
    };
    let from = TableWithJoins {
        relation: derived(query, Some(table_alias("$exists"))),
        joins: Vec::new(),
    };
    let select = plain_select(vec![SelectItem::UnnamedExpr(more_than_none)], vec![from]);
    Expr::Subquery(Box::new(plain_query(SetExpr::Select(Box::new(select)))))
}

fn nothing() -> SetExpr {
    SetExpr::Select(Box::new(plain_select(Vec::new(), Vec::new())))
}

/// A query in the place of a table.
pub(super) fn derived(query: Query, alias: Option<TableAlias>) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query),
        alias,
        sample: None,
    }
}

/// A query that is this and no more.
pub(crate) fn plain_query(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// `SELECT items FROM tables`.
pub(super) fn plain_select(projection: Vec<SelectItem>, from: Vec<TableWithJoins>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}
