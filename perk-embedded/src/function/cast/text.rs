//! Casts of text to numbers, booleans and bytes, of numbers and booleans to text, and between lengths of text.

use datafusion::arrow::array::ArrayRef;

use super::each;
use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::cell::{
    Bigint, Boolean, Bytes, Cell, Decimal, Double, Integer, Real, Smallint, Text, Tinyint,
};
use crate::function::number::decimal::{self, Unfit};
use crate::function::number::{float, spelled};
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(from: &Type, to: &Type) -> bool {
    let plain = |kind: &Type| kind.is_numeric() || *kind == Type::Boolean;
    match (from, to) {
        (Type::Varchar(_), to) => to.is_text() || plain(to) || *to == Type::Varbinary,
        (Type::Char(_), to) => to.is_text(),
        (from, Type::Varchar(_)) => plain(from),
        _ => false,
    }
}

/// Makes values of one type values of another.
pub(super) fn cast(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    match (from, to) {
        (Type::Varchar(_) | Type::Char(_), Type::Varchar(_) | Type::Char(_)) => {
            with_length(values, from, to, call)
        }
        (Type::Varchar(_), _) => read(values, to, call),
        _ => write(values, from, to, call),
    }
}

/// What text is of a type, in the form that its spelling there has.
fn read(values: &ArrayRef, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    match *to {
        Type::Boolean => each::<Text, Boolean>(values, to, call, boolean),
        Type::Tinyint => integers::<i8, Tinyint>(values, to, call),
        Type::Smallint => integers::<i16, Smallint>(values, to, call),
        Type::Integer => integers::<i32, Integer>(values, to, call),
        Type::Bigint => integers::<i64, Bigint>(values, to, call),
        Type::Decimal(precision, scale) => each::<Text, Decimal>(values, to, call, |text| {
            decimal::parse(text, (precision, scale)).map_err(|unfit| {
                let why = match unfit {
                    Unfit::NotANumber => "Value is not a number.",
                    Unfit::TooLarge => "Value too large.",
                };
                no_cast(format!(
                    "Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale}). {why}"
                ))
            })
        }),
        Type::Real => each::<Text, Real>(values, to, call, |text| {
            let read = java_number(text, |decimal| decimal.parse().ok(), float::to_real);
            read.ok_or_else(|| unreadable(text, "REAL"))
        }),
        Type::Varbinary => each::<Text, Bytes>(values, to, call, |text| Ok(text.into())),
        _ => each::<Text, Double>(values, to, call, |text| {
            let read = java_number(text, |decimal| decimal.parse().ok(), |value| value);
            read.ok_or_else(|| unreadable(text, "DOUBLE"))
        }),
    }
}

fn integers<T, C>(values: &ArrayRef, to: &Type, call: &Call<'_>) -> Result<ArrayRef>
where
    T: std::str::FromStr,
    C: Cell<Made = T>,
{
    each::<Text, C>(values, to, call, |text| {
        text.trim().parse().map_err(|_| {
            let kind = match to {
                Type::Integer => "INT".to_owned(),
                to => to.to_string().to_uppercase(),
            };
            unreadable(text, &kind)
        })
    })
}

fn boolean(text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "1" => Ok(true),
        "f" | "false" | "0" => Ok(false),
        _ => Err(unreadable(text, "BOOLEAN")),
    }
}

/// A number as `Double.parseDouble` reads it: names in one spelling only, hexadecimal digits, and letters that C has behind
/// numbers.
fn java_number<T>(
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
    of_double: impl FnOnce(f64) -> T,
) -> Option<T> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        "NaN" => return Some(of_double(f64::NAN)),
        "Infinity" => return Some(of_double(sign * f64::INFINITY)),
        _ => {}
    }
    if let Some(digits) = unsigned.strip_prefix("0x").or(unsigned.strip_prefix("0X")) {
        return hexadecimal(digits).map(|value| of_double(sign * value));
    }
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    is_number
        .then(|| text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text))
        .and_then(read)
}

/// `1.8p3`: hexadecimal digits, and a power of two that must not be left out.
fn hexadecimal(text: &str) -> Option<f64> {
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut value = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let behind_point = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let exponent: i32 = exponent.parse().ok()?;
    let is_empty = whole.is_empty() && fraction.is_empty();
    (!is_empty).then(|| value * 2_f64.powi(exponent.saturating_sub(behind_point)))
}

/// Numbers and booleans as text. Presto does not look whether that fits.
fn write(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    match from {
        Type::Boolean => each::<Boolean, Text>(values, to, call, |value| Ok(value.to_string())),
        Type::Tinyint => each::<Tinyint, Text>(values, to, call, |value| Ok(value.to_string())),
        Type::Smallint => each::<Smallint, Text>(values, to, call, |value| Ok(value.to_string())),
        Type::Integer => each::<Integer, Text>(values, to, call, |value| Ok(value.to_string())),
        Type::Bigint => each::<Bigint, Text>(values, to, call, |value| Ok(value.to_string())),
        Type::Real => each::<Real, Text>(values, to, call, |value| Ok(spelled::real(value))),
        Type::Decimal(_, scale) => each::<Decimal, Text>(values, to, call, |value| {
            Ok(spelled::decimal(value, *scale))
        }),
        _ => each::<Double, Text>(values, to, call, |value| Ok(spelled::double(value))),
    }
}

/// Text with no more characters than its type has. A `char` has its spaces again when it is a `varchar`.
fn with_length(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let most = match to {
        Type::Varchar(length) => *length,
        Type::Char(length) => Some(*length),
        _ => None,
    };
    let padded = match (from, to) {
        (Type::Char(length), Type::Varchar(_)) => usize::try_from(*length).unwrap_or(usize::MAX),
        _ => 0,
    };
    let fitting = match (from, most) {
        (_, None) => true,
        (Type::Varchar(Some(length)) | Type::Char(length), Some(most)) => *length <= most,
        _ => false,
    };
    if fitting && padded == 0 && !matches!(to, Type::Char(_)) {
        return Ok(values.clone());
    }
    let shaped = |text: &str| {
        let cut = most.map_or(text, |most| first(text, most));
        if let Type::Char(_) = to {
            return cut.trim_end_matches(' ').to_owned();
        }
        let wanted = most.map_or(padded, |most| {
            padded.min(usize::try_from(most).unwrap_or(usize::MAX))
        });
        cut.to_owned() + &" ".repeat(wanted.saturating_sub(cut.chars().count()))
    };
    each::<Text, Text>(values, to, call, |text| Ok(shaped(text)))
}

/// No more than so many characters.
fn first(text: &str, characters: u32) -> &str {
    let end = usize::try_from(characters)
        .ok()
        .and_then(|characters| text.char_indices().nth(characters));
    end.map_or(text, |(end, _)| &text[..end])
}

fn unreadable(text: &str, kind: &str) -> Error {
    no_cast(format!("Cannot cast '{text}' to {kind}"))
}

fn no_cast(message: String) -> Error {
    Error::new(Kind::InvalidCastArgument, message)
}
