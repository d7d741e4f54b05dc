//! Numbers as text, as Java spells them.

use crate::encode::text;

/// `Double.toString`.
pub(crate) fn double(value: f64) -> String {
    unquoted(|out| text::double(value, out))
}

/// `Float.toString`.
pub(crate) fn real(value: f32) -> String {
    unquoted(|out| text::real(value, out))
}

/// A decimal's digits, so many of them behind the point.
pub(crate) fn decimal(value: i128, scale: u8) -> String {
    unquoted(|out| text::decimal(value, scale.into(), out))
}

/// What JSON has no number for is written in quotes there.
fn unquoted(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    let text = String::from_utf8_lossy(&out);
    text.trim_matches('"').to_owned()
}
