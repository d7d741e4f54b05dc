//! Slugs: what makes a `nextUri` unguessable.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::{PageIndex, QueryId};

/// The unguessable part of a `nextUri`: 128 bits of an HMAC-SHA-256 over query id and token, as 32 hex digits.
///
/// It needs no storage: any gateway of the deployment can check it, also when the query is long gone.
#[derive(Clone, PartialEq, Eq)]
pub struct Slug([u8; 32]);

impl Slug {
    /// The slug as it stands in a URI.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slug(hidden)")
    }
}

/// A deployment's keys: the one that makes slugs, and the ones before it, which are still accepted.
///
/// ```
/// use perk_core::{DeploymentKeys, QueryId};
/// let id = QueryId::new(std::time::SystemTime::UNIX_EPOCH, [0; 10]);
/// let old = DeploymentKeys::new([1; 32]);
/// let slug = old.slug(&id, 3);
/// assert!(old.verify(&id, 3, slug.as_str()));
/// assert!(!old.verify(&id, 4, slug.as_str()));
/// assert!(old.rotate([2; 32]).verify(&id, 3, slug.as_str()));
/// ```
#[derive(Clone)]
pub struct DeploymentKeys {
    current: Hmac<Sha256>,
    previous: Vec<Hmac<Sha256>>,
}

impl DeploymentKeys {
    /// Keys with one key of 32 bytes, which must come from a source that cannot be guessed.
    pub fn new(key: [u8; 32]) -> Self {
        let current = <Hmac<Sha256> as KeyInit>::new_from_slice(&key)
            .expect("an HMAC takes a key of any length");
        Self {
            current,
            previous: Vec::new(),
        }
    }

    /// A new key makes the slugs from now on; the ones that the present keys made stay valid.
    #[must_use]
    pub fn rotate(&self, key: [u8; 32]) -> Self {
        let mut rotated = Self::new(key);
        rotated.previous = std::iter::once(&self.current)
            .chain(&self.previous)
            .cloned()
            .collect();
        rotated
    }

    /// The slug for a query's token.
    pub fn slug(&self, id: &QueryId, token: PageIndex) -> Slug {
        let tag = signed(&self.current, id, token).finalize().into_bytes();
        let mut hex = [0; 32];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(tag) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        Slug(hex)
    }

    /// Whether one of the keys made this slug for this query's token. Compares in constant time.
    pub fn verify(&self, id: &QueryId, token: PageIndex, slug: &str) -> bool {
        let Some(tag) = unhex(slug) else { return false };
        std::iter::once(&self.current)
            .chain(&self.previous)
            .any(|key| signed(key, id, token).verify_truncated_left(&tag).is_ok())
    }
}

impl fmt::Debug for DeploymentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeploymentKeys(hidden)")
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn signed(key: &Hmac<Sha256>, id: &QueryId, token: PageIndex) -> Hmac<Sha256> {
    let mut mac = key.clone();
    mac.update(id.as_str().as_bytes());
    mac.update(b"/");
    mac.update(&token.to_be_bytes());
    mac
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let digit = |c: u8| {
        HEX.iter()
            .position(|h| *h == c)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut bytes = [0; 16];
    let text: &[u8; 32] = text.as_bytes().try_into().ok()?;
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
