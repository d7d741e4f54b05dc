//! Signs, and numbers with fewer digits.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Float32Type, Float64Type};

use super::decimal::{in_range, power_of_ten, without_digits};
use super::float::to_real;
use crate::error::{Error, Kind, Result};
use crate::function::cell::{
    Bigint, Decimal, Double, Integer, Real, Smallint, Tinyint, each1, each2,
};
use crate::function::signature::Bound;
use crate::function::{Call, Function, function};
use crate::types::{MAX_PRECISION, Type};

/// The same form for each type of whole numbers, with the type's name.
macro_rules! integer_forms {
    ($function:expr, |$value:ident, $kind:ident| $work:expr) => {
        $function
            .form(
                "bigint -> bigint",
                each1::<Bigint, Bigint>(|$value| {
                    let $kind = Type::Bigint;
                    $work
                }),
            )
            .form(
                "integer -> integer",
                each1::<Integer, Integer>(|$value| {
                    let $kind = Type::Integer;
                    $work
                }),
            )
            .form(
                "smallint -> smallint",
                each1::<Smallint, Smallint>(|$value| {
                    let $kind = Type::Smallint;
                    $work
                }),
            )
            .form(
                "tinyint -> tinyint",
                each1::<Tinyint, Tinyint>(|$value| {
                    let $kind = Type::Tinyint;
                    $work
                }),
            )
    };
}

pub(super) fn functions() -> Vec<Function> {
    let ceil = whole(
        "ceil",
        "round up to nearest integer",
        f64::ceil,
        |value, scale| -(-value).div_euclid(power_of_ten(scale)),
    );
    vec![
        abs(),
        sign(),
        ceil.also("ceiling"),
        ceil,
        whole(
            "floor",
            "round down to nearest integer",
            f64::floor,
            |value, scale| value.div_euclid(power_of_ten(scale)),
        ),
        round(),
        truncate(),
    ]
}

fn abs() -> Function {
    let abs = integer_forms!(function("abs", "absolute value"), |value, kind| {
        value.checked_abs().ok_or_else(|| {
            let message = format!("Value {value} is out of range for abs({kind})");
            Error::new(Kind::NumericValueOutOfRange, message)
        })
    });
    let abs = floats(abs, f64::abs);
    abs.form(
        "decimal(p,s) -> decimal(p,s)",
        each1::<Decimal, Decimal>(|value| Ok(value.abs())),
    )
}

fn sign() -> Function {
    let sign = integer_forms!(
        function("sign", "signum"),
        |value, _kind| Ok(value.signum())
    );
    // Zeros keep their own sign.
    let signum = |value: f64| if value == 0.0 { value } else { value.signum() };
    let sign = floats(sign, signum);
    decimals(sign, |_, _| (1, 0), |value, _| value.signum())
}

/// A function whose results are whole.
fn whole(
    name: &'static str,
    description: &'static str,
    of_float: fn(f64) -> f64,
    of_decimal: fn(i128, u8) -> i128,
) -> Function {
    let function = unchanged(function(name, description));
    decimals(floats(function, of_float), whole_digits, of_decimal)
}

fn round() -> Function {
    let round = unchanged(function("round", "round to nearest integer"));
    let round = floats(round, |value| rounded(value, 0))
        // Whole numbers have no digits there to round, and those before the point stay.
        .form(
            "bigint, integer -> bigint",
            each2::<Bigint, Integer, Bigint>(|value, _| Ok(value)),
        )
        .form(
            "integer, integer -> integer",
            each2::<Integer, Integer, Integer>(|value, _| Ok(value)),
        )
        .form(
            "smallint, integer -> smallint",
            each2::<Smallint, Integer, Smallint>(|value, _| Ok(value)),
        )
        .form(
            "tinyint, integer -> tinyint",
            each2::<Tinyint, Integer, Tinyint>(|value, _| Ok(value)),
        )
        .form(
            "double, integer -> double",
            each2::<Double, Integer, Double>(|value, digits| Ok(rounded(value, digits))),
        )
        .form(
            "real, integer -> real",
            each2::<Real, Integer, Real>(|value, digits| {
                Ok(to_real(rounded(value.into(), digits)))
            }),
        );
    let round = decimals(
        round,
        |precision, scale| ((precision - scale + scale.min(1)).min(MAX_PRECISION), 0),
        without_digits,
    );
    decimals_to_digits(
        round,
        |precision, scale| ((precision + 1).min(MAX_PRECISION), scale),
        without_digits,
    )
}

fn truncate() -> Function {
    let cut = |value, digits| value / power_of_ten(digits);
    let truncate = function(
        "truncate",
        "round to integer by dropping digits after decimal point",
    );
    let truncate = decimals(
        truncate,
        |precision, scale| ((precision - scale).max(1), 0),
        cut,
    );
    let truncate = decimals_to_digits(truncate, |precision, scale| (precision, scale), cut);
    floats(truncate, f64::trunc)
        .form(
            "double, integer -> double",
            each2::<Double, Integer, Double>(|value, digits| {
                Ok(cut_text(value, &value.to_string(), digits))
            }),
        )
        .form(
            "real, integer -> real",
            each2::<Real, Integer, Real>(|value, digits| {
                Ok(to_real(cut_text(value.into(), &value.to_string(), digits)))
            }),
        )
}

/// Whole numbers as they are.
fn unchanged(function: Function) -> Function {
    integer_forms!(function, |value, _kind| Ok(value))
}

fn floats(function: Function, work: fn(f64) -> f64) -> Function {
    function
        .form("double -> double", move |call| {
            let values = call.arguments[0].as_primitive::<Float64Type>();
            Ok(Arc::new(values.unary::<_, Float64Type>(work)))
        })
        .form("real -> real", move |call| {
            let values = call.arguments[0].as_primitive::<Float32Type>();
            Ok(Arc::new(values.unary::<_, Float32Type>(|value| {
                to_real(work(value.into()))
            })))
        })
}

/// Digits of a decimal rounded to a whole number, which may get one more.
fn whole_digits(precision: u8, scale: u8) -> (u8, u8) {
    (precision - scale + scale.min(1), 0)
}

/// Precision and scale that come of others.
type Digits = fn(u8, u8) -> (u8, u8);

fn bind_decimal(arguments: &[Type], digits: Digits) -> Option<Bound> {
    let (kind, rest) = arguments.split_first()?;
    let (precision, scale) = kind.as_decimal()?;
    let mut wanted = vec![Type::Decimal(precision, scale)];
    wanted.extend(rest.iter().map(|_| Type::Integer));
    if !rest.iter().all(|kind| kind.coerces_to(&Type::Integer)) {
        return None;
    }
    let (p, s) = digits(precision, scale);
    Some(Bound {
        arguments: wanted,
        returns: Type::Decimal(p, s),
        // Nearer than any floating-point number is.
        distance: if kind.is_integer() { 2 } else { 0 },
    })
}

fn digits_of(call: &Call<'_>) -> (u8, u8) {
    match call.types.first() {
        Some(Type::Decimal(precision, scale)) => (*precision, *scale),
        _ => (MAX_PRECISION, 0),
    }
}

/// A form for decimals, whose work is given how many digits are behind the point.
fn decimals(function: Function, digits: Digits, work: fn(i128, u8) -> i128) -> Function {
    function.form_by_rule(
        "decimal(p,s) -> decimal(p,s)",
        move |arguments, _| bind_decimal(arguments, digits).filter(|_| arguments.len() == 1),
        move |call| {
            let (_, scale) = digits_of(call);
            each1::<Decimal, Decimal>(move |value| Ok(work(value, scale)))(call)
        },
    )
}

/// A form for decimals and how many digits to keep; the work takes some from the end, which become zeros.
fn decimals_to_digits(
    function: Function,
    digits: Digits,
    without: fn(i128, u8) -> i128,
) -> Function {
    function.form_by_rule(
        "decimal(p,s), integer -> decimal(p,s)",
        move |arguments, _| bind_decimal(arguments, digits).filter(|_| arguments.len() == 2),
        move |call| {
            let (precision, scale) = digits_of(call);
            let work = move |value: i128, kept: i32| -> Result<i128> {
                // All digits gone is zero, also of what would be rounded up.
                if i32::from(precision - scale).saturating_add(kept) <= 0 {
                    return Ok(0);
                }
                match u8::try_from(i32::from(scale).saturating_sub(kept)) {
                    Ok(cut) => in_range(without(value, cut).checked_mul(power_of_ten(cut))),
                    Err(_) => Ok(value),
                }
            };
            each2::<Decimal, Integer, Decimal>(work)(call)
        },
    )
}

/// To so many digits behind the point, halves away from zero (`MathFunctions.round`, which goes through `bigint`).
fn rounded(value: f64, digits: i32) -> f64 {
    const LARGEST: f64 = 9_223_372_036_854_775_807.0;
    if !value.is_finite() {
        return value;
    }
    let factor = 10_f64.powf(digits.into());
    let shifted = value.abs() * factor;
    let whole = if shifted.is_nan() {
        0.0
    } else {
        shifted.round().min(LARGEST)
    };
    let rounded = whole / factor;
    if value < 0.0 { -rounded } else { rounded }
}

/// Without the digits beyond those, as the shortest text of the number has them.
fn cut_text(value: f64, text: &str, digits: i32) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let point = text.find('.').unwrap_or(text.len());
    let kept = match usize::try_from(digits) {
        Ok(0) => text[..point].to_owned(),
        Ok(digits) => {
            let end = point.saturating_add(1).saturating_add(digits);
            text[..end.min(text.len())].to_owned()
        }
        Err(_) => {
            let zeros = usize::try_from(digits.unsigned_abs()).unwrap_or(usize::MAX);
            let start = usize::from(text.starts_with('-'));
            match point.checked_sub(zeros).filter(|end| *end > start) {
                Some(end) => format!("{}{}", &text[..end], "0".repeat(zeros)),
                None => return 0.0,
            }
        }
    };
    kept.parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_rounded_as_in_java() {
        for (value, digits, wanted) in [
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (2.345, 2, 2.35),
            (-1.005, 2, -1.0),
            (1234.5, -2, 1200.0),
            (1e20, 2, 9.223_372_036_854_776e16),
            (1.5, 400, 0.0),
        ] {
            assert_eq!(
                rounded(value, digits).to_bits(),
                f64::to_bits(wanted),
                "{value}"
            );
        }
    }
}
