//! Finding a text in another, and how far two are apart.

use super::count;
use crate::error::Result;
use crate::function::cell::{Bigint, Boolean, Text, each2, each3};
use crate::function::{Function, function, invalid};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "strpos",
            "Returns index of n-th occurrence of a substring (or 0 if not found)",
        )
        .form(
            "varchar, varchar -> bigint",
            each2::<Text, Text, Bigint>(|text, wanted| nth(text, wanted, 1, forwards)),
        )
        .form(
            "varchar, varchar, bigint -> bigint",
            each3::<Text, Text, Bigint, Bigint>(|text, wanted, n| nth(text, wanted, n, forwards)),
        ),
        function(
            "strrpos",
            "Returns index of n-th occurrence of a substring from the end of the string (or 0 if not found)",
        )
        .form(
            "varchar, varchar -> bigint",
            each2::<Text, Text, Bigint>(|text, wanted| nth(text, wanted, 1, backwards)),
        )
        .form(
            "varchar, varchar, bigint -> bigint",
            each3::<Text, Text, Bigint, Bigint>(|text, wanted, n| nth(text, wanted, n, backwards)),
        ),
        function("starts_with", "Returns whether the first string starts with the second").form(
            "varchar, varchar -> boolean",
            each2::<Text, Text, Boolean>(|text, start| Ok(text.starts_with(start))),
        ),
        function("ends_with", "Returns whether the first string ends with the second").form(
            "varchar, varchar -> boolean",
            each2::<Text, Text, Boolean>(|text, end| Ok(text.ends_with(end))),
        ),
        function("levenshtein_distance", "Computes Levenshtein distance between two strings").form(
            "varchar, varchar -> bigint",
            each2::<Text, Text, Bigint>(levenshtein),
        ),
        function("hamming_distance", "Computes Hamming distance between two strings").form(
            "varchar, varchar -> bigint",
            each2::<Text, Text, Bigint>(hamming),
        ),
    ]
}

/// Where the next one begins, from where the one before did.
type Next = fn(&str, &str, Option<usize>) -> Option<usize>;

fn forwards(text: &str, wanted: &str, before: Option<usize>) -> Option<usize> {
    let from = before.map_or(0, |at| at + width(text, at));
    text[from..].find(wanted).map(|at| from + at)
}

fn backwards(text: &str, wanted: &str, before: Option<usize>) -> Option<usize> {
    // One that begins before, though it may end within.
    let end = before.map_or(text.len(), |at| {
        let last = wanted.chars().next_back().map_or(0, char::len_utf8);
        at + wanted.len() - last
    });
    text[..end].rfind(wanted)
}

fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The place of the n-th one, in characters from 1; 0 where there is none.
fn nth(text: &str, wanted: &str, n: i64, next: Next) -> Result<i64> {
    if n <= 0 {
        return Err(invalid("'instance' must be a positive number."));
    }
    if wanted.is_empty() {
        return Ok(1);
    }
    let mut found = None;
    for _ in 0..n {
        match next(text, wanted, found) {
            None => return Ok(0),
            at => found = at,
        }
    }
    Ok(found.map_or(0, |at| count(&text[..at]) + 1))
}

fn levenshtein(a: &str, b: &str) -> Result<i64> {
    const MOST: i64 = 1_000_000;
    let (longer, shorter) = (count(a).max(count(b)), count(a).min(count(b)));
    if longer.saturating_mul(shorter - 1) > MOST {
        let message = "The combined inputs for Levenshtein distance are too large";
        return Err(invalid(message));
    }
    let b: Vec<char> = b.chars().collect();
    // The distances of what has been seen of `a` to all beginnings of `b`.
    let mut distances: Vec<i64> = (0..).take(b.len() + 1).collect();
    for (i, x) in (1..).zip(a.chars()) {
        let mut diagonal = distances[0];
        distances[0] = i;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + i64::from(x != *y);
            diagonal = distances[j + 1];
            distances[j + 1] = replaced.min(diagonal + 1).min(distances[j] + 1);
        }
    }
    Ok(distances.last().copied().unwrap_or(0))
}

fn hamming(a: &str, b: &str) -> Result<i64> {
    if count(a) != count(b) {
        let message = "The input strings to hamming_distance function must have the same length";
        return Err(invalid(message));
    }
    let pairs = a.chars().zip(b.chars());
    Ok(pairs.map(|(a, b)| i64::from(a != b)).sum())
}
