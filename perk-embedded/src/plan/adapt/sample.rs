//! `TABLESAMPLE`, which `DataFusion` reads over: each row is taken with the probability that is asked for.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, SelectItem, SetExpr, TableAlias, TableFactor, TableSample,
    TableSampleKind, TableWithJoins, WildcardAdditionalOptions,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::literals;
use super::names::table_alias;
use super::subqueries::{derived, plain_query, plain_select};
use crate::plan::call;

/// `t TABLESAMPLE BERNOULLI (p)` becomes `(SELECT * FROM t WHERE random() * 100 < p) AS t`. Presto's `SYSTEM` takes or leaves
/// whole splits of a table; here every row is one.
pub(super) fn of_relation(factor: &mut TableFactor) {
    let Some((sample, alias)) = taken(factor) else {
        return;
    };
    let Some(quantity) = sample.quantity else {
        return;
    };
    let random = call::unplaced("random", Location::empty(), Vec::new());
    let percent = binary(random, BinaryOperator::Multiply, literals::integer(100));
    let from = TableWithJoins {
        relation: factor.clone(),
        joins: Vec::new(),
    };
    let all = SelectItem::Wildcard(WildcardAdditionalOptions::default());
    let mut select = plain_select(vec![all], vec![from]);
    select.selection = Some(binary(percent, BinaryOperator::Lt, quantity.value));
    *factor = derived(plain_query(SetExpr::Select(Box::new(select))), alias);
}

/// Takes the sample off a table, and what the table is called.
fn taken(factor: &mut TableFactor) -> Option<(TableSample, Option<TableAlias>)> {
    let (TableFactor::Table { sample, alias, .. } | TableFactor::Derived { sample, alias, .. }) =
        factor
    else {
        return None;
    };
    let (TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) =
        sample.take()?;
    let alias = alias.take().or_else(|| own_name(factor));
    Some((*sample, alias))
}

fn own_name(factor: &TableFactor) -> Option<TableAlias> {
    let TableFactor::Table { name, .. } = factor else {
        return None;
    };
    let name = name.0.last()?.as_ident()?;
    Some(table_alias(&name.value))
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op,
        right: Box::new(right),
    }
}
