//! Syntax of other databases, which `sqlparser` takes and Presto does not.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, Join, JoinConstraint, JoinOperator, LimitClause,
    Query, Select, SelectItem, SetExpr, SetQuantifier, Spanned, TableFactor, TableSample,
    TableSampleKind, TableSampleMethod, TableWithJoins, UnaryOperator, Value,
    WildcardAdditionalOptions,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::text::Text;
use super::{constraint, refused};
use crate::error::{Error, Kind, Position, Result};
use crate::plan::span;
use crate::plan::syntax::place;

fn mismatched(what: &str, expected: &str, at: Location) -> Error {
    unexpected(what, expected, place(at))
}

fn unexpected(what: &str, expected: &str, at: Option<Position>) -> Error {
    let message = format!("mismatched input '{what}'. Expecting: {expected}");
    refused(Kind::Syntax, message, at)
}

/// `==` and `::`.
pub(super) fn of_tokens(tokens: &[TokenWithSpan]) -> Result<()> {
    for TokenWithSpan { token, span } in tokens {
        let mut at = span.start;
        // What is wrong is the second of the two signs.
        at.column += 1;
        match token {
            Token::DoubleEq => return Err(mismatched("=", "<expression>", at)),
            Token::DoubleColon => return Err(mismatched(":", "<expression>", at)),
            _ => {}
        }
    }
    Ok(())
}

/// `SELECT TOP 5 …`, and clauses that others have.
pub(super) fn of_select(select: &Select, text: Text<'_>) -> Result<()> {
    let start = select.select_token.0.span.end;
    if select.top.is_some() {
        let mut at = start;
        at.column += 1;
        return Err(mismatched("TOP", "<expression>", at));
    }
    let word = |word, expected| Err(unexpected(word, expected, text.after(start, word)));
    if let Some(Distinct::On(_)) = select.distinct {
        return word("ON", "<expression>");
    }
    for item in &select.projection {
        if let SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) = item
            && *options != WildcardAdditionalOptions::default()
        {
            let at = options.wildcard_token.0.span.end;
            return Err(mismatched("(", "<EOF>", at));
        }
    }
    if select.into.is_some() {
        return word("INTO", "'FROM', <EOF>");
    }
    if let GroupByExpr::All(_) = select.group_by {
        return word("ALL", "<expression>");
    }
    if select.qualify.is_some() {
        return word("QUALIFY", "<EOF>");
    }
    select.from.iter().try_for_each(of_joins)
}

/// Joins that say nothing of how, or what Presto cannot do.
fn of_joins(tables: &TableWithJoins) -> Result<()> {
    for join in &tables.joins {
        match constraint(join) {
            Some(JoinConstraint::None) => {
                let at = join.relation.span().end;
                return Err(mismatched("<EOF>", "'ON', 'USING'", at));
            }
            Some(JoinConstraint::Natural) => {
                let at = place(tables.span().start);
                let message = "Natural join not supported";
                return Err(refused(Kind::UnsupportedSyntax, message, at));
            }
            None if !is_cross(join) => {
                let at = join.relation.span().start;
                return Err(mismatched("JOIN", "'CROSS', 'JOIN', 'NATURAL'", at));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_cross(join: &Join) -> bool {
    matches!(
        join.join_operator,
        JoinOperator::CrossJoin(JoinConstraint::None)
    )
}

/// Calls as tables, and samples that are taken in other ways.
pub(super) fn of_relation(factor: &TableFactor, text: Text<'_>) -> Result<()> {
    if let TableFactor::Table {
        name,
        args,
        with_ordinality,
        ..
    } = factor
    {
        let end = name.span().end;
        match args {
            None if *with_ordinality => {
                return Err(unexpected("WITH", "<EOF>", text.after(end, "WITH")));
            }
            Some(_) if !name.to_string().eq_ignore_ascii_case("unnest") => {
                return Err(unexpected("(", "<EOF>", text.after(end, "(")));
            }
            _ => {}
        }
    }
    match sample(factor) {
        Some(sample) if !is_known_sample(sample) => {
            let at = text.after(factor.span().start, &sample.modifier.to_string());
            let expected = "'BERNOULLI', 'SYSTEM'";
            Err(unexpected(&sample.modifier.to_string(), expected, at))
        }
        _ => Ok(()),
    }
}

/// What a table's rows are picked by, if not all of them are read.
fn sample(factor: &TableFactor) -> Option<&TableSample> {
    let (TableFactor::Table { sample, .. } | TableFactor::Derived { sample, .. }) = factor else {
        return None;
    };
    match sample.as_ref()? {
        TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample) => {
            Some(sample)
        }
    }
}

/// `TABLESAMPLE BERNOULLI (10)`, or `SYSTEM`.
fn is_known_sample(sample: &TableSample) -> bool {
    let method = matches!(
        sample.name,
        Some(TableSampleMethod::Bernoulli | TableSampleMethod::System)
    );
    let quantity = sample
        .quantity
        .as_ref()
        .is_some_and(|quantity| quantity.parenthesized && quantity.unit.is_none());
    let more = sample.seed.is_some() || sample.bucket.is_some() || sample.offset.is_some();
    method && quantity && !more
}

/// `UNION … BY NAME`.
pub(super) fn of_body(body: &SetExpr, text: Text<'_>) -> Result<()> {
    match body {
        SetExpr::SetOperation {
            left,
            set_quantifier:
                SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName,
            ..
        } => {
            let at = text.after(left.span().end, "BY");
            Err(unexpected("BY", "'(', 'SELECT', 'TABLE', 'VALUES'", at))
        }
        _ => Ok(()),
    }
}

/// Operators and predicates that Presto has not.
pub(super) fn of_expr(expr: &Expr, text: Text<'_>) -> Result<()> {
    let word = match expr {
        Expr::BinaryOp { op, .. } if !is_operator(op) => op.to_string(),
        Expr::UnaryOp { op, .. } if !is_sign(*op) => op.to_string(),
        Expr::AnyOp { right, .. } | Expr::AllOp { right, .. }
            if !matches!(**right, Expr::Subquery(_)) =>
        {
            "(".to_owned()
        }
        Expr::ILike { .. } => "ILIKE".to_owned(),
        Expr::RLike { regexp, .. } => if *regexp { "REGEXP" } else { "RLIKE" }.to_owned(),
        Expr::SimilarTo { .. } => "SIMILAR".to_owned(),
        Expr::Like { any: true, .. } => "ANY".to_owned(),
        Expr::IsNormalized { .. } => "NORMALIZED".to_owned(),
        Expr::Collate { .. } => "COLLATE".to_owned(),
        Expr::IsTrue(value)
        | Expr::IsNotTrue(value)
        | Expr::IsFalse(value)
        | Expr::IsNotFalse(value)
        | Expr::IsUnknown(value)
        | Expr::IsNotUnknown(value) => {
            let word = match expr {
                Expr::IsTrue(_) | Expr::IsNotTrue(_) => "TRUE",
                Expr::IsFalse(_) | Expr::IsNotFalse(_) => "FALSE",
                _ => "UNKNOWN",
            };
            let at = text.after(span::end(value), word);
            return Err(unexpected(word, "'DISTINCT', 'NOT', 'NULL'", at));
        }
        _ => return Ok(()),
    };
    let at = text.after(span::start(expr), &word);
    Err(unexpected(&word, "<expression>", at))
}

fn is_operator(op: &BinaryOperator) -> bool {
    use BinaryOperator::{
        And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, Plus, StringConcat,
    };
    matches!(
        op,
        And | Divide
            | Eq
            | Gt
            | GtEq
            | Lt
            | LtEq
            | Minus
            | Modulo
            | Multiply
            | NotEq
            | Or
            | Plus
            | StringConcat
    )
}

fn is_sign(op: UnaryOperator) -> bool {
    matches!(
        op,
        UnaryOperator::Minus | UnaryOperator::Not | UnaryOperator::Plus
    )
}

/// `LIMIT -1`, `LIMIT 'a'`.
pub(super) fn of_limit(query: &Query) -> Result<()> {
    let Some(LimitClause::LimitOffset {
        limit: Some(limit), ..
    }) = &query.limit_clause
    else {
        return Ok(());
    };
    let found = match limit {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            ..
        } => "-".to_owned(),
        Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => {
            value.to_string()
        }
        _ => return Ok(()),
    };
    Err(mismatched(&found, "'ALL', <integer>", limit.span().start))
}
