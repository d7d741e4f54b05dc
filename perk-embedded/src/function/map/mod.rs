//! Functions of maps.

mod build;
pub(super) mod entries;
mod read;
#[cfg(test)]
mod tests;

use super::Function;

pub(super) fn functions() -> Vec<Function> {
    [build::functions(), read::functions()]
        .into_iter()
        .flatten()
        .collect()
}
