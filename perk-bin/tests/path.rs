//! The whole path in one process: clients over real HTTP, gateway, queue, store, workers, and scripted coordinators,
//! which remember whatever was done to them wrongly.
//!
//! | module | what it shows |
//! |---|---|
//! | `fixture`, `watched`, `client` | Perk joined out of its libraries, and clients that read as real ones do |
//! | `many` | hundreds of clients at once get every row once |
//! | `memory` | memory stays flat over any number of queries |
//! | `requests` | how many requests a query costs, and what a POST runs |
//! | `gone` | a client that goes away, or cancels, leaves nothing behind |
//! | `retried` | what is sent twice runs once |
//! | `tokens` | which `nextUri` is answered what |
//! | `lost`, `worker_lost` | a cluster, or a worker, that goes away in the middle |
//! | `drain` | stopping Perk, or one of its workers |
//! | `backpressure` | results that are larger than the room for them |
//! | `transactions` | a transaction's statements go where it began |

#[path = "path/backpressure.rs"]
mod backpressure;
#[path = "path/client.rs"]
mod client;
#[path = "path/drain.rs"]
mod drain;
#[path = "path/fixture.rs"]
mod fixture;
#[path = "path/gone.rs"]
mod gone;
#[path = "path/lost.rs"]
mod lost;
#[path = "path/many.rs"]
mod many;
#[path = "path/memory.rs"]
mod memory;
#[path = "path/requests.rs"]
mod requests;
#[path = "path/retried.rs"]
mod retried;
#[path = "path/tokens.rs"]
mod tokens;
#[path = "path/transactions.rs"]
mod transactions;
#[path = "path/watched.rs"]
mod watched;
#[path = "path/worker_lost.rs"]
mod worker_lost;
