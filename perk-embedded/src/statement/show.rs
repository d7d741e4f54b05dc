//! `SHOW` and `DESCRIBE`: what there is.

use std::fmt::Write as _;

use super::answer::{Answer, fitted};
use super::like::Names;
use super::said::{Name, Show};
use super::{Setting, at_start, functions, properties};
use crate::catalog::listing::{Row, columns, spelled};
use crate::catalog::{Catalog, Table, TableName};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

pub(super) fn answer(show: &Show, setting: &Setting) -> Result<Answer> {
    match show {
        Show::Catalogs(like) => catalogs(&Names::new(like.as_ref())?, setting),
        Show::Schemas(catalog, like) => {
            schemas(catalog.as_deref(), &Names::new(like.as_ref())?, setting)
        }
        Show::Tables(schema, like) => tables(schema, &Names::new(like.as_ref())?, setting),
        Show::Columns(table) => table_columns(table, setting),
        Show::Functions(like) => functions::answer(&Names::new(like.as_ref())?, setting),
        Show::Session(like) => properties::answer(&Names::new(like.as_ref())?, setting),
        Show::CreateTable(table) => create_table(table, setting),
        Show::CreateView(view) => create_view(view, setting),
        Show::Grants(table) => grants(table.as_ref(), setting),
    }
}

/// Nobody has been granted anything.
fn grants(table: Option<&Name>, setting: &Setting) -> Result<Answer> {
    if let Some(written) = table
        && setting.catalogs.table(&setting.resolve(written)?).is_err()
    {
        // Presto says it like this, a slip of its own included.
        let written = written.join(".");
        let message = format!("Table 'Optional[{written}]' does not exist");
        return Err(at_start(Kind::TableNotFound, message));
    }
    let columns = columns(
        &[
            "Grantor",
            "Grantor Type",
            "Grantee",
            "Grantee Type",
            "Catalog",
            "Schema",
            "Table",
            "Privilege",
            "Grantable",
            "With Hierarchy",
        ],
        &Type::VARCHAR,
    );
    Answer::listing(columns, &[])
}

fn catalogs(names: &Names, setting: &Setting) -> Result<Answer> {
    let catalogs = setting.catalogs.0.iter();
    let mut all: Vec<Row> = catalogs
        .map(|catalog| vec![catalog.name().into()])
        .collect();
    let columns = fitted(columns(&["Catalog"], &Type::VARCHAR), &all);
    let mut kept = setting
        .catalogs
        .0
        .iter()
        .map(|catalog| names.include(catalog.name()));
    all.retain(|_| kept.next().unwrap_or(false));
    Answer::listing(columns, &all)
}

/// A list of the names that are wanted.
fn list(title: &str, all: Vec<String>, names: &Names) -> Result<Answer> {
    let wanted = all.into_iter().filter(|name| names.include(name));
    let rows: Vec<Row> = wanted.map(|name| vec![name.into()]).collect();
    Answer::listing(columns(&[title], &Type::VARCHAR), &rows)
}

fn no_session_catalog() -> Error {
    at_start(
        Kind::MissingSession,
        "Catalog must be specified when session catalog is not set",
    )
}

fn schemas(catalog: Option<&str>, names: &Names, setting: &Setting) -> Result<Answer> {
    let catalog = catalog.or(setting.session.catalog.as_deref());
    let catalog = catalog.ok_or_else(no_session_catalog)?;
    let found = setting.catalogs.get(catalog).ok_or_else(|| {
        let message = format!("Catalog {catalog} does not exist");
        Error::new(Kind::CatalogNotFound, message)
    })?;
    list("Schema", found.schemas(), names)
}

fn tables(schema: &Name, names: &Names, setting: &Setting) -> Result<Answer> {
    let session = &setting.session;
    let (catalog, schema) = match schema.as_slice() {
        [] => (session.catalog.as_deref(), session.schema.as_deref()),
        [schema] => (session.catalog.as_deref(), Some(schema.as_str())),
        [catalog, schema] => (Some(catalog.as_str()), Some(schema.as_str())),
        parts => {
            let message = format!("Too many parts in schema name: {}", parts.join("."));
            return Err(at_start(Kind::Syntax, message));
        }
    };
    let catalog = catalog.ok_or_else(no_session_catalog)?;
    let schema = schema.ok_or_else(|| {
        let message = "Schema must be specified when session schema is not set";
        at_start(Kind::MissingSession, message)
    })?;
    let found = setting.catalogs.get(catalog).ok_or_else(|| {
        let message = format!("Catalog '{catalog}' does not exist");
        at_start(Kind::CatalogNotFound, message)
    })?;
    if !found.schemas().iter().any(|known| known == schema) {
        let message = format!("Schema '{schema}' does not exist");
        return Err(at_start(Kind::SchemaNotFound, message));
    }
    list("Table", found.tables(schema), names)
}

/// The table of that name; that there is none is said of the whole statement.
fn table<'a>(name: &[String], setting: &'a Setting) -> Result<(TableName, &'a dyn Catalog, Table)> {
    let name = setting
        .resolve(name)
        .map_err(|error| at_start(error.kind, error.message))?;
    let catalog = setting.catalogs.get(&name.catalog);
    let found = catalog.and_then(|catalog| {
        let table = catalog.table(&name.schema, &name.table)?;
        Some((catalog.as_ref(), table))
    });
    match found {
        Some((catalog, table)) => Ok((name, catalog, table)),
        None => Err(no_table(&name)),
    }
}

fn no_table(name: &TableName) -> Error {
    let message = format!("Table '{name}' does not exist");
    at_start(Kind::TableNotFound, message)
}

fn table_columns(name: &[String], setting: &Setting) -> Result<Answer> {
    let (_, _, table) = table(name, setting)?;
    let row = |column: &crate::catalog::Column| {
        vec![
            column.name.as_str().into(),
            spelled(&column.kind).into(),
            "".into(),
            "".into(),
        ]
    };
    let rows: Vec<Row> = table.columns.iter().map(row).collect();
    let columns = columns(&["Column", "Type", "Extra", "Comment"], &Type::VARCHAR);
    Answer::listing(columns, &rows)
}

fn create_table(name: &[String], setting: &Setting) -> Result<Answer> {
    let (name, catalog, table) = table(name, setting)?;
    let not_null = if catalog.holds_nulls() {
        ""
    } else {
        " NOT NULL"
    };
    let mut text = format!("CREATE TABLE {name} (");
    for (i, column) in table.columns.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let column_name = column.name.replace('"', "\"\"");
        let kind = spelled(&column.kind);
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}\n   \"{column_name}\" {kind}{not_null}");
    }
    text.push_str("\n)");
    let rows = [vec![text.into()]];
    Answer::listing(
        fitted(columns(&["Create Table"], &Type::VARCHAR), &rows),
        &rows,
    )
}

/// There are no views.
fn create_view(name: &[String], setting: &Setting) -> Result<Answer> {
    if let Ok((name, ..)) = table(name, setting) {
        let message = format!("Relation '{name}' is a table, not a view");
        return Err(at_start(Kind::UnsupportedSyntax, message));
    }
    let name = setting.resolve(name)?;
    let message = format!("View '{name}' does not exist");
    Err(at_start(Kind::TableNotFound, message))
}
