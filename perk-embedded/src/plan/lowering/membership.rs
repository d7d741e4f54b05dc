//! `x IN (…)` and `x < ANY (…)` as values. `DataFusion` makes joins of them, which know no NULL: that is right only of what
//! must be true for a row to stay. Elsewhere the query's rows become an array, and the comparison a call with it.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::expr::{
    AggregateFunction, InSubquery, ScalarFunction, SetComparison, SetQuantifier,
};
use datafusion::logical_expr::planner::ContextProvider;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, binary_expr, lit,
};

use super::with_expressions;
use crate::error::{Error, Kind};
use crate::plan::context::Context;

/// All of a plan's node; its inputs are their own.
pub(super) fn of_plan(plan: LogicalPlan, context: &Context) -> Result<LogicalPlan> {
    if let LogicalPlan::Filter(filter) = plan {
        return of_filter(filter, context);
    }
    with_expressions(plan, |expr| as_value(expr, context))
}

/// For a row to stay, NULL is as good as false, as long as nothing is made of it but `AND` and `OR`.
fn of_filter(mut filter: Filter, context: &Context) -> Result<LogicalPlan> {
    let conditions = split_conjunction_owned(filter.predicate).into_iter();
    let conditions = conditions.map(|condition| match condition {
        // A join that keeps what is not found heeds NULLs where its sides know nothing of each other.
        Expr::InSubquery(subquery)
            if subquery.negated && subquery.subquery.outer_ref_columns.is_empty() =>
        {
            as_join(subquery, context)
        }
        other => condition_of(other, context),
    });
    let conditions = conditions.collect::<Result<Vec<_>>>()?;
    filter.predicate = conjunction(conditions).unwrap_or_else(|| lit(true));
    Ok(LogicalPlan::Filter(filter))
}

fn condition_of(condition: Expr, context: &Context) -> Result<Expr> {
    match condition {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: op @ (Operator::And | Operator::Or),
            right,
        }) => {
            let left = condition_of(*left, context)?;
            Ok(binary_expr(left, op, condition_of(*right, context)?))
        }
        Expr::InSubquery(subquery) if !subquery.negated => as_join(subquery, context),
        other => Ok(other.transform_up(|expr| as_value(expr, context))?.data),
    }
}

fn as_join(mut subquery: InSubquery, context: &Context) -> Result<Expr> {
    let value = subquery.expr.transform_up(|expr| as_value(expr, context))?;
    subquery.expr = Box::new(value.data);
    Ok(Expr::InSubquery(subquery))
}

fn as_value(expr: Expr, context: &Context) -> Result<Transformed<Expr>> {
    let (expr, subquery, function, negated) = match expr {
        Expr::InSubquery(InSubquery {
            expr,
            subquery,
            negated,
        }) => (expr, subquery, "$in", negated),
        Expr::SetComparison(SetComparison {
            expr,
            subquery,
            op,
            quantifier,
        }) => {
            // It is so with all where the opposite is so with none.
            let of_all = quantifier == SetQuantifier::All;
            let op = if of_all { op.negate() } else { Some(op) };
            (
                expr,
                subquery,
                op.and_then(any).ok_or_else(unknown)?,
                of_all,
            )
        }
        other => return Ok(Transformed::no(other)),
    };
    let function = context.get_function_meta(function).ok_or_else(unknown)?;
    let arguments = vec![*expr, gathered(subquery, context)?];
    let found = Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments));
    Ok(Transformed::yes(if negated {
        Expr::Not(Box::new(found))
    } else {
        found
    }))
}

/// The function that compares so.
fn any(op: Operator) -> Option<&'static str> {
    Some(match op {
        Operator::Eq => "$in",
        Operator::NotEq => "$any<>",
        Operator::Lt => "$any<",
        Operator::LtEq => "$any<=",
        Operator::Gt => "$any>",
        Operator::GtEq => "$any>=",
        _ => return None,
    })
}

fn unknown() -> Error {
    Error::new(Kind::Internal, "there is no such comparison")
}

/// A query's only column as an array; NULL where it has no rows.
fn gathered(subquery: Subquery, context: &Context) -> Result<Expr> {
    let plan = Arc::unwrap_or_clone(subquery.subquery);
    let (table, field) = plan.schema().qualified_field(0);
    let column = Expr::Column(Column::new(table.cloned(), field.name()));
    let array = context
        .get_aggregate_meta("array_agg")
        .ok_or_else(unknown)?;
    let array = AggregateFunction::new_udf(array, vec![column], true, None, Vec::new(), None);
    let plan = LogicalPlanBuilder::from(plan)
        .aggregate(Vec::<Expr>::new(), [Expr::AggregateFunction(array)])?
        .build()?;
    Ok(Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(plan),
        outer_ref_columns: subquery.outer_ref_columns,
        spans: subquery.spans,
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{answer, error, value};
    use serde_json::{Value, json};

    #[test]
    fn null_is_neither_in_nor_out() {
        let some = "(SELECT y FROM (VALUES 1, NULL) u(y))";
        let none = "(SELECT y FROM (VALUES 1) u(y) WHERE y > 1)";
        for (expression, expected) in [
            (format!("1 IN {some}"), json!(true)),
            (format!("2 IN {some}"), json!(null)),
            (format!("2 NOT IN {some}"), json!(null)),
            (format!("NULL IN {none}"), json!(false)),
            (format!("(2 IN {some}) IS NULL"), json!(true)),
            ("2 > ALL (VALUES 1, 2)".to_owned(), json!(false)),
            ("2 >= ALL (VALUES 1, 2)".to_owned(), json!(true)),
            ("2 = ANY (VALUES 1, 2)".to_owned(), json!(true)),
            ("3 < SOME (VALUES 1, 2)".to_owned(), json!(false)),
            ("3 <> ALL (VALUES 1, NULL)".to_owned(), json!(null)),
            ("1 <> ALL (VALUES 1, NULL)".to_owned(), json!(false)),
            (format!("1 > ALL {none}"), json!(true)),
            (format!("1 > ANY {none}"), json!(false)),
        ] {
            assert_eq!(
                value(&expression),
                ("boolean".to_owned(), expected),
                "{expression}"
            );
        }
        assert_eq!(error("1 > ANY (VALUES 'a')"), "SYNTAX_ERROR");
    }

    #[test]
    fn rows_stay_where_a_condition_is_true() {
        for (condition, expected) in [
            ("x IN (VALUES 1, NULL)", json!([[1]])),
            ("x NOT IN (VALUES 1, NULL)", json!([])),
            ("x NOT IN (VALUES 1)", json!([[2]])),
            ("x IN (VALUES 1) OR x = 2", json!([[1], [2]])),
            ("NOT (x IN (VALUES 1, NULL))", json!([])),
            ("(x NOT IN (VALUES 1, NULL)) IS NULL", json!([[2], [null]])),
            ("CASE WHEN x IN (VALUES 2) THEN true END", json!([[2]])),
            (
                "x NOT IN (SELECT y FROM (VALUES (1, 1), (3, 2)) u(y, z) WHERE z = x)",
                json!([[2], [null]]),
            ),
        ] {
            let sql =
                format!("SELECT x FROM (VALUES 1, 2, NULL) t(x) WHERE {condition} ORDER BY x");
            let rows: Value = json!(answer(&sql).unwrap().rows);
            assert_eq!(rows, expected, "{condition}");
        }
    }

    #[test]
    fn a_large_query_is_gathered_once() {
        let sql = "SELECT count_if(found) FROM (SELECT orderkey IN (SELECT orderkey FROM tpch.tiny.orders \
                   WHERE orderkey < 4000) AS found FROM tpch.tiny.orders)";
        assert_eq!(answer(sql).unwrap().rows[0][0], json!(999));
    }
}
