//! A coordinator's answer, taken apart without touching its rows.
//!
//! The shape is class `QueryResults` of both projects' `client` modules. Values that are passed on stay the bytes they are.

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderMap;
use perk_core::{Dialect, ErrorType, QueryError, SessionHeader};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Stats larger than this are not passed on: they are for displays, and a query has many.
const LARGEST_STATS: usize = 256 << 10;

/// The answer is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct MalformedAnswer(String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    next_uri: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    partial_cancel_uri: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    columns: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    binary_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stats: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    update_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    update_count: Option<&'a RawValue>,
    #[serde(borrow, default)]
    warnings: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireError {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    error_code: i32,
    #[serde(default)]
    error_name: Option<String>,
    #[serde(default)]
    error_type: Option<String>,
}

/// An answer's parts. Rows are a slice of the answer where they are most of it; the rest is small and outlives them, so it is copied.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) next_uri: Option<String>,
    pub(crate) partial_cancel_uri: Option<String>,
    pub(crate) columns: Option<Bytes>,
    /// Absent as well where the answer had an empty array.
    pub(crate) rows: Option<Bytes>,
    pub(crate) stats: Option<Bytes>,
    pub(crate) error: Option<Box<QueryError>>,
    pub(crate) update_type: Option<Bytes>,
    pub(crate) update_count: Option<Bytes>,
    pub(crate) warnings: Option<Bytes>,
}

impl Envelope {
    /// Takes an answer apart.
    pub(crate) fn parse(body: &Bytes) -> Result<Self, MalformedAnswer> {
        let wire: Wire<'_> =
            serde_json::from_slice(body).map_err(|e| MalformedAnswer(e.to_string()))?;
        let copy = |raw: &RawValue| Bytes::copy_from_slice(raw.get().as_bytes());
        if wire.binary_data.is_some() {
            return Err(MalformedAnswer(
                "the rows are binary, which was not asked for".to_owned(),
            ));
        }
        let rows = array("data", wire.data)?.map(|raw| match raw.get().as_bytes() {
            // A slice keeps the whole answer: few rows beside many columns are better copied.
            few if few.len() < body.len() / 2 => Bytes::copy_from_slice(few),
            rows => body.slice_ref(rows),
        });
        // An empty array says that the result has no columns, which some clients ask for: it stays.
        let columns = match wire.columns {
            Some(raw) if is_empty_array(raw.get()) => Some(copy(raw)),
            columns => array("columns", columns)?.map(copy),
        };
        if rows.is_some() && columns.is_none() {
            return Err(MalformedAnswer("there are rows without columns".to_owned()));
        }
        Ok(Self {
            id: wire.id.into_owned(),
            next_uri: wire.next_uri.map(Cow::into_owned),
            partial_cancel_uri: wire.partial_cancel_uri.map(Cow::into_owned),
            columns,
            rows,
            stats: wire
                .stats
                .filter(|raw| raw.get().starts_with('{') && raw.get().len() <= LARGEST_STATS)
                .map(copy),
            error: wire
                .error
                .map(|raw| query_error(raw, copy(raw)))
                .transpose()?
                .map(Box::new),
            update_type: wire.update_type.map(copy),
            update_count: wire.update_count.map(copy),
            warnings: array("warnings", wire.warnings)?.map(copy),
        })
    }
}

/// An array with something in it.
fn array<'a>(
    what: &str,
    raw: Option<&'a RawValue>,
) -> Result<Option<&'a RawValue>, MalformedAnswer> {
    match raw {
        Some(raw) if !raw.get().starts_with('[') => {
            Err(MalformedAnswer(format!("{what} is not an array")))
        }
        raw => Ok(raw.filter(|raw| !is_empty_array(raw.get()))),
    }
}

fn is_empty_array(json: &str) -> bool {
    json.len() < 64
        && json
            .bytes()
            .all(|c| c.is_ascii_whitespace() || matches!(c, b'[' | b']'))
        && json.matches('[').count() == 1
}

fn query_error(raw: &RawValue, json: Bytes) -> Result<QueryError, MalformedAnswer> {
    let wire: WireError = serde_json::from_str(raw.get())
        .map_err(|e| MalformedAnswer(format!("the error is no error object: {e}")))?;
    let error_type = match wire.error_type.as_deref() {
        Some("USER_ERROR") => ErrorType::UserError,
        Some("INSUFFICIENT_RESOURCES") => ErrorType::InsufficientResources,
        Some("EXTERNAL") => ErrorType::External,
        _ => ErrorType::InternalError,
    };
    let name = wire
        .error_name
        .unwrap_or_else(|| "GENERIC_INTERNAL_ERROR".to_owned());
    let message = wire.message.unwrap_or_default();
    Ok(QueryError {
        json: Some(json),
        ..QueryError::standard(&name, wire.error_code, error_type, message)
    })
}

/// The session changes among an answer's headers: all of the dialect's, without their prefix.
pub(crate) fn session_changes(dialect: Dialect, headers: &HeaderMap) -> Vec<SessionHeader> {
    let prefix = dialect.header_prefix().to_ascii_lowercase();
    headers
        .iter()
        .filter_map(|(name, value)| {
            let suffix = name.as_str().strip_prefix(&prefix)?;
            Some((
                suffix.to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Envelope, MalformedAnswer> {
        Envelope::parse(&Bytes::copy_from_slice(json.as_bytes()))
    }

    #[test]
    fn rows_stay_the_bytes_they_are() {
        let body = Bytes::from_static(
            br#"{"id":"q","columns":[{"name":"a"}],"data":[[1.50, "\u00e9"],[2.50, "this row is longer than all that is around the rows is by itself"]] ,"stats":{"state":"RUNNING"},"warnings":[ ]}"#,
        );
        let envelope = Envelope::parse(&body).unwrap();
        let rows = envelope.rows.unwrap();
        assert!(rows.starts_with(br#"[[1.50, "\u00e9"],[2.50, "#));
        assert!(
            body.as_ptr_range().contains(&rows.as_ptr()),
            "a slice, not a copy"
        );
        assert_eq!(envelope.warnings, None);
        assert_eq!(envelope.next_uri, None);
    }

    #[test]
    fn an_error_is_kept_whole_and_understood() {
        let json = r#"{"id":"q","stats":{},"error":{"message":"no","errorCode":1,"errorName":"SYNTAX_ERROR","errorType":"USER_ERROR","new":[1]}}"#;
        let error = parse(json).unwrap().error.unwrap();
        assert_eq!(
            (error.name.as_str(), error.code, error.error_type),
            ("SYNTAX_ERROR", 1, ErrorType::UserError)
        );
        assert!(error.json.unwrap().ends_with(br#""new":[1]}"#));
    }

    #[test]
    fn nonsense_is_refused() {
        for json in [
            "",
            "<html>",
            "{}",
            r#"{"id":"q""#,
            r#"{"id":"q","data":[[1]]}"#,
            r#"{"id":"q","columns":[{}],"data":{"encoding":"json","segments":[]}}"#,
            r#"{"id":"q","columns":7}"#,
            r#"{"id":"q","error":7}"#,
            r#"{"id":"q","nextUri":7}"#,
            r#"{"id":"q","binaryData":["x"]}"#,
        ] {
            assert!(parse(json).is_err(), "{json}");
        }
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
        let deep = format!(r#"{{"id":"q","columns":[{{}}],"data":[{open}{close}]}}"#);
        assert!(parse(&deep).unwrap().rows.is_some());
    }
}
