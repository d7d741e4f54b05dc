//! `system.jdbc`: the catalogs' contents, as JDBC drivers ask for them (`DatabaseMetaData`).

use super::super::listing::{self, Cell, Row, column, spelled};
use super::super::{Column, Table};
use super::System;
use super::jdbc_columns::TABLES;
use super::types::{self, NULLABLE_UNKNOWN};

/// The tables' names.
pub(super) fn tables() -> Vec<&'static str> {
    TABLES.iter().map(|(name, _)| *name).collect()
}

pub(super) fn table(system: &System, table: &str) -> Option<Table> {
    let (table, columns) = TABLES.iter().find(|(name, _)| *name == table)?;
    let columns = columns
        .iter()
        .map(|(name, kind)| column(name, (*kind).clone()))
        .collect();
    let system = system.clone();
    Some(listing::table(columns, move || Ok(rows(&system, table))))
}

fn rows(system: &System, table: &str) -> Vec<Row> {
    match table {
        "catalogs" => system
            .all()
            .iter()
            .map(|catalog| vec![catalog.name().into()])
            .collect(),
        "schemas" => schemas(system),
        "tables" => all_tables(system),
        "columns" => all_columns(system),
        "table_types" => vec![vec!["TABLE".into()], vec!["VIEW".into()]],
        "types" => types::rows(),
        // There are no procedures, no types of users' own, no tables above tables.
        _ => Vec::new(),
    }
}

fn schemas(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for catalog in system.all() {
        let row = |schema: String| vec![schema.into(), catalog.name().into()];
        rows.extend(catalog.schemas().into_iter().map(row));
    }
    rows
}

fn all_tables(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for catalog in system.all() {
        for schema in catalog.schemas() {
            for table in catalog.tables(&schema) {
                let mut row: Row = vec![
                    catalog.name().into(),
                    schema.as_str().into(),
                    table.into(),
                    "TABLE".into(),
                ];
                row.extend([const { Cell::Null }; 6]);
                rows.push(row);
            }
        }
    }
    rows
}

fn all_columns(system: &System) -> Vec<Row> {
    let mut rows = Vec::new();
    for catalog in system.all() {
        for schema in catalog.schemas() {
            for table in catalog.tables(&schema) {
                let Some(found) = catalog.table(&schema, &table) else {
                    continue;
                };
                for (column, position) in found.columns.iter().zip(1_i64..) {
                    let name = [catalog.name(), &schema, &table];
                    rows.push(column_row(name, column, position));
                }
            }
        }
    }
    rows
}

fn column_row(table: [&str; 3], column: &Column, position: i64) -> Row {
    let kind = types::of(&column.kind);
    let [catalog, schema, table] = table;
    vec![
        catalog.into(),
        schema.into(),
        table.into(),
        column.name.as_str().into(),
        kind.code.into(),
        spelled(&column.kind).into(),
        kind.size.into(),
        0_i64.into(),
        kind.digits.into(),
        kind.radix.into(),
        NULLABLE_UNKNOWN.into(),
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
        kind.octets.into(),
        position.into(),
        "".into(),
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
    ]
}
