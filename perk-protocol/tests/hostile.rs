//! What comes from outside, changed at random, is taken or refused, and nothing worse: the entry points of `fuzz` over its
//! seeds. A moment of the same changes every time; `PERK_TEST_HOSTILE=SECONDS` goes on for as long, with others every time.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs};

use perk_protocol::testsuite::hostile;

/// How many inputs a moment is.
const A_MOMENT: usize = 3000;

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

/// Numbers that look like chance (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % bound.max(1)
    }

    /// One to eight changes: bytes, pieces, and parts of other seeds.
    fn change(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(input.len() + 1);
            let until = (at + self.below(12)).min(input.len());
            match self.below(5) {
                0 if at < input.len() => input[at] ^= 1 << self.below(8),
                1 => drop(input.drain(at..until)),
                2 => {
                    let piece = PIECES[self.below(PIECES.len())].as_bytes();
                    let times = if self.below(20) == 0 { 2000 } else { 1 };
                    input.splice(at..until, piece.repeat(times));
                }
                3 => {
                    let part = input[at..until].to_vec();
                    input.splice(at..at, part);
                }
                _ => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    let part = &other[from..(from + self.below(60)).min(other.len())];
                    input.splice(at..until, part.iter().copied());
                }
            }
        }
        input
    }
}

fn hold(name: &str, takes: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let seeds: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for seed in &seeds {
        takes(seed);
    }
    let seconds = env::var("PERK_TEST_HOSTILE").ok();
    let seconds = seconds.map(|seconds| {
        seconds
            .parse()
            .expect("PERK_TEST_HOSTILE is a number of seconds")
    });
    let limit = seconds.map(Duration::from_secs);
    let seed = limit.map_or(1, |_| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap() | 1
    });
    println!("{name}: the changes of {seed}");
    let (mut chance, began, mut count) = (Chance(seed), Instant::now(), 0);
    while limit.map_or(count < A_MOMENT, |limit| began.elapsed() < limit) {
        let input = chance.change(&seeds);
        let outcome = std::panic::catch_unwind(|| takes(&input));
        assert!(
            outcome.is_ok(),
            "{name} fails on {:?}",
            String::from_utf8_lossy(&input)
        );
        count += 1;
    }
    println!("{name}: {count} inputs");
}

#[test]
fn requests() {
    hold("request", hostile::request);
}

#[test]
fn uris() {
    hold("uri", hostile::uri);
}

#[test]
fn envelopes() {
    hold("envelope", hostile::envelope);
}
