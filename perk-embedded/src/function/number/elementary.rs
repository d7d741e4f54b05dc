//! Powers, logarithms and angles, constants, and what is no number.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Float64Type;

use crate::function::cell::{Boolean, Double, each1, each2};
use crate::function::{Function, function};

pub(super) fn functions() -> Vec<Function> {
    let power = of_two("power", "value raised to the power of exponent", raised);
    vec![
        of_one("sqrt", "square root", f64::sqrt),
        of_one("cbrt", "cube root", f64::cbrt),
        of_one("exp", "Euler's number raised to the given power", f64::exp),
        of_one("ln", "natural logarithm", f64::ln),
        // As Java has it, which is not always the nearest.
        of_one("log2", "logarithm to base 2", |value| {
            value.ln() / std::f64::consts::LN_2
        }),
        of_one("log10", "logarithm to base 10", f64::log10),
        of_one(
            "degrees",
            "converts an angle in radians to degrees",
            f64::to_degrees,
        ),
        of_one(
            "radians",
            "converts an angle in degrees to radians",
            f64::to_radians,
        ),
        of_one("sin", "sine", f64::sin),
        of_one("cos", "cosine", f64::cos),
        of_one("tan", "tangent", f64::tan),
        of_one("asin", "arc sine", f64::asin),
        of_one("acos", "arc cosine", f64::acos),
        of_one("atan", "arc tangent", f64::atan),
        of_one("cosh", "hyperbolic cosine", f64::cosh),
        of_one("tanh", "hyperbolic tangent", f64::tanh),
        of_two("atan2", "arc tangent of given fraction", f64::atan2),
        power.also("pow"),
        power,
        constant("pi", "the constant Pi", std::f64::consts::PI),
        constant("e", "Euler's number", std::f64::consts::E),
        constant("nan", "constant representing not-a-number", f64::NAN),
        constant("infinity", "Infinity", f64::INFINITY),
        test("is_nan", "test if value is not-a-number", f64::is_nan),
        test("is_finite", "test if value is finite", f64::is_finite),
        test("is_infinite", "test if value is infinite", f64::is_infinite),
    ]
}

/// `Math.pow`: C finds that 1 stays 1 whatever it is raised to.
fn raised(base: f64, exponent: f64) -> f64 {
    let is_one = base.abs().total_cmp(&1.0).is_eq();
    if exponent.is_nan() || (is_one && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

fn of_one(name: &'static str, description: &'static str, work: fn(f64) -> f64) -> Function {
    function(name, description).form("double -> double", move |call| {
        let values = call.arguments[0].as_primitive::<Float64Type>();
        Ok(Arc::new(values.unary::<_, Float64Type>(work)))
    })
}

fn of_two(name: &'static str, description: &'static str, work: fn(f64, f64) -> f64) -> Function {
    function(name, description).form(
        "double, double -> double",
        each2::<Double, Double, Double>(move |a, b| Ok(work(a, b))),
    )
}

fn constant(name: &'static str, description: &'static str, value: f64) -> Function {
    function(name, description).form("-> double", move |call| {
        call.rows::<Double>(|_| Ok(Some(value)))
    })
}

fn test(name: &'static str, description: &'static str, test: fn(f64) -> bool) -> Function {
    function(name, description).form(
        "double -> boolean",
        each1::<Double, Boolean>(move |value| Ok(test(value))),
    )
}
