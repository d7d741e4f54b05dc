//! Numbers written in another base than ten.

use crate::error::Result;
use crate::function::cell::{Bigint, Text, each2};
use crate::function::{Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("to_base", "convert a number to a string in the given base").form(
            "bigint, bigint -> varchar(64)",
            each2::<Bigint, Bigint, Text>(|value, base| Ok(written(value, radix(base)?))),
        ),
        function(
            "from_base",
            "convert a string in the given base to a number",
        )
        .form(
            "varchar(x), bigint -> bigint",
            each2::<Text, Bigint, Bigint>(|text, base| {
                i64::from_str_radix(text, radix(base)?)
                    .map_err(|_| invalid(format!("Not a valid base-{base} number: {text}")))
            }),
        ),
    ]
}

fn radix(base: i64) -> Result<u32> {
    let radix = u32::try_from(base).ok();
    radix
        .filter(|radix| (2..=36).contains(radix))
        .ok_or_else(|| invalid("Radix must be between 2 and 36".to_owned()))
}

fn written(value: i64, radix: u32) -> String {
    let mut rest = value.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % u64::from(radix)).unwrap_or_default();
        digits.extend(char::from_digit(digit, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    let sign = (value < 0).then_some('-');
    sign.into_iter().chain(digits.into_iter().rev()).collect()
}
