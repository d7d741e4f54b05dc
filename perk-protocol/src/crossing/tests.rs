//! Tests of the whole; each room's own are here too, as all of them need a page.

mod cells;
mod columns;
mod hostile;
mod servers;

use bytes::Bytes;
use perk_core::Dialect;
use serde_json::Value;

use super::{Crossing, CrossingError};

/// A `columns` array of columns with these types and no signatures.
fn columns(types: &[&str]) -> Vec<u8> {
    let columns: Vec<Value> = types
        .iter()
        .map(|kind| serde_json::json!({"name": "c", "type": kind}))
        .collect();
    serde_json::to_vec(&columns).unwrap()
}

fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Presto => Dialect::Trino,
        Dialect::Trino => Dialect::Presto,
    }
}

/// Rows of columns with these types, for a client of that dialect.
fn rows(types: &[&str], to: Dialect, rows: &str) -> Result<String, CrossingError> {
    let crossing = Crossing::new(&columns(types), other(to), to)?;
    let rows = crossing.rows(&Bytes::copy_from_slice(rows.as_bytes()))?;
    Ok(String::from_utf8(rows.to_vec()).unwrap())
}

/// A type as that dialect spells it.
fn spelled(kind: &str, to: Dialect) -> Result<String, CrossingError> {
    let crossing = Crossing::new(&columns(&[kind]), other(to), to)?;
    let columns = crossing.columns();
    let columns: Vec<super::Column<'_>> = serde_json::from_slice(&columns).unwrap();
    Ok(columns[0].kind.clone())
}
