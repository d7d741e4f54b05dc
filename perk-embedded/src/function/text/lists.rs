//! Columns of several texts each.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, ListArray, ListBuilder, MapArray, MapBuilder, MapFieldNames, StringBuilder,
};
use datafusion::arrow::datatypes::DataType;

use crate::function::cell::Cell;

/// `array(varchar)`.
pub(crate) enum Texts {}

impl Cell for Texts {
    type Column = ListArray;
    type Read<'a> = ArrayRef;
    type Made = Vec<Option<String>>;

    fn size(made: &Self::Made) -> usize {
        made.iter().flatten().map(String::len).sum()
    }

    fn column(array: &ArrayRef) -> &Self::Column {
        array.as_list()
    }

    fn read(column: &Self::Column, row: usize) -> Self::Read<'_> {
        column.value(row)
    }

    fn make(values: impl Iterator<Item = Option<Self::Made>>, _kind: &DataType) -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        values.for_each(|value| builder.append_option(value));
        Arc::new(builder.finish())
    }
}

/// `map(varchar, varchar)`.
pub(crate) enum TextMap {}

impl Cell for TextMap {
    type Column = MapArray;
    type Read<'a> = ArrayRef;
    type Made = Vec<(String, String)>;

    fn size(made: &Self::Made) -> usize {
        made.iter().map(|(key, text)| key.len() + text.len()).sum()
    }

    fn column(array: &ArrayRef) -> &Self::Column {
        array.as_map()
    }

    fn read(column: &Self::Column, row: usize) -> Self::Read<'_> {
        Arc::new(column.value(row))
    }

    fn make(values: impl Iterator<Item = Option<Self::Made>>, _kind: &DataType) -> ArrayRef {
        let (keys, texts) = (StringBuilder::new(), StringBuilder::new());
        let mut builder = MapBuilder::new(Some(names()), keys, texts);
        for value in values {
            for (key, text) in value.iter().flatten() {
                builder.keys().append_value(key);
                builder.values().append_value(text);
            }
            finish(&builder.append(value.is_some()));
        }
        Arc::new(builder.finish())
    }
}

/// `map(varchar, array(varchar))`.
pub(crate) enum TextMultimap {}

impl Cell for TextMultimap {
    type Column = MapArray;
    type Read<'a> = ArrayRef;
    type Made = Vec<(String, Vec<String>)>;

    fn size(made: &Self::Made) -> usize {
        let length = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
        made.iter()
            .map(|(key, texts)| key.len() + length(texts))
            .sum()
    }

    fn column(array: &ArrayRef) -> &Self::Column {
        array.as_map()
    }

    fn read(column: &Self::Column, row: usize) -> Self::Read<'_> {
        Arc::new(column.value(row))
    }

    fn make(values: impl Iterator<Item = Option<Self::Made>>, _kind: &DataType) -> ArrayRef {
        let (keys, lists) = (StringBuilder::new(), ListBuilder::new(StringBuilder::new()));
        let mut builder = MapBuilder::new(Some(names()), keys, lists);
        for value in values {
            for (key, texts) in value.iter().flatten() {
                builder.keys().append_value(key);
                builder.values().append_value(texts.iter().map(Some));
            }
            finish(&builder.append(value.is_some()));
        }
        Arc::new(builder.finish())
    }
}

/// As the types have them.
fn names() -> MapFieldNames {
    MapFieldNames {
        entry: "entries".to_owned(),
        key: "key".to_owned(),
        value: "value".to_owned(),
    }
}

/// As many keys as values are written.
fn finish(appended: &Result<(), datafusion::arrow::error::ArrowError>) {
    debug_assert!(appended.is_ok());
}
