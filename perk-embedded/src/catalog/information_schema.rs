//! `information_schema`, which every catalog has: what there is in that catalog.

use std::sync::Arc;

use super::listing::{self, Cell, Row, column, spelled};
use super::memory::Memory;
use super::{Catalog, Table};
use crate::error::{Error, Kind, Result};
use crate::types::Type;

/// The schema's name.
pub(crate) const NAME: &str = "information_schema";

/// Its tables and their columns, in the order of their names. All columns are `varchar` but for [`ORDINAL`].
const TABLES: &[(&str, &[&str])] = &[
    (
        "applicable_roles",
        &["grantee", "grantee_type", "role_name", "is_grantable"],
    ),
    (
        "columns",
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            ORDINAL,
            "column_default",
            "is_nullable",
            "data_type",
            "comment",
            "extra_info",
        ],
    ),
    ("enabled_roles", &["role_name"]),
    ("roles", &["role_name"]),
    ("schemata", &["catalog_name", "schema_name"]),
    (
        "table_privileges",
        &[
            "grantor",
            "grantor_type",
            "grantee",
            "grantee_type",
            "table_catalog",
            "table_schema",
            "table_name",
            "privilege_type",
            "is_grantable",
            "with_hierarchy",
        ],
    ),
    (
        "tables",
        &["table_catalog", "table_schema", "table_name", "table_type"],
    ),
    (
        "views",
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "view_owner",
            "view_definition",
        ],
    ),
];

const ORDINAL: &str = "ordinal_position";

/// A catalog with an `information_schema` beside its own schemas.
#[derive(Debug, Clone)]
pub(crate) struct WithInformationSchema(pub(crate) Arc<dyn Catalog>);

impl Catalog for WithInformationSchema {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn schemas(&self) -> Vec<String> {
        let mut schemas = self.0.schemas();
        schemas.push(NAME.to_owned());
        schemas.sort();
        schemas
    }

    fn tables(&self, schema: &str) -> Vec<String> {
        match schema {
            NAME => TABLES.iter().map(|(name, _)| (*name).to_owned()).collect(),
            schema => self.0.tables(schema),
        }
    }

    fn table(&self, schema: &str, table: &str) -> Option<Table> {
        if schema != NAME {
            return self.0.table(schema, table);
        }
        let (table, names) = TABLES.iter().find(|(name, _)| *name == table)?;
        let kind = |name: &str| match name {
            ORDINAL => Type::Bigint,
            _ => Type::VARCHAR,
        };
        let columns = names.iter().map(|name| column(name, kind(name))).collect();
        let catalog = self.clone();
        Some(listing::table(columns, move || catalog.rows(table)))
    }

    fn memory(&self) -> Option<&Memory> {
        self.0.memory()
    }

    fn holds_nulls(&self) -> bool {
        self.0.holds_nulls()
    }
}

impl WithInformationSchema {
    fn rows(&self, table: &str) -> Result<Vec<Row>> {
        match table {
            "schemata" => Ok(self.schemata()),
            "tables" => Ok(self.all_tables()),
            "columns" => Ok(self.all_columns()),
            "views" | "table_privileges" => Ok(Vec::new()),
            _ => Err(Error::new(
                Kind::NotSupported,
                "This connector does not support roles",
            )),
        }
    }

    fn schemata(&self) -> Vec<Row> {
        let row = |schema: String| vec![self.name().into(), schema.into()];
        self.schemas().into_iter().map(row).collect()
    }

    fn all_tables(&self) -> Vec<Row> {
        let names = self.names().into_iter();
        let row = |(schema, table): (String, String)| {
            vec![
                self.name().into(),
                schema.into(),
                table.into(),
                "BASE TABLE".into(),
            ]
        };
        names.map(row).collect()
    }

    fn all_columns(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (schema, table) in self.names() {
            let Some(found) = self.table(&schema, &table) else {
                continue;
            };
            for (column, position) in found.columns.iter().zip(1_i64..) {
                rows.push(vec![
                    self.name().into(),
                    schema.as_str().into(),
                    table.as_str().into(),
                    column.name.as_str().into(),
                    position.into(),
                    Cell::Null,
                    "YES".into(),
                    spelled(&column.kind).into(),
                    Cell::Null,
                    Cell::Null,
                ]);
            }
        }
        rows
    }

    /// All tables with their schemas.
    fn names(&self) -> Vec<(String, String)> {
        let of = |schema: String| {
            let tables = self.tables(&schema).into_iter();
            tables.map(move |table| (schema.clone(), table))
        };
        self.schemas().into_iter().flat_map(of).collect()
    }
}
