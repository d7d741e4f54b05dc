//! The types of expressions.

use std::any::Any;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::Sort as SortExpr;
use datafusion::logical_expr::expr::{
    AggregateFunction, Alias, Between, Cast, HigherOrderFunction, InList, InSubquery, Like,
    ScalarFunction, SetComparison, TryCast, WindowFunction,
};
use datafusion::logical_expr::{
    BinaryExpr, Case, Expr, ExprSchemable, Operator, WindowFunctionDefinition,
};

use super::super::problems;
use super::{Scope, Typing};
use crate::aggregate::udaf::Aggregated;
use crate::aggregate::window::Windowed;
use crate::error::{Error, Kind, Result};
use crate::function::lambda::udf::CalledWithLambdas;
use crate::function::udf::Called;
use crate::types::Type;

impl Typing<'_> {
    pub(super) fn all(&mut self, expressions: &[Expr], scope: &Scope) -> Result<Vec<Type>> {
        expressions
            .iter()
            .map(|expr| self.expr(expr, scope))
            .collect()
    }

    pub(super) fn sorts(&mut self, sorts: &[SortExpr], scope: &Scope) -> Result<()> {
        for sort in sorts {
            let kind = self.expr(&sort.expr, scope)?;
            if !kind.is_orderable() {
                let message = format!(
                    "Type {kind} is not orderable, and therefore cannot be used in ORDER BY"
                );
                return Err(Error::new(Kind::TypeMismatch, message));
            }
        }
        Ok(())
    }

    /// A condition, which must be true or false.
    pub(super) fn condition(&mut self, expr: &Expr, scope: &Scope, clause: &str) -> Result<()> {
        match self.expr(expr, scope)? {
            Type::Boolean | Type::Unknown => Ok(()),
            other => {
                let message = format!("{clause} must evaluate to a boolean: actual type {other}");
                Err(Error::new(Kind::TypeMismatch, message))
            }
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr, scope: &Scope) -> Result<Type> {
        match expr {
            Expr::Alias(Alias { expr, .. }) => self.expr(expr, scope),
            Expr::Column(column) => match scope.find(column) {
                Some(kind) => Ok(kind.clone()),
                None => by_arrow(expr, scope),
            },
            Expr::OuterReferenceColumn(field, column) => {
                let found = self.outer.iter().rev().find_map(|scope| scope.find(column));
                found.map_or_else(|| Type::known(field.data_type()), |kind| Ok(kind.clone()))
            }
            Expr::Literal(value, _) => of_literal(value),
            Expr::ScalarFunction(ScalarFunction { func, args }) => {
                let arguments = self.all(args, scope)?;
                match (func.inner().as_ref() as &dyn Any).downcast_ref::<Called>() {
                    Some(called) => called.returns(&arguments, &literals(args)),
                    None => by_arrow(expr, scope),
                }
            }
            Expr::HigherOrderFunction(function) => self.with_lambdas(function, expr, scope),
            Expr::LambdaVariable(variable) => {
                let mut known = self.parameters.iter().rev();
                let known = known.find(|(name, _)| *name == variable.name);
                known.map_or_else(|| by_arrow(expr, scope), |(_, kind)| Ok(kind.clone()))
            }
            Expr::AggregateFunction(function) => self.aggregated(function, expr, scope),
            Expr::WindowFunction(function) => self.windowed(function, expr, scope),
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
            Expr::Between(between) => self.between(between, scope),
            Expr::Like(like) => self.like(like, scope),
            Expr::InList(list) => self.in_list(list, scope),
            Expr::Case(case) => self.case(case, scope),
            Expr::Cast(Cast { field, expr }) | Expr::TryCast(TryCast { field, expr }) => {
                self.expr(expr, scope)?;
                Type::known(field.data_type())
            }
            Expr::Exists(exists) => self
                .subquery(&exists.subquery.subquery, scope)
                .map(|_| Type::Boolean),
            Expr::ScalarSubquery(subquery) => {
                let types = self.subquery(&subquery.subquery, scope)?;
                Ok(types.into_iter().next().unwrap_or(Type::Unknown))
            }
            Expr::InSubquery(subquery) => self.in_subquery(subquery, scope),
            Expr::SetComparison(comparison) => self.quantified(comparison, scope),
            Expr::Unnest(unnest) => Ok(match self.expr(&unnest.expr, scope)? {
                Type::Array(element) => *element,
                other => other,
            }),
            _ => by_arrow(expr, scope),
        }
    }

    fn aggregated(
        &mut self,
        function: &AggregateFunction,
        expr: &Expr,
        scope: &Scope,
    ) -> Result<Type> {
        let AggregateFunction { func, params } = function;
        let arguments = self.all(&params.args, scope)?;
        if let Some(filter) = &params.filter {
            self.condition(filter, scope, "FILTER")?;
        }
        self.sorts(&params.order_by, scope)?;
        match (func.inner().as_ref() as &dyn Any).downcast_ref::<Aggregated>() {
            Some(called) => called.returns(&arguments),
            None => by_arrow(expr, scope),
        }
    }

    fn windowed(&mut self, function: &WindowFunction, expr: &Expr, scope: &Scope) -> Result<Type> {
        let WindowFunction { fun, params } = function;
        let arguments = self.all(&params.args, scope)?;
        self.all(&params.partition_by, scope)?;
        self.sorts(&params.order_by, scope)?;
        match fun {
            WindowFunctionDefinition::AggregateUDF(func) => {
                match (func.inner().as_ref() as &dyn Any).downcast_ref::<Aggregated>() {
                    Some(called) => called.returns(&arguments),
                    None => by_arrow(expr, scope),
                }
            }
            WindowFunctionDefinition::WindowUDF(func) => {
                match (func.inner().as_ref() as &dyn Any).downcast_ref::<Windowed>() {
                    Some(called) => called.returns(&arguments),
                    None => by_arrow(expr, scope),
                }
            }
        }
    }

    fn between(&mut self, between: &Between, scope: &Scope) -> Result<Type> {
        let Between {
            expr, low, high, ..
        } = between;
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

    fn like(&mut self, like: &Like, scope: &Scope) -> Result<Type> {
        let Like { expr, pattern, .. } = like;
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

    fn in_list(&mut self, list: &InList, scope: &Scope) -> Result<Type> {
        let InList { expr, list, .. } = list;
        let mut common = self.expr(expr, scope)?;
        for item in list {
            let item = self.expr(item, scope)?;
            common = common.common(&item).ok_or_else(|| {
                let message = format!("IN value and list items must be the same type: {common}");
                Error::new(Kind::TypeMismatch, message)
            })?;
        }
        Ok(Type::Boolean)
    }

    fn in_subquery(&mut self, subquery: &InSubquery, scope: &Scope) -> Result<Type> {
        let InSubquery { expr, subquery, .. } = subquery;
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

    fn quantified(&mut self, comparison: &SetComparison, scope: &Scope) -> Result<Type> {
        let value = self.expr(&comparison.expr, scope)?;
        let types = self.subquery(&comparison.subquery.subquery, scope)?;
        let is_equality = matches!(comparison.op, Operator::Eq | Operator::NotEq);
        let message = match types.as_slice() {
            [kind] if value.common(kind).is_none() => format!(
                "Value expression and result of subquery must be of the same type for quantified comparison: {value} vs {kind}"
            ),
            [_] if !is_equality && !value.is_orderable() => format!(
                "Type [{value}] must be orderable in order to be used in quantified comparison"
            ),
            _ => return Ok(Type::Boolean),
        };
        Err(Error::new(Kind::TypeMismatch, message))
    }

    /// What a lambda gives depends on what it is given, and that on what the values are, or on what the lambda gives.
    fn with_lambdas(
        &mut self,
        function: &HigherOrderFunction,
        expr: &Expr,
        scope: &Scope,
    ) -> Result<Type> {
        let inner = function.func.inner().as_ref() as &dyn std::any::Any;
        let Some(called) = inner.downcast_ref::<CalledWithLambdas>() else {
            return by_arrow(expr, scope);
        };
        let (mut values, mut lambdas) = (Vec::new(), Vec::new());
        for argument in &function.args {
            match argument {
                Expr::Lambda(lambda) => lambdas.push(lambda),
                value => values.push(self.expr(value, scope)?),
            }
        }
        let mut results = vec![None; lambdas.len()];
        // Twice, since what the first round finds may widen what the lambdas are given; but for those that are given
        // nothing, which may be many within one another.
        let given = lambdas.iter().any(|lambda| !lambda.params.is_empty());
        for _ in 0..=usize::from(given) {
            let (_, bound) = called.bind(&values, &results)?;
            for (i, (lambda, kinds)) in lambdas.iter().zip(bound.parameters).enumerate() {
                let before = self.parameters.len();
                self.parameters
                    .extend(lambda.params.iter().cloned().zip(kinds));
                let result = self.expr(&lambda.body, scope);
                self.parameters.truncate(before);
                results[i] = Some(result?);
            }
        }
        Ok(called.bind(&values, &results)?.1.returns)
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
                ) && !(a.is_orderable() && b.is_orderable())
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
}

/// By the Arrow type of an expression, where that is all there is.
fn by_arrow(expr: &Expr, scope: &Scope) -> Result<Type> {
    let kind = expr
        .get_type(scope.schema.as_ref())
        .map_err(|error| problems::of_plan(&error))?;
    Type::known(&kind)
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
        // Of whatever Arrow type: it is written without one.
        value if value.is_null() => Type::Unknown,
        ScalarValue::Utf8(Some(text)) => Type::Varchar(Some(
            u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
        )),
        other => Type::known(&other.data_type())?,
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

pub(super) fn comparable(a: &Type, b: &Type, operator: &str) -> Result<Type> {
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
