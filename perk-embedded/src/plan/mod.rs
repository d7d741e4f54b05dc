//! From a statement's text to a plan that `DataFusion` runs.
//!
//! | room | what is in it |
//! |---|---|
//! | [`syntax`] | Presto's syntax, and what is said of bad one |
//! | [`depth`] | what is too deep for any stack |
//! | [`wording`] | what `sqlparser` wants to be worded differently |
//! | [`check`] | what Presto refuses by the text alone |
//! | [`adapt`] | the statement's tree made one that means the same to `DataFusion`, a rule for each difference |
//! | [`span`] | where expressions begin and end |
//! | [`call`] | function calls in the tree, which carry their place in their name |
//! | [`nested`], [`relation`], [`using`] | fields of rows, equality of nested values; `UNNEST`; joins by columns of one name |
//! | [`context`] | which tables and functions a statement can name |
//! | [`typing`] | Presto's type of each column, and what Presto refuses that `DataFusion` would take |
//! | [`lowering`] | what `DataFusion` would do otherwise in a plan |
//! | [`problems`] | `DataFusion`'s errors as Presto's |

pub(crate) mod adapt;
pub(crate) mod call;
mod check;
pub(crate) mod context;
mod depth;
mod lowering;
mod nested;
pub(crate) mod problems;
mod relation;
mod span;
pub(crate) mod syntax;
pub(crate) mod typing;
mod using;
mod wording;

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::planner::{NullOrdering, ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr, Statement};
use datafusion::sql::sqlparser::tokenizer::TokenWithSpan;

use crate::catalog::{Catalogs, Column};
use crate::error::{Error, Result};
use crate::session::Session;
use adapt::{AGAIN, UNNAMED, written_name};
use context::Context;

/// A query as it can be run, with its columns as the client is to see them.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) plan: LogicalPlan,
    pub(crate) columns: Vec<Column>,
}

/// Plans a query that was parsed from these tokens.
pub(crate) fn query(
    mut query: Query,
    tokens: &[TokenWithSpan],
    session: Arc<Session>,
    catalogs: Catalogs,
    options: ConfigOptions,
) -> Result<Planned> {
    let written = written_names(&query);
    check::check(&query, tokens, session.dialect)?;
    adapt::adapt(&mut query, tokens)?;
    let context = Context::new(session, catalogs, options);
    let parser = ParserOptions::default()
        .with_parse_float_as_decimal(true)
        .with_enable_ident_normalization(false)
        .with_map_string_types_to_utf8view(false)
        .with_collect_spans(true)
        .with_default_null_ordering(NullOrdering::NullsLast);
    let planner = SqlToRel::new_with_options(&context, parser);
    let plan = planner.sql_statement_to_plan(Statement::Query(Box::new(query)));
    let plan = plan.map_err(|error| problems::of_plan(&error))?;
    let types = typing::columns(&plan, &context)?;
    let plan = lowering::lowered(plan, &context).map_err(|error| problems::of_plan(&error))?;
    let columns = match_case(shown_names(&plan), &written)
        .into_iter()
        .zip(types)
        .map(|(name, kind)| Column { name, kind })
        .collect();
    Ok(Planned { plan, columns })
}

/// How a walk through a tree goes on: an error ends it.
fn flow(result: Result<()>) -> ControlFlow<Error> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

/// What the columns of the result are called.
fn shown_names(plan: &LogicalPlan) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (i, field) in plan.schema().fields().iter().enumerate() {
        let mut name = field.name().as_str();
        if let Some(rest) = name.strip_prefix(AGAIN) {
            name = rest.split_once('$').map_or(name, |(_, name)| name);
        }
        // The second column of a name in a table is `name:1` to `DataFusion`.
        if let Some((first, number)) = name.rsplit_once(':')
            && number.parse::<usize>().is_ok()
            && names.iter().any(|known| known == first)
        {
            name = first;
        }
        names.push(if name.starts_with(UNNAMED) {
            format!("_col{i}")
        } else {
            name.to_owned()
        });
    }
    names
}

/// The names of a query's columns as they are written; none for those of a `*`.
fn written_names(query: &Query) -> Vec<Option<String>> {
    fn select(body: &SetExpr) -> Option<&Select> {
        match body {
            SetExpr::Select(found) => Some(found),
            SetExpr::Query(query) => select(&query.body),
            SetExpr::SetOperation { left, .. } => select(left),
            _ => None,
        }
    }
    let items = select(&query.body).map_or(&[][..], |select| &select.projection);
    let name = |item: &SelectItem| match item {
        // Behind a table's name Presto folds a column's too.
        SelectItem::UnnamedExpr(expr @ Expr::Identifier(_)) => written_name(expr),
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        _ => None,
    };
    items.iter().map(name).collect()
}

/// Names are compared without their case, and shown with it: as it was written, counted from both ends, since a `*` between
/// them stands for any number.
fn match_case(mut names: Vec<String>, written: &[Option<String>]) -> Vec<String> {
    let restore = |name: &mut String, written: Option<&String>| {
        if let Some(written) = written.filter(|written| written.to_lowercase() == *name) {
            name.clone_from(written);
        }
    };
    for (name, written) in names.iter_mut().zip(written) {
        restore(name, written.as_ref());
    }
    for (name, written) in names.iter_mut().rev().zip(written.iter().rev()) {
        restore(name, written.as_ref());
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::testing::answer;
    use serde_json::json;

    #[test]
    fn queries_mean_what_they_mean_to_presto() {
        for (sql, names, rows) in [
            (
                "SELECT * FROM (SELECT x FROM (VALUES 3, 1, 2) t(x) ORDER BY x LIMIT 2) ORDER BY x DESC",
                vec!["x"],
                json!([[2], [1]]),
            ),
            (
                "SELECT +(7 / 2), +length('abc'), -+-5",
                vec!["_col0", "_col1", "_col2"],
                json!([[3, 3, 5]]),
            ),
            (
                "SELECT k, sum(v) AS v FROM (SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6) GROUP BY k HAVING sum(v) > 1",
                vec!["k", "v"],
                json!([[1, 11]]),
            ),
            (
                "SELECT * FROM (SELECT * FROM (VALUES 1) a(x), (VALUES 2) b(x)), (SELECT 3 AS x)",
                vec!["x", "x", "x"],
                json!([[1, 2, 3]]),
            ),
            (
                "SELECT *, x, t.x FROM (VALUES 1) t(x)",
                vec!["x", "x", "x"],
                json!([[1, 1, 1]]),
            ),
            (
                "SELECT x, y, count(*) FROM (VALUES (1, 2)) t(x, y) GROUP BY (x, y)",
                vec!["x", "y", "_col2"],
                json!([[1, 2, 1]]),
            ),
            (
                "SELECT count(*) FROM nation TABLESAMPLE BERNOULLI (0)",
                vec!["_col0"],
                json!([[0]]),
            ),
        ] {
            let answer = answer(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let found: Vec<_> = answer
                .columns
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(found, names, "{sql}");
            assert_eq!(json!(answer.rows), rows, "{sql}");
        }
    }
}
