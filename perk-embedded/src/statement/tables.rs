//! Making and dropping schemas and tables. Only in `memory` can that be done.

use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

use super::answer::Answer;
use super::said::{Alter, Change, Definition, Name, NewColumn, NewTable, Said};
use super::session::no_catalog;
use super::{Setting, at_start};
use crate::catalog::memory::{IfExists, IfMissing, Memory};
use crate::catalog::{Catalog, Column, Table, TableName};
use crate::error::{Error, Kind, Result};
use crate::plan::syntax::place;
use crate::types::Type;

/// Makes a change, which takes no time.
pub(super) fn change(said: Said, tokens: &[TokenWithSpan], setting: &Setting) -> Result<Answer> {
    match said {
        Said::CreateSchema {
            name,
            keep,
            properties,
        } => create_schema(&name, keep, &properties, setting),
        Said::DropSchema {
            name,
            ignore,
            cascade,
        } => drop_schema(&name, ignore, cascade, setting),
        Said::CreateTable(new) => create_table(&new, setting),
        Said::DropTable { name, ignore } => drop_table(&name, ignore, setting),
        Said::Delete {
            table,
            all,
            truncate,
        } => delete(&table, all, truncate, setting),
        Said::Update { table, columns } => update(&table, &columns, setting),
        Said::Alter(alter) => change_table(&alter, setting),
        Said::CreateView { name, query } => {
            let name = setting.resolve(&name)?;
            catalog(&name.catalog, setting)?;
            setting.plan(*query, tokens)?;
            Err(refused("creating views", setting))
        }
        Said::DropView { name, ignore } => {
            let name = setting.resolve(&name)?;
            if ignore {
                return done("DROP VIEW", setting);
            }
            let message = format!("View '{name}' does not exist");
            Err(at_start(Kind::TableNotFound, message))
        }
        // All others are somebody else's.
        _ => Err(Error::new(Kind::Internal, "a statement that nobody knows")),
    }
}

fn done(update_type: &str, setting: &Setting) -> Result<Answer> {
    Answer::done(setting.session.dialect, update_type, Vec::new())
}

/// What a connector says of what it cannot do.
pub(super) fn unsupported(what: &str) -> Error {
    let message = format!("This connector does not support {what}");
    Error::new(Kind::NotSupported, message)
}

/// The same of a write, which the transaction may not even let it try.
fn refused(what: &str, setting: &Setting) -> Error {
    let refused = setting.part.may_write();
    refused.err().unwrap_or_else(|| unsupported(what))
}

/// A catalog in which something is to be changed.
pub(super) fn catalog<'a>(name: &str, setting: &'a Setting) -> Result<&'a dyn Catalog> {
    match setting.catalogs.get(name) {
        Some(catalog) => Ok(catalog.as_ref()),
        None => Err(no_catalog(name)),
    }
}

/// What of a catalog can be changed, or that it cannot. Presto's `memory` can be within a transaction, and keeps what is
/// written there when that is rolled back; here that is refused, as Trino's does.
pub(super) fn memory<'a>(
    catalog: &'a dyn Catalog,
    what: &str,
    setting: &Setting,
) -> Result<&'a Memory> {
    let memory = catalog.memory().ok_or_else(|| refused(what, setting))?;
    setting.part.may_write_for_good(catalog.name())?;
    Ok(memory)
}

fn if_exists(keep: bool) -> IfExists {
    if keep { IfExists::Keep } else { IfExists::Fail }
}

fn if_missing(ignore: bool) -> IfMissing {
    if ignore {
        IfMissing::Ignore
    } else {
        IfMissing::Fail
    }
}

/// A schema's catalog and name.
fn schema_name<'a>(name: &'a Name, setting: &'a Setting) -> Result<(&'a str, &'a str)> {
    match name.as_slice() {
        [schema] => match setting.session.catalog.as_deref() {
            Some(catalog) => Ok((catalog, schema)),
            None => Err(at_start(
                Kind::MissingSession,
                "Catalog must be specified when session catalog is not set",
            )),
        },
        [catalog, schema] => Ok((catalog, schema)),
        parts => {
            let message = format!("Too many parts in schema name: {}", parts.join("."));
            Err(at_start(Kind::Syntax, message))
        }
    }
}

fn has_schema(catalog: &dyn Catalog, schema: &str) -> bool {
    catalog.schemas().iter().any(|known| known == schema)
}

fn create_schema(
    name: &Name,
    keep: bool,
    properties: &[String],
    setting: &Setting,
) -> Result<Answer> {
    let (catalog_name, schema) = schema_name(name, setting)?;
    let catalog = catalog(catalog_name, setting)?;
    if has_schema(catalog, schema) {
        if keep {
            return done("CREATE SCHEMA", setting);
        }
        let message = format!("Schema '{catalog_name}.{schema}' already exists");
        return Err(at_start(Kind::SchemaAlreadyExists, message));
    }
    if let Some(property) = properties.first() {
        let message =
            format!("Catalog '{catalog_name}' does not support schema property '{property}'");
        return Err(Error::new(Kind::InvalidSchemaProperty, message));
    }
    memory(catalog, "creating schemas", setting)?.create_schema(schema, if_exists(keep))?;
    done("CREATE SCHEMA", setting)
}

fn drop_schema(name: &Name, ignore: bool, cascade: bool, setting: &Setting) -> Result<Answer> {
    let (catalog_name, schema) = schema_name(name, setting)?;
    let found = setting.catalogs.get(catalog_name);
    let Some(catalog) = found.filter(|catalog| has_schema(catalog.as_ref(), schema)) else {
        if ignore {
            return done("DROP SCHEMA", setting);
        }
        let message = format!("Schema '{catalog_name}.{schema}' does not exist");
        return Err(at_start(Kind::SchemaNotFound, message));
    };
    let memory = memory(catalog.as_ref(), "dropping schemas", setting)?;
    if cascade {
        return Err(Error::new(
            Kind::NotSupported,
            "CASCADE is not yet supported for DROP SCHEMA",
        ));
    }
    if memory
        .tables(schema)
        .is_some_and(|tables| !tables.is_empty())
    {
        let message = format!("Schema not empty: {schema}");
        return Err(Error::new(Kind::SchemaNotEmpty, message));
    }
    memory.drop_schema(schema, if_missing(ignore))?;
    done("DROP SCHEMA", setting)
}

fn create_table(new: &NewTable, setting: &Setting) -> Result<Answer> {
    let name = setting.resolve(&new.name)?;
    let catalog = catalog(&name.catalog, setting)?;
    if catalog.table(&name.schema, &name.table).is_some() {
        if new.keep {
            return done("CREATE TABLE", setting);
        }
        let message = format!("Table '{name}' already exists");
        return Err(at_start(Kind::TableAlreadyExists, message));
    }
    let columns = new_columns(&new.columns, &name, setting)?;
    no_properties(&new.properties, &name)?;
    let memory = memory(catalog, "creating tables", setting)?;
    must_have_schema(memory, &name)?;
    memory.create_table(&name.schema, &name.table, columns, if_exists(new.keep))?;
    done("CREATE TABLE", setting)
}

/// Tables have no properties.
pub(super) fn no_properties(properties: &[String], name: &TableName) -> Result<()> {
    let Some(property) = properties.first() else {
        return Ok(());
    };
    let catalog = &name.catalog;
    let message = format!("Catalog '{catalog}' does not support table property '{property}'");
    Err(Error::new(Kind::InvalidTableProperty, message))
}

/// A table is made in a schema that there is.
pub(super) fn must_have_schema(memory: &Memory, name: &TableName) -> Result<()> {
    if memory.has_schema(&name.schema) {
        return Ok(());
    }
    let message = format!("Schema {} not found", name.schema);
    Err(Error::new(Kind::NotFound, message))
}

fn new_columns(
    new: &[NewColumn],
    table: &TableName,
    setting: &Setting,
) -> Result<Vec<(String, Type)>> {
    let mut columns: Vec<(String, Type)> = Vec::new();
    for column in new {
        match column {
            NewColumn::Like { table, at } => {
                let like = setting.resolve(table)?;
                let found = setting.catalogs.table(&like).map_err(|_| {
                    let message = format!("LIKE table '{like}' does not exist");
                    at_start(Kind::TableNotFound, message)
                })?;
                for Column { name, kind } in found.columns {
                    once(&columns, &name, *at)?;
                    columns.push((name, kind));
                }
            }
            NewColumn::Column(column) => {
                let name = &column.name;
                once(&columns, name, column.at)?;
                let kind = known_type(column)?;
                if !column.nullable {
                    let catalog = &table.catalog;
                    let message = format!(
                        "Catalog '{catalog}' does not support non-null column for column name '{name}'"
                    );
                    return Err(Error::new(Kind::Syntax, message).at(place(column.at)));
                }
                columns.push((name.clone(), kind));
            }
        }
    }
    Ok(columns)
}

/// No other column may be called so.
fn once(others: &[(String, Type)], name: &str, at: Location) -> Result<()> {
    if others.iter().all(|(other, _)| other != name) {
        return Ok(());
    }
    let message = format!("Column name '{name}' specified more than once");
    Err(Error::new(Kind::DuplicateColumn, message).at(place(at)))
}

/// The type that a column is to have.
fn known_type(column: &Definition) -> Result<Type> {
    let known = column.kind.clone().filter(|kind| *kind != Type::Unknown);
    known.ok_or_else(|| {
        let Definition { name, spelled, .. } = column;
        let message = format!("Unknown type '{spelled}' for column '{name}'");
        Error::new(Kind::Syntax, message).at(place(column.at))
    })
}

fn no_table(name: &TableName) -> Error {
    at_start(
        Kind::TableNotFound,
        format!("Table '{name}' does not exist"),
    )
}

/// A table that is there, and its catalog, if it is.
fn found<'a>(name: &TableName, setting: &'a Setting) -> Option<(&'a dyn Catalog, Table)> {
    let catalog = setting.catalogs.get(&name.catalog)?;
    let table = catalog.table(&name.schema, &name.table)?;
    Some((catalog.as_ref(), table))
}

fn drop_table(name: &Name, ignore: bool, setting: &Setting) -> Result<Answer> {
    let name = setting.resolve(name)?;
    match found(&name, setting) {
        Some((catalog, _)) => {
            let memory = memory(catalog, "dropping tables", setting)?;
            memory.drop_table(&name.schema, &name.table, if_missing(ignore))?;
        }
        None if ignore => {}
        None => return Err(no_table(&name)),
    }
    done("DROP TABLE", setting)
}

/// Presto's `memory` can do neither; here the rows can be had out all at once.
fn delete(name: &Name, all: bool, truncate: bool, setting: &Setting) -> Result<Answer> {
    let name = setting.resolve(name)?;
    let what = if truncate {
        "truncating tables"
    } else {
        "deletes"
    };
    let Some((catalog, _)) = found(&name, setting) else {
        return Err(match setting.catalogs.table(&name) {
            Err(error) if !truncate => error,
            _ => no_table(&name),
        });
    };
    // What can delete no rows at all says so whatever the transaction is for.
    if !all || (!truncate && catalog.memory().is_none()) {
        return Err(unsupported(what));
    }
    let memory = memory(catalog, what, setting)?;
    let rows = memory.delete_all(&name.schema, &name.table)?;
    if truncate {
        return done("TRUNCATE TABLE", setting);
    }
    Answer::written("DELETE", rows)
}

/// There is no way to change rows; what is said of that depends on whether there are such columns.
fn update(table: &Name, columns: &[(String, Location)], setting: &Setting) -> Result<Answer> {
    let table = setting.catalogs.table(&setting.resolve(table)?)?;
    match columns.iter().find(|(name, _)| !table.has_column(name)) {
        Some((name, at)) => {
            let message = format!("The UPDATE SET target column {name} doesn't exist");
            Err(Error::new(Kind::ColumnNotFound, message).at(place(*at)))
        }
        None => Err(unsupported("updates")),
    }
}

fn change_table(alter: &Alter, setting: &Setting) -> Result<Answer> {
    let name = setting.resolve(&alter.table)?;
    match (found(&name, setting), &alter.change) {
        (Some((catalog, _)), Change::Rename(to)) => rename(catalog, &name, to, setting)?,
        (Some((_, table)), change) => change_column(change, &table, setting)?,
        (None, _) if alter.ignore => {}
        (None, _) => return Err(no_table(&name)),
    }
    done(alter.change.update_type(), setting)
}

/// There is no way to change a column; what is said of that depends on whether there is one. That there is nothing to do
/// is no error where the statement says so.
fn change_column(change: &Change, table: &Table, setting: &Setting) -> Result<()> {
    let exists = |name: &str| {
        let message = format!("Column '{name}' already exists");
        Err(at_start(Kind::ColumnAlreadyExists, message))
    };
    let missing = |name: &str| {
        let message = format!("Column '{name}' does not exist");
        Err(at_start(Kind::ColumnNotFound, message))
    };
    match change {
        Change::AddColumn { column, keep } => {
            known_type(column)?;
            match table.has_column(&column.name) {
                true if *keep => Ok(()),
                true => exists(&column.name),
                false => Err(refused("adding columns", setting)),
            }
        }
        Change::DropColumn { column, ignore } | Change::RenameColumn { column, ignore, .. }
            if !table.has_column(column) =>
        {
            if *ignore {
                Ok(())
            } else {
                missing(column)
            }
        }
        Change::DropColumn { .. } if table.columns.len() == 1 => {
            let message = "Cannot drop the only column in a table";
            Err(at_start(Kind::UnsupportedSyntax, message))
        }
        Change::DropColumn { .. } => Err(refused("dropping columns", setting)),
        Change::RenameColumn { to, .. } if table.has_column(to) => exists(to),
        Change::RenameColumn { .. } => Err(refused("renaming columns", setting)),
        Change::Rename(_) => Err(refused("renaming tables", setting)),
    }
}

fn rename(catalog: &dyn Catalog, name: &TableName, to: &Name, setting: &Setting) -> Result<()> {
    let to = setting.resolve(&inherited(to, name))?;
    if to.catalog != name.catalog {
        let message = "Table rename across catalogs is not supported";
        return Err(at_start(Kind::Syntax, message));
    }
    if found(&to, setting).is_some() {
        let message = format!("Target table '{to}' already exists");
        return Err(at_start(Kind::TableAlreadyExists, message));
    }
    let memory = memory(catalog, "renaming tables", setting)?;
    memory.rename_table((&name.schema, &name.table), (&to.schema, &to.table))
}

/// A new name, which is in the old one's schema unless it says otherwise.
fn inherited(to: &Name, from: &TableName) -> Name {
    let before = [&from.catalog, &from.schema];
    let kept = before.len().saturating_sub(to.len().saturating_sub(1));
    let kept = before.into_iter().take(kept).cloned();
    kept.chain(to.iter().cloned()).collect()
}
