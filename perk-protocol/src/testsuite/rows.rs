//! The rows of a scripted result: told by their number alone, so that a client can check every one.

use std::fmt::Write;
use std::ops::Range;

use bytes::Bytes;

use super::Flavor;

/// The alphabet in steps of three, twice and more over, so that any cell is a copy of some of it.
const LETTERS: &str = {
    const BYTES: [u8; 26 * 64] = {
        let mut letters = [0; 26 * 64];
        let mut i = 0;
        while i < letters.len() {
            letters[i] = b"abcdefghijklmnopqrstuvwxyz"[i * 3 % 26];
            i += 1;
        }
        letters
    };
    match str::from_utf8(&BYTES) {
        Ok(letters) => letters,
        Err(_) => "",
    }
};

/// The text of column `v` in row `k` of a scripted result, `len` letters long.
///
/// ```
/// use perk_protocol::testsuite::cell_text;
/// assert_eq!(cell_text(0, 4), "adgj");
/// ```
pub fn cell_text(k: u64, len: usize) -> String {
    let mut text = String::with_capacity(len);
    push_cell(&mut text, k, len);
    text
}

fn push_cell(text: &mut String, k: u64, len: usize) {
    let mut from = usize::try_from(k % 26).unwrap_or(0) * 11 % 26;
    let mut left = len;
    while left > 0 {
        let take = left.min(LETTERS.len() - from);
        text.push_str(&LETTERS[from..from + take]);
        left -= take;
        from = 0; // the table is whole alphabets long: its end joins its beginning
    }
}

/// The JSON array of those rows.
pub(super) fn page(flavor: Flavor, nested: bool, keys: Range<u64>, cell: usize) -> Bytes {
    let count = usize::try_from(keys.end - keys.start).unwrap_or(0);
    let mut text = String::with_capacity(2 + count * (cell + if nested { 90 } else { 20 }));
    text.push('[');
    for k in keys {
        if text.len() > 1 {
            text.push(',');
        }
        let mut digits = [0; 20];
        text.push('[');
        text.push_str(decimal(k, &mut digits));
        text.push_str(",\"");
        push_cell(&mut text, k, cell);
        text.push('"');
        if nested {
            push_nested(&mut text, flavor, k);
        }
        text.push(']');
    }
    text.push(']');
    Bytes::from(text)
}

/// The cells of columns `a`, `m` and `r`: Presto writes them as JSON inside strings, Trino as JSON.
fn push_nested(text: &mut String, flavor: Flavor, k: u64) {
    let next = k + 1;
    let _infallible = match flavor {
        Flavor::Presto => {
            write!(
                text,
                r#","[ {k}, {next} ]","{{\n  \"x\" : {k}\n}}","[ {k}, \"q\" ]""#
            )
        }
        Flavor::Trino => write!(text, r#",[{k},{next}],{{"x":{k}}},[{k},"q"]"#),
    };
}

/// `write!("{k}")` without its machinery: it is most of what a page of small rows costs.
fn decimal(mut k: u64, digits: &mut [u8; 20]) -> &str {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(k % 10).unwrap_or(0);
        k /= 10;
        if k == 0 {
            break;
        }
    }
    str::from_utf8(&digits[at..]).unwrap_or_default()
}

/// The `columns` of a scripted result, as real servers of that flavour write them.
pub(super) fn columns(flavor: Flavor, nested: bool) -> &'static str {
    match (flavor, nested) {
        (Flavor::Presto, false) => PRESTO_PLAIN,
        (Flavor::Presto, true) => PRESTO_NESTED,
        (Flavor::Trino, false) => TRINO_PLAIN,
        (Flavor::Trino, true) => TRINO_NESTED,
    }
}

macro_rules! bigint {
    (presto) => {
        r#"{"rawType":"bigint","typeArguments":[],"literalArguments":[],"arguments":[]}"#
    };
    (trino) => {
        r#"{"rawType":"bigint","arguments":[]}"#
    };
}
macro_rules! varchar {
    (presto) => {
        r#"{"rawType":"varchar","typeArguments":[],"literalArguments":[],"arguments":[{"kind":"LONG_LITERAL","value":2147483647}]}"#
    };
    (trino) => {
        r#"{"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}"#
    };
}
macro_rules! plain {
    ($flavor:tt) => {
        concat!(
            r#"{"name":"k","type":"bigint","typeSignature":"#,
            bigint!($flavor),
            r#"},{"name":"v","type":"varchar","typeSignature":"#,
            varchar!($flavor),
            "}"
        )
    };
}

const PRESTO_PLAIN: &str = concat!("[", plain!(presto), "]");
const TRINO_PLAIN: &str = concat!("[", plain!(trino), "]");
const PRESTO_NESTED: &str = concat!(
    "[",
    plain!(presto),
    r#",{"name":"a","type":"array(bigint)","typeSignature":{"rawType":"array","typeArguments":["#,
    bigint!(presto),
    r#"],"literalArguments":[],"arguments":[{"kind":"TYPE_SIGNATURE","value":"#,
    bigint!(presto),
    r#"}]}},{"name":"m","type":"map(varchar,bigint)","typeSignature":{"rawType":"map","typeArguments":["#,
    varchar!(presto),
    ",",
    bigint!(presto),
    r#"],"literalArguments":[],"arguments":[{"kind":"TYPE_SIGNATURE","value":"#,
    varchar!(presto),
    r#"},{"kind":"TYPE_SIGNATURE","value":"#,
    bigint!(presto),
    r#"}]}},{"name":"r","type":"row(x bigint,y varchar)","typeSignature":{"rawType":"row","typeArguments":["#,
    bigint!(presto),
    ",",
    varchar!(presto),
    r#"],"literalArguments":["x","y"],"arguments":[{"kind":"NAMED_TYPE_SIGNATURE","value":{"fieldName":{"name":"x","delimited":false},"typeSignature":"bigint"}},{"kind":"NAMED_TYPE_SIGNATURE","value":{"fieldName":{"name":"y","delimited":false},"typeSignature":"varchar"}}]}}]"#
);
const TRINO_NESTED: &str = concat!(
    "[",
    plain!(trino),
    r#",{"name":"a","type":"array(bigint)","typeSignature":{"rawType":"array","arguments":[{"kind":"TYPE","value":"#,
    bigint!(trino),
    r#"}]}},{"name":"m","type":"map(varchar, bigint)","typeSignature":{"rawType":"map","arguments":[{"kind":"TYPE","value":"#,
    varchar!(trino),
    r#"},{"kind":"TYPE","value":"#,
    bigint!(trino),
    r#"}]}},{"name":"r","type":"row(x bigint, y varchar)","typeSignature":{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"x"},"typeSignature":"#,
    bigint!(trino),
    r#"}},{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"y"},"typeSignature":"#,
    varchar!(trino),
    "}}]}}]"
);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn cells_tell_their_row_and_are_as_long_as_asked() {
        assert_eq!(cell_text(0, 4), "adgj");
        for (k, len) in [(1, 0), (7, 1), (25, 5000), (u64::MAX, 1665)] {
            let text = cell_text(k, len);
            assert_eq!(text.len(), len);
            let letters = text.bytes().map(|b| b - b'a').collect::<Vec<_>>();
            assert!(
                letters.windows(2).all(|pair| (pair[0] + 3) % 26 == pair[1]),
                "{k} {len}"
            );
        }
        let first = (0..26)
            .map(|k| cell_text(k, 1))
            .collect::<std::collections::BTreeSet<_>>();
        assert_eq!(first.len(), 26);
    }

    #[test]
    fn pages_are_rows() {
        let rows: Value = serde_json::from_slice(&page(Flavor::Presto, false, 9..11, 3)).unwrap();
        assert_eq!(rows, json!([[9, cell_text(9, 3)], [10, cell_text(10, 3)]]));
        assert_eq!(page(Flavor::Presto, false, 0..0, 3), "[]");
        let top: Vec<(u64, String)> =
            serde_json::from_slice(&page(Flavor::Presto, false, u64::MAX - 1..u64::MAX, 1))
                .unwrap();
        assert_eq!(top[0].0, u64::MAX - 1);
    }

    #[test]
    fn nested_cells_are_each_flavours_own() {
        let presto: Value = serde_json::from_slice(&page(Flavor::Presto, true, 7..8, 1)).unwrap();
        assert_eq!(
            presto,
            json!([[
                7,
                cell_text(7, 1),
                "[ 7, 8 ]",
                "{\n  \"x\" : 7\n}",
                "[ 7, \"q\" ]"
            ]])
        );
        let trino: Value = serde_json::from_slice(&page(Flavor::Trino, true, 7..8, 1)).unwrap();
        assert_eq!(
            trino,
            json!([[7, cell_text(7, 1), [7, 8], { "x": 7 }, [7, "q"]]])
        );
    }

    #[test]
    fn columns_are_json() {
        for (flavor, nested, count) in [
            (Flavor::Presto, false, 2),
            (Flavor::Presto, true, 5),
            (Flavor::Trino, false, 2),
            (Flavor::Trino, true, 5),
        ] {
            let parsed: Vec<Value> = serde_json::from_str(columns(flavor, nested)).unwrap();
            assert_eq!(parsed.len(), count);
        }
        let row: Vec<Value> = serde_json::from_str(PRESTO_NESTED).unwrap();
        assert_eq!(
            row[4]["typeSignature"]["arguments"][1]["value"]["typeSignature"],
            "varchar"
        );
    }
}
