//! An engine inside the process (`DataFusion` over TPC-H tables), so that Perk runs with nothing else installed.
//!
//! It is for trying, developing and testing; it does not replace a cluster.

#[cfg_attr(not(test), expect(dead_code))]
mod catalog;
#[cfg_attr(not(test), expect(dead_code))]
mod encode;
mod error;
mod types;
