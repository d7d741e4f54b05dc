//! Names of things, each a type of its own, so that none can be taken for another.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// A name that is not of its type's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {form}, not {given:?}")]
pub struct InvalidName {
    what: &'static str,
    form: &'static str,
    given: String,
}

fn checked(
    what: &'static str,
    form: &'static str,
    given: &str,
    most: usize,
    allowed: fn(u8) -> bool,
) -> Result<Arc<str>, InvalidName> {
    if (1..=most).contains(&given.len()) && given.bytes().all(allowed) {
        Ok(given.into())
    } else {
        let given = given.chars().take(100).collect();
        Err(InvalidName { what, form, given })
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $most:literal, $form:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(given: &str) -> Result<Self, InvalidName> {
                checked($what, $form, given, $most, $allowed).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(given: String) -> Result<Self, InvalidName> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A query's name, as clients see it: `20261123_040145_` and 16 characters that carry 80 random bits.
    ///
    /// The form is what Presto's own `QueryId` accepts, so that clients, logs and user interfaces take it.
    ///
    /// ```
    /// use perk_core::QueryId;
    /// let id = QueryId::new(std::time::SystemTime::UNIX_EPOCH, [7; 10]);
    /// assert_eq!(id.as_str(), "19700101_000000_a4dqobyha4dqobyh");
    /// assert_eq!(id, id.as_str().parse().unwrap());
    /// assert!("no such/id".parse::<QueryId>().is_err());
    /// ```
    QueryId,
    "a query id",
    64,
    "1 to 64 of a-z, 0-9 and _",
    |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_')
);

name!(
    /// A pool's name: a queue and the workers that serve it. `default` unless a route says otherwise.
    PoolName,
    "a pool's name",
    63,
    "1 to 63 of a-z, 0-9 and -",
    |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-')
);

name!(
    /// One life of one worker. New for every `Worker` that is started, and for every life after its
    /// lease was lost, so that a sealed name never renews.
    WorkerId,
    "a worker id",
    128,
    "1 to 128 of a-z, 0-9, - and .",
    |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')
);

name!(
    /// A transaction's id, as the cluster that began it named it.
    TransactionId,
    "a transaction id",
    256,
    "1 to 256 printable ASCII characters without spaces",
    |c| c.is_ascii_graphic()
);

impl QueryId {
    /// Names a query that came at `now`. `random` must come from a source that cannot be guessed.
    pub fn new(now: SystemTime, random: [u8; 10]) -> Self {
        let t = time::OffsetDateTime::from(now);
        let date = format!(
            "{:04}{:02}{:02}_{:02}{:02}{:02}_{}",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            base32(&random)
        );
        Self(date.into())
    }
}

impl PoolName {
    /// The pool of everything that no route sends elsewhere.
    pub fn default_pool() -> Self {
        Self("default".into())
    }
}

impl WorkerId {
    /// Names one life of a worker after its `host`, of which what a name may not hold is left out.
    pub fn new(host: &str, random: [u8; 10]) -> Self {
        let kept = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.');
        let host: String = host
            .to_ascii_lowercase()
            .chars()
            .filter(kept)
            .take(100)
            .collect();
        Self(format!("{host}.{}", base32(&random)).into())
    }
}

/// RFC 4648's alphabet in lower case: 5 bits a character, 16 characters for 10 bytes.
fn base32(bytes: &[u8; 10]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits = bytes
        .iter()
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    (0..16)
        .rev()
        .map(|i| char::from(ALPHABET[(bits >> (5 * i) & 31) as usize]))
        .collect()
}

/// The number of a try at a query, counted from 1: the fencing token of every write made under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attempt(pub u32);

impl Attempt {
    /// The try after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A page's place in its result, counted from 0: the token in a client's `nextUri`.
pub type PageIndex = u64;
