//! One JSON value as one number, text or truth value.

use crate::encode;
use crate::error::{Error, Kind, Result};
use crate::function::json::value::{Value, is_float};
use crate::types::Type;

pub(super) fn boolean(value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(value) => Ok(*value),
        Value::Number(digits) => {
            let number: f64 = digits.parse().unwrap_or(f64::NAN);
            Ok(number != 0.0)
        }
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(true),
            "false" | "f" | "0" => Ok(false),
            _ => Err(no_cast(&format!("'{text}'"), "BOOLEAN")),
        },
        other => Err(no_cast(&format!("'{other}'"), "boolean")),
    }
}

/// Numbers with a point are rounded.
pub(super) fn integer<T: TryFrom<i64>>(value: &Value, to: &Type) -> Result<T> {
    let too_big = || no_cast(&format!("'{value}'"), &to.to_string());
    let found = match value {
        Value::Boolean(value) => i64::from(*value),
        Value::Number(digits) if is_float(digits) => rounded(digits).ok_or_else(|| {
            let message = format!("Unable to cast {value} to {to}");
            Error::new(Kind::InvalidCastArgument, message)
        })?,
        Value::Number(digits) => digits.parse().map_err(|_| too_big())?,
        Value::String(text) => {
            // Java's names of these types.
            let java = match to {
                Type::Integer => "INT".to_owned(),
                other => other.to_string().to_uppercase(),
            };
            let wrong = || no_cast(&format!("'{text}'"), &java);
            let number: i64 = text.parse().map_err(|_| wrong())?;
            return T::try_from(number).map_err(|_| wrong());
        }
        _ => return Err(too_big()),
    };
    T::try_from(found).map_err(|_| too_big())
}

/// The nearest whole number; half a one goes away from 0.
fn rounded(digits: &str) -> Option<i64> {
    let number: f64 = digits.parse().ok()?;
    // `f64`'s own text has all digits, and what is out of range does not fit.
    format!("{:.0}", number.round()).parse().ok()
}

pub(super) fn double(value: &Value) -> Result<f64> {
    match value {
        Value::Boolean(value) => Ok(f64::from(u8::from(*value))),
        Value::Number(digits) => Ok(digits.parse().unwrap_or(f64::NAN)),
        Value::String(text) => parsed(text).ok_or_else(|| no_cast(&format!("'{text}'"), "DOUBLE")),
        other => Err(no_cast(&format!("'{other}'"), "double")),
    }
}

pub(super) fn real(value: &Value) -> Result<f32> {
    match value {
        Value::Boolean(value) => Ok(f32::from(u8::from(*value))),
        Value::Number(digits) => Ok(digits.parse().unwrap_or(f32::NAN)),
        Value::String(text) => parsed(text).ok_or_else(|| no_cast(&format!("'{text}'"), "REAL")),
        other => Err(no_cast(&format!("'{other}'"), "real")),
    }
}

/// As Java reads it: with these names, and no others, for what is not finite.
fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    let letters = text.trim_start_matches(['+', '-']);
    let named = letters.starts_with(|c: char| c.is_alphabetic());
    if named && !["NaN", "Infinity"].contains(&letters) {
        return None;
    }
    text.parse().ok()
}

pub(super) fn text(value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(digits) if is_float(digits) => {
            let mut out = Vec::new();
            encode::text::double(digits.parse().unwrap_or(f64::NAN), &mut out);
            Ok(String::from_utf8_lossy(&out).trim_matches('"').to_owned())
        }
        Value::Number(_) | Value::Boolean(_) => Ok(value.to_string()),
        other => Err(no_cast(&format!("'{other}'"), "varchar")),
    }
}

pub(super) fn decimal(value: &Value, precision: u8, scale: u8) -> Result<i128> {
    let to = format!("DECIMAL({precision},{scale})");
    let digits = match value {
        Value::Boolean(value) => u8::from(*value).to_string(),
        Value::Number(text) | Value::String(text) => text.clone(),
        other => return Err(no_cast(&format!("'{other}'"), &to)),
    };
    let limit = 10_u128.pow(u32::from(precision));
    match scaled(&digits, scale) {
        Scaled::Number(number) if number.unsigned_abs() < limit => Ok(number),
        Scaled::Number(_) | Scaled::TooLarge => Err(no_cast("input json", &to)),
        Scaled::NoNumber => Err(no_cast(&format!("'{value}'"), &to)),
    }
}

/// What digits are as a decimal.
enum Scaled {
    Number(i128),
    TooLarge,
    NoNumber,
}

/// A number's digits as a decimal of that many behind the point, half of the last rounded away from 0.
fn scaled(text: &str, scale: u8) -> Scaled {
    let Some((sign, digits, kept)) = digits(text, scale) else {
        return Scaled::NoNumber;
    };
    if digits.is_empty() || kept < 0 {
        return Scaled::Number(0);
    }
    let Some(kept) = usize::try_from(kept).ok().filter(|kept| *kept <= 39) else {
        return Scaled::TooLarge;
    };
    let all = format!("{digits:0<kept$}");
    let Ok(number) = format!("0{}", &all[..kept]).parse::<i128>() else {
        return Scaled::TooLarge;
    };
    let up = all[kept..].starts_with(|digit: char| digit >= '5');
    Scaled::Number(sign * (number + i128::from(up)))
}

/// A number's sign, its digits from the first that is not 0, and how many of them stay before the last place of a decimal.
fn digits(text: &str, scale: u8) -> Option<(i128, String, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let fraction = i64::try_from(fraction.len()).ok()?;
    let size = i64::try_from(digits.len()).ok()?;
    let kept = size
        .saturating_sub(fraction)
        .saturating_add(exponent)
        .saturating_add(i64::from(scale));
    Some((sign, digits.to_owned(), kept))
}

fn no_cast(what: &str, to: &str) -> Error {
    Error::new(
        Kind::InvalidCastArgument,
        format!("Cannot cast {what} to {to}"),
    )
}
