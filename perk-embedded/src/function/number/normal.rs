//! The normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::function::cell::{Double, each3};
use crate::function::{Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "normal_cdf",
            "Normal cdf given a mean, standard deviation, and value",
        )
        .form(
            "double, double, double -> double",
            each3::<Double, Double, Double, Double>(|mean, deviation, value| {
                if deviation.is_nan() || deviation <= 0.0 {
                    return Err(invalid("standardDeviation must be > 0"));
                }
                Ok(below((value - mean) / deviation))
            }),
        ),
        function(
            "inverse_normal_cdf",
            "Inverse of normal cdf given a mean, std, and probability",
        )
        .form(
            "double, double, double -> double",
            each3::<Double, Double, Double, Double>(|mean, deviation, p| {
                if p.is_nan() || p <= 0.0 || p >= 1.0 {
                    return Err(invalid("p must be 0 > p > 1"));
                }
                if deviation.is_nan() || deviation <= 0.0 {
                    return Err(invalid("sd must be > 0"));
                }
                Ok(mean + deviation * where_below_is(p))
            }),
        ),
    ]
}

/// How much of the standard distribution is below a value.
fn below(value: f64) -> f64 {
    let half = complement(value.abs() * FRAC_1_SQRT_2) / 2.0;
    if value < 0.0 { half } else { 1.0 - half }
}

/// The complementary error function of what is not negative.
fn complement(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x < 2.5 {
        // The error function's own series, of positive terms only.
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * f64::EPSILON / 4.0 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        return 1.0 - 2.0 / PI.sqrt() * (-x * x).exp() * sum;
    }
    // A continued fraction, from its end.
    let fraction = (1..=80)
        .rev()
        .fold(x, |below, k| x + f64::from(k) / 2.0 / below);
    (-x * x).exp() / (PI.sqrt() * fraction)
}

/// Where so much of the standard distribution is below.
fn where_below_is(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Presto 0.287 was seen to answer.
    #[test]
    fn values_are_presto_s() {
        for (ours, presto) in [
            (below(1.96), 0.975_002_104_851_779_6),
            (where_below_is(0.3), -0.524_400_512_708_040_9),
            (10.0 + 9.0 * where_below_is(0.9), 21.533_964_089_901_406),
        ] {
            let off: f64 = ours - presto;
            assert!(off.abs() < 1e-13, "{ours} is not {presto}");
        }
        assert!((below(0.0) - 0.5).abs() < f64::EPSILON);
    }
}
