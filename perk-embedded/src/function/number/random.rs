//! Random numbers, of the system's own source, so that `secure_random` may be the same.

use datafusion::arrow::array::{Array, ArrayRef};

use crate::error::{Error, Kind, Result};
use crate::function::cell::{Bigint, Cell, Double, Integer, Smallint, Tinyint};
use crate::function::{Call, Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    let random = function(
        "random",
        "a pseudo-random number between 0 and value (exclusive)",
    )
    .form("-> double", |call| {
        let bits = random_bits(call.rows)?;
        call.rows::<Double>(|row| Ok(Some(fraction(bits[row]))))
    })
    .form("bigint -> bigint", below::<_, Bigint>)
    .form("integer -> integer", below::<_, Integer>)
    .form("smallint -> smallint", below::<_, Smallint>)
    .form("tinyint -> tinyint", below::<_, Tinyint>)
    .volatile();
    let description =
        "a cryptographically secure random number between lower and upper (exclusive)";
    let secure = function("secure_random", description)
        .form("-> double", |call| {
            let bits = random_bits(call.rows)?;
            call.rows::<Double>(|row| Ok(Some(fraction(bits[row]))))
        })
        .form("bigint, bigint -> bigint", between::<_, Bigint>)
        .form("integer, integer -> integer", between::<_, Integer>)
        .form("smallint, smallint -> smallint", between::<_, Smallint>)
        .form("tinyint, tinyint -> tinyint", between::<_, Tinyint>)
        .form("double, double -> double", |call| {
            let bits = random_bits(call.rows)?;
            of_bounds::<f64, Double>(call, |row, lower, upper| {
                if lower >= upper {
                    return Err(bad_bounds());
                }
                Ok(lower + fraction(bits[row]) * (upper - lower))
            })
        })
        .volatile();
    vec![
        random.also("rand"),
        random,
        secure.also("secure_rand"),
        secure,
    ]
}

fn below<T, C>(call: &Call<'_>) -> Result<ArrayRef>
where
    T: Into<i128> + TryFrom<i128>,
    C: for<'a> Cell<Read<'a> = T, Made = T>,
{
    let bits = random_bits(call.rows)?;
    let bounds = C::column(&call.arguments[0]);
    call.rows::<C>(|row| {
        if bounds.is_null(row) {
            return Ok(None);
        }
        let bound: i128 = C::read(bounds, row).into();
        if bound <= 0 {
            return Err(invalid("bound must be positive"));
        }
        Ok(T::try_from(i128::from(bits[row]) % bound).ok())
    })
}

fn between<T, C>(call: &Call<'_>) -> Result<ArrayRef>
where
    T: Into<i128> + TryFrom<i128>,
    C: for<'a> Cell<Read<'a> = T, Made = T>,
{
    let bits = random_bits(call.rows)?;
    of_bounds::<T, C>(call, |row, lower, upper| {
        let (lower, upper): (i128, i128) = (lower.into(), upper.into());
        if lower >= upper {
            return Err(bad_bounds());
        }
        let value = lower + i128::from(bits[row]) % (upper - lower);
        T::try_from(value).map_err(|_| bad_bounds())
    })
}

/// A number for each row that has both bounds.
fn of_bounds<T, C>(call: &Call<'_>, work: impl Fn(usize, T, T) -> Result<T>) -> Result<ArrayRef>
where
    C: for<'a> Cell<Read<'a> = T, Made = T>,
{
    let (lower, upper) = (C::column(&call.arguments[0]), C::column(&call.arguments[1]));
    call.rows::<C>(|row| {
        if lower.is_null(row) || upper.is_null(row) {
            return Ok(None);
        }
        work(row, C::read(lower, row), C::read(upper, row)).map(Some)
    })
}

fn random_bits(rows: usize) -> Result<Vec<u64>> {
    let mut bytes = vec![0; rows * 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Kind::Internal, format!("no random numbers: {error}")))?;
    let (words, _) = bytes.as_chunks::<8>();
    Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

/// From 0 to less than 1.
fn fraction(bits: u64) -> f64 {
    f64::from_bits(1_f64.to_bits() | (bits >> 12)) - 1.0
}

fn bad_bounds() -> Error {
    invalid("upper bound must be greater than lower bound")
}
