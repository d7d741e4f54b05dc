//! Honest inputs, changed at random, for whatever must bear any: what a fuzzer does, in a test that anybody can run.
//!
//! A moment of the same changes every time; `PERK_TEST_HOSTILE=SECONDS` goes on for as long, with others every time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs};

/// How many inputs a moment is.
const A_MOMENT: usize = 3000;

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
    fn change(&mut self, seeds: &[Vec<u8>], pieces: &[&str]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(input.len() + 1);
            let until = (at + self.below(12)).min(input.len());
            match self.below(5) {
                0 if at < input.len() => input[at] ^= 1 << self.below(8),
                1 => drop(input.drain(at..until)),
                2 => {
                    let piece = pieces[self.below(pieces.len())].as_bytes();
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

/// The files of a folder, in the order of their names.
pub fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder).expect("the folder of the seeds");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |file| fs::read(file).expect("a seed can be read");
    files.into_iter().map(read).collect()
}

/// Gives `takes` the seeds of a folder, and then the same with bytes changed, left out and put in: `pieces` are what their format is
/// made of, and what often goes wrong in it. It fails by panicking; this one then does too, and says on what.
pub fn hold(folder: &Path, pieces: &[&str], takes: impl Fn(&[u8])) {
    let name = folder.display();
    let seeds = seeds(folder);
    for seed in &seeds {
        takes(seed);
    }
    let limit = env::var("PERK_TEST_HOSTILE").ok().map(|seconds| {
        let seconds = seconds.parse();
        Duration::from_secs(seconds.expect("PERK_TEST_HOSTILE is a number of seconds"))
    });
    let first = limit.map_or(1, |_| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanos = now.expect("1970 is over").subsec_nanos();
        u64::from(nanos) << 8 | 1
    });
    println!("{name}: the changes of {first}");
    let (mut chance, began, mut count) = (Chance(first), Instant::now(), 0);
    while limit.map_or(count < A_MOMENT, |limit| began.elapsed() < limit) {
        let input = chance.change(&seeds, pieces);
        let outcome = catch_unwind(AssertUnwindSafe(|| takes(&input)));
        assert!(
            outcome.is_ok(),
            "{name} fails on {:?}",
            String::from_utf8_lossy(&input)
        );
        count += 1;
    }
    println!("{name}: {count} inputs");
}
