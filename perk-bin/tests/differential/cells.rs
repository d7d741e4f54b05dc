//! Whether two cells are the same, by their column's type.

use serde_json::Value;

/// How far apart two doubles may be, in proportion: the order of the addends shows in a sum.
const TOLERANCE: f64 = 1e-12;

/// What of a type matters for comparing its values.
#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    /// Same means equal.
    Plain,
    /// `double` or `real`.
    Floating,
    Array(Box<Shape>),
    /// The values' shape; keys are text.
    Map(Box<Shape>),
    Row(Vec<Shape>),
}

impl Shape {
    /// The shape of a type, as it is spelt in a column.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.trim();
        let inside = |kind: &str| name.strip_prefix(kind)?.strip_suffix(')').map(split);
        if let Some(parts) = inside("array(") {
            return Self::Array(Box::new(
                parts.first().map_or(Self::Plain, |part| Self::of(part)),
            ));
        }
        if let Some(parts) = inside("map(") {
            return Self::Map(Box::new(
                parts.get(1).map_or(Self::Plain, |part| Self::of(part)),
            ));
        }
        if let Some(parts) = inside("row(") {
            return Self::Row(parts.into_iter().map(Self::of_field).collect());
        }
        match name {
            "double" | "real" => Self::Floating,
            _ => Self::Plain,
        }
    }

    /// A row's field is `name type`, `"any name" type`, or a type alone, which may have several words too.
    fn of_field(field: &str) -> Self {
        let alone = Self::of(field);
        if alone != Self::Plain {
            return alone;
        }
        let field = field.trim();
        let rest = match field.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\" "),
            None => field.split_once(' '),
        };
        rest.map_or(Self::Plain, |(_, rest)| Self::of(rest))
    }

    /// Whether two cells of this shape are the same.
    pub(crate) fn same(&self, cell: &Value, other: &Value) -> bool {
        match self {
            Self::Plain => cell == other,
            Self::Floating => same_number(cell, other),
            Self::Array(_) | Self::Map(_) | Self::Row(_) => match (cell, other) {
                (Value::String(cell), Value::String(other)) => {
                    cell == other || self.same_text(cell, other)
                }
                _ => self.same_nested(cell, other),
            },
        }
    }

    /// Presto 0.287 sends arrays, maps and rows as text. It is what some clients show, so its layout counts; the order
    /// of a map's entries does not.
    fn same_text(&self, cell: &str, other: &str) -> bool {
        match (serde_json::from_str(cell), serde_json::from_str(other)) {
            (Ok(parsed), Ok(other_parsed)) => {
                layout(cell) == layout(other) && self.same_nested(&parsed, &other_parsed)
            }
            _ => false,
        }
    }

    fn same_nested(&self, cell: &Value, other: &Value) -> bool {
        match (self, cell, other) {
            (Self::Array(element), Value::Array(cells), Value::Array(others)) => {
                cells.len() == others.len()
                    && cells.iter().zip(others).all(|(a, b)| element.same(a, b))
            }
            (Self::Row(fields), Value::Array(cells), Value::Array(others)) => {
                let mut pairs = fields.iter().zip(cells.iter().zip(others));
                cells.len() == others.len()
                    && cells.len() == fields.len()
                    && pairs.all(|(field, (a, b))| field.same(a, b))
            }
            (Self::Map(value), Value::Object(cells), Value::Object(others)) => {
                let mut values = cells.iter().map(|(key, cell)| (cell, others.get(key)));
                cells.len() == others.len()
                    && values
                        .all(|(cell, other)| other.is_some_and(|other| value.same(cell, other)))
            }
            _ => cell == other,
        }
    }
}

/// What is between commas that are in no parentheses and no quotes.
fn split(list: &str) -> Vec<&str> {
    let (mut depth, mut quoted) = (0, false);
    let parts = list.split(|c| {
        match c {
            '"' => quoted = !quoted,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0 && !quoted
    });
    parts.collect()
}

fn same_number(cell: &Value, other: &Value) -> bool {
    match (cell.as_f64(), other.as_f64()) {
        (Some(a), Some(b)) if cell.is_f64() && other.is_f64() => {
            (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
        }
        // NaN and the infinities are text; an integer is something else than a double.
        _ => cell == other,
    }
}

/// JSON text with every string, number and word as `_`.
fn layout(text: &str) -> String {
    let mut layout = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let part = c.is_alphanumeric() || matches!(c, '-' | '+' | '.' | '"');
        if c == '"' {
            while let Some(c) = chars.next() {
                match c {
                    '\\' => _ = chars.next(),
                    '"' => break,
                    _ => {}
                }
            }
        }
        if !part {
            layout.push(c);
        } else if c == '"' || !layout.ends_with('_') {
            layout.push('_');
        }
    }
    layout
}

/// The comparison of cells must see what is different.
pub(crate) fn self_test() -> Result<(), String> {
    let same = |name: &str, cell: &str, other: &str| {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
        Shape::of(name).same(&parse(cell), &parse(other))
    };
    let text = |name: &str, cell: &str, other: &str| {
        Shape::of(name).same(&Value::from(cell), &Value::from(other))
    };
    let row = r#"row(a double,"b, c" map(varchar(3),real),timestamp with time zone)"#;
    for (right, what) in [
        (same("bigint", "1", "1"), "an integer"),
        (!same("bigint", "1", "2"), "another integer"),
        (!same("bigint", "1", "null"), "a null"),
        (
            same("double", "0.3", "0.30000000000000004"),
            "the last digit of a double",
        ),
        (!same("double", "0.3", "0.30000000001"), "another double"),
        (!same("double", "1.0", "1"), "a double as an integer"),
        (!same("double", "1.0", "NaN"), "NaN"),
        (same("double", "Infinity", "Infinity"), "the same infinity"),
        (
            !same("varchar", "\"0.3\"", "\"0.30000000000000004\""),
            "digits in text",
        ),
        (
            text("array(double)", "[ 0.3 ]", "[ 0.30000000000000004 ]"),
            "a double in an array",
        ),
        (
            !text("array(integer)", "[ 1, 2 ]", "[ 2, 1 ]"),
            "the order of an array",
        ),
        (
            !text("array(integer)", "[ 1, 2 ]", "[1, 2]"),
            "an array's layout",
        ),
        (
            !text("array(double)", "[ 1.0 ]", "[ 1.0, 1.0 ]"),
            "a longer array",
        ),
        (
            !text("array(integer)", "[ 1, null ]", "[ 1, 0 ]"),
            "a null in an array",
        ),
        (
            text(
                "map(varchar,integer)",
                r#"{ "a" : 1, "b" : 2 }"#,
                r#"{ "b" : 2, "a" : 1 }"#,
            ),
            "a map's order",
        ),
        (
            !text("map(varchar,integer)", r#"{ "a" : 1 }"#, r#"{ "a" : 2 }"#),
            "a map's value",
        ),
        (
            !text("map(varchar,integer)", r#"{ "a" : 1 }"#, r#"{ "b" : 1 }"#),
            "a map's key",
        ),
        (
            !same("array(integer)", "[1]", "\"[ 1 ]\""),
            "an array as text",
        ),
        (same("array(integer)", "[1]", "[1]"), "an array as such"),
        (
            text(
                row,
                r#"[ 0.3, "{ }", "x" ]"#,
                r#"[ 0.30000000000000004, "{ }", "x" ]"#,
            ),
            "a row's double",
        ),
        (
            !text(row, r#"[ 0.3, "{ }", "x" ]"#, r#"[ 0.3, "{ }", "y" ]"#),
            "a row's other field",
        ),
        (
            !text(row, r#"[ 0.3, "{ }", "x" ]"#, r#"[ 0.3, "{}", "x" ]"#),
            "the layout inside of a row",
        ),
        (
            split(r#"a b(1,2),"c,d" e"#).len() == 2,
            "splitting a list of types",
        ),
    ] {
        if !right {
            return Err(format!("cells are compared wrongly: {what}"));
        }
    }
    Ok(())
}
