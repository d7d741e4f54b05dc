//! Clients' credentials, which are stored encrypted or not at all.

use std::fmt;

use bytes::Bytes;
use perk_core::{QueryId, Random, Secret, Unavailable};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::written;
use crate::redis::connection::SERVICE;
use crate::redis::reply::Reply;

/// The key that credentials are encrypted with: 32 bytes that nobody can guess, the same for all of a deployment.
#[derive(Clone)]
pub struct CredentialKey([u8; 32]);

impl CredentialKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for CredentialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialKey(hidden)")
    }
}

/// Encrypts and decrypts, with AES-256-GCM: a fresh nonce goes before what it encrypts, and it holds for one query only.
pub(super) struct Sealing {
    key: Option<LessSafeKey>,
    random: Random,
}

impl Sealing {
    pub(super) fn new(key: Option<&CredentialKey>, random: Random) -> Self {
        let key = key.and_then(|CredentialKey(bytes)| UnboundKey::new(&AES_256_GCM, bytes).ok());
        Self {
            key: key.map(LessSafeKey::new),
            random,
        }
    }

    /// Credentials as they may be stored; nothing when there are none.
    pub(super) fn seal(
        &self,
        id: &QueryId,
        credentials: &[(String, Secret)],
    ) -> Result<Bytes, Unavailable> {
        if credentials.is_empty() {
            return Ok(Bytes::new());
        }
        let refused = |reason: &str| Unavailable {
            service: SERVICE,
            reason: reason.to_owned(),
        };
        let key = self.key.as_ref().ok_or_else(|| {
            refused("a statement with credentials is stored encrypted only, and no credential key is configured")
        })?;
        let nonce = self.random.bytes::<NONCE_LEN>();
        let mut sealed = written::write_credentials(credentials);
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(id.as_str()),
            &mut sealed,
        )
        .map_err(|_| refused("the credentials could not be encrypted"))?;
        sealed.splice(0..0, nonce);
        Ok(Bytes::from(sealed))
    }

    /// The credentials that were sealed for this query; `None` where that was done with another key.
    pub(super) fn open(
        &self,
        id: &QueryId,
        sealed: &Reply,
    ) -> Result<Option<Vec<(String, Secret)>>, Unavailable> {
        let Reply::Bytes(sealed) = sealed else {
            return Err(sealed.unexpected());
        };
        if sealed.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let opened = || {
            let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut sealed = sealed.to_vec();
            let key = self.key.as_ref()?;
            let clear = key.open_in_place(nonce, Aad::from(id.as_str()), &mut sealed);
            written::credentials(clear.ok()?)
        };
        Ok(opened())
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing(hidden)")
    }
}
