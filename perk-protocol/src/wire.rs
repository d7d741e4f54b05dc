//! What both sides of the protocol have in common: header names.

use http::HeaderName;
use perk_core::Dialect;

/// A dialect's header, by its name without prefix. `None` when that could not be a header's name.
pub(crate) fn header_name(dialect: Dialect, suffix: &str) -> Option<HeaderName> {
    let name = [dialect.header_prefix(), suffix].concat();
    HeaderName::from_bytes(name.as_bytes()).ok()
}
