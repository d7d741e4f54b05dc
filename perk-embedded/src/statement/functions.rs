//! `SHOW FUNCTIONS`.

use perk_core::Dialect;

use super::Setting;
use super::answer::{Answer, fitted};
use super::like::Names;
use crate::aggregate::AGGREGATES;
use crate::catalog::listing::{Cell, Row, column};
use crate::error::Result;
use crate::function::FUNCTIONS;
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
    let mut rows = [scalars(), aggregates()].concat();
    rows.sort_by(|a, b| a.iter().map(key).cmp(b.iter().map(key)));
    if setting.session.dialect == Dialect::Trino {
        columns.truncate(OF_TRINO);
        rows.iter_mut().for_each(|row| row.truncate(OF_TRINO));
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
    let mut rows = Vec::new();
    // Those of operators have no names that could be written.
    for function in FUNCTIONS
        .values()
        .filter(|known| !known.name.starts_with('$'))
    {
        for form in &function.forms {
            let (arguments, returns) = form.signature.parts();
            let repeated = arguments.ends_with("...");
            rows.push(row(
                function.name,
                [returns, arguments.trim_end_matches("...")],
                "scalar",
                function.deterministic,
                function.description,
                repeated,
            ));
        }
    }
    rows
}

fn aggregates() -> Vec<Row> {
    let row = |name: &&'static str| row(name, ["", ""], "aggregate", true, "", false);
    AGGREGATES.keys().map(row).collect()
}

fn row(
    name: &str,
    [returns, arguments]: [&str; 2],
    kind: &str,
    deterministic: bool,
    description: &str,
    repeated: bool,
) -> Row {
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
