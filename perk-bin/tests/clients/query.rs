//! `perk query`: a process for each case, a JSON object for each row on stdout, a failure on stderr.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Deserializer, Value, json};

use crate::process::{Client, Documents, RUN_LIMIT, output, sql};

pub(crate) fn run(client: &Client, url: &str, files: &Path) -> Result<Documents, String> {
    let mut by_case = BTreeMap::new();
    let mut all = String::new();
    for case in client.together() {
        let statement = match case {
            "prepared" => format!(
                "prepare p from {}; execute p using {}",
                sql(case)?,
                sql("using")?
            ),
            case => sql(case)?,
        };
        let mut command = command(url);
        command.args(["--output", "json", &statement]);
        let (stdout, stderr) = output(&mut command, files, RUN_LIMIT)?;
        by_case.insert(case.to_owned(), document(case, &stdout, &stderr));
        all += &stderr;
    }
    Ok(Documents {
        by_case,
        stderr: all,
    })
}

/// `perk query` without a statement.
pub(crate) fn command(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perk"));
    command.args(["query", "--server", url]);
    command.args(["--catalog", "tpch", "--schema", "tiny"]);
    command
}

fn document(case: &str, stdout: &str, stderr: &str) -> Value {
    let mut rows: Vec<Value> = Vec::new();
    for row in Deserializer::from_str(stdout).into_iter::<Value>() {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => {
                return json!({ "error": { "message": format!("{error} in {stdout:?}") } });
            }
        }
    }
    if rows.is_empty() {
        return json!({ "error": error(stderr) });
    }
    if case == "large" {
        let sum = |column: &str| {
            rows.iter()
                .filter_map(|row| row[column].as_i64())
                .sum::<i64>()
        };
        let lengths = rows.iter().filter_map(|row| row["comment"].as_str());
        let lengths: usize = lengths.map(str::len).sum();
        return json!({ "rows": [[rows.len(), sum("orderkey"), sum("partkey"), lengths]] });
    }
    if case == "session" {
        let values = rows.iter().map(|row| json!([row["Name"], row["Value"]]));
        return json!({ "rows": values.collect::<Vec<_>>() });
    }
    json!({ "rows": rows })
}

/// The error's name, like `COLUMN_NOT_FOUND`, and its message, from its position on.
fn error(stderr: &str) -> Value {
    let mut words = stderr.split(|c: char| c != '_' && !c.is_alphanumeric());
    let is_name = |word: &&str| {
        word.contains('_') && word.bytes().all(|b| b == b'_' || b.is_ascii_uppercase())
    };
    let message = stderr
        .find("line 1:")
        .and_then(|at| stderr[at..].lines().next());
    json!({ "name": words.find(is_name), "message": message.unwrap_or(stderr).trim() })
}
