//! The `system` catalog: what there is in all catalogs, and what runs the statements.
//!
//! | room | what is in it |
//! |---|---|
//! | here | its schemas and tables |
//! | [`jdbc`] | the catalogs' contents, as JDBC drivers ask for them |
//! | [`jdbc_columns`] | the columns of those tables |
//! | [`types`] | what JDBC is told of types |

mod jdbc;
mod jdbc_columns;
mod types;

use std::sync::Arc;

use super::listing::{self, Row, column};
use super::registry::with_information;
use super::{Catalog, Column, Table};
use crate::types::Type;

const METADATA: &str = "metadata";
const RUNTIME: &str = "runtime";
const JDBC: &str = "jdbc";

/// The tables of `metadata` that tell which properties there are: none has any.
const PROPERTIES: [&str; 4] = [
    "analyze_properties",
    "column_properties",
    "schema_properties",
    "table_properties",
];

/// The catalog. It tells of itself too.
#[derive(Debug, Clone)]
pub(super) struct System {
    others: Vec<Arc<dyn Catalog>>,
}

impl System {
    pub(super) fn new(others: Vec<Arc<dyn Catalog>>) -> Self {
        Self { others }
    }

    /// All catalogs, in the order of their names.
    fn all(&self) -> Vec<Arc<dyn Catalog>> {
        let mut all = self.others.clone();
        all.push(with_information(self.clone()));
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all
    }

    fn metadata(&self, table: &str) -> Option<Table> {
        let texts = |names: &[&str]| listing::columns(names, &Type::VARCHAR);
        if PROPERTIES.contains(&table) {
            let columns = texts(&[
                "catalog_name",
                "property_name",
                "default_value",
                "type",
                "description",
            ]);
            return Some(listing::table(columns, || Ok(Vec::new())));
        }
        (table == "catalogs").then(|| {
            let system = self.clone();
            let row =
                |catalog: Arc<dyn Catalog>| vec![catalog.name().into(), catalog.name().into()];
            let rows = move || Ok(system.all().into_iter().map(row).collect());
            listing::table(texts(&["catalog_name", "connector_id"]), rows)
        })
    }
}

impl Catalog for System {
    fn name(&self) -> &'static str {
        "system"
    }

    fn schemas(&self) -> Vec<String> {
        [JDBC, METADATA, RUNTIME].map(str::to_owned).to_vec()
    }

    fn tables(&self, schema: &str) -> Vec<String> {
        let mut tables = match schema {
            JDBC => jdbc::tables(),
            METADATA => [&["catalogs"], &PROPERTIES[..]].concat(),
            RUNTIME => vec!["nodes"],
            _ => Vec::new(),
        };
        tables.sort_unstable();
        tables.into_iter().map(str::to_owned).collect()
    }

    fn table(&self, schema: &str, table: &str) -> Option<Table> {
        match (schema, table) {
            (JDBC, table) => jdbc::table(self, table),
            (METADATA, table) => self.metadata(table),
            (RUNTIME, "nodes") => Some(listing::table(node_columns(), || Ok(vec![node()]))),
            _ => None,
        }
    }
}

fn node_columns() -> Vec<Column> {
    vec![
        column("node_id", Type::VARCHAR),
        column("http_uri", Type::VARCHAR),
        column("node_version", Type::VARCHAR),
        column("coordinator", Type::Boolean),
        column("state", Type::VARCHAR),
    ]
}

/// The process itself.
fn node() -> Row {
    vec![
        "embedded".into(),
        "embedded:".into(),
        format!("DataFusion {}", datafusion::DATAFUSION_VERSION).into(),
        true.into(),
        "active".into(),
    ]
}
