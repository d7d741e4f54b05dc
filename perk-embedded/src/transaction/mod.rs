//! The transactions that clients have begun.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the transactions of one cluster |
//! | [`part`] | what one statement has to do with them |
//!
//! There is never anything to undo: what could be written stays written, so nothing may be written in a transaction. A
//! statement reads what there is when it begins, whichever isolation was asked for. So a transaction is its name, whether it
//! is for reading only, and whether something in it has failed.

mod part;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use perk_core::TransactionId;
use tokio::time::Instant;

pub(crate) use part::{Ended, Part};

/// How long a transaction may be left alone: Presto's default of `transaction.idle-timeout`.
const IDLE: Duration = Duration::from_mins(5);
/// How many there may be at a time, those included that somebody has left alone and that are not gone yet.
const MOST: usize = 1_000;

/// The transactions of one cluster; copies are the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transactions(Arc<Mutex<HashMap<TransactionId, Transaction>>>);

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    ReadWrite,
    ReadOnly,
}

#[derive(Debug)]
struct Transaction {
    access: Access,
    state: State,
    /// How many of its statements run: several may, as in Presto.
    running: usize,
    /// When the last of them ended.
    idle_since: Instant,
}

/// What becomes of a transaction's next statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is worked out.
    Open,
    /// It is refused, since an earlier one has failed.
    Aborted,
}

impl Transaction {
    fn is_expired(&self, now: Instant) -> bool {
        self.running == 0 && now.saturating_duration_since(self.idle_since) >= IDLE
    }
}

impl Transactions {
    /// Those that there are at this moment. What has been left alone for too long goes here: there are few, and as long as
    /// nobody asks for any, nobody minds that it is still there.
    fn at(&self, now: Instant) -> MutexGuard<'_, HashMap<TransactionId, Transaction>> {
        // Each change is one step: a thread that died with the lock has left nothing half done.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, transaction| !transaction.is_expired(now));
        all
    }
}
