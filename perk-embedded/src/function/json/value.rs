//! A JSON value that keeps its numbers' digits and its keys' order: both show in what Presto makes of it. (`serde_json`
//! keeps neither, as its features are set here.)

use std::fmt;

use crate::encode::text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    /// As it is written.
    Number(String),
    String(String),
    Array(Vec<Value>),
    /// Keys may come more than once.
    Object(Vec<(String, Value)>),
}

/// As deep as Jackson reads.
const DEEPEST: usize = 1000;

/// Whether a number is one with a point or an exponent, which Presto makes a double of.
pub(crate) fn is_float(digits: &str) -> bool {
    digits.contains(['.', 'e', 'E'])
}

impl Value {
    /// The value that a text begins with; what comes behind it is not looked at.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Reader { rest: text }.value(0)
    }

    /// The value that a text is. Presto has Jackson look at what stands behind it, which must be able to begin another
    /// value, and asks no more.
    pub(crate) fn read_alone(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let value = reader.root()?;
        reader.blanks();
        match reader.rest.as_bytes().first() {
            None | Some(b'{' | b'[' | b'"') => Some(value),
            Some(_) => reader.root().map(|_| value),
        }
    }

    /// Sorts all keys. Of those that come more than once, the last counts.
    pub(crate) fn sort(&mut self) {
        match self {
            Self::Array(elements) => elements.iter_mut().for_each(Self::sort),
            Self::Object(fields) => {
                fields.reverse();
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                fields.dedup_by(|(again, _), (kept, _)| again == kept);
                for (_, value) in fields {
                    value.sort();
                }
            }
            _ => {}
        }
    }

    /// As text, if it is no array, object or null.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self {
            Self::Boolean(value) => Some(value.to_string()),
            Self::Number(text) | Self::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn size(&self) -> i64 {
        let size = match self {
            Self::Array(elements) => elements.len(),
            Self::Object(fields) => fields.len(),
            _ => 0,
        };
        i64::try_from(size).unwrap_or(i64::MAX)
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Boolean(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Number(digits) => number(digits, out),
            Self::String(value) => text::string(value.as_bytes(), out),
            Self::Array(elements) => {
                out.push(b'[');
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    element.write(out);
                }
                out.push(b']');
            }
            Self::Object(fields) => {
                out.push(b'{');
                for (i, (key, value)) in fields.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    text::string(key.as_bytes(), out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }
}

/// Without blanks.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        self.write(&mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// Whole numbers keep their digits, others are doubles.
fn number(digits: &str, out: &mut Vec<u8>) {
    match digits.parse() {
        Ok(value) if is_float(digits) => text::double(value, out),
        _ if digits == "-0" => out.push(b'0'),
        _ => out.extend_from_slice(digits.as_bytes()),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

impl Reader<'_> {
    /// A value that stands in nothing. One that does not end by itself ends with a blank.
    fn root(&mut self) -> Option<Value> {
        let value = self.value(0)?;
        let closed = matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_));
        let ended = closed || self.rest.is_empty() || self.rest.starts_with(BLANKS);
        ended.then_some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.blanks();
        Some(match self.rest.as_bytes().first()? {
            b'{' => Value::Object(self.list('{', '}', |reader| {
                reader.blanks();
                let key = reader.string()?;
                reader.symbol(':')?;
                Some((key, reader.value(depth + 1)?))
            })?),
            b'[' => Value::Array(self.list('[', ']', |reader| reader.value(depth + 1))?),
            b'"' => Value::String(self.string()?),
            b'-' | b'0'..=b'9' => Value::Number(self.number()?),
            _ => self.word()?,
        })
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(BLANKS);
    }

    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.blanks();
        self.rest = self.rest.strip_prefix(symbol)?;
        Some(())
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.symbol(open)?;
        let mut items = Vec::new();
        if self.symbol(close).is_some() {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.symbol(close).is_some() {
                return Some(items);
            }
            self.symbol(',')?;
        }
    }

    /// Escapes are left to `serde_json`.
    fn string(&mut self) -> Option<String> {
        let inside = self.rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = inside.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let (text, rest) = self.rest.split_at(end + 2);
        self.rest = rest;
        serde_json::from_str(text).ok()
    }

    fn number(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        // It knows what a number may look like.
        serde_json::from_str::<&serde_json::value::RawValue>(digits).ok()?;
        self.rest = rest;
        Some(digits.to_owned())
    }

    fn word(&mut self) -> Option<Value> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Boolean(true)),
            ("false", Value::Boolean(false)),
        ];
        let (value, rest) = words
            .into_iter()
            .find_map(|(word, value)| Some((value, self.rest.strip_prefix(word)?)))?;
        self.rest = rest;
        (!rest.starts_with(|c: char| c.is_alphanumeric())).then_some(value)
    }
}
