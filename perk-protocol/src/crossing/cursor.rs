//! Where values begin and end in JSON text. As strict as is needed to be sure of that, and never recursive.

use super::Fault;

/// A place in JSON text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Cursor { text, at: 0 }
    }

    /// All of the text.
    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Where it is, in bytes from the beginning.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.get(self.at).copied()
    }

    /// Takes that byte if it is next.
    pub(super) fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        if self.accept(byte) {
            Ok(())
        } else {
            Err(Fault::Syntax(what))
        }
    }

    /// Takes what follows an element: a comma, then there is another one, or the end of the container.
    pub(super) fn another(&mut self, close: u8) -> Result<bool, Fault> {
        if self.accept(b',') {
            Ok(true)
        } else if self.accept(close) {
            Ok(false)
        } else {
            Err(Fault::Syntax(
                "neither a comma nor the end of the container",
            ))
        }
    }

    /// That nothing but white space is left.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::Syntax("text after the end")),
        }
    }

    /// Takes a string: what is between its quotes, escapes as they are. Each of its backslashes is followed by a byte.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Fault> {
        self.expect(b'"', "not a string")?;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut length = 0;
        loop {
            let Some(more) = rest
                .get(length..)
                .and_then(|rest| rest.iter().position(|&byte| ends_run(byte)))
            else {
                return Err(Fault::Syntax("a string does not end"));
            };
            length += more;
            match rest[length] {
                b'"' => break,
                b'\\' => length += 2,
                _ => return Err(Fault::Syntax("a control character in a string")),
            }
        }
        self.at += length + 1;
        Ok(&rest[..length])
    }

    /// Takes a number, `true`, `false` or `null`; which, and whether it is a good one, is not looked at.
    pub(super) fn token(&mut self) -> Result<&'a [u8], Fault> {
        self.skip_space();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))
            .unwrap_or(rest.len());
        if length == 0 {
            return Err(Fault::Syntax("not a value"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// Goes past a value of any kind.
    pub(super) fn skip_value(&mut self) -> Result<(), Fault> {
        let mut open = 0_usize;
        loop {
            match self.piece()? {
                Piece::Open(_) => open += 1,
                Piece::Close(_) => {
                    open = open.checked_sub(1).ok_or(Fault::Syntax("not a value"))?;
                }
                Piece::Between(_) if open == 0 => return Err(Fault::Syntax("not a value")),
                Piece::Between(_) | Piece::Text(_) | Piece::Token(_) => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// Takes the next piece of a value.
    pub(super) fn piece(&mut self) -> Result<Piece<'a>, Fault> {
        let piece = match self.peek() {
            Some(b'"') => return self.string().map(Piece::Text),
            Some(byte @ (b'[' | b'{')) => Piece::Open(byte),
            Some(byte @ (b']' | b'}')) => Piece::Close(byte),
            Some(byte @ (b',' | b':')) => Piece::Between(byte),
            _ => return self.token().map(Piece::Token),
        };
        self.at += 1;
        Ok(piece)
    }
}

fn ends_run(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// What values are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// `[` or `{`.
    Open(u8),
    /// `]` or `}`.
    Close(u8),
    /// `,` or `:`.
    Between(u8),
    /// What is between a string's quotes.
    Text(&'a [u8]),
    /// A number or a word.
    Token(&'a [u8]),
}
