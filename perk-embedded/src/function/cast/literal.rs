//! Literals with their type before them: `BIGINT '5'`, `DATE '2024-02-29'`.
//!
//! `$literal(text, type)` is a cast of the text, but for decimals, whose type is as long as what is written, and for what
//! must be right before the statement runs. JSON's is not: its literals are read, while a cast makes JSON text of them.

use datafusion::arrow::array::ArrayRef;
use datafusion::common::ScalarValue;

use super::{cast, each, is_castable};
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Decimal, Text};
use crate::function::number::decimal;
use crate::function::signature::Bound;
use crate::function::{Call, Function, Literals, function};
use crate::session::Session;
use crate::types::parse::parse;
use crate::types::{MAX_PRECISION, Type};

pub(super) fn typed() -> Function {
    function("$literal", "What is written, as a value of a type").form_by_session(
        "varchar, varchar -> T",
        bind,
        evaluate,
    )
}

fn bind(arguments: &[Type], literals: &Literals<'_>, _: &Session) -> Result<Option<Bound>> {
    if arguments.len() != 2 {
        return Ok(None);
    }
    let returns = match literals {
        [
            Some(ScalarValue::Utf8(Some(text))),
            Some(ScalarValue::Utf8(Some(kind))),
        ] => match kind_of(text, kind)? {
            Type::Json => return Ok(None),
            kind => kind,
        },
        // Only the arguments' types are asked for.
        _ => Type::VARCHAR,
    };
    Ok(Some(Bound {
        arguments: vec![Type::VARCHAR; 2],
        returns,
        distance: 0,
    }))
}

fn kind_of(text: &str, kind: &str) -> Result<Type> {
    match kind.to_ascii_lowercase().as_str() {
        "decimal" => Ok(decimal_kind(text)),
        "char" => {
            let length = text.chars().count().max(1);
            Ok(Type::Char(u32::try_from(length).unwrap_or(u32::MAX)))
        }
        name => {
            let known = parse(name).ok();
            known
                .filter(|kind| *kind == Type::Json || is_castable(&Type::VARCHAR, kind))
                .ok_or_else(|| Error::new(Kind::TypeNotFound, format!("Unknown type: {name}")))
        }
    }
}

/// As many digits as are written, but for zeros before them.
fn decimal_kind(text: &str) -> Type {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let (digits, scale) = (whole.trim_start_matches('0').len(), fraction.len());
    let precision = (digits + scale).max(1);
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ ..=MAX_PRECISION), Ok(scale)) => Type::Decimal(precision, scale),
        _ => Type::Decimal(MAX_PRECISION, 0),
    }
}

fn evaluate(call: &Call<'_>) -> Result<ArrayRef> {
    let text = &call.arguments[0];
    match *call.returns {
        Type::Decimal(precision, scale) => {
            each::<Text, Decimal>(text, call.returns, call, |text| {
                let plain = !text.contains(['e', 'E']);
                let value = decimal::parse(text, (precision, scale)).ok();
                value.filter(|_| plain).ok_or_else(|| {
                    Error::new(Kind::Internal, format!("Invalid decimal value '{text}'"))
                })
            })
        }
        Type::Tinyint | Type::Smallint | Type::Bigint => {
            cast(text, &Type::VARCHAR, call.returns, call).map_err(|_| {
                let kind = call.returns;
                let message = format!("Invalid formatted generic {kind} literal");
                Error::new(Kind::Syntax, message)
            })
        }
        _ => cast(text, &Type::VARCHAR, call.returns, call),
    }
}
