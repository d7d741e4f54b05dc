//! What type a value is of, and the value that is none.

use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::datatypes::DataType;

use super::cell::{Cell, Text};
use super::signature::Bound;
use super::{Call, Function, function};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("typeof", "textual representation of expression type").form_by_rule(
            "T -> varchar",
            |arguments, _| {
                (arguments.len() == 1).then(|| Bound {
                    arguments: arguments.to_vec(),
                    returns: Type::VARCHAR,
                    distance: 0,
                })
            },
            |call| {
                let name = call.types[0].to_string();
                call.rows::<Text>(|_| Ok(Some(name.clone())))
            },
        ),
        function("fail", "throws an exception with a given message")
            .form("varchar -> unknown", fail)
            .volatile(),
    ]
}

/// Ends the statement with the text of its first row.
fn fail(call: &Call<'_>) -> Result<ArrayRef> {
    let texts = Text::column(&call.arguments[0]);
    match texts.iter().flatten().next() {
        Some(text) => Err(Error::new(Kind::GenericUser, text)),
        None => Ok(new_null_array(&DataType::Null, call.rows)),
    }
}
