//! The `memory` catalog: schemas and tables that are made, filled and dropped, and gone with the process.
//!
//! | room | what is in it |
//! |---|---|
//! | here | schemas and tables by name |
//! | [`table`] | what is in a table, and reading it as it was at one moment |
//! | [`insert`] | rows being added, all of them at once or none |
//! | [`rows`] | batches in the table's own form, few and compact |
//! | [`room`] | how many bytes there may be |
//!
//! Nobody here waits long: every lock is held for the moment that a map needs, or for putting an insert's few last rows
//! together with a table's. Whoever reads has a table as it was when the reading began, whatever is done to it since.

mod insert;
mod room;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Catalog;
use crate::error::{Error, Kind, Result};
use crate::types::Type;
pub(crate) use insert::Insert;
use insert::Target;
use room::Room;
pub(crate) use table::Table;

/// The schema that is always there at first.
pub(crate) const DEFAULT_SCHEMA: &str = "default";

/// What to do where something of that name exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfExists {
    Fail,
    Keep,
}

/// What to do where nothing of that name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Fail,
    Ignore,
}

/// The catalog; copies are the same one.
#[derive(Clone)]
pub(crate) struct Memory {
    /// What the catalog is called, for messages.
    name: Arc<str>,
    schemas: Arc<Mutex<Schemas>>,
    room: Arc<Room>,
}

type Schemas = BTreeMap<String, BTreeMap<String, Arc<Table>>>;

impl Memory {
    /// A catalog of that name with room for that many bytes.
    pub(crate) fn new(name: &str, limit: usize) -> Self {
        let schemas = Schemas::from([(DEFAULT_SCHEMA.to_owned(), BTreeMap::new())]);
        Self {
            name: Arc::from(name),
            schemas: Arc::new(Mutex::new(schemas)),
            room: Arc::new(Room::new(limit)),
        }
    }

    /// The names of the schemas, in order.
    pub(crate) fn schemas(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    pub(crate) fn has_schema(&self, schema: &str) -> bool {
        self.lock().contains_key(schema)
    }

    /// The names of a schema's tables, in order, if there is such a schema.
    pub(crate) fn tables(&self, schema: &str) -> Option<Vec<String>> {
        Some(self.lock().get(schema)?.keys().cloned().collect())
    }

    /// A table, to look at and to read.
    pub(crate) fn table(&self, schema: &str, table: &str) -> Option<Arc<Table>> {
        self.lock().get(schema)?.get(table).cloned()
    }

    /// Bytes in all tables, with those of rows that are being added.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.room.used()
    }

    /// Returns whether the schema was made.
    pub(crate) fn create_schema(&self, schema: &str, if_exists: IfExists) -> Result<bool> {
        match (self.lock().entry(schema.to_owned()), if_exists) {
            (Entry::Vacant(place), _) => {
                place.insert(BTreeMap::new());
                Ok(true)
            }
            (Entry::Occupied(_), IfExists::Keep) => Ok(false),
            (Entry::Occupied(_), IfExists::Fail) => {
                let message = format!("Schema '{}.{schema}' already exists", self.name);
                Err(Error::new(Kind::SchemaAlreadyExists, message))
            }
        }
    }

    /// Drops a schema without tables. Returns whether there was one.
    pub(crate) fn drop_schema(&self, schema: &str, if_missing: IfMissing) -> Result<bool> {
        let mut schemas = self.lock();
        match (schemas.get(schema), if_missing) {
            (Some(tables), _) if tables.is_empty() => {
                schemas.remove(schema);
                Ok(true)
            }
            (Some(_), _) => {
                let message = format!("Cannot drop non-empty schema '{schema}'");
                Err(Error::new(Kind::SchemaNotEmpty, message))
            }
            (None, IfMissing::Ignore) => Ok(false),
            (None, IfMissing::Fail) => {
                let message = format!("Schema '{}.{schema}' does not exist", self.name);
                Err(Error::new(Kind::SchemaNotFound, message))
            }
        }
    }

    /// Makes an empty table. Returns whether it was made.
    pub(crate) fn create_table(
        &self,
        schema: &str,
        table: &str,
        columns: Vec<(String, Type)>,
        if_exists: IfExists,
    ) -> Result<bool> {
        let made = Table::new(columns, &self.room);
        self.put(schema, table, Arc::new(made), if_exists)
    }

    /// Returns whether there was such a table.
    pub(crate) fn drop_table(
        &self,
        schema: &str,
        table: &str,
        if_missing: IfMissing,
    ) -> Result<bool> {
        let mut schemas = self.lock();
        let dropped = schemas
            .get_mut(schema)
            .and_then(|tables| tables.remove(table));
        match (dropped, if_missing) {
            (Some(_), _) => Ok(true),
            (None, IfMissing::Ignore) => Ok(false),
            (None, IfMissing::Fail) => Err(self.no_table(schema, table)),
        }
    }

    /// Gives a table another name, in any schema.
    pub(crate) fn rename_table(&self, from: (&str, &str), to: (&str, &str)) -> Result<()> {
        let mut schemas = self.lock();
        match schemas.get(to.0) {
            None => return Err(no_schema(to.0)),
            Some(tables) if tables.contains_key(to.1) => return Err(self.is_table(to.0, to.1)),
            Some(_) => {}
        }
        let moved = schemas
            .get_mut(from.0)
            .and_then(|tables| tables.remove(from.1));
        let moved = moved.ok_or_else(|| self.no_table(from.0, from.1))?;
        if let Some(tables) = schemas.get_mut(to.0) {
            tables.insert(to.1.to_owned(), moved);
        }
        Ok(())
    }

    /// Begins to add rows to a table.
    pub(crate) fn insert(&self, schema: &str, table: &str) -> Result<Insert> {
        let into = self
            .table(schema, table)
            .ok_or_else(|| self.no_table(schema, table))?;
        Ok(Insert::new(self, schema, table, into, Target::Existing))
    }

    /// Begins to make a table with rows: there is none until all of them are in it.
    pub(crate) fn create_table_as(
        &self,
        schema: &str,
        table: &str,
        columns: Vec<(String, Type)>,
    ) -> Result<Insert> {
        match self.lock().get(schema) {
            None => return Err(no_schema(schema)),
            Some(tables) if tables.contains_key(table) => return Err(self.is_table(schema, table)),
            Some(_) => {}
        }
        let made = Arc::new(Table::new(columns, &self.room));
        Ok(Insert::new(self, schema, table, made, Target::New))
    }

    /// Removes all rows of a table. Returns how many they were.
    pub(crate) fn delete_all(&self, schema: &str, table: &str) -> Result<usize> {
        let emptied = self.table(schema, table);
        let emptied = emptied.ok_or_else(|| self.no_table(schema, table))?;
        Ok(emptied.clear())
    }

    /// Does something to a table while nobody can drop it, unless it has been dropped already. Whatever it is called by now.
    fn if_still_there(&self, table: &Arc<Table>, act: impl FnOnce()) -> bool {
        let schemas = self.lock();
        let mut tables = schemas.values().flat_map(BTreeMap::values);
        let there = tables.any(|known| Arc::ptr_eq(known, table));
        if there {
            act();
        }
        there
    }

    fn put(
        &self,
        schema: &str,
        table: &str,
        made: Arc<Table>,
        if_exists: IfExists,
    ) -> Result<bool> {
        let mut schemas = self.lock();
        let tables = schemas.get_mut(schema).ok_or_else(|| no_schema(schema))?;
        match (tables.entry(table.to_owned()), if_exists) {
            (Entry::Vacant(place), _) => {
                place.insert(made);
                Ok(true)
            }
            (Entry::Occupied(_), IfExists::Keep) => Ok(false),
            (Entry::Occupied(_), IfExists::Fail) => Err(self.is_table(schema, table)),
        }
    }

    /// A thread that died with the lock leaves whole maps: each change is one call of theirs, but for a table's renaming,
    /// between whose two nothing can fail.
    fn lock(&self) -> MutexGuard<'_, Schemas> {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_table(&self, schema: &str, table: &str) -> Error {
        let message = format!("Table '{}.{schema}.{table}' does not exist", self.name);
        Error::new(Kind::TableNotFound, message)
    }

    fn is_table(&self, schema: &str, table: &str) -> Error {
        let message = format!("Table '{}.{schema}.{table}' already exists", self.name);
        Error::new(Kind::TableAlreadyExists, message)
    }
}

fn no_schema(schema: &str) -> Error {
    Error::new(Kind::NotFound, format!("Schema {schema} not found"))
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Catalog for Memory {
    fn name(&self) -> &str {
        &self.name
    }

    fn schemas(&self) -> Vec<String> {
        Self::schemas(self)
    }

    fn tables(&self, schema: &str) -> Vec<String> {
        Self::tables(self, schema).unwrap_or_default()
    }

    fn table(&self, schema: &str, table: &str) -> Option<super::Table> {
        let table = Self::table(self, schema, table)?;
        Some(super::Table {
            columns: table.columns(),
            rows: table.snapshot(),
        })
    }

    fn memory(&self) -> Option<&Memory> {
        Some(self)
    }
}
