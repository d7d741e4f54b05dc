//! When a worker counts as lost.

use std::time::Duration;

use clap::Args;
use perk_core::{GatewayConfig, QueueBounds};

#[derive(Debug, Args)]
pub(crate) struct LeaseOptions {
    /// After how many seconds of silence a worker is lost, and its queries are another's. All gateways and workers must be
    /// given the same.
    #[arg(long, default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    lease: u64,
}

impl LeaseOptions {
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease)
    }

    /// How a gateway behaves that looks after workers with this lease, and lets so many queries wait.
    pub(crate) fn gateway_config(&self, bounds: QueueBounds) -> GatewayConfig {
        let usual = GatewayConfig::default();
        GatewayConfig {
            // Several looks fit into a lease, so that one that failed is no reason to wait for another lease.
            sweep_interval: usual.sweep_interval.min(self.lease() / 4),
            forget_after: usual.forget_after.max(self.lease() * 2),
            bounds,
            ..usual
        }
    }
}
