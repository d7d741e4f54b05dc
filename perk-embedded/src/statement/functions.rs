//! `SHOW FUNCTIONS`.

use std::sync::Arc;

use perk_core::Dialect;

use super::Setting;
use super::answer::{Answer, fitted};
use super::like::Names;
use crate::aggregate::window::{WINDOWS, Window};
use crate::aggregate::{AGGREGATES, Aggregation};
use crate::catalog::listing::{Cell, Row, column};
use crate::error::Result;
use crate::function::signature::Signature;
use crate::function::{FUNCTIONS, lambda};
use crate::types::Type;

/// How many columns Trino shows, of Presto's.
const OF_TRINO: usize = 6;

pub(super) fn answer(names: &Names, setting: &Setting) -> Result<Answer> {
    let mut columns = vec![
        column("Function", Type::VARCHAR),
        column("Return Type", Type::VARCHAR),
        column("Argument Types", Type::VARCHAR),
        column("Function Type", Type::VARCHAR),
        column("Deterministic", Type::Boolean),
        column("Description", Type::VARCHAR),
        column("Variable Arity", Type::Boolean),
        column("Built In", Type::Boolean),
        column("Temporary", Type::Boolean),
        column("Language", Type::VARCHAR),
    ];
    let mut rows = [scalars(), aggregates(), windows()].concat();
    rows.sort_by(|a, b| a.iter().map(key).cmp(b.iter().map(key)));
    if setting.session.dialect == Dialect::Trino {
        columns.truncate(OF_TRINO);
        for row in &mut rows {
            row.truncate(OF_TRINO);
        }
    }
    let columns = fitted(columns, &rows);
    rows.retain(|row| names.include(key(&row[0])));
    Answer::listing(columns, &rows)
}

fn key(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        _ => "",
    }
}

fn scalars() -> Vec<Row> {
    // Those of operators have no names that could be written.
    let named = FUNCTIONS
        .values()
        .filter(|known| !known.name.starts_with('$'));
    let of_values = named.flat_map(|known| {
        let signatures = known.forms.iter().map(|form| form.signature.parts());
        signatures.map(|parts| (known.name, parts, known.deterministic, known.description))
    });
    let named = lambda::FUNCTIONS
        .values()
        .filter(|known| !known.name.starts_with('$'));
    let of_lambdas = named.flat_map(|known| {
        let signatures = known.forms.iter().map(|form| form.signature.parts());
        signatures.map(|parts| (known.name, parts, true, known.description))
    });
    of_values
        .chain(of_lambdas)
        .map(|(name, parts, deterministic, description)| {
            row(name, parts, "scalar", deterministic, description)
        })
        .collect()
}

fn aggregates() -> Vec<Row> {
    let of = |function: &'static Arc<Aggregation>| {
        let signatures = function.forms.iter().map(|form| form.signature.parts());
        let row = |parts| {
            row(
                function.name,
                parts,
                "aggregate",
                true,
                function.description,
            )
        };
        signatures.map(row)
    };
    AGGREGATES.values().flat_map(of).collect()
}

/// Those that are nothing else; all aggregates can be.
fn windows() -> Vec<Row> {
    let of = |function: &'static Arc<Window>| {
        let signatures = function.forms.iter().map(Signature::parts);
        signatures.map(|parts| row(function.name, parts, "window", true, ""))
    };
    WINDOWS.values().flat_map(of).collect()
}

fn row(
    name: &str,
    (arguments, returns): (&str, &str),
    kind: &str,
    deterministic: bool,
    description: &str,
) -> Row {
    let repeated = arguments.ends_with("...");
    let arguments = arguments.trim_end_matches("...");
    vec![
        name.into(),
        returns.into(),
        arguments.into(),
        kind.into(),
        deterministic.into(),
        description.into(),
        repeated.into(),
        true.into(),
        false.into(),
        "".into(),
    ]
}
