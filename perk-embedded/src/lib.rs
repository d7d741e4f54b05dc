//! An engine inside the process that answers Presto's SQL, over `DataFusion`: so that Perk runs with nothing else installed.
//!
//! It is for trying, developing and testing; it does not replace a cluster.
//!
//! | room | what is in it |
//! |---|---|
//! | `engine` | the engine as an executor and as a provisioner; queries on their way |
//! | `statement` | what a statement asks for |
//! | `plan` | a query's text made a plan |
//! | `function`, `aggregate` | Presto's functions |
//! | `catalog` | what can be named and read |
//! | `types` | Presto's types |
//! | `calendar` | days, months and zones |
//! | `encode` | rows as pages |
//! | `session` | what a statement knows of its client |
//! | `transaction` | the transactions that clients have begun |
//! | `error` | what goes wrong, by the engines' names |

mod aggregate;
mod calendar;
mod catalog;
mod encode;
mod engine;
mod error;
mod function;
mod plan;
mod session;
mod statement;
#[cfg(test)]
mod testing;
mod transaction;
mod types;

pub use engine::{Activity, EmbeddedConfig, EmbeddedEngine};
