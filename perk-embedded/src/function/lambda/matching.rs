//! Predicates of elements.
//!
//! A lambda is asked of all elements at once. Presto stops at the first answer that decides, and what it does not ask
//! cannot fail: so where that fails, elements are asked one by one.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};

use super::LambdaCall;
use crate::error::Result;
use crate::function::array::lists::Flat;
use crate::function::cell::Boolean;

/// The first lambda's answer to each of these elements. `asked` says in which order a row's are asked, which ends with the
/// first answer that is `deciding`; where some are not asked, their answer is NULL.
pub(super) fn answers<I: Iterator<Item = usize>>(
    call: &LambdaCall<'_>,
    elements: &ArrayRef,
    flat: &Flat,
    asked: impl Fn(usize) -> Result<I>,
    deciding: bool,
) -> Result<BooleanArray> {
    let lambda = &call.lambdas[0];
    match lambda.apply(std::slice::from_ref(elements), &flat.rows) {
        Err(error) if error.kind.is_tried() => {}
        all => return Ok(all?.as_boolean().clone()),
    }
    let mut answers = vec![None; elements.len()];
    for row in 0..call.values.rows {
        for i in asked(row)? {
            let answer = lambda.apply(&[elements.slice(i, 1)], &[row])?;
            answers[i] = answer.as_boolean().iter().next().flatten();
            if answers[i] == Some(deciding) {
                break;
            }
        }
    }
    Ok(answers.into())
}

/// Whether that is the answer: NULL is neither.
pub(super) fn is(answers: &BooleanArray, i: usize, answer: bool) -> bool {
    answers.is_valid(i) && answers.value(i) == answer
}

/// Of each row's elements, one answer that is `deciding` makes the whole `decided`; NULL where a NULL leaves it open.
pub(super) fn matched(
    call: &LambdaCall<'_>,
    elements: &ArrayRef,
    flat: &Flat,
    deciding: bool,
    decided: bool,
) -> Result<ArrayRef> {
    let ranges = flat.ranges();
    let answers = answers(
        call,
        elements,
        flat,
        |row| Ok(ranges[row].clone()),
        deciding,
    )?;
    call.values.rows::<Boolean>(|row| {
        if !flat.groups.is_valid(row) {
            return Ok(None);
        }
        let mut range = ranges[row].clone();
        if range.clone().any(|i| is(&answers, i, deciding)) {
            return Ok(Some(decided));
        }
        Ok((!range.any(|i| answers.is_null(i))).then_some(!decided))
    })
}
