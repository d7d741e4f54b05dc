//! What is written in a statement as it is.

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Interval, TimezoneInfo, TypedString, UnaryOperator, Value,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::Rules;
use crate::error::{Error, Kind, Result};
use crate::plan::call::{placed, text};
use crate::plan::syntax::place;

/// Whole numbers are `integer` where they fit, else `bigint`; `DataFusion` makes them `bigint` always. With an exponent they
/// are `double`; `DataFusion` makes them decimals, as it does right with those that have only a point.
pub(super) fn number(expr: &mut Expr) -> Result<()> {
    let Expr::Value(value) = expr else {
        return Ok(());
    };
    let Value::Number(digits, _) = &value.value else {
        return Ok(());
    };
    let at = value.span.start;
    if digits.contains(['e', 'E']) {
        *expr = placed("$cast", at, vec![text(digits), text("double")]);
    } else if !digits.contains('.') {
        let kind = if digits.parse::<i32>().is_ok() {
            DataType::Int(None)
        } else if digits.parse::<i64>().is_ok() {
            DataType::BigInt(None)
        } else {
            let message = format!("Invalid numeric literal: {digits}");
            return Err(Error::new(Kind::Syntax, message).at(place(at)));
        };
        *expr = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(expr.clone()),
            data_type: kind,
            array: false,
            format: None,
        };
    }
    Ok(())
}

/// The number itself, where `DataFusion` wants no expression: in `LIMIT`, in frames, as a column's place.
pub(super) fn bare_number(expr: &mut Expr) {
    if let Expr::Cast { expr: inner, .. } = expr
        && matches!(&**inner, Expr::Value(value) if matches!(value.value, Value::Number(..)))
    {
        *expr = (**inner).clone();
    }
}

impl Rules<'_> {
    /// `DATE '…'`, `INTERVAL '…' DAY`, `X'…'` and their like are casts of text, by Presto's rules for it.
    pub(super) fn typed_literals(&self, expr: &mut Expr) -> Result<()> {
        match expr {
            Expr::TypedString(TypedString {
                data_type, value, ..
            }) => {
                let at = self.word_before(value.span.start);
                let Value::SingleQuotedString(written) = &value.value else {
                    return Ok(());
                };
                let kind = match data_type {
                    // A cast would make a JSON string of it.
                    DataType::JSON => "json_parse",
                    DataType::Time(_, TimezoneInfo::None) => "$time",
                    DataType::Timestamp(_, TimezoneInfo::None) => "$timestamp",
                    kind => {
                        let kind = text(&kind.to_string());
                        *expr = placed("$literal", at, vec![text(written), kind]);
                        return Ok(());
                    }
                };
                *expr = placed(kind, at, vec![text(written)]);
            }
            Expr::Interval(interval) => *expr = interval_literal(interval)?,
            Expr::Value(value) => match &value.value {
                Value::HexStringLiteral(digits) => {
                    *expr = placed("$binary", value.span.start, vec![text(digits)]);
                }
                Value::UnicodeStringLiteral(written) => {
                    value.value = Value::SingleQuotedString(written.clone());
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// The place of the word before a literal.
    fn word_before(&self, literal: Location) -> Location {
        let at = self
            .tokens
            .partition_point(|token| token.span.start < literal);
        let mut before = self.tokens[..at].iter().rev();
        before
            .find(|token| {
                !matches!(
                    token.token,
                    datafusion::sql::sqlparser::tokenizer::Token::Whitespace(_)
                )
            })
            .map_or(literal, |token| token.span.start)
    }
}

/// `INTERVAL '2' DAY`, `INTERVAL -'1-2' YEAR TO MONTH`.
fn interval_literal(interval: &Interval) -> Result<Expr> {
    let bad = || Error::new(Kind::Syntax, format!("invalid {interval}"));
    let (sign, value) = match &*interval.value {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => ("-", &**expr),
        Expr::UnaryOp {
            op: UnaryOperator::Plus,
            expr,
        } => ("", &**expr),
        value => ("", value),
    };
    let Expr::Value(value) = value else {
        return Err(bad());
    };
    let Value::SingleQuotedString(written) = &value.value else {
        return Err(bad().at(place(value.span.start)));
    };
    let unit = interval.leading_field.as_ref().ok_or_else(bad)?.to_string();
    let last = interval
        .last_field
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    Ok(placed(
        "$interval",
        value.span.start,
        vec![text(&format!("{sign}{written}")), text(&unit), text(&last)],
    ))
}

/// A number as a statement may have it.
pub(super) fn integer(value: i32) -> Expr {
    Expr::value(Value::Number(value.to_string(), false))
}
