//! Functions and operators of numbers.
//!
//! | room | what is in it |
//! |---|---|
//! | [`operators`] | `+`, `-`, `*`, `/`, `%` |
//! | [`decimal`] | arithmetic of decimals |
//! | [`rounding`] | signs, and fewer digits |
//! | [`elementary`] | powers, logarithms, angles, constants |
//! | [`statistics`], [`normal`] | buckets and confidence, the normal distribution |
//! | [`bits`], [`bases`] | numbers as bits, and in other bases |
//! | [`order`] | `greatest` and `least`, of any type |
//! | [`random`] | random numbers |
//! | [`spelled`], [`float`] | text and other numbers as Java makes them |

mod bases;
mod bits;
pub(crate) mod decimal;
mod elementary;
pub(crate) mod float;
mod normal;
mod operators;
mod order;
mod random;
mod rounding;
pub(crate) mod spelled;
mod statistics;
#[cfg(test)]
mod tests;

use super::Function;

pub(super) fn functions() -> Vec<Function> {
    [
        operators::functions(),
        rounding::functions(),
        elementary::functions(),
        statistics::functions(),
        normal::functions(),
        bits::functions(),
        bases::functions(),
        order::functions(),
        random::functions(),
    ]
    .concat()
}
