//! What Redis answers, and how it is read.

use std::fmt::{self, Write};
use std::str::FromStr;

use bytes::Bytes;
use perk_core::Unavailable;

use super::connection::SERVICE;

/// An answer of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Nil,
    Number(i64),
    Bytes(Bytes),
    List(Vec<Reply>),
}

impl Reply {
    pub(super) fn number(&self) -> Result<i64, Unavailable> {
        match self {
            Self::Number(number) => Ok(*number),
            _ => self.text()?.parse().map_err(|_| self.unexpected()),
        }
    }

    /// A number that is never negative.
    pub(super) fn count<N: TryFrom<i64>>(&self) -> Result<N, Unavailable> {
        self.number()?.try_into().map_err(|_| self.unexpected())
    }

    pub(super) fn text(&self) -> Result<&str, Unavailable> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).map_err(|_| self.unexpected()),
            _ => Err(self.unexpected()),
        }
    }

    /// A text without anything in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }

    /// A name of some kind.
    pub(super) fn name<N: FromStr>(&self) -> Result<N, Unavailable> {
        self.text()?.parse().map_err(|_| self.unexpected())
    }

    pub(super) fn list(&self) -> Result<&[Self], Unavailable> {
        match self {
            Self::List(list) => Ok(list),
            Self::Nil => Ok(&[]),
            _ => Err(self.unexpected()),
        }
    }

    pub(super) fn names<N: FromStr>(&self) -> Result<Vec<N>, Unavailable> {
        self.list()?.iter().map(Self::name).collect()
    }

    /// What somebody else must have written under this prefix: another program, or a Perk that is too new.
    pub(super) fn unexpected(&self) -> Unavailable {
        let mut shown = Shown::default();
        // It is full before a large one is told.
        let _ = write!(shown, "{self:?}");
        let Shown(shown) = shown;
        Unavailable {
            service: SERVICE,
            reason: format!(
                "something was found there that no Perk of this version wrote: {shown}"
            ),
        }
    }
}

/// The beginning of a text.
#[derive(Default)]
struct Shown(String);

impl Shown {
    /// How much of it, in characters.
    const MOST: usize = 200;
}

impl Write for Shown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = Self::MOST.saturating_sub(self.0.chars().count());
        self.0.extend(text.chars().take(left));
        match left {
            0 => Err(fmt::Error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_unexpected_the_beginning_is_shown() {
        let list = |of: Vec<u8>| Reply::List(vec![Reply::Bytes(Bytes::from(of))]);
        let short = list(b"what".to_vec()).unexpected().to_string();
        assert!(
            short.ends_with("wrote: List([Bytes(b\"what\")])"),
            "{short}"
        );
        let long = list(vec![b'x'; 1 << 20]).unexpected();
        assert!(long.reason.len() < 300, "{}", long.reason.len());
    }
}
