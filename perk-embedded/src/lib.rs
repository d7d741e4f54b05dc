//! An engine inside the process (`DataFusion` over TPC-H tables), so that Perk runs with nothing else installed.
//!
//! Empty for now. It will serve trying, developing and testing; it will not replace a cluster.
