//! Tables whose rows are worked out when they are read: what `SHOW`, `information_schema` and `system` tell.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    new_null_array,
};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};

use super::reading::Reading;
use super::{Column, Table};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    Number(i64),
    Truth(bool),
}

pub(crate) type Row = Vec<Cell>;

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Columns of these names, all of one type.
pub(crate) fn columns(names: &[&str], kind: &Type) -> Vec<Column> {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        kind: kind.clone(),
    };
    names.iter().map(column).collect()
}

/// A column.
pub(crate) fn column(name: &str, kind: Type) -> Column {
    Column {
        name: name.to_owned(),
        kind,
    }
}

/// The columns as Arrow has them.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| Field::new(&column.name, column.kind.to_arrow(), true);
    Arc::new(Schema::new(
        columns.iter().map(field).collect::<Vec<Field>>(),
    ))
}

/// Rows as Arrow has them. Every row has a cell for each column, of its type or null.
pub(crate) fn batch(columns: &[Column], rows: &[Row]) -> Result<RecordBatch> {
    let arrays = columns
        .iter()
        .enumerate()
        .map(|(i, column)| array(column, rows.iter().map(|row| row.get(i)), rows.len()))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema(columns), arrays, &options)
        .map_err(|error| Error::new(Kind::Internal, error.to_string()))
}

fn array<'a>(
    column: &Column,
    cells: impl Iterator<Item = Option<&'a Cell>>,
    rows: usize,
) -> ArrayRef {
    let number = |cell: Option<&Cell>| match cell {
        Some(Cell::Number(number)) => Some(*number),
        _ => None,
    };
    let text = |cell: Option<&'a Cell>| match cell {
        Some(Cell::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let small = |cell: Option<&Cell>| number(cell).and_then(|number| i32::try_from(number).ok());
    let truth = |cell: Option<&Cell>| match cell {
        Some(Cell::Truth(truth)) => Some(*truth),
        _ => None,
    };
    match column.kind {
        Type::Varchar(_) => Arc::new(cells.map(text).collect::<StringArray>()),
        Type::Bigint => Arc::new(cells.map(number).collect::<Int64Array>()),
        Type::Integer => Arc::new(cells.map(small).collect::<Int32Array>()),
        Type::Boolean => Arc::new(cells.map(truth).collect::<BooleanArray>()),
        _ => new_null_array(&column.kind.to_arrow(), rows),
    }
}

/// A table whose rows are worked out when they are read.
pub(crate) fn table(
    columns: Vec<Column>,
    rows: impl Fn() -> Result<Vec<Row>> + Send + Sync + 'static,
) -> Table {
    let schema = schema(&columns);
    let own = columns.clone();
    let batches = move || Ok(vec![batch(&own, &rows()?)?]);
    Table {
        columns,
        rows: Arc::new(Reading::new(schema, batches)),
    }
}

/// A type as listings spell it: as everywhere, but that the names of a row's fields are in quotes always.
pub(crate) fn spelled(kind: &Type) -> String {
    match kind {
        Type::Array(element) => format!("array({})", spelled(element)),
        Type::Map(key, value) => format!("map({}, {})", spelled(key), spelled(value)),
        Type::Row(fields) => {
            let field = |(name, kind): &(Option<String>, Type)| match name {
                Some(name) => format!("\"{}\" {}", name.replace('"', "\"\""), spelled(kind)),
                None => spelled(kind),
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("row({})", fields.join(", "))
        }
        other => other.to_string(),
    }
}
