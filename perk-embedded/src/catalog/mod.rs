//! Catalogs: what tables there are, and what is in them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`tpch`] | the tables of TPC-H, generated when they are read |

pub(crate) mod tpch;
