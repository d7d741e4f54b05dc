//! What is put under test.

use std::fmt;
use std::sync::Arc;

use crate::queue::Queue;
use crate::registry::Registry;
use crate::store::ResultStore;

type Check = dyn Fn() -> Result<(), String> + Send + Sync;

/// What a deployment shares, new and empty: the parts under test.
#[derive(Clone)]
pub struct Parts {
    /// Where queries wait.
    pub queue: Arc<dyn Queue>,
    /// Where results rest.
    pub store: Arc<dyn ResultStore>,
    /// Who is there.
    pub registry: Arc<dyn Registry>,
    /// What an implementation can say of itself when all is over: an error where something is left in it.
    pub nothing_left: Arc<Check>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}
