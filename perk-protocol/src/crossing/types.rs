//! A column's type as a tree, and how it is read from the `type` string of either dialect.
//!
//! The string is what clients of both engines can show, and it holds all that the signature holds. Types that are not
//! known here are kept by name and arguments: there are engines with plugins of their own.

/// How deep types are read: far deeper than anything a client could show, and shallow enough for recursion.
pub(super) const DEEPEST: usize = 64;

/// Types whose names are several words, in the spelling of Presto and of Trino's `rawType`.
const SPACED: [&str; 4] = [
    "time with time zone",
    "timestamp with time zone",
    "interval day to second",
    "interval year to month",
];

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Row(Vec<Field>),
    /// Anything else. `timestamp(3) with time zone` is `timestamp with time zone` with an argument.
    Scalar {
        name: String,
        arguments: Vec<Argument>,
    },
}

/// The precision of Presto's times and timestamps: milliseconds.
const PRESTO_PRECISION: i64 = 3;

impl Type {
    /// Says the precision of times and timestamps, at every level, where that is not said.
    pub(super) fn name_datetime_precision(&mut self) {
        match self {
            Type::Array(element) => element.name_datetime_precision(),
            Type::Map(key, value) => {
                key.name_datetime_precision();
                value.name_datetime_precision();
            }
            Type::Row(fields) => {
                for field in fields {
                    field.kind.name_datetime_precision();
                }
            }
            Type::Scalar { name, arguments } => {
                if is_datetime(name) && arguments.is_empty() {
                    arguments.push(Argument::Number(PRESTO_PRECISION));
                }
            }
        }
    }
}

/// Whether a type is one whose precision Trino names and Presto does not.
pub(super) fn is_datetime(name: &str) -> bool {
    matches!(
        name,
        "time" | "timestamp" | "time with time zone" | "timestamp with time zone"
    )
}

/// A field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: Option<FieldName>,
    pub(super) kind: Type,
}

/// A field's name without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldName {
    pub(super) text: String,
    /// Whether it was written in quotes.
    pub(super) quoted: bool,
}

/// An argument of a scalar type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    Number(i64),
    Type(Type),
}

/// What is wrong with a type, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// Reads a `type` string of either dialect.
pub(super) fn parse(text: &str) -> Result<Type, Wrong> {
    let mut parser = Parser { text, at: 0 };
    let kind = parser.kind(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.wrong("text after the type"));
    }
    Ok(kind)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn wrong(&self, what: &'static str) -> Wrong {
        Wrong { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes what follows an argument: a comma, then there is another one, or the closing parenthesis.
    fn another(&mut self) -> Result<bool, Wrong> {
        if self.accept(b',') {
            Ok(true)
        } else if self.accept(b')') {
            Ok(false)
        } else {
            Err(self.wrong("neither a comma nor a closing parenthesis"))
        }
    }

    fn kind(&mut self, depth: usize) -> Result<Type, Wrong> {
        let name = self.words()?;
        self.named(name, depth)
    }

    /// A type whose name was taken already.
    fn named(&mut self, name: &str, depth: usize) -> Result<Type, Wrong> {
        if name.is_empty() {
            return Err(self.wrong("a type is missing"));
        }
        if depth >= DEEPEST {
            return Err(self.wrong("types nested too deep"));
        }
        if self.peek() != Some(b'(') {
            let name = spaced(name).unwrap_or(name).to_owned();
            let arguments = Vec::new();
            return Ok(Type::Scalar { name, arguments });
        }
        self.at += 1;
        let kind = if name.eq_ignore_ascii_case("array") {
            Type::Array(Box::new(self.kind(depth + 1)?))
        } else if name.eq_ignore_ascii_case("map") {
            let key = self.kind(depth + 1)?;
            if !self.another()? {
                return Err(self.wrong("a map without a type of values"));
            }
            Type::Map(Box::new(key), Box::new(self.kind(depth + 1)?))
        } else if name.eq_ignore_ascii_case("row") {
            let mut fields = vec![self.field(depth + 1)?];
            while self.another()? {
                fields.push(self.field(depth + 1)?);
            }
            return self.without_rest(Type::Row(fields));
        } else {
            let mut arguments = Vec::new();
            if !self.accept(b')') {
                arguments.push(self.argument(depth + 1)?);
                while self.another()? {
                    arguments.push(self.argument(depth + 1)?);
                }
            }
            let datetime = ["time", "timestamp"]
                .iter()
                .any(|datetime| name.eq_ignore_ascii_case(datetime));
            let name = if datetime {
                let whole = format!("{name} {}", self.words()?);
                spaced(&whole).unwrap_or(whole.trim_end()).to_owned()
            } else {
                name.to_owned()
            };
            return self.without_rest(Type::Scalar { name, arguments });
        };
        if self.another()? {
            return Err(self.wrong("too many types in an array or map"));
        }
        self.without_rest(kind)
    }

    /// That a type's closing parenthesis is its end.
    fn without_rest(&mut self, kind: Type) -> Result<Type, Wrong> {
        self.skip_space();
        match self.peek() {
            None | Some(b',' | b')') => Ok(kind),
            Some(_) => Err(self.wrong("text after a type's arguments")),
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, Wrong> {
        let text = self.words()?;
        match text.parse() {
            Ok(number) => Ok(Argument::Number(number)),
            Err(_) => self.named(text, depth).map(Argument::Type),
        }
    }

    /// A field with or without a name. Unquoted, the first space ends the name, as in Presto's own parser, unless it is one
    /// of a type's own.
    fn field(&mut self, depth: usize) -> Result<Field, Wrong> {
        self.skip_space();
        if self.peek() == Some(b'"') {
            let name = self.quoted()?;
            let kind = self.kind(depth)?;
            return Ok(Field {
                name: Some(name),
                kind,
            });
        }
        let words = self.words()?;
        let (name, kind) = match words.split_once(' ') {
            Some((name, kind)) if spaced(words).is_none() => (Some(name), kind.trim_start()),
            _ => (None, words),
        };
        let name = name.map(|text| FieldName {
            text: text.to_owned(),
            quoted: false,
        });
        let kind = self.named(kind, depth)?;
        Ok(Field { name, kind })
    }

    /// `"…"` with quotes inside doubled.
    fn quoted(&mut self) -> Result<FieldName, Wrong> {
        let mut text = String::new();
        loop {
            let Some((part, _)) = self.text[self.at + 1..].split_once('"') else {
                return Err(self.wrong("a quoted name does not end"));
            };
            text.push_str(part);
            self.at += part.len() + 2;
            if self.peek() != Some(b'"') {
                return Ok(FieldName { text, quoted: true });
            }
            text.push('"');
        }
    }

    /// Takes everything up to a comma or parenthesis, surrounding spaces left out. In quotes and braces these are text:
    /// Presto's enums have a JSON object in their type.
    fn words(&mut self) -> Result<&'a str, Wrong> {
        let rest = &self.text[self.at..];
        let mut braces = 0_usize;
        let mut in_quotes = false;
        let end = rest.bytes().position(|byte| {
            match byte {
                b'"' => in_quotes = !in_quotes,
                _ if in_quotes => {}
                b'{' => braces += 1,
                b'}' => braces = braces.saturating_sub(1),
                b'(' | b')' | b',' => return braces == 0,
                _ => {}
            }
            false
        });
        if end.is_none() && (in_quotes || braces > 0) {
            return Err(self.wrong("a quote or brace does not end"));
        }
        let words = &rest[..end.unwrap_or(rest.len())];
        self.at += words.len();
        Ok(words.trim_matches(' '))
    }
}

/// The usual spelling of a type's name of several words.
fn spaced(name: &str) -> Option<&'static str> {
    SPACED
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
}
