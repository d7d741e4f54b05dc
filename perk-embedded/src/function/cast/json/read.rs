//! JSON as values of a type.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, LargeStringArray, ListArray, MapArray, StringArray,
    StructArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::DataType;

use super::scalar;
use crate::error::{Error, Kind, Result};
use crate::function::array::lists::{comparable, index};
use crate::function::json::value::Value;
use crate::function::map::entries::repeated;
use crate::types::Type;

pub(super) fn is_readable(kind: &Type) -> bool {
    match kind {
        Type::Boolean
        | Type::Real
        | Type::Double
        | Type::Decimal(..)
        | Type::Varchar(_)
        | Type::Json => true,
        Type::Array(element) => is_readable(element),
        Type::Map(key, value) => {
            (key.is_numeric() || matches!(**key, Type::Boolean | Type::Varchar(_)))
                && is_readable(value)
        }
        Type::Row(fields) => fields.iter().all(|(_, kind)| is_readable(kind)),
        other => other.is_integer(),
    }
}

pub(super) fn read(values: &ArrayRef, to: &Type) -> Result<ArrayRef> {
    let texts: Vec<Option<&str>> = values.as_string::<i64>().iter().collect();
    let parsed: Vec<Option<Value>> = texts
        .iter()
        .map(|text| text.and_then(Value::read))
        .collect();
    let all: Vec<Option<&Value>> = parsed.iter().map(Option::as_ref).collect();
    let failure = match build(&all, to) {
        Ok(column) => return Ok(column),
        Err(failure) => failure,
    };
    // Which row it is shows only row by row.
    for (text, value) in texts.iter().zip(&all) {
        if let Err(error) = build(&[*value], to) {
            return Err(of_row(error, to, text.unwrap_or_default()));
        }
    }
    Err(failure)
}

/// Within nested types Presto tells what was to be cast.
fn of_row(error: Error, to: &Type, text: &str) -> Error {
    if !matches!(to, Type::Array(_) | Type::Map(..) | Type::Row(_)) {
        return error;
    }
    // Types are spelled without blanks there.
    let to = to.to_string().replace(", ", ",");
    let message = format!("Cannot cast to {to}. {}\n{text}", error.message);
    Error::new(error.kind, message)
}

/// Values of any of JSON's types; none for NULL.
type Values<'a> = [Option<&'a Value>];

fn build(values: &Values<'_>, to: &Type) -> Result<ArrayRef> {
    Ok(match to {
        Type::Boolean => Arc::new(BooleanArray::from(each(values, scalar::boolean)?)),
        Type::Tinyint => Arc::new(Int8Array::from(integers::<i8>(values, to)?)),
        Type::Smallint => Arc::new(Int16Array::from(integers::<i16>(values, to)?)),
        Type::Integer => Arc::new(Int32Array::from(integers::<i32>(values, to)?)),
        Type::Bigint => Arc::new(Int64Array::from(integers::<i64>(values, to)?)),
        Type::Real => Arc::new(Float32Array::from(each(values, scalar::real)?)),
        Type::Double => Arc::new(Float64Array::from(each(values, scalar::double)?)),
        Type::Decimal(precision, scale) => {
            let decimals = each(values, |value| scalar::decimal(value, *precision, *scale))?;
            Arc::new(Decimal128Array::from(decimals).with_data_type(to.to_arrow()))
        }
        Type::Varchar(_) => Arc::new(StringArray::from(each(values, scalar::text)?)),
        Type::Json => {
            let texts = values.iter().map(|value| value.map(Value::to_string));
            Arc::new(texts.collect::<LargeStringArray>())
        }
        Type::Array(element) => array(values, element, to)?,
        Type::Map(key, value) => map(values, (key, value), to)?,
        Type::Row(fields) => row(values, fields, to)?,
        other => {
            let message = format!("Cannot cast json to {other}");
            return Err(Error::new(Kind::TypeMismatch, message));
        }
    })
}

/// Of those that are neither NULL nor JSON's null.
fn each<'a, T>(
    values: &Values<'a>,
    read: impl Fn(&'a Value) -> Result<T>,
) -> Result<Vec<Option<T>>> {
    let present = values
        .iter()
        .map(|value| value.filter(|value| **value != Value::Null));
    present.map(|value| value.map(&read).transpose()).collect()
}

fn integers<T: TryFrom<i64>>(values: &Values<'_>, to: &Type) -> Result<Vec<Option<T>>> {
    each(values, |value| scalar::integer(value, to))
}

fn array(values: &Values<'_>, element: &Type, to: &Type) -> Result<ArrayRef> {
    let lists = each(values, |value| match value {
        Value::Array(elements) => Ok(elements.iter().map(Some).collect::<Vec<_>>()),
        other => Err(wrong(format!(
            "Expected a json array, but got {}",
            start(other)
        ))),
    });
    let lists = lists?;
    let elements: Vec<Option<&Value>> = lists.iter().flatten().flatten().copied().collect();
    let (offsets, nulls) = layout(&lists);
    let DataType::List(field) = to.to_arrow() else {
        return Err(mismatch(to));
    };
    let elements = build(&elements, element)?;
    Ok(Arc::new(ListArray::new(
        field,
        offsets,
        elements,
        Some(nulls),
    )))
}

fn map(values: &Values<'_>, (key, value): (&Type, &Type), to: &Type) -> Result<ArrayRef> {
    let objects = each(values, |value| match value {
        Value::Object(fields) => Ok(fields
            .iter()
            .map(|(key, value)| (Value::String(key.clone()), value))
            .collect::<Vec<_>>()),
        other => Err(wrong(format!(
            "Expected a json object, but got {}",
            start(other)
        ))),
    });
    let objects = objects?;
    let keys: Vec<_> = objects
        .iter()
        .flatten()
        .flatten()
        .map(|(key, _)| Some(key))
        .collect();
    let inner: Vec<_> = objects
        .iter()
        .flatten()
        .flatten()
        .map(|(_, value)| Some(*value))
        .collect();
    let (keys, inner) = (build(&keys, key)?, build(&inner, value)?);
    let (offsets, nulls) = layout(&objects);
    let compared = comparable(&keys)?;
    let mut maps = offsets.windows(2);
    if maps.any(|map| repeated(&compared, index(map[0])..index(map[1])).is_some()) {
        return Err(wrong("Duplicate keys are not allowed"));
    }
    let DataType::Map(entries, _) = to.to_arrow() else {
        return Err(mismatch(to));
    };
    let DataType::Struct(fields) = entries.data_type() else {
        return Err(mismatch(to));
    };
    let pairs = StructArray::new(fields.clone(), vec![keys, inner], None);
    Ok(Arc::new(MapArray::new(
        entries.clone(),
        offsets,
        pairs,
        Some(nulls),
        false,
    )))
}

fn row(values: &Values<'_>, fields: &[(Option<String>, Type)], to: &Type) -> Result<ArrayRef> {
    let rows = each(values, |value| in_order(value, fields))?;
    let DataType::Struct(arrow) = to.to_arrow() else {
        return Err(mismatch(to));
    };
    let columns = fields.iter().enumerate().map(|(i, (_, kind))| {
        let values: Vec<Option<&Value>> = rows
            .iter()
            .map(|row| row.as_ref().and_then(|row| row[i]))
            .collect();
        build(&values, kind)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let nulls: NullBuffer = rows.iter().map(Option::is_some).collect();
    if fields.is_empty() {
        return Err(mismatch(to));
    }
    Ok(Arc::new(StructArray::new(arrow, columns, Some(nulls))))
}

/// A row's fields: an array's by their place, an object's by their names.
fn in_order<'a>(
    value: &'a Value,
    fields: &[(Option<String>, Type)],
) -> Result<Vec<Option<&'a Value>>> {
    match value {
        Value::Array(elements) => match elements.get(fields.len()) {
            Some(more) => Err(wrong(format!(
                "Expected json array ending, but got {}",
                start(more)
            ))),
            None if elements.len() < fields.len() => {
                let kind = &fields[elements.len()].1;
                Err(wrong(format!("Unexpected token when cast to {kind}: ]")))
            }
            None => Ok(elements.iter().map(Some).collect()),
        },
        Value::Object(_) if fields.iter().any(|(name, _)| name.is_none()) => Err(wrong(
            "Cannot cast a JSON object to anonymous row type. Input must be a JSON array.",
        )),
        Value::Object(given) => {
            let find = |name: &String| {
                let mut given = given.iter();
                let found = given.find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value)
            };
            let fields = fields.iter();
            Ok(fields
                .map(|(name, _)| name.as_ref().and_then(find))
                .collect())
        }
        other => Err(wrong(format!(
            "Expected a json array or object, but got {}",
            start(other)
        ))),
    }
}

fn layout<T>(lists: &[Option<Vec<T>>]) -> (OffsetBuffer<i32>, NullBuffer) {
    let lengths = lists.iter().map(|list| list.as_ref().map_or(0, Vec::len));
    (
        OffsetBuffer::from_lengths(lengths),
        lists.iter().map(Option::is_some).collect(),
    )
}

/// The first token of it.
fn start(value: &Value) -> String {
    match value {
        Value::Array(_) => "[".to_owned(),
        Value::Object(_) => "{".to_owned(),
        Value::Null => "null".to_owned(),
        scalar => scalar.scalar().unwrap_or_default(),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::InvalidCastArgument, message)
}

fn mismatch(to: &Type) -> Error {
    Error::new(Kind::Internal, format!("{to} is nothing nested"))
}
