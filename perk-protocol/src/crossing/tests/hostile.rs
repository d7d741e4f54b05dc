//! Pages that no server sends.

use super::*;

const ALPHABET: &[u8] = b"[]{}()\",:\\ \n\x01nu0d8zZ+-.<&\xc3\xf0\xff";

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Changes, drops, adds or repeats a few bytes.
fn mutate(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = numbers.below(bytes.len());
        let byte = ALPHABET[numbers.below(ALPHABET.len())];
        match numbers.below(5) {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => {
                let end = bytes.len().min(at + 1 + numbers.below(8));
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

fn transcripts() -> Vec<(&'static [u8], &'static [u8])> {
    let texts = [
        include_str!("../testdata/presto.txt"),
        include_str!("../testdata/trino.txt"),
        include_str!("../testdata/trino-parametric.txt"),
    ];
    let mut found = Vec::new();
    for text in texts {
        let lines: Vec<&str> = text.lines().collect();
        for answer in lines.chunks(3) {
            found.push((answer[1].as_bytes(), answer[2].as_bytes()));
        }
    }
    found
}

#[test]
fn broken_pages_are_refused_or_crossed() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut crossed = 0;
    for (columns, page) in transcripts() {
        for to in [Dialect::Presto, Dialect::Trino] {
            let whole = Crossing::new(columns, other(to), to).unwrap();
            for _ in 0..50 {
                let page = Bytes::from(mutate(page, &mut numbers));
                crossed += usize::from(whole.rows(&page).is_ok());
                let broken = mutate(columns, &mut numbers);
                if let Ok(broken) = Crossing::new(&broken, other(to), to) {
                    let columns: Value = serde_json::from_slice(&broken.columns()).unwrap();
                    assert_eq!(
                        columns.as_array().unwrap().len(),
                        broken.shapes.len().max(1)
                    );
                    crossed += usize::from(broken.rows(&page).is_ok());
                }
            }
        }
    }
    assert!(crossed > 1000, "{crossed}");
}

/// A type in Trino's spelling and the cells that fit it.
fn arbitrary(numbers: &mut Numbers, depth: usize) -> (String, Vec<String>) {
    let kind = if depth == 0 { 0 } else { numbers.below(4) };
    let (name, mut cells) = match kind {
        1 => {
            let (element, cells) = arbitrary(numbers, depth - 1);
            let some = [numbers.one(&refs(&cells)), numbers.one(&refs(&cells))].join(",");
            (
                format!("array({element})"),
                vec!["[]".to_owned(), format!("[{some}]")],
            )
        }
        2 => {
            let (value, cells) = arbitrary(numbers, depth - 1);
            let key = numbers.one(&[r#""k""#, r#""""#, r#""[\"\\""#, r#""<\n>""#]);
            let some = numbers.one(&refs(&cells));
            let last = numbers.one(&refs(&cells));
            (
                format!("map(varchar, {value})"),
                vec!["{}".to_owned(), format!("{{{key}:{some},\"last\":{last}}}")],
            )
        }
        3 => {
            let (first, firsts) = arbitrary(numbers, depth - 1);
            let (second, seconds) = arbitrary(numbers, depth - 1);
            let some = [numbers.one(&refs(&firsts)), numbers.one(&refs(&seconds))].join(",");
            (
                format!("row(a {first}, \"B b\" {second})"),
                vec![format!("[{some}]")],
            )
        }
        _ => {
            let plain = numbers.one(&[
                "bigint 1 -23",
                r#"double 1.5 "NaN" 1.0E100"#,
                r#"varchar "" "a\"b\\" "[]" "null" "é<&>☃\u0001""#,
                r#"json "{\"a\":[1]}" "\"\\\"\"" "null""#,
                "boolean true false",
            ]);
            let mut parts = plain.split(' ').map(str::to_owned);
            (parts.next().unwrap(), parts.collect())
        }
    };
    cells.push("null".to_owned());
    (name, cells)
}

fn refs(cells: &[String]) -> Vec<&str> {
    cells.iter().map(String::as_str).collect()
}

#[test]
fn any_page_comes_back_the_same() {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    for _ in 0..2000 {
        let depth = numbers.below(5);
        let (first, firsts) = arbitrary(&mut numbers, depth);
        let (second, seconds) = arbitrary(&mut numbers, 2);
        let types = [first.as_str(), second.as_str()];
        let page: Vec<String> = firsts
            .iter()
            .flat_map(|first| {
                seconds
                    .iter()
                    .map(move |second| format!("[{first},{second}]"))
            })
            .collect();
        let page = format!("[{}]", page.join(","));
        let presto = rows(&types, Dialect::Presto, &page).unwrap();
        let back = rows(&types, Dialect::Trino, &presto).unwrap();
        assert_eq!(back, page, "{types:?}");
        assert_eq!(
            rows(&types, Dialect::Presto, &presto).unwrap(),
            presto,
            "{types:?}"
        );
        for row in serde_json::from_str::<Vec<Vec<Value>>>(&presto).unwrap() {
            for (cell, kind) in row.iter().zip(types) {
                assert_reads_as_presto(cell, kind);
            }
        }
    }
}

/// What Presto's own client expects: no containers but in strings, and JSON in those where the type says so.
fn assert_reads_as_presto(cell: &Value, kind: &str) {
    assert!(!cell.is_array() && !cell.is_object(), "{kind}: {cell}");
    let Value::String(text) = cell else { return };
    let inside = |kind: &str| kind[kind.find('(').unwrap() + 1..kind.len() - 1].to_owned();
    if kind.starts_with("array(") {
        for element in serde_json::from_str::<Vec<Value>>(text).unwrap() {
            assert_reads_as_presto(&element, &inside(kind));
        }
    } else if kind.starts_with("map(") {
        let values: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
        for value in values.values() {
            assert_reads_as_presto(value, &inside(kind)["varchar, ".len()..]);
        }
    } else if kind.starts_with("row(") {
        let values: Vec<Value> = serde_json::from_str(text).unwrap();
        assert!(
            values
                .iter()
                .all(|value| !value.is_array() && !value.is_object())
        );
    }
}

#[test]
fn strings_in_strings_end_at_a_limit() {
    let nested = |depth: usize, inside: &str| {
        let kind = format!("{}varchar{}", "array(".repeat(depth), ")".repeat(depth));
        let page = format!("[[{}{inside}{}]]", "[".repeat(depth), "]".repeat(depth));
        (kind, page)
    };
    // Types this deep have no signature in Presto's form; what cells do is asked of the writer alone.
    let presto = |kind: &str, page: &str| {
        let shape = super::super::Shape::of(&super::super::types::parse(kind).unwrap());
        let crossing = Crossing {
            to: Dialect::Presto,
            columns: Bytes::new(),
            shapes: vec![shape],
            untouched: false,
        };
        crossing.rows(&Bytes::copy_from_slice(page.as_bytes()))
    };
    let (kind, page) = nested(20, "\"a\"");
    let crossed = presto(&kind, &page).unwrap();
    assert!(crossed.len() > 1 << 20, "{}", crossed.len());
    for depth in [25, 31, 63] {
        let (kind, page) = nested(depth, "\"a\\\"\"");
        let refused = presto(&kind, &page);
        assert!(
            matches!(refused, Err(CrossingError::TooLarge { .. })),
            "{depth}"
        );
        assert_eq!(rows(&[&kind], Dialect::Trino, &page).unwrap(), page);
    }
    // The limit is for the whole page, too.
    let (kind, page) = nested(12, "\"\"");
    let row = &page[1..page.len() - 1];
    let many = format!("[{}]", vec![row; 3000].join(","));
    let refused = presto(&kind, &many);
    assert!(
        matches!(refused, Err(CrossingError::TooLarge { limit }) if limit == many.len() * 16 + (16 << 20))
    );
}

#[test]
fn brackets_without_end_are_no_recursion() {
    let deep = "[".repeat(200_000);
    for to in [Dialect::Presto, Dialect::Trino] {
        assert!(rows(&["array(bigint)"], to, &deep).is_err());
        assert!(rows(&["array(bigint)", "bigint"], to, &deep).is_err());
        let closed = format!("[[{deep}{},[]]]", "]".repeat(deep.len()));
        assert!(rows(&["thing", "array(bigint)"], to, &closed).is_ok());
        let quoted = serde_json::to_string(&deep).unwrap();
        assert!(
            rows(
                &["array(array(array(bigint)))"],
                to,
                &format!("[[{quoted}]]")
            )
            .is_err()
        );
    }
}
