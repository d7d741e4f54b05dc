//! Presto's type of each column of a plan, and what Presto refuses that `DataFusion` would take.
//!
//! `DataFusion`'s plans carry Arrow's types, which keep less apart: see [`crate::types`]. So the plan is gone through once,
//! as it comes from the statement and before anything is coerced in it, and every expression gets its type by Presto's rules.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the columns of plans |
//! | [`expressions`] | the types of expressions |

mod expressions;

use datafusion::common::{Column, DFSchema, DFSchemaRef, JoinType, ScalarValue};
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Join, LogicalPlan, TableScan, Union, Unnest, Values,
};

use super::context::Context;
use super::lowering::is_set_operation;
use crate::error::{Error, Kind, Result};
use crate::types::Type;
use expressions::comparable;

/// The types of a plan's columns.
pub(crate) fn columns(plan: &LogicalPlan, context: &Context) -> Result<Vec<Type>> {
    Typing {
        context,
        outer: Vec::new(),
        parameters: Vec::new(),
    }
    .plan(plan)
}

/// Columns that expressions can name, and their types.
#[derive(Debug, Clone)]
struct Scope {
    schema: DFSchemaRef,
    types: Vec<Type>,
}

impl Scope {
    fn find(&self, column: &Column) -> Option<&Type> {
        let i = self.schema.index_of_column(column).ok()?;
        self.types.get(i)
    }
}

struct Typing<'a> {
    context: &'a Context,
    /// Of the queries around a subquery, the nearest last.
    outer: Vec<Scope>,
    /// Of the lambdas around an expression, with their types, the nearest last.
    parameters: Vec<(String, Type)>,
}

impl Typing<'_> {
    fn plan(&mut self, plan: &LogicalPlan) -> Result<Vec<Type>> {
        match plan {
            LogicalPlan::Projection(projection) => {
                let scope = self.scope(&projection.input)?;
                self.all(&projection.expr, &scope)
            }
            LogicalPlan::Filter(filter) => {
                let scope = self.scope(&filter.input)?;
                self.condition(&filter.predicate, &scope, "WHERE clause")?;
                Ok(scope.types)
            }
            LogicalPlan::Window(window) => {
                let scope = self.scope(&window.input)?;
                let more = self.all(&window.window_expr, &scope)?;
                Ok([scope.types, more].concat())
            }
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate),
            LogicalPlan::Sort(sort) => {
                let scope = self.scope(&sort.input)?;
                self.sorts(&sort.expr, &scope)?;
                Ok(scope.types)
            }
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::Values(values) => self.values(values),
            LogicalPlan::Unnest(unnest) => self.unnest(unnest),
            LogicalPlan::Distinct(Distinct::All(input)) => self.plan(input),
            LogicalPlan::Repartition(repartition) => self.plan(&repartition.input),
            LogicalPlan::Subquery(subquery) => self.plan(&subquery.subquery),
            LogicalPlan::SubqueryAlias(alias) => self.plan(&alias.input),
            LogicalPlan::Limit(limit) => self.plan(&limit.input),
            other => other
                .schema()
                .fields()
                .iter()
                .map(|field| Type::known(field.data_type()))
                .collect(),
        }
    }

    fn scope(&mut self, input: &LogicalPlan) -> Result<Scope> {
        Ok(Scope {
            schema: input.schema().clone(),
            types: self.plan(input)?,
        })
    }

    fn union(&mut self, union: &Union) -> Result<Vec<Type>> {
        let mut inputs = union.inputs.iter();
        let mut types = inputs
            .next()
            .map_or(Ok(Vec::new()), |first| self.plan(first))?;
        for input in inputs {
            let others = self.plan(input)?;
            types = of_set_operation("UNION", &types, &others)?;
        }
        Ok(types)
    }

    fn scan(&self, scan: &TableScan) -> Result<Vec<Type>> {
        let columns = self.context.table(&scan.table_name)?.columns;
        let fields = scan.projected_schema.fields().iter();
        let kind = |name: &String| {
            let column = columns.iter().find(|column| column.name == *name);
            column.map(|column| column.kind.clone())
        };
        fields
            .map(|field| kind(field.name()).map_or_else(|| Type::known(field.data_type()), Ok))
            .collect()
    }

    fn values(&mut self, values: &Values) -> Result<Vec<Type>> {
        let scope = Scope {
            schema: DFSchema::empty().into(),
            types: Vec::new(),
        };
        let mut rows = values.values.iter();
        let mut own = |row: &[Expr]| {
            let values = row.iter().map(uncoerced);
            values
                .map(|value| self.expr(value, &scope))
                .collect::<Result<Vec<_>>>()
        };
        let mut types = rows.next().map_or(Ok(Vec::new()), |row| own(row))?;
        for row in rows {
            let others = own(row)?;
            for (kind, other) in types.iter_mut().zip(&others) {
                let common = kind.common(other).ok_or_else(|| {
                    let message = "Values rows have mismatched types".to_owned();
                    Error::new(Kind::TypeMismatch, format!("{message}: {kind} vs {other}"))
                });
                *kind = common?;
            }
        }
        Ok(types)
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Vec<Type>> {
        let scope = self.scope(&aggregate.input)?;
        let groups: Vec<Expr> = grouping_set_to_exprlist(&aggregate.group_expr)?
            .into_iter()
            .cloned()
            .collect();
        let mut types = self.all(&groups, &scope)?;
        // Beside the columns of grouping sets comes which of them a row is of.
        if types.len() + aggregate.aggr_expr.len() < aggregate.schema.fields().len() {
            types.push(Type::Bigint);
        }
        types.extend(self.all(&aggregate.aggr_expr, &scope)?);
        Ok(types)
    }

    fn join(&mut self, join: &Join) -> Result<Vec<Type>> {
        let (left, right) = (self.scope(&join.left)?, self.scope(&join.right)?);
        let on = Some(&join.on).filter(|_| !is_set_operation(join));
        for (a, b) in on.into_iter().flatten() {
            let (a, b) = (self.expr(a, &left)?, self.expr(b, &right)?);
            comparable(&a, &b, "=")?;
        }
        let both = || -> Result<Scope> {
            Ok(Scope {
                schema: left.schema.join(&right.schema)?.into(),
                types: [left.types.clone(), right.types.clone()].concat(),
            })
        };
        if let Some(filter) = &join.filter {
            self.condition(filter, &both()?, "JOIN ON clause")?;
        }
        if is_set_operation(join) {
            let operation = match join.join_type {
                JoinType::LeftSemi => "INTERSECT",
                _ => "EXCEPT",
            };
            return of_set_operation(operation, &left.types, &right.types);
        }
        Ok(match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left.types,
            JoinType::RightSemi | JoinType::RightAnti => right.types,
            JoinType::LeftMark => [left.types, vec![Type::Boolean]].concat(),
            JoinType::RightMark => [right.types, vec![Type::Boolean]].concat(),
            _ => [left.types, right.types].concat(),
        })
    }

    fn unnest(&mut self, unnest: &Unnest) -> Result<Vec<Type>> {
        let mut types = Vec::new();
        for (i, kind) in self.plan(&unnest.input)?.into_iter().enumerate() {
            let lists = unnest
                .list_type_columns
                .iter()
                .filter(|(column, _)| *column == i);
            let mut listed = false;
            for (_, list) in lists {
                listed = true;
                let mut element = kind.clone();
                for _ in 0..list.depth {
                    if let Type::Array(inner) = element {
                        element = *inner;
                    }
                }
                types.push(element);
            }
            match kind {
                _ if listed => {}
                Type::Row(fields) if unnest.struct_type_columns.contains(&i) => {
                    types.extend(fields.into_iter().map(|(_, kind)| kind));
                }
                kind => types.push(kind),
            }
        }
        Ok(types)
    }

    fn subquery(&mut self, plan: &LogicalPlan, scope: &Scope) -> Result<Vec<Type>> {
        self.outer.push(scope.clone());
        let types = self.plan(plan);
        self.outer.pop();
        types
    }
}

/// What a `UNION`, `INTERSECT` or `EXCEPT` of two queries gives.
fn of_set_operation(operation: &str, left: &[Type], right: &[Type]) -> Result<Vec<Type>> {
    let columns = left.iter().zip(right).enumerate();
    let columns = columns.map(|(i, (a, b))| {
        a.common(b).ok_or_else(|| {
            let i = i + 1;
            let message =
                format!("column {i} in {operation} query has incompatible types: {a}, {b}");
            Error::new(Kind::TypeMismatch, message)
        })
    });
    columns.collect()
}

/// A value of `VALUES` as it is written: `DataFusion` has made it of the column's type already. A number's own cast is what
/// makes it an `integer`.
pub(super) fn uncoerced(value: &Expr) -> &Expr {
    match value {
        Expr::Cast(Cast { expr, .. })
            if !matches!(&**expr, Expr::Literal(ScalarValue::Int64(_), _)) =>
        {
            expr
        }
        value => value,
    }
}
