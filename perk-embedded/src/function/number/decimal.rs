//! Arithmetic of decimals: whole numbers whose point stands as many digits from the right as their type says.

use datafusion::arrow::datatypes::i256;

use crate::error::{Error, Kind, Result};
use crate::types::MAX_PRECISION;

/// Why something is no decimal of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    NotANumber,
    TooLarge,
}

/// What all decimals of so many digits are less than.
pub(crate) fn power_of_ten(digits: u8) -> i128 {
    10_i128.pow(digits.min(MAX_PRECISION).into())
}

fn overflow() -> Error {
    Error::new(Kind::NumericValueOutOfRange, "Decimal overflow")
}

fn division_by_zero() -> Error {
    Error::new(Kind::DivisionByZero, "Division by zero")
}

/// The value, if a decimal can be as large as it.
pub(super) fn in_range(value: Option<i128>) -> Result<i128> {
    value
        .filter(|value| value.unsigned_abs() < power_of_ten(MAX_PRECISION).unsigned_abs())
        .ok_or_else(overflow)
}

fn more_digits(value: i128, digits: u8) -> Option<i128> {
    value.checked_mul(power_of_ten(digits))
}

/// `a` and `b` with as many digits behind the point as the one that has more.
fn aligned((a, s): (i128, u8), (b, t): (i128, u8)) -> Option<(i128, i128)> {
    let scale = s.max(t);
    Some((more_digits(a, scale - s)?, more_digits(b, scale - t)?))
}

/// Numbers are pairs of the digits and how many of them are behind the point; the result has as many there as the one that
/// has more.
pub(super) fn add(a: (i128, u8), b: (i128, u8)) -> Result<i128> {
    in_range(aligned(a, b).and_then(|(a, b)| a.checked_add(b)))
}

pub(super) fn subtract(a: (i128, u8), b: (i128, u8)) -> Result<i128> {
    in_range(aligned(a, b).and_then(|(a, b)| a.checked_sub(b)))
}

/// The result has as many digits behind the point as both have.
pub(super) fn multiply((a, _): (i128, u8), (b, _): (i128, u8)) -> Result<i128> {
    in_range(a.checked_mul(b))
}

pub(super) fn divide((a, s): (i128, u8), (b, t): (i128, u8)) -> Result<i128> {
    if b == 0 {
        return Err(division_by_zero());
    }
    let shift = s.max(t) - s + t;
    if shift <= MAX_PRECISION
        && let Some(a) = more_digits(a, shift)
    {
        return in_range(Some(halves_up(a, b)));
    }
    // What does not fit here either has a quotient of more digits than there can be.
    let wide = || {
        let ten = i256::from_i128(10).checked_pow(shift.into())?;
        let (a, b) = (i256::from_i128(a).checked_mul(ten)?, i256::from_i128(b));
        let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
        let up = rest.wrapping_abs() >= b.wrapping_abs().wrapping_sub(rest.wrapping_abs());
        let sign = if a.is_negative() == b.is_negative() {
            1
        } else {
            -1
        };
        Some(quotient.to_i128()? + if up { sign } else { 0 })
    };
    in_range(wide())
}

pub(super) fn remainder((a, s): (i128, u8), (b, t): (i128, u8)) -> Result<i128> {
    if b == 0 {
        return Err(division_by_zero());
    }
    let scale = s.max(t);
    let wide = |value, digits| i256::from_i128(value).wrapping_mul(wide_power(digits));
    let rest = wide(a, scale - s).checked_rem(wide(b, scale - t));
    in_range(rest.and_then(i256::to_i128))
}

fn wide_power(digits: u8) -> i256 {
    i256::from_i128(power_of_ten(digits))
}

/// The quotient rounded to the nearest, halves away from zero.
fn halves_up(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    if rest.unsigned_abs() >= b.unsigned_abs() - rest.unsigned_abs() {
        quotient + if (a < 0) == (b < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

/// Without so many of its last digits, rounded.
pub(crate) fn without_digits(value: i128, digits: u8) -> i128 {
    match digits {
        0 => value,
        // Less than half of what the last digit left would be.
        digits if digits > MAX_PRECISION => 0,
        digits => halves_up(value, power_of_ten(digits)),
    }
}

/// The same number with another count of digits behind the point, if it has no more digits than that type.
pub(crate) fn rescale(value: i128, from: u8, (precision, scale): (u8, u8)) -> Option<i128> {
    let rescaled = if scale >= from {
        more_digits(value, scale - from)?
    } else {
        without_digits(value, from - scale)
    };
    (rescaled.unsigned_abs() < power_of_ten(precision).unsigned_abs()).then_some(rescaled)
}

/// Reads a number, with an exponent or without, as a decimal of this type, rounded (`BigDecimal`).
pub(crate) fn parse(text: &str, (precision, scale): (u8, u8)) -> std::result::Result<i128, Unfit> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => {
            let exponent: i32 = exponent.parse().map_err(|_| Unfit::NotANumber)?;
            (number, i64::from(exponent))
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Unfit::NotANumber);
    }
    let behind_point = i64::try_from(fraction.len()).unwrap_or(i64::MAX) - exponent;
    let digits = digits.trim_start_matches('0');
    let more = i64::from(scale) - behind_point;
    let value = match usize::try_from(more) {
        _ if digits.is_empty() => 0,
        Ok(more) => {
            let fitting = usize::from(MAX_PRECISION).checked_sub(digits.len());
            if fitting.is_none_or(|fitting| more > fitting) {
                return Err(Unfit::TooLarge);
            }
            read(digits)? * power_of_ten(u8::try_from(more).unwrap_or(MAX_PRECISION))
        }
        Err(_) => {
            let cut = usize::try_from(more.unsigned_abs()).unwrap_or(usize::MAX);
            match digits.len().checked_sub(cut) {
                Some(kept) => {
                    let (kept, rest) = digits.split_at(kept);
                    read(kept)? + i128::from(rest.as_bytes()[0] >= b'5')
                }
                None => 0,
            }
        }
    };
    if value >= power_of_ten(precision) {
        return Err(Unfit::TooLarge);
    }
    Ok(if negative { -value } else { value })
}

/// Digits without a sign, perhaps none.
fn read(digits: &str) -> std::result::Result<i128, Unfit> {
    match digits.len() {
        0 => Ok(0),
        length if length > MAX_PRECISION.into() => Err(Unfit::TooLarge),
        _ => digits.parse().map_err(|_| Unfit::NotANumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_decimals() {
        for (text, kind, value) in [
            ("1.255", (4, 2), Ok(126)),
            ("-1.255", (4, 2), Ok(-126)),
            ("1e2", (5, 2), Ok(10_000)),
            ("125e-2", (5, 1), Ok(13)),
            ("+.5", (5, 2), Ok(50)),
            ("5.", (5, 2), Ok(500)),
            (
                "0.0000000000000000000000000000000000000000001",
                (5, 2),
                Ok(0),
            ),
            ("0e99", (5, 2), Ok(0)),
            ("9.999", (3, 2), Err(Unfit::TooLarge)),
            ("1e2000000000", (38, 0), Err(Unfit::TooLarge)),
            ("", (5, 2), Err(Unfit::NotANumber)),
            (" 1", (5, 2), Err(Unfit::NotANumber)),
            ("1x", (5, 2), Err(Unfit::NotANumber)),
            ("-", (5, 2), Err(Unfit::NotANumber)),
        ] {
            assert_eq!(parse(text, kind), value, "{text}");
        }
    }

    #[test]
    fn quotients_are_rounded_half_up() {
        assert_eq!(divide((75, 1), (2, 0)), Ok(38));
        assert_eq!(divide((-75, 1), (2, 0)), Ok(-38));
        assert_eq!(divide((74, 1), (-3, 0)), Ok(-25));
        let third = divide((power_of_ten(20), 20), (3 * power_of_ten(10), 10));
        assert_eq!(third, Ok(33_333_333_333_333_333_333));
    }
}
