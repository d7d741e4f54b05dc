//! Casts between numbers and booleans.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::cast as by_arrow;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;

use super::each;
use crate::error::{Error, Kind, Result};
use crate::function::Call;
use crate::function::cell::{
    Bigint, Boolean, Cell, Decimal, Double, Integer, Real, Smallint, Tinyint,
};
use crate::function::number::{decimal, float, spelled};
use crate::types::Type;

/// Whether there is such a cast.
pub(super) fn is_castable(from: &Type, to: &Type) -> bool {
    let known = |kind: &Type| kind.is_numeric() || *kind == Type::Boolean;
    known(from) && known(to)
}

/// Makes values of one type values of another.
pub(super) fn cast(values: &ArrayRef, from: &Type, to: &Type, call: &Call<'_>) -> Result<ArrayRef> {
    let cast = Cast {
        values,
        from,
        to,
        call,
    };
    match to {
        Type::Boolean => cast.to_boolean(),
        Type::Tinyint => cast.to_integer::<Tinyint>(),
        Type::Smallint => cast.to_integer::<Smallint>(),
        Type::Integer => cast.to_integer::<Integer>(),
        Type::Bigint => cast.to_integer::<Bigint>(),
        Type::Decimal(precision, scale) => cast.to_decimal((*precision, *scale)),
        _ => cast.to_float(),
    }
}

struct Cast<'a> {
    values: &'a ArrayRef,
    from: &'a Type,
    to: &'a Type,
    call: &'a Call<'a>,
}

impl Cast<'_> {
    fn each<A: Cell, R: Cell>(
        &self,
        work: impl Fn(A::Read<'_>) -> Result<R::Made>,
    ) -> Result<ArrayRef> {
        each::<A, R>(self.values, self.to, self.call, work)
    }

    /// Where Arrow gives the same, for every value.
    fn arrow(&self, kind: &DataType) -> Result<ArrayRef> {
        by_arrow(self.values, kind).map_err(|error| DataFusionError::from(error).into())
    }

    fn to_boolean(&self) -> Result<ArrayRef> {
        match self.from {
            Type::Double => self.each::<Double, Boolean>(|value| Ok(value != 0.0)),
            Type::Real => self.each::<Real, Boolean>(|value| Ok(value != 0.0)),
            Type::Decimal(..) => self.each::<Decimal, Boolean>(|value| Ok(value != 0)),
            _ => self.arrow(&DataType::Boolean),
        }
    }

    fn to_integer<R: Cell>(&self) -> Result<ArrayRef>
    where
        R::Made: TryFrom<i128>,
    {
        let to = self.to;
        let fit = |value: i64| R::Made::try_from(value.into()).ok();
        match self.from {
            Type::Double if *to == Type::Bigint => self.each::<Double, R>(|value| {
                let whole = float::is_bigint(value).then(|| float::to_bigint(value.round()));
                whole.and_then(fit).ok_or_else(|| {
                    let value = spelled::double(value);
                    no_cast(format!("Unable to cast {value} to {to}"))
                })
            }),
            Type::Double => self.each::<Double, R>(|value| {
                fit(float::to_bigint(value.round()))
                    .ok_or_else(|| out_of_range(to, &spelled::double(value)))
            }),
            Type::Real => self.each::<Real, R>(|value| {
                fit(float::to_bigint(f64::from(value).round()))
                    // Presto says it of the number's bits.
                    .ok_or_else(|| out_of_range(to, &value.to_bits().cast_signed().to_string()))
            }),
            Type::Decimal(_, scale) => self.each::<Decimal, R>(|value| {
                let whole = decimal::without_digits(value, *scale);
                R::Made::try_from(whole).map_err(|_| {
                    let to = to.to_string().to_uppercase();
                    no_cast(format!("Cannot cast '{whole}' to {to}"))
                })
            }),
            from if *from == Type::Boolean || from.coerces_to(to) => self.arrow(&to.to_arrow()),
            _ => {
                let wide = self.arrow(&DataType::Int64)?;
                each::<Bigint, R>(&wide, to, self.call, |value| {
                    fit(value).ok_or_else(|| out_of_range(to, &value.to_string()))
                })
            }
        }
    }

    fn to_decimal(&self, kind: (u8, u8)) -> Result<ArrayRef> {
        let unfit = |value: &str| {
            let from = match self.from {
                Type::Decimal(..) => "DECIMAL".to_owned(),
                from => from.to_string().to_uppercase(),
            };
            let (precision, scale) = kind;
            no_cast(format!(
                "Cannot cast {from} '{value}' to DECIMAL({precision}, {scale})"
            ))
        };
        match self.from {
            // As they are written: 1.005 is 1.005, though there is no such double.
            Type::Double => self.each::<Double, Decimal>(|value| {
                let text = spelled::double(value);
                decimal::parse(&text, kind).map_err(|_| unfit(&text))
            }),
            Type::Real => self.each::<Real, Decimal>(|value| {
                let text = spelled::real(value);
                decimal::parse(&text, kind).map_err(|_| unfit(&text))
            }),
            Type::Decimal(_, scale) => self.each::<Decimal, Decimal>(|value| {
                decimal::rescale(value, *scale, kind)
                    .ok_or_else(|| unfit(&spelled::decimal(value, *scale)))
            }),
            Type::Boolean => self.each::<Boolean, Decimal>(|value| {
                // That there is no digit for a 1 is not looked at.
                Ok(if value {
                    decimal::power_of_ten(kind.1)
                } else {
                    0
                })
            }),
            _ => {
                let wide = self.arrow(&DataType::Int64)?;
                each::<Bigint, Decimal>(&wide, self.to, self.call, |value| {
                    decimal::rescale(value.into(), 0, kind).ok_or_else(|| unfit(&value.to_string()))
                })
            }
        }
    }

    fn to_float(&self) -> Result<ArrayRef> {
        let Type::Decimal(_, scale) = self.from else {
            return self.arrow(&self.to.to_arrow());
        };
        let unread = |_| no_cast("not a number".to_owned());
        // The nearest to all the digits, where dividing would round twice.
        match self.to {
            Type::Real => self.each::<Decimal, Real>(|value| {
                spelled::decimal(value, *scale).parse().map_err(unread)
            }),
            _ => self.each::<Decimal, Double>(|value| {
                spelled::decimal(value, *scale).parse().map_err(unread)
            }),
        }
    }
}

fn no_cast(message: String) -> Error {
    Error::new(Kind::InvalidCastArgument, message)
}

fn out_of_range(to: &Type, value: &str) -> Error {
    Error::new(
        Kind::NumericValueOutOfRange,
        format!("Out of range for {to}: {value}"),
    )
}
