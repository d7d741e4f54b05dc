//! As much of Redis's protocol as is needed to tell commands and replies apart.

use std::ops::Range;

/// One value of the protocol, as it stands in the bytes it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A nil, or anything else that says nothing here.
    Nothing,
    /// A number.
    Number(i64),
    /// A text, short or long.
    Text(&'a [u8]),
    /// An error's text.
    Error(&'a [u8]),
    /// What a list is made of, not yet read.
    List { count: usize, items: &'a [u8] },
}

/// Bytes that are not Redis's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotTheProtocol;

/// How long the value at the beginning of these bytes is; `None` while it is not all there.
pub(crate) fn length(bytes: &[u8]) -> Result<Option<usize>, NotTheProtocol> {
    let mut at = 0;
    // How many values are still to be passed over.
    let mut left = 1_usize;
    while left > 0 {
        let Some((kind, line, rest)) = head(bytes, at)? else {
            return Ok(None);
        };
        left -= 1;
        at = rest;
        let count = || number(&bytes[line.clone()]).ok_or(NotTheProtocol);
        match kind {
            b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(' => {}
            b'$' | b'!' | b'=' => {
                if let Ok(length) = usize::try_from(count()?) {
                    at += length + 2;
                }
            }
            b'*' | b'~' | b'>' => left += usize::try_from(count()?).unwrap_or(0),
            b'%' | b'|' => left += 2 * usize::try_from(count()?).unwrap_or(0),
            _ => return Err(NotTheProtocol),
        }
        if at > bytes.len() {
            return Ok(None);
        }
    }
    Ok(Some(at))
}

/// The value at the beginning of these bytes, which must be all there, and what follows it.
fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (kind, line, at) = head(bytes, 0).ok()??;
    let line = &bytes[line];
    Some(match kind {
        b':' => (Value::Number(number(line)?), &bytes[at..]),
        b'+' => (Value::Text(line), &bytes[at..]),
        b'-' => (Value::Error(line), &bytes[at..]),
        b'$' => match usize::try_from(number(line)?) {
            Ok(length) => (
                Value::Text(bytes.get(at..at + length)?),
                bytes.get(at + length + 2..)?,
            ),
            Err(_) => (Value::Nothing, &bytes[at..]),
        },
        b'*' => {
            let end = length(bytes).ok()??;
            match usize::try_from(number(line)?) {
                Ok(count) => {
                    let items = &bytes[at..end];
                    (Value::List { count, items }, &bytes[end..])
                }
                Err(_) => (Value::Nothing, &bytes[at..]),
            }
        }
        _ => (Value::Nothing, &bytes[length(bytes).ok()??..]),
    })
}

impl<'a> Value<'a> {
    /// The value that these bytes are.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        read(bytes).map_or(Self::Nothing, |(value, _)| value)
    }

    /// What a list is made of; a value that is none is made of nothing.
    pub(crate) fn items(self) -> Vec<Self> {
        let Self::List { count, items } = self else {
            return Vec::new();
        };
        let mut rest = items;
        let item = || {
            let (value, after) = read(rest)?;
            rest = after;
            Some(value)
        };
        std::iter::from_fn(item).take(count).collect()
    }

    /// The item at an index of a list.
    pub(crate) fn at(self, index: usize) -> Self {
        let item = self.items().get(index).copied();
        item.unwrap_or(Self::Nothing)
    }

    /// A text that can be shown; empty where it is no text.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Text(text) | Self::Error(text) => str::from_utf8(text).unwrap_or_default(),
            _ => "",
        }
    }
}

/// A value's kind, where its first line is without that, and where what follows the line begins.
fn head(bytes: &[u8], at: usize) -> Result<Option<(u8, Range<usize>, usize)>, NotTheProtocol> {
    let Some(kind) = bytes.get(at) else {
        return Ok(None);
    };
    let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') else {
        return Ok(None);
    };
    let end = at + end;
    if end < at + 2 || bytes[end - 1] != b'\r' {
        return Err(NotTheProtocol);
    }
    Ok(Some((*kind, at + 1..end - 1, end + 1)))
}

fn number(line: &[u8]) -> Option<i64> {
    str::from_utf8(line).ok()?.parse().ok()
}
