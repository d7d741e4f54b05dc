//! Operators whose results Presto and `DataFusion` make differently are calls of functions. Comparisons, `AND` and `OR`
//! stay, since `DataFusion` plans joins by them; what comparisons differ in is put right in the plan.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, DateTimeField, Expr, Spanned, Subscript, TrimWhereField,
    UnaryOperator, Value,
};
use datafusion::sql::sqlparser::tokenizer::Token;

use super::Rules;
use crate::plan::call::{placed, text};
use crate::plan::span;

impl Rules<'_> {
    #[expect(clippy::too_many_lines, reason = "a list of operators")]
    pub(super) fn operators(&self, expr: &mut Expr) {
        let start = span::start(expr);
        let take = |expr: &mut Expr| std::mem::replace(expr, Expr::value(Value::Null));
        let new = match expr {
            // Integers stay integers and fail when they do not fit; decimals get Presto's digits.
            Expr::BinaryOp { left, op, right } => {
                let (function, token) = match op {
                    BinaryOperator::Plus => ("$+", Token::Plus),
                    BinaryOperator::Minus => ("$-", Token::Minus),
                    BinaryOperator::Multiply => ("$*", Token::Mul),
                    BinaryOperator::Divide => ("$/", Token::Div),
                    BinaryOperator::Modulo => ("$%", Token::Mod),
                    BinaryOperator::StringConcat => ("concat", Token::StringConcat),
                    _ => return,
                };
                let at = self.operator_at(span::end(left), &token);
                placed(function, at, vec![take(left), take(right)])
            }
            // A literal's sign belongs to it: -9223372036854775808 is a bigint.
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr: inner,
            } => {
                if let Expr::Value(value) = &mut **inner
                    && let Value::Number(digits, _) = &mut value.value
                    && !digits.starts_with('-')
                {
                    digits.insert(0, '-');
                    take(inner)
                } else {
                    placed("$negate", start, vec![take(inner)])
                }
            }
            // In parentheses, so that the rules see what it stands before.
            Expr::UnaryOp {
                op: UnaryOperator::Plus,
                expr: inner,
            } => Expr::Nested(Box::new(take(inner))),
            // From 1, with an error beyond the end, and maps by key.
            Expr::CompoundFieldAccess { root, access_chain } => {
                let mut value = take(root);
                for access in std::mem::take(access_chain) {
                    value = match access {
                        AccessExpr::Subscript(Subscript::Index { index }) => {
                            placed("$[]", index.span().start, vec![value, index])
                        }
                        AccessExpr::Dot(Expr::Identifier(name)) => {
                            let field = text(&name.value.to_lowercase());
                            placed("$field", name.span.start, vec![value, field])
                        }
                        other => {
                            value = Expr::CompoundFieldAccess {
                                root: Box::new(value),
                                access_chain: vec![other],
                            };
                            break;
                        }
                    };
                }
                value
            }
            Expr::AtTimeZone {
                timestamp,
                time_zone,
            } => placed("at_timezone", start, vec![take(timestamp), take(time_zone)]),
            Expr::Extract {
                field, expr: inner, ..
            } => {
                let function = match field {
                    DateTimeField::Dow => "day_of_week".to_owned(),
                    DateTimeField::Doy => "day_of_year".to_owned(),
                    DateTimeField::Custom(name) => name.value.to_lowercase(),
                    field => field.to_string().to_lowercase(),
                };
                placed(&function, start, vec![take(inner)])
            }
            Expr::Position { expr: inner, r#in } => {
                placed("strpos", start, vec![take(r#in), take(inner)])
            }
            Expr::Ceil { expr: inner, .. } => placed("ceil", start, vec![take(inner)]),
            Expr::Floor { expr: inner, .. } => placed("floor", start, vec![take(inner)]),
            Expr::Substring {
                expr: inner,
                substring_from,
                substring_for,
                ..
            } => {
                let rest = [substring_from.take(), substring_for.take()];
                let rest = rest.into_iter().flatten().map(|argument| *argument);
                placed(
                    "substr",
                    start,
                    [take(inner)].into_iter().chain(rest).collect(),
                )
            }
            Expr::Trim {
                trim_where,
                trim_what,
                expr: inner,
                trim_characters,
            } => {
                let function = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    _ => "trim",
                };
                let what = trim_what.take().map(|what| *what);
                let more = trim_characters.take().unwrap_or_default();
                placed(
                    function,
                    start,
                    [take(inner)].into_iter().chain(what).chain(more).collect(),
                )
            }
            Expr::Tuple(values) => placed("$row", start, std::mem::take(values)),
            Expr::Array(array) => placed("$array", start, std::mem::take(&mut array.elem)),
            _ => return,
        };
        *expr = new;
    }
}
