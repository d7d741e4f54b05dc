//! presto-cli and trino-cli: one script with all cases, and what they print for it.
//!
//! The output is `CSV_HEADER`, since neither CLI can print nested columns as JSON. Before each case the script
//! selects a marker, so that what follows can be told apart.

use std::collections::BTreeMap;

use serde_json::{Value, json};

const MARKER: &str = "client_case";

/// The script for some cases, as `--file` takes it. `sql` reads a file of `cases/` by name.
pub(crate) fn script(
    cases: &[&str],
    sql: impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let statements = cases.iter().map(|case| {
        let text = sql(case)?;
        let statement = match *case {
            "prepared" => format!("prepare p from {text};\nexecute p using {}", sql("using")?),
            "transaction" => {
                let failing = sql("error")?;
                format!("start transaction;\n{text};\n{failing};\n{text};\nrollback;\n{text}")
            }
            _ => text,
        };
        Ok(format!("select '{case}' as {MARKER};\n{statement};\n"))
    });
    statements.collect()
}

/// The documents in what a CLI printed for a script.
pub(crate) fn documents(stdout: &str, stderr: &str) -> Result<BTreeMap<String, Value>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(stdout.as_bytes());
    let mut tables: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    let mut after_marker = false;
    for record in reader.records() {
        let record = record.map_err(|error| format!("{error} in what the CLI printed"))?;
        let record: Vec<_> = record.iter().map(ToOwned::to_owned).collect();
        if after_marker {
            tables.push((record.concat(), Vec::new()));
            after_marker = false;
        } else if record == [MARKER] {
            after_marker = true;
        } else if let Some((_, table)) = tables.last_mut() {
            table.push(record);
        }
    }
    // Which statement each failure is of, it does not say: those of two cases fail, in the order of the script.
    let mut failures = stderr.lines().filter_map(|line| {
        let (query, message) = line.split_once(" failed: ")?;
        query.starts_with("Query ").then_some(message)
    });
    Ok(tables
        .into_iter()
        .map(|(case, table)| {
            let failures = failures.by_ref().take(match case.as_str() {
                "error" => 1,
                "transaction" => 2,
                _ => 0,
            });
            let document = document(&case, &table, &failures.collect::<Vec<_>>(), stderr);
            (case, document)
        })
        .collect())
}

fn document(case: &str, table: &[Vec<String>], failures: &[&str], stderr: &str) -> Value {
    match (case, table) {
        ("error", _) => json!({ "error": { "message": failures.first() }, "rows": table }),
        ("transaction", [_, before, _, after]) => {
            let told = [json!([before]), json!(failures), json!([after])];
            json!({ "told": told })
        }
        ("large", [_, rows @ ..]) => {
            let sum = |column: usize| -> i64 {
                rows.iter()
                    .filter_map(|row| row.get(column)?.parse::<i64>().ok())
                    .sum()
            };
            let lengths: usize = rows.iter().filter_map(|row| Some(row.get(2)?.len())).sum();
            json!({ "rows": [[rows.len(), sum(0), sum(1), lengths]] })
        }
        (_, [columns, rows @ ..]) => json!({ "columns": columns, "rows": rows }),
        (_, []) => json!({ "error": { "message": stderr } }),
    }
}
