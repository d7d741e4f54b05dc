//! Functions of arrays.
//!
//! | room | what is in it |
//! |---|---|
//! | [`lists`] | columns of arrays, and others made of their elements |
//! | [`access`] | one element, and where it is |
//! | [`build`] | arrays of what is none |
//! | [`combine`] | arrays of arrays, and text |
//! | [`number`] | arrays of numbers |
//! | [`order`] | in another order |
//! | [`sequence`] | from one value to another |
//! | [`set`] | arrays as sets |

mod access;
mod build;
mod combine;
pub(super) mod lists;
mod number;
pub(crate) mod order;
mod sequence;
mod set;
#[cfg(test)]
mod tests;

use super::Function;

pub(super) fn functions() -> Vec<Function> {
    [
        access::functions(),
        build::functions(),
        combine::functions(),
        number::functions(),
        order::functions(),
        sequence::functions(),
        set::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
