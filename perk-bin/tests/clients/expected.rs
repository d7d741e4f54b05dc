//! What the clients must give, and how it is compared.
//!
//! A document is a driver's normal form: `columns` (name and type, or the name alone), `rows`, or `error`; for
//! `metadata` a field for each call.

use serde_json::{Value, json};

/// Whether a server's own answer is what the case asks for; without this, a client that gives nothing would be taken
/// for the truth.
pub(crate) fn check(case: &str, document: &Value) -> Result<(), String> {
    let rows = document["rows"].as_array().map_or(0, Vec::len);
    let cell = |row: usize, column: usize| text(&document["rows"][row][column]);
    let right = match case {
        "query" => rows == 25 && cell(0, 1) == "ALGERIA" && cell(24, 0) == "24",
        "large" => document["rows"] == json!([[60_175, 1_802_759_573, 60_337_552, 12_035_000]]),
        "session" => rows == 1 && cell(0, 1) == "17m",
        "transaction" => {
            let told = &document["told"];
            let canada = json!([["CANADA"]]);
            let says = |part: &str| told.to_string().contains(part);
            told[0] == canada
                && says("Column 'nosuch' cannot be resolved")
                && says("Current transaction is aborted")
                && told.as_array().and_then(|told| told.last()) == Some(&canada)
        }
        "timeout" => document["error"]["code"] == 131_075 && document["inTime"] == true,
        "prepared" => {
            rows == 1 && cell(0, 0) == "1234567890123" && cell(0, 1) == "it's a \"test\", é☃"
        }
        "error" => text(&document["error"]["message"])
            .ends_with("line 1:8: Column 'nosuch' cannot be resolved"),
        "nested" => rows == 2 && cell(1, 0) == "2" && text(&document["rows"][0]).contains("é☃🎉"),
        "parameters" => {
            rows == 1 && cell(0, 0) == "null" && cell(0, 8) == "-12345678901234567890.50"
        }
        "metadata" if document.get("inspected").is_some() => {
            let inspected = &document["inspected"];
            inspected["columns"][0] == json!(["nationkey", "BIGINT"])
                && inspected["tables"].to_string().contains("lineitem")
        }
        "metadata" => {
            document["types"]
                .as_array()
                .is_some_and(|types| types.len() == 9)
                && document["valid"] == true
                && document["tables"] == json!([["tpch", "tiny", "nation", "TABLE"]])
        }
        _ => false,
    };
    right
        .then_some(())
        .ok_or_else(|| format!("not what {case} asks for"))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The document without what no two runs have in common, query ids and a gateway's version, and for `session` without what
/// servers say of a property beside its value.
pub(crate) fn exact(case: &str, document: &Value) -> Value {
    let mut document = document.clone();
    strip_ids(&mut document);
    if case == "session"
        && let Some(members) = document.as_object_mut()
    {
        members.remove("columns");
        let rows = members.get_mut("rows").and_then(Value::as_array_mut);
        let rows = rows.into_iter().flatten().filter_map(Value::as_array_mut);
        rows.for_each(|row| row.truncate(2));
    }
    if case == "metadata" {
        let version = document["version"].take();
        let absent = "Function version not registered";
        let known = match &version {
            Value::String(version) => !version.is_empty(),
            // Trino's driver asks a function that Presto has not.
            version => text(&version["message"]).ends_with(absent),
        };
        document["version"] = if known {
            json!("some version")
        } else {
            version
        };
    }
    document
}

/// Removes the query's id from the messages of errors.
fn strip_ids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip_ids),
        Value::Object(items) => {
            if let Some(Value::String(message)) = items.get_mut("message")
                && let Some((_, rest)) = message.split_once("): ")
                && message.starts_with("Query failed (#")
            {
                *message = rest.to_owned();
            }
            items.values_mut().for_each(strip_ids);
        }
        _ => (),
    }
}

/// As [`exact`], but JSON text in cells is parsed, since the order of a map's entries in it means nothing.
pub(crate) fn unwrapped(case: &str, document: &Value) -> Value {
    let mut document = exact(case, document);
    unwrap(&mut document["rows"]);
    document
}

fn unwrap(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unwrap),
        Value::Object(items) => items.values_mut().for_each(unwrap),
        Value::String(text) if text.starts_with(['[', '{']) => {
            if let Ok(mut parsed) = serde_json::from_str(text) {
                unwrap(&mut parsed);
                // Text stays different from an array or object that came as such.
                *value = json!({ "text": parsed });
            }
        }
        _ => (),
    }
}

/// For `perk query`, which gives rows as objects and no types: objects, nested values however they came, and what
/// an error is called and says.
pub(crate) fn bare(case: &str, document: &Value) -> Value {
    let document = exact(case, document);
    let columns = document["columns"].as_array();
    let named = |row: &Value| match (row, columns) {
        (Value::Array(row), Some(columns)) => {
            let names = columns.iter().map(|column| text(&column[0]));
            names.zip(row.iter().cloned()).collect()
        }
        _ => row.clone(),
    };
    let rows = document["rows"].as_array();
    let mut rows = rows.map(|rows| rows.iter().map(named).collect::<Value>());
    rows.iter_mut().for_each(flatten);
    let error = &document["error"];
    json!({ "rows": rows, "error": { "message": error["message"], "name": error["name"] } })
}

fn flatten(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(flatten),
        Value::Object(items) => items.values_mut().for_each(flatten),
        Value::String(text) if text.starts_with(['[', '{']) => {
            if let Ok(mut parsed) = serde_json::from_str(text) {
                flatten(&mut parsed);
                *value = parsed;
            }
        }
        _ => (),
    }
}

/// What a client that gives `own` on its own dialect's server must give over the other one, called `server`; `other`
/// is what the like client of that dialect gives there. Only what the clusters do differently is taken from the
/// other: how they call an error, which catalogs they have, whether a column may be null.
pub(crate) fn over_other(case: &str, own: Value, other: &Value, server: &str) -> Value {
    let mut expected = own;
    let failure = match case {
        "error" => Some(&mut expected["error"]),
        "transaction" => Some(&mut expected["told"][1]),
        _ => None,
    };
    if let Some(error) = failure.and_then(Value::as_object_mut) {
        let (name, code) = match server {
            "presto" => ("SYNTAX_ERROR", 1),
            _ => ("COLUMN_NOT_FOUND", 47),
        };
        for (field, value) in [("name", json!(name)), ("code", json!(code))] {
            if let Some(found) = error.get_mut(field) {
                *found = value;
            }
        }
    }
    if case == "metadata" {
        for field in [
            "catalogs",
            "schemas",
            "tables",
            "columns",
            "tableTypes",
            "types",
        ] {
            if let Some(found) = expected.get_mut(field) {
                *found = other[field].clone();
            }
        }
    }
    expected
}

/// What a client that gives `own` on its own dialect's server must give over the engine inside of Perk: the same, which has
/// other catalogs and schemas.
pub(crate) fn over_embedded(case: &str, own: Value) -> Value {
    let mut expected = own;
    if case == "metadata" && expected.get("inspected").is_none() {
        expected["catalogs"] = json!(["memory", "system", "tpch"]);
        expected["schemas"] = json!(["information_schema", "sf1", "tiny"]);
        // As Presto, it does not tell which columns may be null.
        let columns = expected["columns"].as_array_mut();
        for column in columns.into_iter().flatten() {
            column[5] = json!("");
        }
    }
    expected
}

/// Where two documents differ first, if they do.
pub(crate) fn difference(expected: &Value, given: &Value) -> Option<String> {
    fn at(path: &str, expected: &Value, given: &Value) -> Option<String> {
        let inside = match (expected, given) {
            _ if expected == given => return None,
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                (a.iter().zip(b).enumerate())
                    .find_map(|(i, (a, b))| at(&format!("{path}/{i}"), a, b))
            }
            (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
                (a.iter()).find_map(|(key, a)| at(&format!("{path}/{key}"), a, &b[key]))
            }
            _ => None,
        };
        Some(inside.unwrap_or_else(|| format!("at {path}: {given} instead of {expected}")))
    }
    at("", expected, given)
}

/// The comparison itself must see what is different, or all else says nothing.
pub(crate) fn self_test() -> Result<(), String> {
    let rows = |rows: Value| json!({ "rows": rows });
    let loose = |given: Value, other: Value| {
        let case = "nested";
        difference(
            &unwrapped(case, &rows(given)),
            &unwrapped(case, &rows(other)),
        )
        .is_none()
    };
    let failed = json!({ "error": { "message": "Query failed (#1): x", "code": 1 } });
    let renamed = over_other("error", exact("error", &failed), &Value::Null, "trino");
    for (right, what) in [
        (
            loose(
                json!([["{\"a\":1,\"b\":2}"]]),
                json!([["{ \"b\" : 2, \"a\" : 1 }"]]),
            ),
            "order in text",
        ),
        (
            !loose(json!([["[1]"]]), json!([[[1]]])),
            "text for an array",
        ),
        (
            !loose(json!([["[1]"]]), json!([["[\"1\"]"]])),
            "text for a number",
        ),
        (
            !loose(json!([[1.0]]), json!([[1]])),
            "an integer for a double",
        ),
        (!loose(json!([[1], [2]]), json!([[1]])), "a row lost"),
        (
            !loose(json!([[null]]), json!([[""]])),
            "an empty text for null",
        ),
        (
            renamed == json!({ "error": { "message": "x", "code": 47 } }),
            "an error's code",
        ),
        (
            check("query", &json!({ "rows": [] })).is_err(),
            "no rows at all",
        ),
    ] {
        if !right {
            return Err(format!("the comparison is wrong about {what}"));
        }
    }
    Ok(())
}
