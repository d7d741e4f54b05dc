//! What runs statements.

use std::sync::Arc;

use perk_core::{ClusterProvisioner, QueryExecutor};

/// Where a worker's cluster comes from, and what runs statements on it.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) provisioner: Arc<dyn ClusterProvisioner>,
    pub(crate) executor: Arc<dyn QueryExecutor>,
}
