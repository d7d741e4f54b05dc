//! Functions of URLs.

mod parts;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::cell::{Bigint, Text, each1, optional1, optional2};
use super::text::longer;
use super::{Function, function, invalid};
use crate::error::Result;
use parts::Parts;

pub(super) fn functions() -> Vec<Function> {
    vec![
        part("url_extract_protocol", "Extract protocol from url", |url| {
            url.scheme.unwrap_or_default().to_owned()
        }),
        part("url_extract_host", "Extract host from url", |url| {
            url.host.unwrap_or_default().to_owned()
        }),
        part("url_extract_path", "Extract part from url", |url| {
            parts::decoded(url.path)
        }),
        part("url_extract_query", "Extract query from url", |url| {
            parts::decoded(url.query.unwrap_or_default())
        }),
        part("url_extract_fragment", "Extract fragment from url", |url| {
            parts::decoded(url.fragment.unwrap_or_default())
        }),
        function("url_extract_port", "Extract port from url").form(
            "varchar -> bigint",
            optional1::<Text, Bigint>(|text| Ok(Parts::read(text).and_then(|url| url.port))),
        ),
        function("url_extract_parameter", "Extract query parameter from url").form(
            "varchar(x), varchar -> varchar(x)",
            optional2::<Text, Text, Text>(|text, name| Ok(parameter(text, name))),
        ),
        function(
            "url_encode",
            "Escape a string for use in URL query parameter names and values",
        )
        .form_by_rule(
            "varchar -> varchar",
            // A character may become four bytes of three characters each.
            |arguments, _| longer(arguments, |[text]| text.saturating_mul(12)),
            each1::<Text, Text>(|text| Ok(encode(text))),
        ),
        function("url_decode", "Unescape a URL-encoded string")
            .form("varchar(x) -> varchar(x)", each1::<Text, Text>(decode)),
    ]
}

/// A part of a URL; NULL where the text is none.
fn part(name: &'static str, description: &'static str, work: fn(&Parts<'_>) -> String) -> Function {
    function(name, description).form(
        "varchar(x) -> varchar(x)",
        optional1::<Text, Text>(move |text| Ok(Parts::read(text).as_ref().map(work))),
    )
}

/// Its first value. The query is decoded before it is taken apart, as Presto does it.
fn parameter(text: &str, name: &str) -> Option<String> {
    let query = parts::decoded(Parts::read(text)?.query?);
    let mut parameters = query
        .split('&')
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    let found = parameters.find(|(known, _)| *known == name);
    found.map(|(_, value)| value.to_owned())
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => {
                // Writing to text does not fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '+']) {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        if rest[at..].starts_with('+') {
            bytes.push(b' ');
            rest = &rest[at + 1..];
            continue;
        }
        let behind = &rest[at + 1..];
        let Some(digits) = behind.as_bytes().get(..2) else {
            return Err(invalid(
                "URLDecoder: Incomplete trailing escape (%) pattern",
            ));
        };
        let Some(byte) = parts::hex(digits) else {
            let shown = String::from_utf8_lossy(digits);
            return Err(invalid(format!(
                "URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: \"{shown}\""
            )));
        };
        bytes.push(byte);
        rest = &behind[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
