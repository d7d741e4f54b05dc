//! The catalogs that an engine has.

use std::fmt;
use std::sync::Arc;

use super::information_schema::WithInformationSchema;
use super::memory::Memory;
use super::system::System;
use super::{Catalog, Catalogs, Column, Table, tpch};
use crate::types::Type;

/// All of them, in the order of their names; nothing is in `memory`, which has room for that many bytes.
pub(crate) fn catalogs(memory: usize) -> Catalogs {
    let memory = with_information(Memory::new("memory", memory));
    let tpch = with_information(Tpch);
    let system = with_information(System::new(vec![memory.clone(), tpch.clone()]));
    Catalogs(vec![memory, system, tpch])
}

pub(super) fn with_information(catalog: impl Catalog + 'static) -> Arc<dyn Catalog> {
    Arc::new(WithInformationSchema(Arc::new(catalog)))
}

fn columns<'a>(columns: impl IntoIterator<Item = (&'a str, Type)>) -> Vec<Column> {
    let column = |(name, kind): (&str, Type)| Column {
        name: name.to_owned(),
        kind,
    };
    columns.into_iter().map(column).collect()
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Catalog for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn schemas(&self) -> Vec<String> {
        self.schemas()
    }

    fn tables(&self, schema: &str) -> Vec<String> {
        self.tables(schema).unwrap_or_default()
    }

    fn table(&self, schema: &str, table: &str) -> Option<Table> {
        let table = self.table(schema, table)?;
        let known = table.columns().iter();
        Some(Table {
            columns: columns(known.map(|(name, kind)| (name.as_str(), kind.clone()))),
            rows: table.snapshot().ok()?,
        })
    }

    fn memory(&self) -> Option<&Memory> {
        Some(self)
    }
}

/// The tables of TPC-H.
#[derive(Debug)]
struct Tpch;

impl Catalog for Tpch {
    fn name(&self) -> &'static str {
        "tpch"
    }

    fn schemas(&self) -> Vec<String> {
        tpch::schemas().map(str::to_owned).collect()
    }

    fn tables(&self, schema: &str) -> Vec<String> {
        let known = tpch::schemas().any(|known| known == schema);
        let tables = known.then(tpch::tables).into_iter().flatten();
        tables.map(str::to_owned).collect()
    }

    fn table(&self, schema: &str, table: &str) -> Option<Table> {
        Some(Table {
            columns: columns(tpch::columns(table)?),
            rows: tpch::table(schema, table)?,
        })
    }

    fn holds_nulls(&self) -> bool {
        false
    }
}
