//! Types as either dialect writes them: the `type` string and the `typeSignature` object.

use perk_core::Dialect;

use super::Fault;
use super::out::Out;
use super::types::{Argument, Field, FieldName, Type, is_datetime};

/// What Trino 476 quotes although it is an identifier (asked of the server for each word of its grammar).
const RESERVED: [&str; 82] = [
    "alter",
    "and",
    "as",
    "auto",
    "between",
    "by",
    "case",
    "cast",
    "constraint",
    "create",
    "cross",
    "cube",
    "current_catalog",
    "current_date",
    "current_path",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "deallocate",
    "delete",
    "describe",
    "distinct",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "extract",
    "false",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "json_array",
    "json_exists",
    "json_object",
    "json_query",
    "json_table",
    "json_value",
    "left",
    "like",
    "listagg",
    "localtime",
    "localtimestamp",
    "natural",
    "normalize",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "prepare",
    "recursive",
    "right",
    "rollup",
    "select",
    "skip",
    "table",
    "then",
    "trim",
    "true",
    "uescape",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// What the signature of `varchar` says where its string says nothing.
const UNBOUNDED: i64 = i32::MAX as i64;

/// Writes the `type` string, with its quotes.
pub(super) fn type_string(kind: &Type, to: Dialect, out: &mut Out) -> Result<(), Fault> {
    let mut text = String::new();
    spell(kind, to, &mut text);
    out.plain_string(&text)
}

fn spell(kind: &Type, to: Dialect, text: &mut String) {
    match kind {
        Type::Array(element) => spell_list("array", &[element], to, text, |element, text| {
            spell(element, to, text);
        }),
        Type::Map(key, value) => spell_list("map", &[key, value], to, text, |part, text| {
            spell(part, to, text);
        }),
        Type::Row(fields) => spell_list("row", fields, to, text, |field, text| {
            if let Some(name) = &field.name {
                spell_name(name, to, text);
                text.push(' ');
            }
            spell(&field.kind, to, text);
        }),
        Type::Scalar { name, arguments } => spell_scalar(name, arguments, to, text),
    }
}

fn spell_scalar(name: &str, arguments: &[Argument], to: Dialect, text: &mut String) {
    let spell_argument = |argument: &Argument, text: &mut String| match argument {
        Argument::Number(number) => text.push_str(&number.to_string()),
        Argument::Type(kind) => spell(kind, to, text),
    };
    if is_interval(name) && to == Dialect::Trino {
        text.push_str(&name.to_ascii_uppercase());
    } else if arguments.is_empty() || is_unbounded(name, arguments) {
        text.push_str(name);
    } else if is_datetime(name) {
        // Presto's have one precision.
        if to == Dialect::Presto {
            text.push_str(name);
        } else {
            let (name, zone) = name.split_once(' ').unwrap_or((name, ""));
            spell_list(name, arguments, to, text, spell_argument);
            if !zone.is_empty() {
                text.push(' ');
                text.push_str(zone);
            }
        }
    } else {
        spell_list(name, arguments, to, text, spell_argument);
    }
}

fn spell_list<T>(
    name: &str,
    items: &[T],
    to: Dialect,
    text: &mut String,
    spell_item: impl Fn(&T, &mut String),
) {
    // Presto's client takes the space in `row(decimal(10, 2))` for the one after a field's name.
    let comma = match to {
        Dialect::Presto => ",",
        Dialect::Trino => ", ",
    };
    text.push_str(name);
    text.push('(');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(comma);
        }
        spell_item(item, text);
    }
    text.push(')');
}

fn spell_name(name: &FieldName, to: Dialect, text: &mut String) {
    if is_quoted(name, to) {
        text.push('"');
        text.push_str(&name.text.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(&name.text);
    }
}

/// Presto quotes what the statement quoted, which Trino does not tell; a capital letter can only come from there. Trino
/// quotes what could not be written without.
fn is_quoted(name: &FieldName, to: Dialect) -> bool {
    let text = &name.text;
    let first = text.bytes().next().unwrap_or_default();
    let word = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match to {
        Dialect::Presto => {
            let begins = first.is_ascii_lowercase() || first == b'_';
            name.quoted || !begins || !word || text.bytes().any(|byte| byte.is_ascii_uppercase())
        }
        Dialect::Trino => {
            let lower = text.to_ascii_lowercase();
            !first.is_ascii_alphabetic() || !word || RESERVED.binary_search(&lower.as_str()).is_ok()
        }
    }
}

fn is_interval(name: &str) -> bool {
    matches!(name, "interval day to second" | "interval year to month")
}

fn is_unbounded(name: &str, arguments: &[Argument]) -> bool {
    name == "varchar" && matches!(arguments, [] | [Argument::Number(UNBOUNDED)])
}

/// Writes the `typeSignature` object. Presto's says most things twice, so it doubles with every level of arrays and maps:
/// the limit of what it is written to is what ends it.
pub(super) fn signature(kind: &Type, to: Dialect, out: &mut Out) -> Result<(), Fault> {
    let mut arguments = Vec::new();
    let raw_type = match kind {
        Type::Array(element) => {
            arguments.push(Part::Type(element));
            "array"
        }
        Type::Map(key, value) => {
            arguments.extend([Part::Type(key), Part::Type(value)]);
            "map"
        }
        Type::Row(fields) => {
            arguments.extend(fields.iter().map(Part::Field));
            "row"
        }
        Type::Scalar { name, .. } if is_datetime(name) && to == Dialect::Presto => name,
        Type::Scalar {
            name,
            arguments: own,
        } => {
            if is_unbounded(name, own) {
                arguments.push(Part::Number(UNBOUNDED));
            } else {
                arguments.extend(own.iter().map(Part::of));
            }
            name
        }
    };
    out.push(b"{\"rawType\":")?;
    out.plain_string(raw_type)?;
    if to == Dialect::Presto {
        out.push(b",\"typeArguments\":[")?;
        let types = arguments.iter().filter_map(Part::kind);
        separated(types, out, |kind, out| signature(kind, to, out))?;
        out.push(b"],\"literalArguments\":[")?;
        let names = arguments.iter().filter_map(Part::field);
        separated(names, out, |field, out| match &field.name {
            Some(name) => out.plain_string(&name.text),
            None => out.push(b"null"),
        })?;
        out.push(b"]")?;
    }
    out.push(b",\"arguments\":[")?;
    separated(arguments.iter(), out, |part, out| part.write(to, out))?;
    out.push(b"]}")
}

/// An argument of a signature.
enum Part<'a> {
    Number(i64),
    Type(&'a Type),
    Field(&'a Field),
}

impl<'a> Part<'a> {
    fn of(argument: &'a Argument) -> Self {
        match argument {
            Argument::Number(number) => Part::Number(*number),
            Argument::Type(kind) => Part::Type(kind),
        }
    }

    fn kind(&self) -> Option<&'a Type> {
        match self {
            Part::Number(_) => None,
            Part::Type(kind) => Some(kind),
            Part::Field(field) => Some(&field.kind),
        }
    }

    fn field(&self) -> Option<&'a Field> {
        match self {
            Part::Field(field) => Some(field),
            Part::Number(_) | Part::Type(_) => None,
        }
    }

    fn write(&self, to: Dialect, out: &mut Out) -> Result<(), Fault> {
        let (name, suffix) = match self {
            Part::Number(_) => ("LONG", "_LITERAL"),
            Part::Type(_) => ("TYPE", "_SIGNATURE"),
            Part::Field(_) => ("NAMED_TYPE", "_SIGNATURE"),
        };
        out.push(b"{\"kind\":\"")?;
        out.push(name.as_bytes())?;
        if to == Dialect::Presto {
            out.push(suffix.as_bytes())?;
        }
        out.push(b"\",\"value\":")?;
        match self {
            Part::Number(number) => out.push(number.to_string().as_bytes())?,
            Part::Type(kind) => signature(kind, to, out)?,
            Part::Field(field) => write_field(field, to, out)?,
        }
        out.push(b"}")
    }
}

/// A field in a row's signature. Its type is a string to Presto and an object to Trino, and neither reads the other.
fn write_field(field: &Field, to: Dialect, out: &mut Out) -> Result<(), Fault> {
    out.push(b"{")?;
    if let Some(name) = &field.name {
        out.push(b"\"fieldName\":{\"name\":")?;
        out.plain_string(&name.text)?;
        if to == Dialect::Presto {
            out.push(b",\"delimited\":")?;
            out.push(if is_quoted(name, to) {
                b"true"
            } else {
                b"false"
            })?;
        }
        out.push(b"},")?;
    }
    out.push(b"\"typeSignature\":")?;
    match to {
        Dialect::Presto => type_string(&field.kind, to, out)?,
        Dialect::Trino => signature(&field.kind, to, out)?,
    }
    out.push(b"}")
}

/// Writes items with commas between them.
fn separated<T>(
    items: impl Iterator<Item = T>,
    out: &mut Out,
    write: impl Fn(T, &mut Out) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b",")?;
        }
        write(item, out)?;
    }
    Ok(())
}
