//! Forms that work out an argument only for some rows, or under other rules: it is a lambda without parameters to them.

use datafusion::arrow::array::ArrayRef;

use super::{LambdaCall, LambdaFunction, function};
use crate::error::Result;
use crate::function::array::lists::{is_null, replaced};
use crate::function::forgiving::forgiving;

pub(super) fn functions() -> Vec<LambdaFunction> {
    vec![
        function("$try", "The value, or NULL where it fails").form("function(T) -> T", |call| {
            let kind = call.values.returns.to_arrow();
            forgiving(0..call.values.rows, &kind, &|rows| {
                call.lambdas[0].apply(&[], &rows.collect::<Vec<_>>())
            })
        }),
        function("$coalesce", "The first value that is not NULL")
            .form("T, function(T)... -> T", coalesce),
    ]
}

fn coalesce(call: &LambdaCall<'_>) -> Result<ArrayRef> {
    let mut values = call.values.arguments[0].clone();
    for lambda in &call.lambdas {
        let missing: Vec<usize> = (0..call.values.rows)
            .filter(|&row| is_null(&values, row))
            .collect();
        let others = lambda.apply(&[], &missing)?;
        values = replaced(&values, &missing, &others)?;
    }
    Ok(values)
}
