//! Values of a type as JSON. Doubles and decimals keep their spelling, rows become arrays, maps' keys are sorted.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, LargeStringArray};
use datafusion::arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMillisecondType,
};

use crate::encode::text;
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) fn is_writable(kind: &Type) -> bool {
    match kind {
        Type::Unknown
        | Type::Boolean
        | Type::Real
        | Type::Double
        | Type::Decimal(..)
        | Type::Varchar(_)
        | Type::Json
        | Type::Date
        | Type::Timestamp => true,
        Type::Array(element) => is_writable(element),
        Type::Map(_, value) => is_writable(value),
        Type::Row(fields) => fields.iter().all(|(_, kind)| is_writable(kind)),
        other => other.is_integer(),
    }
}

/// What can stand as a key. Presto finds that out only when it casts.
fn is_key(kind: &Type) -> bool {
    kind.is_numeric() || matches!(kind, Type::Boolean | Type::Varchar(_) | Type::Unknown)
}

pub(super) fn write(values: &ArrayRef, from: &Type) -> Result<ArrayRef> {
    Ok(Arc::new(LargeStringArray::from(texts(values, from)?)))
}

type Texts = Vec<Option<String>>;

/// Each value as JSON; none for NULL.
fn texts(values: &ArrayRef, kind: &Type) -> Result<Texts> {
    Ok(match kind {
        Type::Unknown => vec![None; values.len()],
        Type::Boolean => {
            let column = values.as_boolean();
            column
                .iter()
                .map(|value| value.map(|value| value.to_string()))
                .collect()
        }
        Type::Tinyint => each(values.as_primitive::<Int8Type>().iter(), push),
        Type::Smallint => each(values.as_primitive::<Int16Type>().iter(), push),
        Type::Integer => each(values.as_primitive::<Int32Type>().iter(), push),
        Type::Bigint => each(values.as_primitive::<Int64Type>().iter(), push),
        Type::Real => each(values.as_primitive::<Float32Type>().iter(), text::real),
        Type::Double => each(values.as_primitive::<Float64Type>().iter(), text::double),
        Type::Decimal(_, scale) => each(
            values.as_primitive::<Decimal128Type>().iter(),
            |value, out| text::decimal(value, usize::from(*scale), out),
        ),
        Type::Varchar(_) => each(values.as_string::<i32>().iter(), |value, out| {
            text::string(value.as_bytes(), out);
        }),
        Type::Json => each(values.as_string::<i64>().iter(), |value, out| {
            out.extend_from_slice(value.as_bytes());
        }),
        Type::Date => each(values.as_primitive::<Date32Type>().iter(), |days, out| {
            quoted(out, |out| text::date(i64::from(days), out));
        }),
        Type::Timestamp => each(
            values.as_primitive::<TimestampMillisecondType>().iter(),
            |at, out| quoted(out, |out| text::timestamp(at, out)),
        ),
        Type::Array(element) => {
            let column = values.as_list::<i32>();
            let elements = texts(column.values(), element)?;
            lists(column, column.offsets(), |range| {
                let elements: Vec<&str> = elements[range]
                    .iter()
                    .map(|element| or_null(element.as_deref()))
                    .collect();
                format!("[{}]", elements.join(","))
            })
        }
        Type::Map(key, value) => maps(values, key, value)?,
        Type::Row(fields) => {
            let column = values.as_struct();
            let fields = fields.iter().zip(column.columns());
            let fields = fields
                .map(|((_, kind), values)| texts(values, kind))
                .collect::<Result<Vec<_>>>()?;
            let row = |row: usize| {
                let fields: Vec<&str> = fields
                    .iter()
                    .map(|field| or_null(field[row].as_deref()))
                    .collect();
                format!("[{}]", fields.join(","))
            };
            (0..column.len())
                .map(|i| column.is_valid(i).then(|| row(i)))
                .collect()
        }
        other => {
            let message = format!("Cannot cast {other} to json");
            return Err(Error::new(Kind::TypeMismatch, message));
        }
    })
}

fn maps(values: &ArrayRef, key: &Type, value: &Type) -> Result<Texts> {
    if !is_key(key) {
        let message = format!(
            "Cannot cast {} to JSON",
            Type::map(key.clone(), value.clone())
        );
        return Err(Error::new(Kind::InvalidCastArgument, message));
    }
    let column = values.as_map();
    let keys = texts(column.keys(), key)?;
    let values = texts(column.values(), value)?;
    Ok(lists(column, column.offsets(), |range| {
        let entries = keys[range.clone()].iter().zip(&values[range]);
        let entries = entries.map(|(key, value)| {
            let key = or_null(key.as_deref());
            let quoted = if key.starts_with('"') {
                key.to_owned()
            } else {
                format!("\"{key}\"")
            };
            (quoted, or_null(value.as_deref()))
        });
        let mut entries: Vec<(String, &str)> = entries.collect();
        entries.sort();
        let entries: Vec<String> = entries
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .collect();
        format!("{{{}}}", entries.join(","))
    }))
}

/// What each row makes of its part of the values.
fn lists(
    column: &dyn Array,
    offsets: &[i32],
    make: impl Fn(std::ops::Range<usize>) -> String,
) -> Texts {
    let place = |offset: i32| usize::try_from(offset).unwrap_or(0);
    let ranges = offsets
        .windows(2)
        .map(|ends| place(ends[0])..place(ends[1]));
    ranges
        .enumerate()
        .map(|(row, range)| column.is_valid(row).then(|| make(range)))
        .collect()
}

fn each<T>(values: impl Iterator<Item = Option<T>>, write: impl Fn(T, &mut Vec<u8>)) -> Texts {
    let text = |value| {
        let mut out = Vec::new();
        write(value, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    };
    values.map(|value| value.map(text)).collect()
}

fn push(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn or_null(text: Option<&str>) -> &str {
    text.unwrap_or("null")
}
