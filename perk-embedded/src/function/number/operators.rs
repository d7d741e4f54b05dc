//! `+`, `-`, `*`, `/`, `%` and the sign, of numbers.

use std::fmt::Display;

use datafusion::arrow::array::{ArrayRef, ArrowNativeTypeOp};
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::error::ArrowError;

use super::decimal;
use crate::error::{Error, Kind, Result};
use crate::function::cell::{Bigint, Cell, Decimal, Integer, Smallint, Tinyint, each1, each2};
use crate::function::signature::Bound;
use crate::function::{Call, Function, function};
use crate::types::{MAX_PRECISION, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

pub(super) fn functions() -> Vec<Function> {
    vec![
        operator("$+", "Sum", Operator::Add),
        operator("$-", "Difference", Operator::Subtract),
        operator("$*", "Product", Operator::Multiply),
        operator("$/", "Quotient", Operator::Divide),
        operator("$%", "Remainder", Operator::Remainder),
        modulus(),
        function("$negate", "The number with the other sign").form_by_rule(
            "T -> T",
            |arguments, _| match arguments {
                [kind] if kind.is_numeric() => Some(Bound {
                    arguments: arguments.to_vec(),
                    returns: kind.clone(),
                    distance: 0,
                }),
                _ => None,
            },
            negate,
        ),
    ]
}

fn operator(name: &'static str, description: &'static str, operator: Operator) -> Function {
    function(name, description).form_by_rule(
        "T, T -> T",
        move |arguments, _| operator.bind(arguments),
        move |call| operator.evaluate(call),
    )
}

fn modulus() -> Function {
    let modulus = function("mod", "remainder of given quotient").form_by_rule(
        "decimal(p,s), decimal(p,s) -> decimal(p,s)",
        |arguments, _| {
            let bound = Operator::Remainder.bind(arguments);
            bound.filter(|bound| matches!(bound.returns, Type::Decimal(..)))
        },
        |call| Operator::Remainder.evaluate(call),
    );
    [
        "bigint, bigint -> bigint",
        "integer, integer -> integer",
        "smallint, smallint -> smallint",
        "tinyint, tinyint -> tinyint",
        "double, double -> double",
        "real, real -> real",
    ]
    .into_iter()
    .fold(modulus, |modulus, signature| {
        modulus.form(signature, |call| Operator::Remainder.evaluate(call))
    })
}

impl Operator {
    fn bind(self, arguments: &[Type]) -> Option<Bound> {
        let [a, b] = arguments else {
            return None;
        };
        let fits = |kind: &Type| kind.is_numeric() || *kind == Type::Unknown;
        if !(fits(a) && fits(b)) || self.is_ambiguous(a, b) {
            return None;
        }
        match a.common(b)? {
            Type::Decimal(..) => {
                let own = |kind: &Type| kind.as_decimal().unwrap_or((1, 0));
                let (left, right) = (own(a), own(b));
                let (precision, scale) = self.decimal_digits(left, right);
                let far = |kind: &Type| u32::from(!matches!(kind, Type::Decimal(..))) * 2;
                Some(Bound {
                    arguments: vec![
                        Type::Decimal(left.0, left.1),
                        Type::Decimal(right.0, right.1),
                    ],
                    returns: Type::Decimal(precision, scale),
                    distance: far(a) + far(b),
                })
            }
            common => Some(Bound {
                distance: u32::from(*a != common) + u32::from(*b != common),
                arguments: vec![common.clone(), common.clone()],
                returns: common,
            }),
        }
    }

    /// Whether NULL may as well be an interval, or anything.
    fn is_ambiguous(self, a: &Type, b: &Type) -> bool {
        match (a, b) {
            (Type::Unknown, Type::Unknown) => true,
            (Type::Unknown, other) | (other, Type::Unknown) if self == Self::Multiply => {
                matches!(other, Type::Double | Type::Bigint)
            }
            (Type::Unknown, Type::Double) => self == Self::Divide,
            _ => false,
        }
    }

    /// Precision and scale of a result (`DecimalOperators`).
    fn decimal_digits(self, (p, s): (u8, u8), (q, t): (u8, u8)) -> (u8, u8) {
        let scale = s.max(t);
        let (precision, scale) = match self {
            Self::Add | Self::Subtract => ((p - s).max(q - t) + scale + 1, scale),
            Self::Multiply => (p + q, s + t),
            Self::Divide => (p + t + t.saturating_sub(s), scale),
            Self::Remainder => ((p - s).min(q - t) + scale, scale),
        };
        (precision.min(MAX_PRECISION), scale.min(MAX_PRECISION))
    }

    fn evaluate(self, call: &Call<'_>) -> Result<ArrayRef> {
        match call.returns {
            Type::Tinyint => self.of_integers::<_, Tinyint>(call),
            Type::Smallint => self.of_integers::<_, Smallint>(call),
            Type::Integer => self.of_integers::<_, Integer>(call),
            Type::Bigint => self.of_integers::<_, Bigint>(call),
            Type::Decimal(..) => self.of_decimals(call),
            _ => self.kernel(call).map_err(internal),
        }
    }

    /// Arrow's own work on whole columns, which fails where a row does.
    fn kernel(self, call: &Call<'_>) -> std::result::Result<ArrayRef, ArrowError> {
        let (a, b) = (&call.arguments[0], &call.arguments[1]);
        match self {
            Self::Add => numeric::add(a, b),
            Self::Subtract => numeric::sub(a, b),
            Self::Multiply => numeric::mul(a, b),
            Self::Divide => numeric::div(a, b),
            Self::Remainder => numeric::rem(a, b),
        }
    }

    fn of_integers<T, C>(self, call: &Call<'_>) -> Result<ArrayRef>
    where
        T: ArrowNativeTypeOp + Display,
        C: for<'a> Cell<Read<'a> = T, Made = T>,
    {
        // Row by row only to find which row fails, and why.
        self.kernel(call).or_else(|_| {
            let kind = call.returns.clone();
            each2::<C, C, C>(move |a: T, b: T| self.of_two(a, b, &kind))(call)
        })
    }

    fn of_two<T: ArrowNativeTypeOp + Display>(self, a: T, b: T, kind: &Type) -> Result<T> {
        if matches!(self, Self::Divide | Self::Remainder) && b.is_zero() {
            return Err(Error::new(Kind::DivisionByZero, "/ by zero"));
        }
        let (result, noun, symbol) = match self {
            Self::Add => (a.add_checked(b), "addition", '+'),
            Self::Subtract => (a.sub_checked(b), "subtraction", '-'),
            Self::Multiply => (a.mul_checked(b), "multiplication", '*'),
            Self::Divide => (a.div_checked(b), "division", '/'),
            Self::Remainder => return Ok(a.mod_wrapping(b)),
        };
        result.map_err(|_| {
            Error::new(
                Kind::NumericValueOutOfRange,
                format!("{kind} {noun} overflow: {a} {symbol} {b}"),
            )
        })
    }

    fn of_decimals(self, call: &Call<'_>) -> Result<ArrayRef> {
        let scale = |i: usize| match call.types[i] {
            Type::Decimal(_, scale) => scale,
            _ => 0,
        };
        let (s, t) = (scale(0), scale(1));
        if self == Self::Multiply && s + t > MAX_PRECISION {
            return Err(Error::new(
                Kind::InvalidFunctionArgument,
                "DECIMAL scale must be in range [0, precision]",
            ));
        }
        let work = match self {
            Self::Add => decimal::add,
            Self::Subtract => decimal::subtract,
            Self::Multiply => decimal::multiply,
            Self::Divide => decimal::divide,
            Self::Remainder => decimal::remainder,
        };
        each2::<Decimal, Decimal, Decimal>(move |a, b| work((a, s), (b, t)))(call)
    }
}

fn negate(call: &Call<'_>) -> Result<ArrayRef> {
    fn of_integers<T, C>(call: &Call<'_>) -> Result<ArrayRef>
    where
        T: ArrowNativeTypeOp + Display,
        C: for<'a> Cell<Read<'a> = T, Made = T>,
    {
        let kind = call.returns.clone();
        each1::<C, C>(move |value: T| {
            value.neg_checked().map_err(|_| {
                Error::new(
                    Kind::NumericValueOutOfRange,
                    format!("{kind} negation overflow: {value}"),
                )
            })
        })(call)
    }
    match call.returns {
        Type::Tinyint => of_integers::<_, Tinyint>(call),
        Type::Smallint => of_integers::<_, Smallint>(call),
        Type::Integer => of_integers::<_, Integer>(call),
        Type::Bigint => of_integers::<_, Bigint>(call),
        _ => numeric::neg(&call.arguments[0]).map_err(internal),
    }
}

fn internal(error: ArrowError) -> Error {
    datafusion::common::DataFusionError::from(error).into()
}
