//! What comes from outside, as bytes that mean ill: each function takes any input at all, and fails only by panicking.
//!
//! `fuzz` calls them with what a fuzzer finds, `tests/hostile.rs` with honest inputs that were changed.

use std::str;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use http_body_util::Full;
use perk_core::{DeploymentKeys, Dialect};
use serde_json::value::RawValue;
use tokio::runtime::{Builder, Runtime};

use crate::client::{Envelope, Origin};
use crate::crossing::{Crossing, Reader};
use crate::executor::headers_for_cluster;
use crate::server::hostile::{Posted, Route, page_path, posted};

const BOTH: [Dialect; 2] = [Dialect::Presto, Dialect::Trino];

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime of one thread");
}

/// A client's request: lines `Name: value`, an empty line, the body. What is taken of it goes to a cluster whole: no
/// header of a statement's is one that could not be sent.
pub fn request(input: &[u8]) {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = input.split_at(end.unwrap_or(input.len()));
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let body = Full::new(Bytes::copy_from_slice(body.get(2..).unwrap_or_default()));
    let read = RUNTIME.with(|runtime| runtime.block_on(posted(&headers, body, 1000)));
    let Ok(Posted::Statement(statement)) = read else {
        return;
    };
    assert!(!statement.sql.is_empty() && statement.sql.chars().count() <= 1000);
    assert!(!statement.user.is_empty());
    for dialect in BOTH {
        let sent = headers_for_cluster(&statement, dialect);
        let known = statement.headers.len() + statement.credentials.len();
        assert_eq!(sent.len(), known, "a header is lost: {statement:?}");
    }
}

/// A URI that a client asks for. What it names can be named again; no slug is believed that was not given out.
pub fn uri(input: &[u8]) {
    let Some(uri) = str::from_utf8(input)
        .ok()
        .and_then(|text| text.parse::<Uri>().ok())
    else {
        return;
    };
    let Some(Route::Page(page)) = Route::of(&uri) else {
        return;
    };
    let keys = DeploymentKeys::new([7; 32]);
    assert!(!keys.verify(&page.id, page.token, &page.slug));
    let slug = keys.slug(&page.id, page.token);
    let path = page_path(page.dialect, "queued", &page.id, page.token, &slug);
    let again = path.parse().map(|uri| Route::of(&uri));
    let Ok(Some(Route::Page(again))) = again else {
        panic!("{path} is not understood");
    };
    assert_eq!((&again.id, again.token), (&page.id, page.token));
}

/// A coordinator's answer: `P` or `T`, and the body. What is taken of it is JSON and stays within bounds, in both dialects;
/// and no address is the coordinator's own that leads elsewhere.
pub fn envelope(input: &[u8]) {
    let Some((from, body)) = input.split_first() else {
        return;
    };
    let from = if *from == b'T' {
        Dialect::Trino
    } else {
        Dialect::Presto
    };
    let body = Bytes::copy_from_slice(body);
    let Ok(envelope) = Envelope::parse(&body) else {
        return;
    };
    let cluster: Origin = "http://cluster:8080".parse().expect("an address");
    for address in [&envelope.next_uri, &envelope.partial_cancel_uri]
        .into_iter()
        .flatten()
    {
        if cluster.holds(address) {
            let uri: Uri = address.parse().expect("what is followed is a URI");
            let host = uri.host().unwrap_or_default();
            let leads_there = host.eq_ignore_ascii_case("cluster") && uri.port_u16() == Some(8080);
            assert!(leads_there, "{address}");
        }
    }
    let parts = [
        &envelope.columns,
        &envelope.rows,
        &envelope.stats,
        &envelope.update_type,
    ];
    for part in parts.into_iter().flatten() {
        assert!(serde_json::from_slice::<&RawValue>(part).is_ok());
    }
    let Some(columns) = &envelope.columns else {
        return;
    };
    for (dialect, parametric_datetime) in [(BOTH[0], false), (BOTH[1], false), (BOTH[1], true)] {
        let reader = Reader {
            dialect,
            parametric_datetime,
        };
        let Ok(crossing) = Crossing::new(columns, from, reader) else {
            continue;
        };
        assert!(serde_json::from_slice::<&RawValue>(&crossing.columns()).is_ok());
        let Some(rows) = &envelope.rows else {
            continue;
        };
        if let Ok(crossed) = crossing.rows(rows) {
            let count =
                |rows: &[u8]| serde_json::from_slice::<Vec<&RawValue>>(rows).map(|rows| rows.len());
            let (given, crossed) = (count(rows), count(&crossed));
            assert_eq!(given.ok(), crossed.ok(), "rows are lost");
        }
    }
}
