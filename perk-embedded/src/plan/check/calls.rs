//! Aggregates and windows: where they may be, and what may be in them.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArguments, GroupByExpr, JoinConstraint, Query,
    Select, Spanned, Value, Visit, Visitor, WindowFrame, WindowFrameBound, WindowType,
};

use super::text::{Text, call};
use super::{constraint, grouping, refused};
use crate::aggregate::AGGREGATES;
use crate::aggregate::window::WINDOWS;
use crate::error::{Kind, Position, Result};
use crate::plan::syntax::place;

/// The calls in an expression that are not of one row alone; those of its subqueries are their own.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) aggregates: Vec<Function>,
    pub(super) windows: Vec<Function>,
    pub(super) groupings: Vec<Function>,
    /// In how many subqueries the walk is.
    depth: usize,
}

impl Calls {
    pub(super) fn of(node: &impl Visit) -> Self {
        let mut calls = Self::default();
        let _: ControlFlow<()> = node.visit(&mut calls);
        calls
    }

    fn shown(&self) -> Option<String> {
        let all = self.aggregates.iter().chain(&self.windows);
        let all: Vec<String> = all.chain(&self.groupings).map(call).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && self.depth == 0
        {
            let name = name(function);
            if function.over.is_some() {
                self.windows.push(function.clone());
            } else if name == "grouping" {
                self.groupings.push(function.clone());
            } else if AGGREGATES.contains_key(name.as_str()) {
                self.aggregates.push(function.clone());
            }
        }
        ControlFlow::Continue(())
    }
}

fn name(function: &Function) -> String {
    let last = function.name.0.last().and_then(|part| part.as_ident());
    last.map_or_else(String::new, |name| name.value.to_lowercase())
}

/// Whether a statement names a function of this crate's own (`"$cast"`), or one with a place (`"abs@1:8"`). Those that the
/// parser has made of the syntax have no length in the text.
fn is_hidden(function: &Function) -> bool {
    let parts = function.name.0.iter().filter_map(|part| part.as_ident());
    parts
        .into_iter()
        .any(|part| part.value.contains(['$', '@']) && part.span.start != part.span.end)
}

/// Clauses that look at one row at a time.
pub(super) fn of_clauses(select: &Select, text: Text<'_>) -> Result<()> {
    if let Some(condition) = &select.selection {
        none_in(condition, "WHERE", text)?;
    }
    for join in select.from.iter().flat_map(|table| &table.joins) {
        if let Some(JoinConstraint::On(condition)) = constraint(join) {
            none_in(condition, "JOIN", text)?;
        }
    }
    if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
        for expression in expressions {
            none_in(grouping::meant(expression, select), "GROUP BY", text)?;
        }
    }
    if let Some(having) = &select.having
        && let Some(window) = Calls::of(having).windows.first()
    {
        let at = place(window.name.span().start);
        let message = "HAVING clause cannot contain window functions";
        return Err(refused(Kind::NestedWindow, message, at));
    }
    Ok(())
}

fn none_in(expr: &Expr, clause: &str, text: Text<'_>) -> Result<()> {
    match Calls::of(expr).shown() {
        Some(found) => {
            let message = format!(
                "{clause} clause cannot contain aggregations, window functions or grouping operations: [{found}]"
            );
            Err(refused(Kind::NotScalar, message, text.of(expr)))
        }
        None => Ok(()),
    }
}

/// What a call may not have, being of its kind. `select` is where the query around it begins.
pub(super) fn of_call(function: &Function, text: Text<'_>, select: Option<Position>) -> Result<()> {
    let name = name(function);
    let at = place(function.name.span().start);
    if is_hidden(function) {
        let message = format!("Function {name} not registered");
        return Err(refused(Kind::FunctionNotFound, message, at));
    }
    let is_aggregate = AGGREGATES.contains_key(name.as_str());
    if WINDOWS.contains_key(name.as_str()) && function.over.is_none() {
        let message = format!("Window function presto.default.{name} requires an OVER clause");
        return Err(refused(Kind::MissingOver, message, at));
    }
    if function.filter.is_some() && !is_aggregate {
        let message = "Filter is only valid for aggregation functions";
        return Err(refused(Kind::NotAnAggregate, message, at));
    }
    let within = Calls::of(&function.args);
    if let Some(WindowType::WindowSpec(window)) = &function.over {
        let inside = Calls::of(window);
        let inner = within.windows.iter().chain(&inside.windows);
        let inner: Vec<String> = inner.map(call).collect();
        if !inner.is_empty() {
            let own = call(function);
            let inner = inner.join(", ");
            let message = format!(
                "Cannot nest window functions inside window function '{own}': [{inner}, {own}]"
            );
            return Err(refused(Kind::NestedWindow, message, select));
        }
        if let FunctionArguments::List(list) = &function.args
            && list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
        {
            let message = format!(
                "DISTINCT in window function parameters not yet supported: {}",
                call(function)
            );
            return Err(refused(Kind::UnsupportedSyntax, message, select));
        }
        return window
            .window_frame
            .as_ref()
            .map_or(Ok(()), |frame| of_frame(frame, function, text));
    }
    if is_aggregate && let Some(found) = within.shown() {
        let (what, inner) = if within.aggregates.is_empty() {
            ("window functions", found)
        } else {
            ("aggregations", found)
        };
        let message = format!("Cannot nest {what} inside aggregation '{name}': [{inner}]");
        return Err(refused(Kind::NestedAggregation, message, at));
    }
    Ok(())
}

/// A frame begins before it ends, so many rows away.
fn of_frame(frame: &WindowFrame, function: &Function, text: Text<'_>) -> Result<()> {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    let start = &frame.start_bound;
    let end = frame.end_bound.as_ref().unwrap_or(&CurrentRow);
    let units = frame.units.to_string();
    let message = match (start, end) {
        (Following(None), _) => "Window frame start cannot be UNBOUNDED FOLLOWING",
        (_, Preceding(None)) => "Window frame end cannot be UNBOUNDED PRECEDING",
        (CurrentRow, Preceding(_)) => {
            "Window frame starting from CURRENT ROW cannot end with PRECEDING"
        }
        (Following(_), Preceding(_)) => {
            "Window frame starting from FOLLOWING cannot end with PRECEDING"
        }
        (Following(_), CurrentRow) => {
            "Window frame starting from FOLLOWING cannot end with CURRENT ROW"
        }
        _ => {
            of_bound(start, "start", &units, function)?;
            return of_bound(end, "end", &units, function);
        }
    };
    let at = text.after(function.name.span().end, &units);
    Err(refused(Kind::InvalidWindowFrame, message, at))
}

fn of_bound(bound: &WindowFrameBound, which: &str, units: &str, function: &Function) -> Result<()> {
    let (WindowFrameBound::Preceding(Some(rows)) | WindowFrameBound::Following(Some(rows))) = bound
    else {
        return Ok(());
    };
    if let Expr::Value(value) = &**rows
        && let Value::SingleQuotedString(written) = &value.value
    {
        let length = written.chars().count();
        let message = format!(
            "Window frame {units} {which} value type must be INTEGER or BIGINT (actual varchar({length}))"
        );
        let at = place(function.name.span().start);
        return Err(refused(Kind::TypeMismatch, message, at));
    }
    Ok(())
}
