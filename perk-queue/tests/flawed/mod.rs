//! Implementations that break one promise each.

mod queue;

pub(crate) use queue::{FlawedQueue, QueueFlaw};
