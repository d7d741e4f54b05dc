//! Presto's type of each column of a plan, and what Presto refuses that `DataFusion` would take.
//!
//! `DataFusion`'s plans carry Arrow's types, which keep less apart: see [`crate::types`]. So the plan is gone through once,
//! as it comes from the statement and before anything is coerced in it, and every expression gets its type by Presto's rules.

use datafusion::common::{Column, DFSchema, DFSchemaRef, JoinType, ScalarValue};
use datafusion::logical_expr::expr::Sort as SortExpr;
use datafusion::logical_expr::expr::{
    AggregateFunction, Alias, Between, Cast, InList, InSubquery, Like, ScalarFunction, TryCast,
    WindowFunction,
};
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Case, Distinct, Expr, ExprSchemable, Join, LogicalPlan, Operator, Unnest,
};

use super::context::Context;
use crate::aggregate;
use crate::error::{Error, Kind, Result};
use crate::function::udf::Called;
use crate::types::Type;

/// The types of a plan's columns.
pub(crate) fn columns(plan: &LogicalPlan, context: &Context) -> Result<Vec<Type>> {
    Typing {
        context,
        outer: Vec::new(),
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
            LogicalPlan::Union(union) => {
                let mut inputs = union.inputs.iter();
                let mut types = inputs
                    .next()
                    .map_or(Ok(Vec::new()), |first| self.plan(first))?;
                for input in inputs {
                    let others = self.plan(input)?;
                    for (i, (kind, other)) in types.iter_mut().zip(&others).enumerate() {
                        let common = kind.common(other).ok_or_else(|| {
                            let i = i + 1;
                            let message = format!(
                                "column {i} in UNION query has incompatible types: {kind}, {other}"
                            );
                            Error::new(Kind::TypeMismatch, message)
                        });
                        *kind = common?;
                    }
                }
                Ok(types)
            }
            LogicalPlan::TableScan(scan) => {
                let table = self.context.resolve(&scan.table_name)?;
                let columns = self.context.catalogs.table(&table)?.columns;
                let fields = scan.projected_schema.fields().iter();
                let kind = |name: &String| {
                    let column = columns.iter().find(|column| column.name == *name);
                    column.map(|column| column.kind.clone())
                };
                fields
                    .map(|field| kind(field.name()).map_or_else(|| of_arrow(field.data_type()), Ok))
                    .collect()
            }
            LogicalPlan::Values(values) => {
                let scope = Scope {
                    schema: DFSchema::empty().into(),
                    types: Vec::new(),
                };
                let mut rows = values.values.iter();
                let mut types = rows
                    .next()
                    .map_or(Ok(Vec::new()), |row| self.all(row, &scope))?;
                for row in rows {
                    let others = self.all(row, &scope)?;
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
            LogicalPlan::Unnest(unnest) => self.unnest(unnest),
            LogicalPlan::RecursiveQuery(query) => {
                let types = self.plan(&query.static_term)?;
                self.plan(&query.recursive_term)?;
                Ok(types)
            }
            LogicalPlan::Distinct(Distinct::All(input)) => self.plan(input),
            LogicalPlan::Distinct(Distinct::On(distinct)) => {
                let scope = self.scope(&distinct.input)?;
                self.all(&distinct.select_expr, &scope)
            }
            LogicalPlan::Repartition(repartition) => self.plan(&repartition.input),
            LogicalPlan::Subquery(subquery) => self.plan(&subquery.subquery),
            LogicalPlan::SubqueryAlias(alias) => self.plan(&alias.input),
            LogicalPlan::Limit(limit) => self.plan(&limit.input),
            other => other
                .schema()
                .fields()
                .iter()
                .map(|field| of_arrow(field.data_type()))
                .collect(),
        }
    }

    fn scope(&mut self, input: &LogicalPlan) -> Result<Scope> {
        Ok(Scope {
            schema: input.schema().clone(),
            types: self.plan(input)?,
        })
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
        for (a, b) in &join.on {
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

    fn all(&mut self, expressions: &[Expr], scope: &Scope) -> Result<Vec<Type>> {
        expressions
            .iter()
            .map(|expr| self.expr(expr, scope))
            .collect()
    }

    fn sorts(&mut self, sorts: &[SortExpr], scope: &Scope) -> Result<()> {
        for sort in sorts {
            let kind = self.expr(&sort.expr, scope)?;
            if !is_orderable(&kind) {
                let message = format!(
                    "Type {kind} is not orderable, and therefore cannot be used in ORDER BY"
                );
                return Err(Error::new(Kind::TypeMismatch, message));
            }
        }
        Ok(())
    }

    /// A condition, which must be true or false.
    fn condition(&mut self, expr: &Expr, scope: &Scope, clause: &str) -> Result<()> {
        match self.expr(expr, scope)? {
            Type::Boolean | Type::Unknown => Ok(()),
            other => {
                let message = format!("{clause} must evaluate to a boolean: actual type {other}");
                Err(Error::new(Kind::TypeMismatch, message))
            }
        }
    }

    fn expr(&mut self, expr: &Expr, scope: &Scope) -> Result<Type> {
        match expr {
            Expr::Alias(Alias { expr, .. }) => self.expr(expr, scope),
            Expr::Column(column) => match scope.find(column) {
                Some(kind) => Ok(kind.clone()),
                None => self.by_arrow(expr, scope),
            },
            Expr::OuterReferenceColumn(field, column) => {
                let found = self.outer.iter().rev().find_map(|scope| scope.find(column));
                found.map_or_else(|| of_arrow(field.data_type()), |kind| Ok(kind.clone()))
            }
            Expr::Literal(value, _) => of_literal(value),
            Expr::ScalarFunction(ScalarFunction { func, args }) => {
                let arguments = self.all(args, scope)?;
                match (func.inner().as_ref() as &dyn std::any::Any).downcast_ref::<Called>() {
                    Some(called) => called.returns(&arguments, &literals(args)),
                    None => self.by_arrow(expr, scope),
                }
            }
            Expr::AggregateFunction(AggregateFunction { func, params }) => {
                let arguments = self.all(&params.args, scope)?;
                if let Some(filter) = &params.filter {
                    self.condition(filter, scope, "FILTER")?;
                }
                self.sorts(&params.order_by, scope)?;
                aggregate::returns(func.name(), &arguments)
                    .map_or_else(|| self.by_arrow(expr, scope), Ok)
            }
            Expr::WindowFunction(window) => {
                let WindowFunction { fun, params } = &**window;
                let arguments = self.all(&params.args, scope)?;
                self.all(&params.partition_by, scope)?;
                self.sorts(&params.order_by, scope)?;
                aggregate::returns(fun.name(), &arguments)
                    .map_or_else(|| self.by_arrow(expr, scope), Ok)
            }
            Expr::BinaryExpr(binary) => self.binary(binary, scope),
            Expr::Not(inner) => {
                let kind = self.expr(inner, scope)?;
                boolean(&kind, "Value of logical NOT expression")
            }
            Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsNotUnknown(inner) => self.expr(inner, scope).map(|_| Type::Boolean),
            Expr::Between(Between {
                expr, low, high, ..
            }) => {
                let value = self.expr(expr, scope)?;
                for bound in [low, high] {
                    let bound = self.expr(bound, scope)?;
                    if value.common(&bound).is_none() {
                        let message = format!("Cannot check if {value} is BETWEEN {bound}");
                        return Err(Error::new(Kind::TypeMismatch, message));
                    }
                }
                Ok(Type::Boolean)
            }
            Expr::Like(Like { expr, pattern, .. }) => {
                for (side, what) in [(expr, "Left side"), (pattern, "Pattern")] {
                    let kind = self.expr(side, scope)?;
                    if !(kind.is_text() || kind == Type::Unknown) {
                        let message = format!(
                            "{what} of LIKE expression must evaluate to a varchar (actual: {kind})"
                        );
                        return Err(Error::new(Kind::TypeMismatch, message));
                    }
                }
                Ok(Type::Boolean)
            }
            Expr::InList(InList { expr, list, .. }) => {
                let mut common = self.expr(expr, scope)?;
                for item in list {
                    let item = self.expr(item, scope)?;
                    common = common.common(&item).ok_or_else(|| {
                        let message =
                            format!("IN value and list items must be the same type: {common}");
                        Error::new(Kind::TypeMismatch, message)
                    })?;
                }
                Ok(Type::Boolean)
            }
            Expr::Case(case) => self.case(case, scope),
            Expr::Cast(Cast { field, expr }) | Expr::TryCast(TryCast { field, expr }) => {
                self.expr(expr, scope)?;
                of_arrow(field.data_type())
            }
            Expr::Exists(exists) => self
                .subquery(&exists.subquery.subquery, scope)
                .map(|_| Type::Boolean),
            Expr::ScalarSubquery(subquery) => {
                let types = self.subquery(&subquery.subquery, scope)?;
                Ok(types.into_iter().next().unwrap_or(Type::Unknown))
            }
            Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
                let value = self.expr(expr, scope)?;
                let types = self.subquery(&subquery.subquery, scope)?;
                match types.as_slice() {
                    [kind] if value.common(kind).is_none() => {
                        let message = format!(
                            "value and result of subquery must be of the same type for IN expression: {value} vs {kind}"
                        );
                        Err(Error::new(Kind::TypeMismatch, message))
                    }
                    _ => Ok(Type::Boolean),
                }
            }
            Expr::Unnest(unnest) => Ok(match self.expr(&unnest.expr, scope)? {
                Type::Array(element) => *element,
                other => other,
            }),
            _ => self.by_arrow(expr, scope),
        }
    }

    fn binary(&mut self, binary: &BinaryExpr, scope: &Scope) -> Result<Type> {
        let BinaryExpr { left, op, right } = binary;
        let (a, b) = (self.expr(left, scope)?, self.expr(right, scope)?);
        match op {
            Operator::And | Operator::Or => {
                boolean(&a, "Logical expression term")?;
                boolean(&b, "Logical expression term")
            }
            Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => {
                comparable(&a, &b, "IS DISTINCT FROM")
            }
            Operator::NotEq => comparable(&a, &b, "<>"),
            op => {
                if matches!(
                    op,
                    Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq
                ) && !(is_orderable(&a) && is_orderable(&b))
                {
                    return Err(not_applicable(&op.to_string(), &a, &b));
                }
                comparable(&a, &b, &op.to_string())
            }
        }
    }

    fn case(&mut self, case: &Case, scope: &Scope) -> Result<Type> {
        let operand = case
            .expr
            .as_ref()
            .map(|expr| self.expr(expr, scope))
            .transpose()?;
        let mut result = Type::Unknown;
        let mut merge = |kind: Type| {
            result = result.common(&kind).ok_or_else(|| {
                Error::new(
                    Kind::TypeMismatch,
                    format!("All CASE results must be the same type: {result}"),
                )
            })?;
            Ok::<_, Error>(())
        };
        for (when, then) in &case.when_then_expr {
            let condition = self.expr(when, scope)?;
            match &operand {
                Some(operand) if operand.common(&condition).is_none() => {
                    let message = format!(
                        "CASE operand type does not match WHEN clause operand type: {operand} vs {condition}"
                    );
                    return Err(Error::new(Kind::TypeMismatch, message));
                }
                Some(_) => {}
                None => {
                    boolean(&condition, "CASE WHEN clause")?;
                }
            }
            merge(self.expr(then, scope)?)?;
        }
        if let Some(otherwise) = &case.else_expr {
            merge(self.expr(otherwise, scope)?)?;
        }
        Ok(result)
    }

    fn subquery(&mut self, plan: &LogicalPlan, scope: &Scope) -> Result<Vec<Type>> {
        self.outer.push(scope.clone());
        let types = self.plan(plan);
        self.outer.pop();
        types
    }

    fn by_arrow(&self, expr: &Expr, scope: &Scope) -> Result<Type> {
        let kind = expr
            .get_type(scope.schema.as_ref())
            .map_err(|error| super::problems::of_plan(&error))?;
        of_arrow(&kind)
    }
}

/// The values of arguments that are written as they are.
fn literals<'a>(arguments: &'a [Expr]) -> Vec<Option<&'a ScalarValue>> {
    let value = |argument: &'a Expr| match argument {
        Expr::Literal(value, _) => Some(value),
        // A whole number is written as a cast of one.
        Expr::Cast(Cast { expr, .. }) => match &**expr {
            Expr::Literal(value, _) => Some(value),
            _ => None,
        },
        _ => None,
    };
    arguments.iter().map(value).collect()
}

fn of_literal(value: &ScalarValue) -> Result<Type> {
    Ok(match value {
        ScalarValue::Utf8(Some(text)) => Type::Varchar(Some(
            u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
        )),
        other => of_arrow(&other.data_type())?,
    })
}

fn of_arrow(kind: &datafusion::arrow::datatypes::DataType) -> Result<Type> {
    Type::from_arrow(kind).ok_or_else(|| {
        Error::new(
            Kind::NotSupported,
            format!("values of type {kind} are not supported"),
        )
    })
}

fn boolean(kind: &Type, what: &str) -> Result<Type> {
    match kind {
        Type::Boolean | Type::Unknown => Ok(Type::Boolean),
        other => {
            let message = format!("{what} must evaluate to a boolean (actual: {other})");
            Err(Error::new(Kind::TypeMismatch, message))
        }
    }
}

fn comparable(a: &Type, b: &Type, operator: &str) -> Result<Type> {
    match a.common(b) {
        Some(_) => Ok(Type::Boolean),
        None => Err(not_applicable(operator, a, b)),
    }
}

fn not_applicable(operator: &str, a: &Type, b: &Type) -> Error {
    Error::new(
        Kind::TypeMismatch,
        format!("'{operator}' cannot be applied to {a}, {b}"),
    )
}

fn is_orderable(kind: &Type) -> bool {
    match kind {
        Type::Map(..) | Type::Json => false,
        Type::Array(element) => is_orderable(element),
        Type::Row(fields) => fields.iter().all(|(_, kind)| is_orderable(kind)),
        _ => true,
    }
}
