//! Numbers as bits.

use crate::error::Result;
use crate::function::cell::{Bigint, Integer, Smallint, Tinyint, each1, each2, each3};
use crate::function::{Function, function, invalid};

/// The same form for each type of whole numbers. What is shifted by is a `u32`, beyond the type's bits where the statement
/// has a negative number.
macro_rules! shift_forms {
    ($function:expr, |$value:ident, $shift:ident| $work:expr) => {
        $function
            .form(
                "bigint, integer -> bigint",
                each2::<Bigint, Integer, Bigint>(|$value, shift| {
                    let $shift = shift.cast_unsigned();
                    Ok($work)
                }),
            )
            .form(
                "integer, integer -> integer",
                each2::<Integer, Integer, Integer>(|$value, shift| {
                    let $shift = shift.cast_unsigned();
                    Ok($work)
                }),
            )
            .form(
                "smallint, integer -> smallint",
                each2::<Smallint, Integer, Smallint>(|$value, shift| {
                    let $shift = shift.cast_unsigned();
                    Ok($work)
                }),
            )
            .form(
                "tinyint, integer -> tinyint",
                each2::<Tinyint, Integer, Tinyint>(|$value, shift| {
                    let $shift = shift.cast_unsigned();
                    Ok($work)
                }),
            )
    };
}

pub(super) fn functions() -> Vec<Function> {
    vec![
        of_two(
            "bitwise_and",
            "bitwise AND in 2's complement arithmetic",
            |a, b| a & b,
        ),
        of_two(
            "bitwise_or",
            "bitwise OR in 2's complement arithmetic",
            |a, b| a | b,
        ),
        of_two(
            "bitwise_xor",
            "bitwise XOR in 2's complement arithmetic",
            |a, b| a ^ b,
        ),
        function("bitwise_not", "bitwise NOT in 2's complement arithmetic").form(
            "bigint -> bigint",
            each1::<Bigint, Bigint>(|value| Ok(!value)),
        ),
        function(
            "bit_count",
            "count number of set bits in 2's complement representation",
        )
        .form(
            "bigint, bigint -> bigint",
            each2::<Bigint, Bigint, Bigint>(bit_count),
        ),
        shift_forms!(
            function("bitwise_left_shift", "bitwise left shift"),
            |value, shift| value.checked_shl(shift).unwrap_or(0)
        ),
        shift_forms!(
            function("bitwise_right_shift", "bitwise logical right shift"),
            |value, shift| {
                value
                    .cast_unsigned()
                    .checked_shr(shift)
                    .unwrap_or(0)
                    .cast_signed()
            }
        ),
        shift_forms!(
            function(
                "bitwise_right_shift_arithmetic",
                "bitwise arithmetic right shift"
            ),
            |value, shift| value
                .checked_shr(shift)
                .unwrap_or(if value < 0 { -1 } else { 0 })
        ),
        function(
            "bitwise_shift_left",
            "shift left operation with specified bits",
        )
        .form(
            "bigint, bigint, bigint -> bigint",
            each3::<Bigint, Bigint, Bigint, Bigint>(shift_left),
        ),
        function(
            "bitwise_logical_shift_right",
            "logical shift right operation with specified bits",
        )
        .form(
            "bigint, bigint, bigint -> bigint",
            each3::<Bigint, Bigint, Bigint, Bigint>(logical_shift_right),
        ),
        function(
            "bitwise_arithmetic_shift_right",
            "arithmetic shift right operation",
        )
        .form(
            "bigint, bigint -> bigint",
            each2::<Bigint, Bigint, Bigint>(|value, shift| Ok(value >> places(shift)?)),
        ),
    ]
}

fn of_two(name: &'static str, description: &'static str, work: fn(i64, i64) -> i64) -> Function {
    function(name, description).form(
        "bigint, bigint -> bigint",
        each2::<Bigint, Bigint, Bigint>(move |a, b| Ok(work(a, b))),
    )
}

fn bit_count(value: i64, bits: i64) -> Result<i64> {
    let bits = known_bits(bits).ok_or_else(|| {
        invalid(format!(
            "Bits specified in bit_count must be between 2 and 64, got {bits}"
        ))
    })?;
    let unused = value >> (bits - 1);
    if unused != 0 && unused != -1 {
        return Err(invalid(format!(
            "Number must be representable with the bits specified. {value} can not be represented with {bits} bits"
        )));
    }
    Ok((value & mask(bits)).count_ones().into())
}

fn shift_left(value: i64, shift: i64, bits: i64) -> Result<i64> {
    let bits = known_bits(bits).ok_or_else(|| {
        invalid(format!(
            "Bits specified must be between 2 and 64, got {bits}"
        ))
    })?;
    Ok(value.wrapping_shl(low_six(shift)) & mask(bits))
}

fn logical_shift_right(value: i64, shift: i64, bits: i64) -> Result<i64> {
    let bits = known_bits(bits).ok_or_else(|| {
        invalid(format!(
            "Bits specified in must be between 2 and 64, got {bits}"
        ))
    })?;
    let shift = if bits == 64 {
        low_six(shift)
    } else {
        places(shift)?
    };
    Ok(((value & mask(bits)).cast_unsigned() >> shift).cast_signed())
}

fn known_bits(bits: i64) -> Option<u32> {
    u32::try_from(bits)
        .ok()
        .filter(|bits| (2..=64).contains(bits))
}

fn mask(bits: u32) -> i64 {
    (u64::MAX >> (64 - bits)).cast_signed()
}

/// How far to shift; Java takes no more than the last six bits.
fn places(shift: i64) -> Result<u32> {
    if shift < 0 {
        return Err(invalid("Specified shift must be positive".to_owned()));
    }
    Ok(low_six(shift))
}

fn low_six(shift: i64) -> u32 {
    u32::try_from(shift & 63).unwrap_or(0)
}
