//! What Presto 0.287 and Trino 476 answered to the same statements: each one's page, crossed, is the other's.
//!
//! `testdata/*.txt`: per statement a line with its expression, one with `columns` and one with `data`, as they came.
//! `trino-parametric.txt` is Trino asked with the capability `PARAMETRIC_DATETIME`, where that matters.

use std::collections::BTreeMap;

use super::*;

const PRESTO: &str = include_str!("../testdata/presto.txt");
const TRINO: &str = include_str!("../testdata/trino.txt");
const TRINO_PARAMETRIC: &str = include_str!("../testdata/trino-parametric.txt");

struct Answer {
    columns: &'static str,
    rows: Bytes,
}

fn answers(transcript: &'static str) -> BTreeMap<&'static str, Answer> {
    let mut lines = transcript.lines();
    let mut answers = BTreeMap::new();
    while let Some(expression) = lines.next() {
        let columns = lines.next().unwrap();
        let rows = Bytes::from_static(lines.next().unwrap().as_bytes());
        answers.insert(
            expression.strip_prefix("### ").unwrap(),
            Answer { columns, rows },
        );
    }
    assert!(!answers.is_empty());
    answers
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Pairs of the servers' answers to one statement.
fn both() -> Vec<(&'static str, Answer, Answer)> {
    let mut trino = answers(TRINO);
    answers(PRESTO)
        .into_iter()
        .filter_map(|(expression, presto)| Some((expression, presto, trino.remove(expression)?)))
        .collect()
}

fn has_one_of(expression: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| expression.contains(part))
}

/// Presto takes doubled quotes in a name for two.
const PRESTOS_BUG: &str = r#""a""q""#;

/// Where the servers differ in more than how they write: arrays and rows as keys (Trino's are not JSON), keys without
/// their milliseconds, and microseconds (Trino rounds, Presto cuts).
const OTHER_VALUES: [&str; 5] = [
    "map(array[array",
    "map(array[row",
    "map(array[time '",
    "456789",
    "map(array[timestamp '2024-01-01 01:02:03'",
];

#[test]
fn columns_from_presto_are_trinos() {
    let mut compared = 0;
    for (expression, presto, trino) in both() {
        let crossing = Crossing::new(presto.columns.as_bytes(), Dialect::Presto, Dialect::Trino);
        if !expression.contains(PRESTOS_BUG) {
            assert_eq!(crossing.unwrap().columns(), trino.columns, "{expression}");
            compared += 1;
        }
    }
    assert!(compared > 110, "{compared}");
}

#[test]
fn columns_from_trino_are_prestos() {
    // Presto says what the statement quoted, Trino does not.
    let needlessly_quoted = ["\"time\"", PRESTOS_BUG];
    for (expression, presto, trino) in both() {
        let crossing = Crossing::new(trino.columns.as_bytes(), Dialect::Trino, Dialect::Presto);
        if !has_one_of(expression, &needlessly_quoted) {
            assert_eq!(crossing.unwrap().columns(), presto.columns, "{expression}");
        }
    }
}

#[test]
fn columns_with_precision_are_prestos_without() {
    let presto = answers(PRESTO);
    for (expression, trino) in answers(TRINO_PARAMETRIC) {
        let columns = trino.columns.as_bytes();
        let crossing = Crossing::new(columns, Dialect::Trino, Dialect::Presto).unwrap();
        if !expression.contains("\"time\"") {
            assert_eq!(
                crossing.columns(),
                presto[expression].columns,
                "{expression}"
            );
        }
        // The same string is read from a Presto that had it.
        let crossing = Crossing::new(columns, Dialect::Presto, Dialect::Trino).unwrap();
        assert_eq!(crossing.columns(), trino.columns, "{expression}");
    }
}

#[test]
fn rows_from_presto_are_trinos() {
    for (expression, presto, trino) in both() {
        let columns = presto.columns.as_bytes();
        let crossing = Crossing::new(columns, Dialect::Presto, Dialect::Trino).unwrap();
        let rows = crossing.rows(&presto.rows).unwrap();
        if !has_one_of(expression, &OTHER_VALUES) {
            assert_eq!(json(&rows), json(&trino.rows), "{expression}");
        }
    }
}

#[test]
fn rows_from_trino_are_prestos() {
    // Presto's maps come in the order of Java's hash maps.
    let reordered = ["map(array['b'", "map(array['é'", "map(array[10,9"];
    for (expression, presto, trino) in both() {
        let columns = trino.columns.as_bytes();
        let crossing = Crossing::new(columns, Dialect::Trino, Dialect::Presto).unwrap();
        let rows = crossing.rows(&trino.rows).unwrap();
        if has_one_of(expression, &OTHER_VALUES) || has_one_of(expression, &reordered) {
            continue;
        }
        assert_eq!(json(&rows), json(&presto.rows), "{expression}");
        let is_nested = has_one_of(expression, &["array", "map(", "row("]);
        if is_nested {
            assert_eq!(rows, presto.rows, "{expression}: bytes");
        }
    }
}

#[test]
fn there_and_back_is_the_same() {
    for (expression, answer) in answers(PRESTO) {
        let columns = answer.columns.as_bytes();
        let there = Crossing::new(columns, Dialect::Presto, Dialect::Trino).unwrap();
        let back = Crossing::new(&there.columns(), Dialect::Trino, Dialect::Presto).unwrap();
        let rows = back.rows(&there.rows(&answer.rows).unwrap()).unwrap();
        assert_eq!(rows, answer.rows, "{expression}");
        if !expression.contains("\"time\"") {
            assert_eq!(back.columns(), answer.columns, "{expression}");
        }
    }
    for (expression, answer) in answers(TRINO) {
        let columns = answer.columns.as_bytes();
        let there = Crossing::new(columns, Dialect::Trino, Dialect::Presto).unwrap();
        let back = Crossing::new(&there.columns(), Dialect::Presto, Dialect::Trino).unwrap();
        assert_eq!(back.columns(), answer.columns, "{expression}");
        let rows = back.rows(&there.rows(&answer.rows).unwrap()).unwrap();
        assert_eq!(json(&rows), json(&answer.rows), "{expression}");
    }
}

#[test]
fn the_clients_own_form_stays() {
    // Presto with `nested-data-serialization-enabled=false` sends Trino's form, and the other way round does no harm.
    for (expression, presto, trino) in both() {
        for (answer, to) in [(presto, Dialect::Presto), (trino, Dialect::Trino)] {
            let columns = answer.columns.as_bytes();
            let crossing = Crossing::new(columns, other(to), to).unwrap();
            assert_eq!(
                crossing.rows(&answer.rows).unwrap(),
                answer.rows,
                "{expression}"
            );
        }
    }
}
