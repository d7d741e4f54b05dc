//! What comes from outside, changed at random, is taken or refused, and nothing worse: the entry points of `fuzz` over its
//! seeds.

use std::path::Path;

use perk_core::testsuite::hostile::hold;
use perk_protocol::testsuite::hostile;

/// Pieces that formats are made of, and what often goes wrong in them.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ",",
    ":",
    "\n",
    "\n\n",
    "null",
    "-1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "é",
    "%",
    "%2",
    "%00",
    "=",
    ";",
    "/",
    "..",
    "?",
    "#",
    "@",
    "array(",
    "row(",
    "map(",
    ")",
    "18446744073709551616",
    "X-Presto-",
    "X-Trino-",
    "\u{0}",
    "http://elsewhere/",
];

fn over(name: &str, takes: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    hold(&seeds.join(name), PIECES, takes);
}

#[test]
fn requests() {
    over("request", hostile::request);
}

#[test]
fn uris() {
    over("uri", hostile::uri);
}

#[test]
fn envelopes() {
    over("envelope", hostile::envelope);
}
