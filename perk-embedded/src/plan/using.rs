//! `JOIN … USING (k)`: the joined tables have one column `k`, which comes first and is neither table's. `DataFusion` keeps
//! both, and takes the left one for it, which is NULL where only the right table has a row.

use datafusion::common::{Column, DFSchema, JoinType, Result, TableReference};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlanBuilder, utils::conjunction, when};
use datafusion::sql::sqlparser::ast::{Ident, Join, JoinConstraint, JoinOperator, TableFactor};

use super::adapt::is_using;
use super::syntax::{folded, place};
use crate::error::{Error, Kind};

#[derive(Debug)]
pub(crate) struct Usings;

impl RelationPlanner for Usings {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let joined = match relation {
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } if matches!(table_with_joins.joins.as_slice(), [join] if is_using(join)) => {
                *table_with_joins
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let mut joins = joined.joins;
        let Some((join, kind, names)) = joins.pop().and_then(parts) else {
            return Ok(RelationPlanning::Original(Box::new(joined.relation)));
        };
        let left = context.plan(joined.relation)?;
        let right = context.plan(join)?;
        let keys = names
            .iter()
            .map(|name| Key::new(name, left.schema(), right.schema()))
            .collect::<Result<Vec<_>>>()?;
        let equal = keys.iter().map(|key| {
            let [left, right] = [&key.left, &key.right].map(|side| Expr::Column(side.clone()));
            left.eq(right)
        });
        let equal = conjunction(equal);
        // The table that the columns are of; there is none of that name.
        let table = names.first().map(|name| {
            let at = name.span.start;
            TableReference::bare(format!("$using{}:{}", at.line, at.column))
        });
        let both = left.schema().join(right.schema())?;
        let mut columns = Vec::new();
        for key in &keys {
            let value = key.value(kind, &both)?;
            columns.push(value.alias_qualified(table.clone(), key.left.name()));
        }
        let is_key = |column: &Column| {
            let mut all = keys.iter();
            all.any(|key| key.left == *column || key.right == *column)
        };
        let rest = both
            .iter()
            .map(|(table, field)| Column::new(table.cloned(), field.name()));
        columns.extend(rest.filter(|column| !is_key(column)).map(Expr::Column));
        let plan = LogicalPlanBuilder::from(left)
            .join_on(right, kind, equal)?
            .project(columns)?
            .build()?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(
            plan, None,
        ))))
    }
}

/// What is joined, how, and by which columns.
fn parts(join: Join) -> Option<(TableFactor, JoinType, Vec<Ident>)> {
    let (kind, constraint) = match join.join_operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            (JoinType::Inner, constraint)
        }
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinType::Left, constraint)
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinType::Right, constraint)
        }
        JoinOperator::FullOuter(constraint) => (JoinType::Full, constraint),
        _ => return None,
    };
    let JoinConstraint::Using(names) = constraint else {
        return None;
    };
    let name = |name: &datafusion::sql::sqlparser::ast::ObjectName| {
        name.0.last().and_then(|part| part.as_ident()).cloned()
    };
    let names = names.iter().map(name).collect::<Option<_>>()?;
    Some((join.relation, kind, names))
}

/// A column that both sides have.
struct Key {
    left: Column,
    right: Column,
}

impl Key {
    fn new(name: &Ident, left: &DFSchema, right: &DFSchema) -> Result<Self> {
        Ok(Self {
            left: column(name, left, "left")?,
            right: column(name, right, "right")?,
        })
    }

    /// The value of the side that has a row.
    fn value(&self, kind: JoinType, schema: &DFSchema) -> Result<Expr> {
        let [left, right] = [&self.left, &self.right].map(|side| Expr::Column(side.clone()));
        if left.get_type(schema)? == right.get_type(schema)? {
            match kind {
                JoinType::Inner | JoinType::Left => return Ok(left),
                JoinType::Right => return Ok(right),
                _ => {}
            }
        }
        when(left.clone().is_not_null(), left).otherwise(right)
    }
}

fn column(name: &Ident, schema: &DFSchema, side: &str) -> Result<Column> {
    let own = folded(name);
    let wrong = |kind, message| Error::new(kind, message).at(place(name.span.start)).into();
    match schema
        .qualified_fields_with_unqualified_name(&own)
        .as_slice()
    {
        [(table, field)] => Ok(Column::new(table.cloned(), field.name())),
        [] => {
            let message = format!("Column '{own}' is missing from {side} side of join");
            Err(wrong(Kind::ColumnNotFound, message))
        }
        _ => Err(wrong(
            Kind::AmbiguousName,
            format!("Column '{own}' is ambiguous"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::answer;
    use serde_json::json;

    #[test]
    fn columns_of_both_come_first() {
        let from = |kind: &str| {
            format!(
                "(VALUES (1, 'p'), (2, 'q')) b(y, k) {kind} JOIN (VALUES ('q', 3), ('r', 4)) a(k, x) USING (K)"
            )
        };
        for (sql, expected) in [
            (format!("SELECT * FROM {}", from("")), json!([["q", 2, 3]])),
            (
                format!("SELECT * FROM {} ORDER BY k", from("LEFT")),
                json!([["p", 1, null], ["q", 2, 3]]),
            ),
            (
                format!("SELECT * FROM {} ORDER BY k", from("RIGHT")),
                json!([["q", 2, 3], ["r", null, 4]]),
            ),
            (
                format!("SELECT k, y, x FROM {} ORDER BY k", from("FULL")),
                json!([["p", 1, null], ["q", 2, 3], ["r", null, 4]]),
            ),
            (
                "SELECT * FROM (VALUES 1) a(k) JOIN (VALUES BIGINT '1') b(k) USING (k) JOIN (VALUES (1, 2)) c(k, j) USING (k)".to_owned(),
                json!([[1, 2]]),
            ),
        ] {
            assert_eq!(json!(answer(&sql).unwrap().rows), expected, "{sql}");
        }
    }

    #[test]
    fn a_column_that_one_side_has_not_is_told_with_its_place() {
        let sql = "SELECT 1 FROM (VALUES 1) a(k) JOIN (VALUES 1) b(j) USING (k)";
        let error = answer(sql).unwrap_err();
        assert_eq!(
            error.message,
            "line 1:59: Column 'k' is missing from right side of join"
        );
    }
}
