//! JSON text being written: text inside a string inside a string, in one go.
//!
//! `depth` is the number of strings around what is written. Each one escapes what it holds, so a quote is `\"` inside one
//! string and `\\\"` inside two. Its length is known beforehand, so nothing is written and then escaped: the bytes of a
//! deep cell are looked at once.

use bytes::Bytes;

use super::Fault;

/// Bytes up to a limit.
#[derive(Debug)]
pub(super) struct Out {
    bytes: Vec<u8>,
    limit: usize,
}

impl Out {
    pub(super) fn new(capacity: usize, limit: usize) -> Self {
        let bytes = Vec::with_capacity(capacity);
        Out { bytes, limit }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    /// Writes bytes as they are.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if bytes.len() > self.limit - self.bytes.len() {
            return Err(Fault::TooLarge);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn backslashes(&mut self, count: usize) -> Result<(), Fault> {
        if count > self.limit - self.bytes.len() {
            return Err(Fault::TooLarge);
        }
        self.bytes.resize(self.bytes.len() + count, b'\\');
        Ok(())
    }

    /// A string's beginning or end.
    pub(super) fn quote(&mut self, depth: u32) -> Result<(), Fault> {
        self.backslashes(power(depth)? - 1)?;
        self.push(b"\"")
    }

    /// A line break of the text that is in so many strings, one or more: `\n` in the innermost.
    pub(super) fn line_break(&mut self, depth: u32) -> Result<(), Fault> {
        self.backslashes(power(depth.saturating_sub(1))?)?;
        self.push(b"n")
    }

    /// What is between a string's quotes, escapes included.
    ///
    /// The outermost string is written as Presto writes it: `<`, `>`, `&` and characters beyond U+FFFF as `\u…`. Characters
    /// that come as `\u…` go that way too, so that the text inside holds the characters themselves, which is what clients
    /// that do not look further show.
    pub(super) fn text(&mut self, content: &[u8], depth: u32) -> Result<(), Fault> {
        if depth == 0 {
            return self.push(content);
        }
        let mut rest = content;
        while let Some(run) = rest.iter().position(|&byte| is_special(byte)) {
            self.push(&rest[..run])?;
            rest = &rest[run..];
            let taken = match rest {
                [b'\\', b'u', ..] => self.unicode_escape(rest, depth)?,
                [b'\\', escaped, ..] => {
                    self.backslashes(power(depth)?)?;
                    match escaped {
                        b'"' => self.quote(depth)?,
                        b'\\' => self.backslashes(power(depth)?)?,
                        _ => self.push(&[*escaped])?,
                    }
                    2
                }
                [b'<', ..] => self.push(b"\\u003C").map(|()| 1)?,
                [b'>', ..] => self.push(b"\\u003E").map(|()| 1)?,
                [b'&', ..] => self.push(b"\\u0026").map(|()| 1)?,
                _ => self.beyond_u_ffff(rest)?,
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        self.push(rest)
    }

    fn unicode_escape(&mut self, rest: &[u8], depth: u32) -> Result<usize, Fault> {
        match unicode(rest) {
            Some((code, length)) if !matches!(code, '\0'..'\u{20}' | '"' | '\\') => {
                self.push(&rest[..length])?;
                Ok(length)
            }
            // Only good as an escape: it stays one in the innermost text.
            _ => {
                self.backslashes(power(depth)?)?;
                self.push(b"u")?;
                Ok(2)
            }
        }
    }

    fn beyond_u_ffff(&mut self, rest: &[u8]) -> Result<usize, Fault> {
        let character = rest
            .get(..4)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| text.chars().next());
        let Some(character) = character else {
            self.push(&rest[..1])?;
            return Ok(1);
        };
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.push(format!("\\u{unit:04X}").as_bytes())?;
        }
        Ok(4)
    }

    /// A string with its quotes, from text that is not JSON yet.
    pub(super) fn plain_string(&mut self, text: &str) -> Result<(), Fault> {
        self.push(b"\"")?;
        for character in text.chars() {
            match character {
                '"' => self.push(b"\\\"")?,
                '\\' => self.push(b"\\\\")?,
                '\0'..'\u{20}' => self.push(format!("\\u{:04X}", character as u32).as_bytes())?,
                _ => self.push(character.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
        }
        self.push(b"\"")
    }
}

/// How many bytes a backslash takes inside that many strings.
fn power(depth: u32) -> Result<usize, Fault> {
    1_usize.checked_shl(depth).ok_or(Fault::TooLarge)
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'<' | b'>' | b'&') || byte >= 0xF0
}

/// What is between a string's quotes without the escapes, in the place of what was there.
///
/// Half a surrogate pair stays an escape: it has no UTF-8, and it is text of a string inside this one if it is anything.
pub(super) fn unescape(content: &[u8], text: &mut Vec<u8>) -> Result<(), Fault> {
    text.clear();
    let mut rest = content;
    while let Some(run) = rest.iter().position(|&byte| byte == b'\\') {
        text.extend_from_slice(&rest[..run]);
        rest = &rest[run..];
        let plain = match rest.get(1) {
            Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let length = if let Some((character, length)) = unicode(rest) {
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    length
                } else if unit(rest).is_some() {
                    text.extend_from_slice(&rest[..6]);
                    6
                } else {
                    return Err(Fault::Syntax("an unknown escape in a string"));
                };
                rest = &rest[length..];
                continue;
            }
            _ => return Err(Fault::Syntax("an unknown escape in a string")),
        };
        text.push(plain);
        rest = &rest[2..];
    }
    text.extend_from_slice(rest);
    Ok(())
}

/// The character that `\u…` or a pair of them at the beginning stands for, and their length.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let first = unit(rest)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let second = unit(rest.get(6..)?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, 12))
}

/// The UTF-16 unit that `\u…` at the beginning stands for.
fn unit(rest: &[u8]) -> Option<u16> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
