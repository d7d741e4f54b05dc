//! Expressions and places as Presto tells them.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Spanned, UnaryOperator,
    Value, WindowSpec, WindowType,
};
use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

use crate::error::Position;
use crate::plan::span;
use crate::plan::syntax::place;

/// What a statement was parsed from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a [TokenWithSpan]);

impl Text<'_> {
    /// Where this word or sign stands for the first time behind a place.
    pub(super) fn after(self, from: Location, word: &str) -> Option<Position> {
        let first = self.0.partition_point(|token| token.span.start < from);
        let mut rest = self.0[first..].iter();
        rest.find(|token| token.token.to_string().eq_ignore_ascii_case(word))
            .and_then(|token| place(token.span.start))
    }

    /// Where the word or sign before a place is.
    pub(super) fn before(self, at: Location) -> Option<Position> {
        let first = self.0.partition_point(|token| token.span.start < at);
        let mut rest = self.0[..first].iter().rev();
        rest.find(|token| !token.token.to_string().trim().is_empty())
            .and_then(|token| place(token.span.start))
    }

    /// Where an expression is for Presto: at its operator, where it has one between two others.
    pub(super) fn of(self, expr: &Expr) -> Option<Position> {
        let infix = |left: &Expr, word: &str| self.after(span::end(left), word);
        match expr {
            Expr::Nested(inner) => self.of(inner),
            Expr::BinaryOp { left, op, .. } => infix(left, &op.to_string()),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => infix(inner, "IS"),
            Expr::Between { expr, .. } => infix(expr, "BETWEEN"),
            Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } => infix(expr, "IN"),
            Expr::Like { expr, .. } => infix(expr, "LIKE"),
            expr => place(span::start(expr)),
        }
    }

    /// Where a subquery's parenthesis opens.
    pub(super) fn of_query(self, query: &Query) -> Option<Position> {
        self.before(query.span().start)
    }
}

/// An expression as Presto's messages have it (`ExpressionFormatter`).
pub(super) fn shown(expr: &Expr) -> String {
    match expr {
        Expr::Nested(inner) => shown(inner),
        Expr::BinaryOp { left, op, right } => format!("({} {op} {})", shown(left), shown(right)),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => format!("(NOT {})", shown(expr)),
        Expr::UnaryOp { op, expr } => format!("{op}{}", shown(expr)),
        Expr::IsNull(inner) => format!("({} IS NULL)", shown(inner)),
        Expr::IsNotNull(inner) => format!("({} IS NOT NULL)", shown(inner)),
        Expr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            let text = format!(
                "({} BETWEEN {} AND {})",
                shown(expr),
                shown(low),
                shown(high)
            );
            negation(*negated, text)
        }
        Expr::InList {
            expr,
            list,
            negated,
        } => negation(*negated, format!("({} IN ({}))", shown(expr), listed(list))),
        Expr::Like {
            expr,
            pattern,
            negated,
            ..
        } => negation(
            *negated,
            format!("({} LIKE {})", shown(expr), shown(pattern)),
        ),
        Expr::Function(function) => call(function),
        other => other.to_string(),
    }
}

fn negation(negated: bool, text: String) -> String {
    if negated {
        format!("(NOT {text})")
    } else {
        text
    }
}

fn listed(expressions: &[Expr]) -> String {
    let shown: Vec<String> = expressions.iter().map(shown).collect();
    shown.join(", ")
}

/// A call with all that belongs to it.
pub(super) fn call(function: &Function) -> String {
    let name = function.name.0.last().and_then(|part| part.as_ident());
    let name = name.map_or_else(String::new, |name| name.value.to_lowercase());
    let FunctionArguments::List(list) = &function.args else {
        return format!("\"{name}\"()");
    };
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => shown(expr),
        other => other.to_string(),
    };
    let arguments: Vec<String> = list.args.iter().map(argument).collect();
    match (name.as_str(), list.args.as_slice()) {
        // So the parser has left them.
        (
            "$cast" | "$try_cast",
            [
                value,
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(kind))),
            ],
        ) => {
            let word = name.trim_start_matches('$').to_uppercase();
            let kind = match &kind.value {
                Value::SingleQuotedString(kind) => kind.clone(),
                other => other.to_string(),
            };
            return format!("{word}({} AS {kind})", argument(value));
        }
        ("$row", _) => return format!("ROW ({})", arguments.join(", ")),
        _ => {}
    }
    let distinct = list.duplicate_treatment.map_or("", |_| "DISTINCT ");
    let mut text = format!("\"{name}\"({distinct}{})", arguments.join(", "));
    if let Some(filter) = &function.filter {
        text = format!("{text} FILTER (WHERE {})", shown(filter));
    }
    match &function.over {
        Some(WindowType::WindowSpec(window)) => format!("{text} OVER ({})", specification(window)),
        Some(WindowType::NamedWindow(name)) => format!("{text} OVER {name}"),
        None => text,
    }
}

fn specification(window: &WindowSpec) -> String {
    let mut parts = Vec::new();
    if !window.partition_by.is_empty() {
        parts.push(format!("PARTITION BY {}", listed(&window.partition_by)));
    }
    if !window.order_by.is_empty() {
        let keys = window.order_by.iter().map(|key| {
            let direction = if key.options.asc == Some(false) {
                "DESC"
            } else {
                "ASC"
            };
            let nulls = match key.options.nulls_first {
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
                None => "",
            };
            format!("{} {direction}{nulls}", shown(&key.expr))
        });
        parts.push(format!("ORDER BY {}", keys.collect::<Vec<_>>().join(", ")));
    }
    if let Some(frame) = &window.window_frame {
        let (units, start) = (&frame.units, &frame.start_bound);
        parts.push(match &frame.end_bound {
            Some(end) => format!("{units} BETWEEN {start} AND {end}"),
            None => format!("{units} {start}"),
        });
    }
    parts.join(" ")
}
