//! Floating-point numbers made others, as Java's casts do it.

/// The nearest `real`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest is what is asked for"
)]
pub(crate) fn to_real(value: f64) -> f32 {
    value as f32
}

/// The whole part, or the `bigint` that is nearest to it; 0 for what is no number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest is what is asked for"
)]
pub(crate) fn to_bigint(value: f64) -> i64 {
    value as i64
}

/// The nearest `double`.
#[expect(
    clippy::cast_precision_loss,
    reason = "the nearest is what is asked for"
)]
pub(crate) fn of_bigint(value: i64) -> f64 {
    value as f64
}

/// Whether rounding to a whole number gives a `bigint`.
pub(crate) fn is_bigint(value: f64) -> bool {
    const END: f64 = 9_223_372_036_854_775_808.0;
    (-END..END).contains(&value.round())
}
