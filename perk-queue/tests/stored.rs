//! What is read back from Redis, changed at random, is taken or refused, and nothing worse: an entry point of `fuzz` over its seeds,
//! which are what a real Redis answered (`redis/recorded.rs`).

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use perk_core::testsuite::hostile;
use perk_queue::redis::hostile::stored;

/// What answers and texts in them are made of, and what often goes wrong there.
const PIECES: &[&str] = &[
    "\r\n",
    "*-1\r\n",
    "$-1\r\n",
    "*0\r\n",
    "$0\r\n\r\n",
    ":0\r\n",
    ":1\r\n",
    ":-1\r\n",
    ":4294967295\r\n",
    ":9223372036854775807\r\n",
    ":-9223372036854775808\r\n",
    "$10\r\n4294967295\r\n",
    "$19\r\n9223372036854775807\r\n",
    "$4\r\nnull\r\n",
    "*1\r\n",
    "*2\r\n",
    "*9223372036854775807\r\n",
    "-NEWER it was written by a newer Perk\r\n",
    "-OOM command not allowed when used memory > 'maxmemory'\r\n",
    "[",
    "{",
    "}",
    "\"",
    "|",
    ",",
    "null",
    "1e999",
    "\\u0000",
    "\\ud800",
    "\u{e9}",
    "\u{0}",
];

#[test]
fn stored_records() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/stored");
    for seed in hostile::seeds(&folder) {
        let seed_text = String::from_utf8_lossy(&seed);
        assert!(stored(&seed), "an honest answer is refused: {seed_text:?}");
    }
    let (taken, all) = (AtomicUsize::default(), AtomicUsize::default());
    hostile::hold(&folder, PIECES, |input| {
        all.fetch_add(1, Ordering::Relaxed);
        taken.fetch_add(usize::from(stored(input)), Ordering::Relaxed);
    });
    let (taken, all) = (taken.into_inner(), all.into_inner());
    // Changes that only tear answers apart would say nothing about what is in them.
    assert!(taken * 10 > all, "{taken} of {all} were taken");
}
