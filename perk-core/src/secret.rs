//! A value that must not be shown.

use std::fmt;
use std::sync::Arc;

/// A client's credential. It has no `Display`, its `Debug` hides it, and it cannot be serialised: whoever
/// stores one must take it out on purpose, and then must encrypt it (promise P6).
///
/// ```
/// let secret = perk_core::Secret::new("Basic dXNlcjpwYXNz");
/// assert_eq!(format!("{secret:?}"), "Secret(hidden)");
/// assert_eq!(secret.reveal(), "Basic dXNlcjpwYXNz");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value in custody.
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends it on.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
