//! For writing the engine: compares with answers that were recorded from a real server.

use serde_json::Value;

/// `PERK_FACTS=FILE [PERK_FACTS_LIKE=TEXT] cargo test -p perk-embedded --lib facts -- --ignored --nocapture`
#[test]
#[ignore = "needs a file of recorded answers"]
fn facts() {
    let file = std::env::var("PERK_FACTS").unwrap();
    let like = std::env::var("PERK_FACTS_LIKE").unwrap_or_default();
    let (mut same, mut all) = (0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let fact: Value = serde_json::from_str(line).unwrap();
        let (sql, label) = (
            fact["sql"].as_str().unwrap(),
            fact["file"].as_str().unwrap_or_default(),
        );
        if !format!("{label} {sql}").contains(&like) {
            continue;
        }
        all += 1;
        let given = std::panic::catch_unwind(|| crate::testing::answer(sql));
        let problem = match given {
            Err(_) => Some("panicked".to_owned()),
            Ok(Ok(answer)) => {
                let columns: Value = answer
                    .columns
                    .iter()
                    .map(|(name, kind)| serde_json::json!([name, kind]))
                    .collect();
                let rows = Value::from(answer.rows);
                if !fact["error"].is_null() {
                    Some(format!(
                        "no error, but rows {rows}, instead of {}",
                        fact["error"]
                    ))
                } else if columns != fact["columns"] {
                    Some(format!(
                        "columns {columns}\n    instead of {}",
                        fact["columns"]
                    ))
                } else if flat(&rows) != flat(&fact["rows"]) {
                    Some(format!("rows {rows}\n    instead of {}", fact["rows"]))
                } else {
                    None
                }
            }
            Ok(Err(error)) => (error.name != fact["error"]["name"].as_str().unwrap_or_default())
                .then(|| {
                    format!(
                        "{}: {}\n    instead of {}",
                        error.name,
                        error.message,
                        if fact["error"].is_null() {
                            &fact["rows"]
                        } else {
                            &fact["error"]
                        }
                    )
                }),
        };
        match problem {
            None => same += 1,
            Some(problem) => println!(
                "[{label}] {sql}\n    {}",
                problem.chars().take(700).collect::<String>()
            ),
        }
    }
    println!("{same} of {all} are the same");
}

/// Presto writes nested values as text.
fn flat(value: &Value) -> String {
    let mut rows: Vec<String> = match value {
        Value::Array(rows) => rows.iter().map(one).collect(),
        other => vec![one(other)],
    };
    rows.sort();
    rows.join("\n")
}

fn one(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(one).collect::<Vec<_>>().join(",")),
        Value::Object(items) => format!(
            "{{{}}}",
            items
                .iter()
                .map(|(k, v)| format!("{k}:{}", one(v)))
                .collect::<Vec<_>>()
                .join(",")
        ),
        Value::String(text) if text.starts_with(['[', '{']) => {
            serde_json::from_str::<Value>(text).map_or_else(|_| text.clone(), |parsed| one(&parsed))
        }
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |number| format!("{number:.9e}")),
        other => other.to_string(),
    }
}
