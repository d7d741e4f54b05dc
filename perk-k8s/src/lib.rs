//! Where clusters come from: the Kubernetes `ClusterProvisioner`.
//!
//! Empty for now. A worker's pod will create a Presto cluster of its own here, from a chart's template, and
//! remove it when it is scaled down; until then clusters are given by address (`perk_protocol::StaticProvisioner`).
