//! What can be set on command lines: options that belong together are declared once, for every binary that has them.
//!
//! | module | its options are about |
//! |---|---|
//! | `redis` | which Redis a deployment shares, and the key that credentials are encrypted with there |
//! | `lease` | when a worker counts as lost |
//! | `results` | what is kept of results, and for how long |
//! | `serving` | where a gateway listens, and what it does with what comes |
//! | `working` | how clusters are used |
//! | `size` | sizes in bytes, as people write them |

mod lease;
mod redis;
mod results;
mod serving;
mod size;
mod working;

pub(crate) use lease::LeaseOptions;
pub(crate) use redis::{CredentialOptions, PageOptions, RedisOptions, without_secrets};
pub(crate) use results::ResultOptions;
pub(crate) use serving::ServingOptions;
pub(crate) use working::WorkingOptions;

use clap::builder::RangedU64ValueParser;

/// Reads a number of seconds, from one to a day.
fn seconds() -> RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=86_400)
}
