//! Catalogs: what tables there are, and what is in them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`memory`] | tables that are made, filled and dropped |
//! | [`tpch`] | the tables of TPC-H, generated when they are read |

pub(crate) mod memory;
pub(crate) mod tpch;
