use serde_json::{Value, json};

use crate::testing::{error, value};

fn check(cases: &[(&str, &str, Value)]) {
    for (expression, kind, expected) in cases {
        assert_eq!(
            value(expression),
            ((*kind).to_owned(), expected.clone()),
            "{expression}"
        );
    }
}

/// As Presto 0.287 was seen to answer.
#[test]
fn whole_numbers_are_computed_as_presto_does() {
    check(&[
        ("7 / 2", "integer", json!(3)),
        ("-7 % 3", "integer", json!(-1)),
        ("TINYINT '1' + SMALLINT '2'", "smallint", json!(3)),
        ("TINYINT '100' * 2", "integer", json!(200)),
        ("BIGINT '-9223372036854775808' % -1", "bigint", json!(0)),
        ("- -5", "integer", json!(5)),
        ("1 + NULL", "integer", json!(null)),
        ("TRY(1 / 0)", "integer", json!(null)),
        (
            "abs(BIGINT '-9000000000')",
            "bigint",
            json!(9_000_000_000_i64),
        ),
        ("sign(-3)", "integer", json!(-1)),
        ("round(BIGINT '15', -1)", "bigint", json!(15)),
        ("mod(-7, 3)", "integer", json!(-1)),
        ("greatest(1, BIGINT '5')", "bigint", json!(5)),
        ("least(3, 1, 2)", "integer", json!(1)),
        ("greatest(1, NULL)", "integer", json!(null)),
        ("to_base(-255, 16)", "varchar(64)", json!("-ff")),
        ("from_base('FF', 16)", "bigint", json!(255)),
        ("width_bucket(5.3e0, 10, 0, 5)", "bigint", json!(3)),
    ]);
}

#[test]
fn decimals_have_presto_s_digits() {
    check(&[
        ("1.10 + 2.205", "decimal(5,3)", json!("3.305")),
        ("1.5 - BIGINT '1'", "decimal(21,1)", json!("0.5")),
        ("-0.1 * 0.1", "decimal(2,2)", json!("-0.01")),
        ("-7.5 / 2", "decimal(2,1)", json!("-3.8")),
        ("1 / 3.000", "decimal(16,3)", json!("0.333")),
        ("10 % 3.3", "decimal(2,1)", json!("0.1")),
        ("mod(5.5, 2)", "decimal(2,1)", json!("1.5")),
        ("1.5 + 1e0", "double", json!(2.5)),
        ("2.5 * REAL '2'", "real", json!(5.0)),
        ("round(-2.5)", "decimal(2,0)", json!("-3")),
        ("round(9.95, 1)", "decimal(4,2)", json!("10.00")),
        ("round(1234.567, -2)", "decimal(8,3)", json!("1200.000")),
        ("round(0.5, 0)", "decimal(2,1)", json!("0.0")),
        ("floor(-0.5)", "decimal(1,0)", json!("-1")),
        ("ceil(9.9)", "decimal(2,0)", json!("10")),
        ("truncate(-1.79, 1)", "decimal(3,2)", json!("-1.70")),
        ("truncate(5)", "decimal(10,0)", json!("5")),
        ("sign(-1.5)", "decimal(1,0)", json!("-1")),
        ("DECIMAL '00.50'", "decimal(2,2)", json!("0.50")),
        ("typeof(1.5 * NULL)", "varchar", json!("decimal(3,1)")),
    ]);
}

#[test]
fn floating_point_numbers_are_java_s() {
    check(&[
        ("-1e0 / 0", "double", json!("-Infinity")),
        ("5e0 % 0", "double", json!("NaN")),
        ("REAL '1' / REAL '3'", "real", json!(0.333_333_34)),
        ("round(2.345e0, 2)", "double", json!(2.35)),
        ("round(REAL '-0.5')", "real", json!(-1.0)),
        ("truncate(1.567e0, 2)", "double", json!(1.56)),
        ("truncate(REAL '-123.456', -1)", "real", json!(-120.0)),
        ("sign(nan())", "double", json!("NaN")),
        ("pow(2e0, 0.5e0)", "double", json!(std::f64::consts::SQRT_2)),
        ("is_infinite(infinity())", "boolean", json!(true)),
        (
            "wilson_interval_lower(1250, 1310, 1.96e0)",
            "double",
            json!(0.941_488_372_539_589_4),
        ),
        ("random() < 1", "boolean", json!(true)),
        ("random(5) BETWEEN 0 AND 4", "boolean", json!(true)),
        (
            "secure_random(3, 5) BETWEEN 3 AND 4",
            "boolean",
            json!(true),
        ),
    ]);
}

#[test]
fn bits_are_java_s() {
    check(&[
        ("bit_count(-8, 6)", "bigint", json!(3)),
        ("bitwise_xor(12, 10)", "bigint", json!(6)),
        ("bitwise_shift_left(7, 2, 4)", "bigint", json!(12)),
        ("bitwise_shift_left(1, 64, 64)", "bigint", json!(1)),
        (
            "bitwise_logical_shift_right(-1, 1, 8)",
            "bigint",
            json!(127),
        ),
        ("bitwise_arithmetic_shift_right(-8, 1)", "bigint", json!(-4)),
        ("bitwise_left_shift(1, 33)", "integer", json!(0)),
        ("bitwise_left_shift(TINYINT '127', 1)", "tinyint", json!(-2)),
        (
            "bitwise_right_shift(-1, 1)",
            "integer",
            json!(2_147_483_647),
        ),
        (
            "bitwise_right_shift_arithmetic(-8, 40)",
            "integer",
            json!(-1),
        ),
    ]);
}

#[test]
fn what_has_no_result_fails_as_in_presto() {
    for (expression, name) in [
        ("2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("-INTEGER '-2147483648'", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("abs(TINYINT '-128')", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("1 / 0", "DIVISION_BY_ZERO"),
        ("1.5 % 0", "DIVISION_BY_ZERO"),
        (
            "DECIMAL '99999999999999999999999999999999999999' + 1",
            "NUMERIC_VALUE_OUT_OF_RANGE",
        ),
        ("1 + 'a'", "SYNTAX_ERROR"),
        ("BIGINT 'x'", "SYNTAX_ERROR"),
        ("INTEGER 'x'", "INVALID_CAST_ARGUMENT"),
        ("DECIMAL 'x'", "GENERIC_INTERNAL_ERROR"),
        ("greatest(nan(), 1e0)", "INVALID_FUNCTION_ARGUMENT"),
        ("random(0)", "INVALID_FUNCTION_ARGUMENT"),
        (
            "width_bucket(1e0, ARRAY[3e0, 1e0])",
            "INVALID_FUNCTION_ARGUMENT",
        ),
        ("bit_count(255, 8)", "INVALID_FUNCTION_ARGUMENT"),
        ("from_base('9', 2)", "INVALID_FUNCTION_ARGUMENT"),
    ] {
        if expression.contains("ARRAY") && !crate::function::FUNCTIONS.contains_key("$array") {
            continue;
        }
        assert_eq!(error(expression), name, "{expression}");
    }
}

#[test]
fn powers_and_logarithms_are_javas() {
    for (expression, expected) in [
        ("power(1e0, nan())", json!("NaN")),
        ("power(1e0, infinity())", json!("NaN")),
        ("power(-1e0, infinity())", json!("NaN")),
        ("power(2e0, infinity())", json!("Infinity")),
        ("power(nan(), 0e0)", json!(1.0)),
        ("log2(8e0)", json!(3.0_f64.exp2().ln() / 2.0_f64.ln())),
        (
            "width_bucket(0e0, 2e0, 1e0, 9223372036854775807)",
            json!(i64::MIN),
        ),
    ] {
        assert_eq!(value(expression).1, expected, "{expression}");
    }
}
