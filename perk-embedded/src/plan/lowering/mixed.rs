//! Values of several types that become one. Of decimals and floating-point numbers that is the floating-point one, where
//! `DataFusion` makes decimals of both, which most floating-point numbers are not. What two queries have in common is of the
//! type of both, where `DataFusion` leaves it of the first one's.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, JoinType, NullEquality, Result};
use datafusion::logical_expr::expr::{Between, InList, InSubquery};
use datafusion::logical_expr::{
    BinaryExpr, Case, Expr, ExprSchemable, Join, LogicalPlan, LogicalPlanBuilder, Operator, Union,
    Values, cast,
};

use crate::plan::typing::uncoerced;
use crate::types::Type;

/// The type of all these, if there are decimals and floating-point numbers among them.
fn floating<'a>(kinds: impl Iterator<Item = &'a DataType>) -> Option<DataType> {
    let mut whole = Type::Unknown;
    let (mut decimals, mut floats) = (false, false);
    for kind in kinds {
        let kind = Type::from_arrow(kind)?;
        decimals |= matches!(kind, Type::Decimal(..));
        floats |= matches!(kind, Type::Real | Type::Double);
        whole = whole.common(&kind)?;
    }
    (decimals && floats).then(|| whole.to_arrow())
}

/// Makes all of one type, where they are mixed.
fn unmix<'a>(values: impl IntoIterator<Item = &'a mut Box<Expr>>, schema: &DFSchema) -> bool {
    let mut values: Vec<&mut Expr> = values.into_iter().map(Box::as_mut).collect();
    unmix_all(&mut values, schema)
}

fn unmix_all(values: &mut [&mut Expr], schema: &DFSchema) -> bool {
    let kinds = values.iter().map(|value| value.get_type(schema));
    let Ok(kinds) = kinds.collect::<Result<Vec<_>>>() else {
        return false;
    };
    let Some(wanted) = floating(kinds.iter()) else {
        return false;
    };
    for (value, kind) in values.iter_mut().zip(kinds) {
        if kind != wanted {
            **value = cast(std::mem::take(*value), wanted.clone());
        }
    }
    true
}

/// What compares values, or is one of several.
pub(super) fn of_expr(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let changed = match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(*op) => {
            unmix([left, right], schema)
        }
        Expr::Between(Between {
            expr, low, high, ..
        }) => unmix([expr, low, high], schema),
        Expr::InList(InList { expr, list, .. }) => {
            let mut all: Vec<&mut Expr> = list.iter_mut().collect();
            all.push(expr);
            unmix_all(&mut all, schema)
        }
        Expr::InSubquery(subquery) => of_subquery(subquery, schema)?,
        Expr::Case(Case {
            expr,
            when_then_expr,
            else_expr,
        }) => {
            let (whens, thens): (Vec<_>, Vec<_>) = when_then_expr
                .iter_mut()
                .map(|(when, then)| (when, then))
                .unzip();
            let results = unmix(thens.into_iter().chain(else_expr), schema);
            match expr {
                Some(expr) => unmix(whens.into_iter().chain([expr]), schema) || results,
                None => results,
            }
        }
        _ => false,
    };
    Ok(if changed {
        Transformed::yes(expr)
    } else {
        Transformed::no(expr)
    })
}

fn is_comparison(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn of_subquery(subquery: &mut InSubquery, schema: &DFSchema) -> Result<bool> {
    let value = subquery.expr.get_type(schema)?;
    let plan = &mut subquery.subquery.subquery;
    let column = plan.schema().field(0).data_type().clone();
    let Some(wanted) = floating([&value, &column].into_iter()) else {
        return Ok(false);
    };
    if value != wanted {
        *subquery.expr = cast(std::mem::take(&mut *subquery.expr), wanted.clone());
    }
    *plan = Arc::new(with_types(
        Arc::unwrap_or_clone(plan.clone()),
        &[Some(wanted)],
    )?);
    Ok(true)
}

/// Queries that become one, and rows of values.
pub(super) fn of_plan(plan: LogicalPlan) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Union(union) => of_union(union),
        LogicalPlan::Values(values) => of_values(values),
        LogicalPlan::Join(join) if is_set_operation(&join) => of_set_operation(join),
        other => Ok(other),
    }
}

fn of_union(union: Union) -> Result<LogicalPlan> {
    let columns = 0..union.schema.fields().len();
    let wanted: Vec<Option<DataType>> = columns
        .map(|i| {
            let kinds = union.inputs.iter();
            floating(kinds.map(|input| input.schema().field(i).data_type()))
        })
        .collect();
    if wanted.iter().all(Option::is_none) {
        return Ok(LogicalPlan::Union(union));
    }
    let inputs = union.inputs.into_iter().map(|input| {
        let input = with_types(Arc::unwrap_or_clone(input), &wanted)?;
        Ok(Arc::new(input))
    });
    Union::try_new_with_loose_types(inputs.collect::<Result<_>>()?).map(LogicalPlan::Union)
}

/// Whether a join is an `INTERSECT` or an `EXCEPT`: nothing else takes NULL for equal to NULL.
pub(in crate::plan) fn is_set_operation(join: &Join) -> bool {
    join.null_equality == NullEquality::NullEqualsNull
        && matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti)
}

fn of_set_operation(mut join: Join) -> Result<LogicalPlan> {
    let [left, right] = [&join.left, &join.right].map(|side| side.schema().fields());
    let wanted: Vec<Option<DataType>> = left
        .iter()
        .zip(right)
        .map(|(a, b)| {
            let [a, b] = [a, b].map(|field| field.data_type());
            let both = Type::from_arrow(a)?.common(&Type::from_arrow(b)?);
            both.filter(|_| a != b).map(|both| both.to_arrow())
        })
        .collect();
    for side in [&mut join.left, &mut join.right] {
        *side = Arc::new(with_types(Arc::unwrap_or_clone(side.clone()), &wanted)?);
    }
    Ok(LogicalPlan::Join(join))
}

/// A plan's columns with these types, where one is given; they keep their names.
fn with_types(plan: LogicalPlan, wanted: &[Option<DataType>]) -> Result<LogicalPlan> {
    let schema = plan.schema().clone();
    let columns = schema.iter().zip(wanted).map(|((table, field), wanted)| {
        let column = Expr::Column(Column::new(table.cloned(), field.name()));
        match wanted {
            Some(wanted) if wanted != field.data_type() => {
                cast(column, wanted.clone()).alias_qualified(table.cloned(), field.name())
            }
            _ => column,
        }
    });
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

fn of_values(values: Values) -> Result<LogicalPlan> {
    let none = DFSchema::empty();
    let mut rows = values.values.clone();
    let mut changed = false;
    for i in 0..values.schema.fields().len() {
        let written = rows.iter().map(|row| uncoerced(&row[i]).get_type(&none));
        let Some(wanted) = floating(written.collect::<Result<Vec<_>>>()?.iter()) else {
            continue;
        };
        for row in &mut rows {
            row[i] = cast(uncoerced(&row[i]).clone(), wanted.clone());
        }
        changed = true;
    }
    if !changed {
        return Ok(LogicalPlan::Values(values));
    }
    LogicalPlanBuilder::values(rows)?.build()
}

#[cfg(test)]
mod tests {
    use crate::testing::{answer, value};
    use serde_json::json;

    #[test]
    fn decimals_become_floating_point_numbers() {
        for (expression, kind, expected) in [
            ("1e-16 > 0.0", "boolean", json!(true)),
            ("1e0 / 3 = 0.333333333333333", "boolean", json!(false)),
            ("1e20 > 1.5", "boolean", json!(true)),
            ("1e-20 BETWEEN 0.1 AND 1e0", "boolean", json!(false)),
            ("1e-20 IN (0.0, 1.5)", "boolean", json!(false)),
            ("1e-20 IN (SELECT 0.0)", "boolean", json!(false)),
            (
                "CASE WHEN true THEN 1e-20 ELSE 0.5 END",
                "double",
                json!(1e-20),
            ),
            ("CASE 1e-20 WHEN 0.0 THEN 1 ELSE 2 END", "integer", json!(2)),
            ("coalesce(1e-20, 0.5)", "double", json!(1e-20)),
            ("REAL '1.5' = 1.5", "boolean", json!(true)),
        ] {
            assert_eq!(
                value(expression),
                (kind.to_owned(), expected),
                "{expression}"
            );
        }
        for (sql, expected) in [
            (
                "SELECT 1e-20 AS x UNION ALL SELECT 0.5 ORDER BY x",
                json!([[1e-20], [0.5]]),
            ),
            (
                "SELECT x FROM (VALUES 1e-20, 0.5, 1) t(x)",
                json!([[1e-20], [0.5], [1.0]]),
            ),
            ("SELECT 1 INTERSECT SELECT BIGINT '1'", json!([[1]])),
            ("SELECT 1.5 EXCEPT SELECT 2e0", json!([[1.5]])),
            (
                "SELECT count(x > 0.5) FROM (VALUES 1e-20, 0.5) t(x)",
                json!([[2]]),
            ),
            (
                "SELECT a.x FROM (VALUES 1e-20, 0.5e0) a(x) JOIN (VALUES 0.0, 0.5) b(y) ON a.x = b.y",
                json!([[0.5]]),
            ),
        ] {
            let answer = answer(sql).unwrap();
            assert_eq!(json!(answer.rows), expected, "{sql}");
        }
    }
}
