//! Which cells the dialects write differently, and how one of them is written anew.

use bytes::Bytes;
use perk_core::Dialect;
use serde_json::value::RawValue;

use super::Fault;
use super::cursor::{Cursor, Piece};
use super::out::{Out, unescape};
use super::types::Type;

/// As much of a type as its cells need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Written alike by both dialects.
    Plain,
    /// `time with time zone`: `"01:02:03.456 +02:00"` in Presto, `"01:02:03.456+02:00"` in Trino; UTC is `" UTC"` in
    /// Presto and `"+00:00"` in Trino.
    ZonedTime,
    Array(Box<Shape>),
    Map {
        /// Of the keys only `time with time zone` is written differently: whatever it is, a key is a string in both.
        zoned_keys: bool,
        values: Box<Shape>,
    },
    Row(Vec<Shape>),
}

impl Shape {
    pub(super) fn of(kind: &Type) -> Shape {
        match kind {
            Type::Scalar { name, .. } if name == "time with time zone" => Shape::ZonedTime,
            Type::Scalar { .. } => Shape::Plain,
            Type::Array(element) => Shape::Array(Box::new(Shape::of(element))),
            Type::Map(key, value) => Shape::Map {
                zoned_keys: Shape::of(key) == Shape::ZonedTime,
                values: Box::new(Shape::of(value)),
            },
            Type::Row(fields) => {
                Shape::Row(fields.iter().map(|field| Shape::of(&field.kind)).collect())
            }
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Shape::Plain)
    }
}

/// How a dialect sets out containers. Presto's is Jackson's pretty printer, at most one level deep as what is inside is a
/// string again.
struct Layout {
    /// Whether containers are strings.
    in_string: bool,
    before_first: &'static [u8],
    between: &'static [u8],
    after_last: &'static [u8],
    after_key: &'static [u8],
}

const PRESTO: Layout = Layout {
    in_string: true,
    before_first: b" ",
    between: b", ",
    after_last: b" ",
    after_key: b" : ",
};

const TRINO: Layout = Layout {
    in_string: false,
    before_first: b"",
    between: b",",
    after_last: b"",
    after_key: b":",
};

/// Writes values for one dialect, read in either one's form. Calls itself as deep as the type goes and no deeper,
/// whatever the cells hold: types end at [`super::types::DEEPEST`].
pub(super) struct Writer {
    to: Dialect,
    layout: &'static Layout,
    out: Out,
    /// Room for the text of strings, to be used again.
    spare: Vec<Vec<u8>>,
}

impl Writer {
    pub(super) fn new(to: Dialect, out: Out) -> Self {
        let layout = match to {
            Dialect::Presto => &PRESTO,
            Dialect::Trino => &TRINO,
        };
        let spare = Vec::new();
        Writer {
            to,
            layout,
            out,
            spare,
        }
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.out.into_bytes()
    }

    /// Writes bytes as they are.
    pub(super) fn copy(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.out.push(bytes)
    }

    /// Writes the next value, with that many strings around it.
    pub(super) fn value(
        &mut self,
        shape: &Shape,
        cursor: &mut Cursor<'_>,
        depth: u32,
    ) -> Result<(), Fault> {
        let in_string = cursor.peek() == Some(b'"');
        match shape {
            Shape::ZonedTime if in_string => {
                let content = cursor.string()?;
                self.string(content, true, depth)
            }
            Shape::Plain | Shape::ZonedTime => self.plain(cursor, depth),
            _ if in_string => {
                let content = cursor.string()?;
                if !content.contains(&b'\\') {
                    return self.whole(shape, content, depth);
                }
                let mut text = self.spare.pop().unwrap_or_default();
                let written =
                    unescape(content, &mut text).and_then(|()| self.whole(shape, &text, depth));
                self.spare.push(text);
                written
            }
            _ => self.container(shape, cursor, depth),
        }
    }

    /// Writes a container whose text was a string.
    fn whole(&mut self, shape: &Shape, text: &[u8], depth: u32) -> Result<(), Fault> {
        // Whoever read the page as JSON saw a string in it, and not what the string says.
        serde_json::from_slice::<&RawValue>(text)
            .map_err(|_| Fault::Syntax("the text of a container is not JSON"))?;
        let mut cursor = Cursor::new(text);
        self.container(shape, &mut cursor, depth)?;
        cursor.end()
    }

    fn container(
        &mut self,
        shape: &Shape,
        cursor: &mut Cursor<'_>,
        outside: u32,
    ) -> Result<(), Fault> {
        if cursor.peek() == Some(b'n') {
            return match cursor.token()? {
                b"null" => self.out.push(b"null"),
                _ => Err(Fault::Syntax("not a value")),
            };
        }
        let in_string = self.layout.in_string;
        if in_string {
            self.out.quote(outside)?;
        }
        let depth = outside + u32::from(in_string);
        match shape {
            Shape::Array(element) => self.list(cursor, depth, |_| Some(element))?,
            Shape::Row(fields) => {
                let mut count = 0;
                self.list(cursor, depth, |index| {
                    count = index + 1;
                    fields.get(index)
                })?;
                if count < fields.len() {
                    return Err(Fault::Syntax("a row with fewer values than fields"));
                }
            }
            Shape::Map { zoned_keys, values } => self.map(cursor, depth, *zoned_keys, values)?,
            Shape::Plain | Shape::ZonedTime => self.plain(cursor, depth)?,
        }
        if in_string {
            self.out.quote(outside)?;
        }
        Ok(())
    }

    fn list<'s>(
        &mut self,
        cursor: &mut Cursor<'_>,
        depth: u32,
        mut shape_of: impl FnMut(usize) -> Option<&'s Shape>,
    ) -> Result<(), Fault> {
        cursor.expect(b'[', "not an array")?;
        self.out.push(b"[")?;
        if !cursor.accept(b']') {
            for index in 0.. {
                let shape =
                    shape_of(index).ok_or(Fault::Syntax("a row with more values than fields"))?;
                self.out.push(if index == 0 {
                    self.layout.before_first
                } else {
                    self.layout.between
                })?;
                self.value(shape, cursor, depth)?;
                if !cursor.another(b']')? {
                    break;
                }
            }
        }
        self.out.push(self.layout.after_last)?;
        self.out.push(b"]")
    }

    fn map(
        &mut self,
        cursor: &mut Cursor<'_>,
        depth: u32,
        zoned_keys: bool,
        values: &Shape,
    ) -> Result<(), Fault> {
        cursor.expect(b'{', "not an object")?;
        self.out.push(b"{")?;
        if cursor.accept(b'}') {
            self.out.push(self.layout.after_last)?;
            return self.out.push(b"}");
        }
        loop {
            self.entry_line(depth, b"  ")?;
            let key = cursor.string()?;
            self.string(key, zoned_keys, depth)?;
            cursor.expect(b':', "a key without a value")?;
            self.out.push(self.layout.after_key)?;
            self.value(values, cursor, depth)?;
            if !cursor.another(b'}')? {
                break;
            }
            self.out.push(b",")?;
        }
        self.entry_line(depth, b"")?;
        self.out.push(b"}")
    }

    /// Begins a line for an entry, where entries have lines.
    fn entry_line(&mut self, depth: u32, indent: &[u8]) -> Result<(), Fault> {
        if !self.layout.in_string {
            return Ok(());
        }
        self.out.line_break(depth)?;
        self.out.push(indent)
    }

    fn string(&mut self, content: &[u8], zoned: bool, depth: u32) -> Result<(), Fault> {
        self.out.quote(depth)?;
        if zoned {
            for part in zoned_time(content, self.to) {
                self.out.text(part, depth)?;
            }
        } else {
            self.out.text(content, depth)?;
        }
        self.out.quote(depth)
    }

    /// Copies a value, white space left out.
    fn plain(&mut self, cursor: &mut Cursor<'_>, depth: u32) -> Result<(), Fault> {
        let mut open = 0_usize;
        loop {
            match cursor.piece()? {
                Piece::Text(content) => self.string(content, false, depth)?,
                Piece::Token(token) => self.out.push(token)?,
                Piece::Open(byte) => {
                    open += 1;
                    self.out.push(&[byte])?;
                }
                Piece::Close(byte) => {
                    open = open.checked_sub(1).ok_or(Fault::Syntax("not a value"))?;
                    self.out.push(&[byte])?;
                }
                Piece::Between(_) if open == 0 => return Err(Fault::Syntax("not a value")),
                Piece::Between(byte) => self.out.push(&[byte])?,
            }
            if open == 0 {
                return Ok(());
            }
        }
    }
}

/// A `time with time zone` as that dialect writes it, in parts. Presto's named zones (`Europe/Berlin`) have no form in
/// Trino and stay.
fn zoned_time(content: &[u8], to: Dialect) -> [&[u8]; 3] {
    let (time, zone) = match content {
        [time @ .., b' ', b'U', b'T', b'C'] => (time, &b"+00:00"[..]),
        [.., sign, a, b, b':', c, d]
            if matches!(sign, b'+' | b'-')
                && [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) =>
        {
            content.split_at(content.len() - 6)
        }
        _ => return [content, b"", b""],
    };
    let time = time.trim_ascii_end();
    match (to, zone) {
        (Dialect::Presto, b"+00:00") => [time, b" ", b"UTC"],
        (Dialect::Presto, zone) => [time, b" ", zone],
        (Dialect::Trino, zone) => [time, b"", zone],
    }
}
