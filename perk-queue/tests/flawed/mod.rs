//! Implementations that break one promise each.

mod queue;
mod store;

pub(crate) use queue::{FlawedQueue, QueueFlaw};
pub(crate) use store::{FlawedStore, StoreFlaw};

/// A list of flaws that can be gone through.
macro_rules! flaws {
    ($(#[$doc:meta])* $name:ident { $($flaw:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($flaw,)*
        }

        impl $name {
            pub(crate) const ALL: &[Self] = &[$(Self::$flaw,)*];
        }
    };
}

use flaws;
