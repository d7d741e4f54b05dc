//! Telling somebody what happens while it does, so that it is known even where the coordinator is killed a moment later.

use std::fmt;
use std::sync::Arc;

/// Something that happens on a [`ScriptedCoordinator`](super::ScriptedCoordinator).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A POST's statement is about to be given an id.
    Given {
        /// The query's id on this coordinator.
        id: &'a str,
        /// The statement's text.
        sql: &'a str,
    },
    /// A first GET (or HEAD) is about to begin a statement.
    Begun {
        /// The query's id on this coordinator.
        id: &'a str,
        /// The statement's text.
        sql: &'a str,
    },
    /// A DELETE came for a query that is known.
    Deleted {
        /// The query's id on this coordinator.
        id: &'a str,
        /// The statement's text.
        sql: &'a str,
    },
    /// A query has ended.
    Ended {
        /// The query's id on this coordinator.
        id: &'a str,
        /// How, in a word: `finished`, `failed`, `canceled`, `abandoned`, `never-begun` or `lost`.
        how: &'static str,
    },
    /// The coordinator was spoken to wrongly, as [`Seen::violations`](super::Seen::violations) has it.
    Violated(&'a str),
}

/// Who is told.
#[derive(Clone)]
pub(super) struct Witness(Arc<dyn Fn(Event<'_>) + Send + Sync>);

impl Witness {
    pub(super) fn new(tell: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        (self.0)(event);
    }
}

impl Default for Witness {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Witness").finish_non_exhaustive()
    }
}
