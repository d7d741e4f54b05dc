//! Randomness that comes in as a parameter.

use std::fmt;
use std::sync::Arc;

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// A source of random bytes: the operating system's, or a test's own.
///
/// ```
/// let fixed = perk_core::Random::new(|bytes| bytes.fill(7));
/// assert_eq!(fixed.bytes::<3>(), [7; 3]);
/// assert_ne!(perk_core::Random::system().bytes::<32>(), [0; 32]);
/// ```
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// Bytes from wherever `fill` has them.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Bytes that cannot be guessed, from the operating system.
    pub fn system() -> Self {
        Self::new(|bytes| {
            getrandom::fill(bytes).expect("the operating system has a source of random bytes");
        })
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}
