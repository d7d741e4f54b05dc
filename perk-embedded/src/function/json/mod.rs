//! Functions of JSON.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the functions |
//! | [`value`] | a JSON value that keeps its numbers' digits and its keys' order |
//! | [`path`] | paths to a value's parts |
//!
//! A column of JSON holds texts without blanks, with sorted keys.

pub(super) mod path;
#[cfg(test)]
mod tests;
pub(super) mod value;

use datafusion::arrow::array::{Array, ArrayRef};

use super::cell::{Bigint, Boolean, Cell, Double, Json, Text, each1, optional1, optional2};
use super::compiled::Compiled;
use super::{Call, Function, function, invalid};
use crate::error::Result;
use path::Path;
use value::Value;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("json_parse", "Reads a text as JSON")
            .form("varchar -> json", each1::<Text, Json>(parse)),
        function("json_format", "Writes JSON as text").form(
            "json -> varchar",
            each1::<Json, Text>(|json| Ok(json.to_owned())),
        ),
        function("json_extract", "What is at a path of a JSON value")
            .form("json, varchar -> json", extract::<Json>)
            .form("varchar, varchar -> json", extract::<Text>),
        function(
            "json_extract_scalar",
            "What is at a path of a JSON value, as text, if it is no array or object",
        )
        .form("json, varchar -> varchar", extract_scalar::<Json>)
        .form("varchar(x), varchar -> varchar(x)", extract_scalar::<Text>),
        function(
            "json_size",
            "How many parts are in what is at a path of a JSON value",
        )
        .form("json, varchar -> bigint", size::<Json>)
        .form("varchar, varchar -> bigint", size::<Text>),
        function("json_array_length", "How many elements a JSON array has")
            .form(
                "json -> bigint",
                optional1::<Json, Bigint>(|text| Ok(array_length(text))),
            )
            .form(
                "varchar -> bigint",
                optional1::<Text, Bigint>(|text| Ok(array_length(text))),
            ),
        function("json_array_get", "An element of a JSON array, from 0")
            .form(
                "json, bigint -> json",
                optional2::<Json, Bigint, Json>(|text, place| Ok(array_get(text, place))),
            )
            .form(
                "varchar, bigint -> json",
                optional2::<Text, Bigint, Json>(|text, place| Ok(array_get(text, place))),
            ),
        array_contains(),
        function(
            "is_json_scalar",
            "Whether a JSON value is no array or object",
        )
        .form("json -> boolean", each1::<Json, Boolean>(is_scalar))
        .form("varchar -> boolean", each1::<Text, Boolean>(is_scalar)),
    ]
}

/// A text as a column of JSON holds it: what `json_parse` and `JSON '…'` are.
pub(crate) fn parse(text: &str) -> Result<String> {
    let value = Value::read_alone(text);
    let mut value = value.ok_or_else(|| invalid(format!("Cannot convert '{text}' to JSON")))?;
    value.sort();
    Ok(value.to_string())
}

/// What is at a row's path, made something of. What is no JSON gives NULL.
fn at_path<J, R>(call: &Call<'_>, make: impl Fn(&Value) -> Option<R::Made>) -> Result<ArrayRef>
where
    J: Cell,
    R: Cell,
    for<'a> J::Read<'a>: AsRef<str>,
{
    let (column, paths) = (
        J::column(&call.arguments[0]),
        Text::column(&call.arguments[1]),
    );
    let compiled = Compiled::default();
    call.rows::<R>(|row| {
        if column.is_null(row) || paths.is_null(row) {
            return Ok(None);
        }
        let path = compiled.get(paths.value(row), Path::read)?;
        let value = Value::read(J::read(column, row).as_ref());
        Ok(value
            .and_then(|value| path.find(&value))
            .and_then(|found| make(&found)))
    })
}

fn extract<J: Cell>(call: &Call<'_>) -> Result<ArrayRef>
where
    for<'a> J::Read<'a>: AsRef<str>,
{
    at_path::<J, Json>(call, |found| Some(found.to_string()))
}

fn extract_scalar<J: Cell>(call: &Call<'_>) -> Result<ArrayRef>
where
    for<'a> J::Read<'a>: AsRef<str>,
{
    at_path::<J, Text>(call, Value::scalar)
}

fn size<J: Cell>(call: &Call<'_>) -> Result<ArrayRef>
where
    for<'a> J::Read<'a>: AsRef<str>,
{
    at_path::<J, Bigint>(call, |found| Some(found.size()))
}

fn array(text: &str) -> Option<Vec<Value>> {
    match Value::read(text)? {
        Value::Array(elements) => Some(elements),
        _ => None,
    }
}

fn array_length(text: &str) -> Option<i64> {
    let elements = array(text)?;
    Some(i64::try_from(elements.len()).unwrap_or(i64::MAX))
}

/// Scalars come as they are written, strings without their quotes, though that is no JSON: as Presto has it.
fn array_get(text: &str, place: i64) -> Option<String> {
    let elements = array(text)?;
    let found = if place < 0 {
        let from_end = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
        let place = elements.len().checked_sub(from_end);
        place.and_then(|place| elements.get(place))
    } else {
        usize::try_from(place)
            .ok()
            .and_then(|place| elements.get(place))
    };
    match found? {
        found @ (Value::Array(_) | Value::Object(_)) => Some(found.to_string()),
        scalar => scalar.scalar(),
    }
}

fn array_contains() -> Function {
    let boolean =
        |text: &str, wanted: bool| Ok(contains(text, |value| *value == Value::Boolean(wanted)));
    let integer = |text: &str, wanted: i64| {
        Ok(contains(text, |value| match value {
            Value::Number(digits) => digits.parse() == Ok(wanted),
            _ => false,
        }))
    };
    let double = |text: &str, wanted: f64| {
        Ok(contains(text, |value| match value {
            Value::Number(digits) if value::is_float(digits) => digits
                .parse()
                .is_ok_and(|number: f64| number.total_cmp(&wanted).is_eq()),
            _ => false,
        }))
    };
    let string = |text: &str, wanted: &str| {
        Ok(contains(
            text,
            |value| matches!(value, Value::String(text) if text == wanted),
        ))
    };
    function(
        "json_array_contains",
        "Whether a JSON array has this element",
    )
    .form(
        "json, boolean -> boolean",
        optional2::<Json, Boolean, Boolean>(boolean),
    )
    .form(
        "json, bigint -> boolean",
        optional2::<Json, Bigint, Boolean>(integer),
    )
    .form(
        "json, double -> boolean",
        optional2::<Json, Double, Boolean>(double),
    )
    .form(
        "json, varchar -> boolean",
        optional2::<Json, Text, Boolean>(string),
    )
    .form(
        "varchar, boolean -> boolean",
        optional2::<Text, Boolean, Boolean>(boolean),
    )
    .form(
        "varchar, bigint -> boolean",
        optional2::<Text, Bigint, Boolean>(integer),
    )
    .form(
        "varchar, double -> boolean",
        optional2::<Text, Double, Boolean>(double),
    )
    .form(
        "varchar, varchar -> boolean",
        optional2::<Text, Text, Boolean>(string),
    )
}

fn contains(text: &str, is: impl Fn(&Value) -> bool) -> Option<bool> {
    array(text).map(|elements| elements.iter().any(is))
}

fn is_scalar(text: &str) -> Result<bool> {
    match Value::read(text) {
        Some(value) => Ok(!matches!(value, Value::Array(_) | Value::Object(_))),
        None => Err(invalid(format!("Invalid JSON value: {text}"))),
    }
}
