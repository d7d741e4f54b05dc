//! What must be the same in two answers: the columns' names and types, the rows, what the client's session is told; or the
//! error's name, code and type, and its place, if the reference gives one. Error messages are not compared.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cells::{self, Shape};
use crate::support::{Answer, corpus};

/// How many rows of an answer are shown.
const SHOWN_ROWS: usize = 10;

/// What is different in `found`, if anything is; `ordered` if the rows come in an order.
pub(crate) fn difference(expected: &Answer, found: &Answer, ordered: bool) -> Option<String> {
    let different = match (&expected.error, &found.error) {
        (None, None) => different_result(expected, found, ordered),
        (Some(expected), Some(found)) => different_error(expected, found),
        (Some(_), None) => vec!["no error".to_owned()],
        (None, Some(_)) => vec!["an error".to_owned()],
    };
    (!different.is_empty()).then(|| {
        let different = different.join("; ");
        format!(
            "{different}\nexpected {}\nfound {}",
            shown(expected),
            shown(found)
        )
    })
}

fn different_error(expected: &Value, found: &Value) -> Vec<String> {
    let mut fields = vec!["errorName", "errorCode", "errorType"];
    if expected["errorLocation"].is_object() {
        fields.push("errorLocation");
    }
    fields.retain(|field| expected[field] != found[field]);
    fields.into_iter().map(str::to_owned).collect()
}

fn different_result(expected: &Answer, found: &Answer, ordered: bool) -> Vec<String> {
    let mut different = Vec::new();
    if expected.columns == found.columns {
        if expected.signatures != found.signatures {
            let (expected, found) = (&expected.signatures, &found.signatures);
            let mut pairs = expected.iter().zip(found);
            let (expected, found) = pairs.find(|(a, b)| a != b).unzip();
            let [expected, found] = [expected, found].map(|one| json!(one));
            different.push(format!("typeSignature {found} instead of {expected}"));
        }
        different.extend(different_rows(expected, found, ordered));
    } else {
        different.push("columns".to_owned());
    }
    if expected.update_type != found.update_type {
        different.push("updateType".to_owned());
    }
    if expected.update_count != found.update_count {
        different.push("updateCount".to_owned());
    }
    if expected.told != found.told {
        different.push("headers".to_owned());
    }
    different
}

fn different_rows(expected: &Answer, found: &Answer, ordered: bool) -> Option<String> {
    if expected.rows.len() != found.rows.len() {
        let (found, expected) = (found.rows.len(), expected.rows.len());
        return Some(format!("{found} rows instead of {expected}"));
    }
    let shapes: Vec<_> = expected
        .columns
        .iter()
        .map(|(_, name)| Shape::of(name))
        .collect();
    let same = |row: &[Value], other: &[Value]| {
        let mut cells = shapes.iter().zip(row.iter().zip(other));
        cells.all(|(shape, (cell, other))| shape.same(cell, other))
    };
    if ordered {
        let mut rows = expected.rows.iter().zip(&found.rows);
        let at = rows.position(|(row, other)| !same(row, other))?;
        return Some(format!("row {at}"));
    }
    let mut left: Vec<_> = found.rows.iter().collect();
    for row in &expected.rows {
        let Some(at) = left.iter().position(|other| same(row, other)) else {
            return Some(format!("no row {}", json!(row)));
        };
        left.swap_remove(at);
    }
    None
}

fn shown(answer: &Answer) -> String {
    let mut shown = String::new();
    if let Some(error) = &answer.error {
        let [name, code, kind, place, message] = [
            "errorName",
            "errorCode",
            "errorType",
            "errorLocation",
            "message",
        ]
        .map(|field| &error[field]);
        return format!("{name} {code} {kind} at {place}: {message}");
    }
    for (name, kind) in &answer.columns {
        let _ = write!(shown, "{name} {kind}, ");
    }
    let _ = write!(shown, "{} rows", answer.rows.len());
    for row in answer.rows.iter().take(SHOWN_ROWS) {
        let _ = write!(shown, "\n  {}", json!(row));
    }
    let (kind, count) = (&answer.update_type, &answer.update_count);
    if kind.is_some() || !answer.told.is_empty() {
        let _ = write!(shown, "\n  {kind:?} {count:?} {:?}", answer.told);
    }
    shown
}

/// The comparison itself must see what is different, or all else here says nothing.
pub(crate) fn self_test() -> Result<(), String> {
    corpus::self_test()?;
    cells::self_test()?;
    let rows = |rows: Value| Answer {
        columns: vec![("k".into(), "bigint".into()), ("v".into(), "double".into())],
        signatures: vec![json!({"rawType": "bigint"}), json!({"rawType": "double"})],
        rows: serde_json::from_value(rows).expect("rows are arrays"),
        ..Answer::default()
    };
    let failed = |name: &str, line: Value| Answer {
        error: Some(json!({
            "errorName": name, "errorCode": 1, "errorType": "USER_ERROR", "errorLocation": line, "message": name,
        })),
        ..Answer::default()
    };
    let expected = rows(json!([[1, 0.5], [2, 10.0], [2, 20.0]]));
    let changed = |change: &dyn Fn(&mut Answer)| {
        let mut answer = expected.clone();
        change(&mut answer);
        answer
    };
    let place = json!({"lineNumber": 1, "columnNumber": 8});
    let (wrong, nowhere) = (failed("A", place.clone()), failed("A", Value::Null));
    let same = |a: &Answer, b: &Answer, ordered: bool| difference(a, b, ordered).is_none();
    let swapped = rows(json!([[2, 10.0], [1, 0.5], [2, 20.0]]));
    let twice = rows(json!([[1, 0.5], [2, 10.0], [2, 10.0]]));
    for (right, what) in [
        (same(&expected, &expected.clone(), true), "the same"),
        (same(&expected, &swapped, false), "no order"),
        (!same(&expected, &swapped, true), "another order"),
        (!same(&expected, &twice, false), "a row twice"),
        (!same(&twice, &expected, false), "a row only once"),
        (
            !same(&expected, &rows(json!([[1, 0.5], [2, 10.0]])), false),
            "a row lost",
        ),
        (
            !same(&expected, &changed(&|a| a.columns[0].0 = "K".into()), true),
            "a name",
        ),
        (
            !same(
                &expected,
                &changed(&|a| a.columns[0].1 = "integer".into()),
                true,
            ),
            "a type",
        ),
        (
            !same(
                &expected,
                &changed(&|a| a.signatures[0] = Value::Null),
                true,
            ),
            "a signature",
        ),
        (
            !same(
                &expected,
                &changed(&|a| a.update_type = Some("INSERT".into())),
                true,
            ),
            "an update type",
        ),
        (
            !same(&expected, &changed(&|a| a.update_count = Some(0)), true),
            "an update count",
        ),
        (
            !same(
                &expected,
                &changed(&|a| _ = a.told.insert(("set-schema".into(), "x".into()))),
                true,
            ),
            "a header",
        ),
        (!same(&expected, &wrong, true), "an error"),
        (!same(&wrong, &expected, true), "no error"),
        (!same(&wrong, &failed("B", place), true), "an error's name"),
        (!same(&wrong, &nowhere, true), "an error's place"),
        (
            same(&nowhere, &wrong, true),
            "a place that the reference does not tell",
        ),
    ] {
        if !right {
            return Err(format!("the comparison is wrong about {what}"));
        }
    }
    Ok(())
}
