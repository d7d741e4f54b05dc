//! An engine inside the process (`DataFusion` over TPC-H tables), so that Perk runs with nothing else installed.
//!
//! It is for trying, developing and testing; it does not replace a cluster.

mod error;
mod types;
