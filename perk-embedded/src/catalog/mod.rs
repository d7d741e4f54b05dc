//! What statements can name: catalogs of schemas of tables.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what a catalog is, and what a name means |
//! | [`registry`] | which catalogs there are |
//! | [`memory`] | tables that are made, filled and dropped |
//! | [`tpch`] | the tables of TPC-H, generated when they are read |
//! | [`system`] | what there is in all catalogs |
//! | [`information_schema`] | what there is in one |
//! | [`listing`] | tables whose rows are worked out when they are read |
//! | [`reading`] | tables as a plan reads them |

pub(crate) mod information_schema;
pub(crate) mod listing;
pub(crate) mod memory;
mod reading;
pub(crate) mod registry;
mod system;
mod tpch;

use std::fmt::{self, Debug};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;

use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::types::Type;
use memory::Memory;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Type,
}

/// A table: its columns, and where its rows come from, which has the same columns in Arrow's types.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Arc<dyn TableProvider>,
}

impl Table {
    /// Whether it has a column of that name, which is in lower case as all names are.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}

/// A catalog. All names are in lower case.
pub(crate) trait Catalog: Debug + Send + Sync {
    fn name(&self) -> &str;

    fn schemas(&self) -> Vec<String>;

    /// The tables of a schema, in the order of their names; none where there is no such schema.
    fn tables(&self, schema: &str) -> Vec<String>;

    fn table(&self, schema: &str, table: &str) -> Option<Table>;

    /// To change what is in it, where that can be done.
    fn memory(&self) -> Option<&Memory> {
        None
    }

    /// Whether its columns may hold nulls, all of them.
    fn holds_nulls(&self) -> bool {
        true
    }
}

/// A table's full name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TableName {
    pub(crate) catalog: String,
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl TableName {
    /// What a name of one, two or three parts means in a session.
    pub(crate) fn new(session: &Session, parts: &[&str]) -> Result<Self> {
        let missing = |what: &str| {
            let message = format!(
                "{what} must be specified when session {} is not set",
                what.to_lowercase()
            );
            Error::new(Kind::MissingSession, message)
        };
        let (catalog, schema, table) = match parts {
            [table] => (session.catalog.as_deref(), session.schema.as_deref(), table),
            [schema, table] => (session.catalog.as_deref(), Some(*schema), table),
            [catalog, schema, table] => (Some(*catalog), Some(*schema), table),
            _ => {
                return Err(Error::new(
                    Kind::Syntax,
                    format!("Too many dots in table name: {}", parts.join(".")),
                ));
            }
        };
        Ok(Self {
            catalog: catalog.ok_or_else(|| missing("Catalog"))?.to_owned(),
            schema: schema.ok_or_else(|| missing("Schema"))?.to_owned(),
            table: (*table).to_owned(),
        })
    }

    /// What the name of a table in a plan means in a session.
    pub(crate) fn of_plan(session: &Session, name: &TableReference) -> Result<Self> {
        let parts = [name.catalog(), name.schema(), Some(name.table())];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        Self::new(session, &parts)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.catalog, self.schema, self.table)
    }
}

/// All catalogs of an engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogs(pub(crate) Vec<Arc<dyn Catalog>>);

impl Catalogs {
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn Catalog>> {
        self.0.iter().find(|catalog| catalog.name() == name)
    }

    /// The table of that name, or which part of it there is not.
    pub(crate) fn table(&self, name: &TableName) -> Result<Table> {
        let TableName {
            catalog,
            schema,
            table,
        } = name;
        let Some(found) = self.get(catalog) else {
            return Err(Error::new(
                Kind::CatalogNotFound,
                format!("Catalog {catalog} does not exist"),
            ));
        };
        if !found.schemas().contains(schema) {
            return Err(Error::new(
                Kind::SchemaNotFound,
                format!("Schema {schema} does not exist"),
            ));
        }
        found.table(schema, table).ok_or_else(|| {
            let message = format!("Table {catalog}.{schema}.{table} does not exist");
            Error::new(Kind::TableNotFound, message)
        })
    }
}
