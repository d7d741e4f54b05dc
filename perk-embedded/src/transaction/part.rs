//! What one statement has to do with transactions.

use std::sync::{Mutex, MutexGuard, PoisonError};

use perk_core::{Statement, TransactionId};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Access, MOST, State, Transaction, Transactions};
use crate::error::{Error, Kind, Result};

/// What one statement has to do with transactions. It is told all times: the threads that work on statements have no clock
/// that a test could stop.
#[derive(Debug)]
pub(crate) struct Part {
    transactions: Transactions,
    standing: Standing,
    /// When the statement came.
    came: Instant,
    stage: Mutex<Stage>,
}

/// What the client says of its transaction.
#[derive(Debug)]
enum Standing {
    /// Nothing: it does not know that there are any.
    Unaware,
    /// That it is in none.
    Outside,
    Within(TransactionId),
}

/// How far a statement is.
#[derive(Debug)]
enum Stage {
    /// What becomes of it is no matter of a transaction's yet.
    Before,
    /// It counts among those that run in this transaction.
    Counted(TransactionId, Access),
    Ended,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    /// It failed, or was cancelled.
    Badly,
}

impl Part {
    pub(crate) fn new(transactions: Transactions, statement: &Statement, came: Instant) -> Self {
        let says = |(name, _): &(String, String)| name.eq_ignore_ascii_case("Transaction-Id");
        let standing = match &statement.transaction {
            Some(id) => Standing::Within(id.clone()),
            None if statement.headers.iter().any(says) => Standing::Outside,
            None => Standing::Unaware,
        };
        Self {
            transactions,
            standing,
            came,
            stage: Mutex::new(Stage::Before),
        }
    }

    /// Whether the client says that it is in a transaction.
    pub(crate) fn is_within(&self) -> bool {
        matches!(self.standing, Standing::Within(_))
    }

    /// The statement is to be worked out now, in its transaction if it has one: its failure is the transaction's from here
    /// on. Fails where there is no such transaction, or something in it has failed.
    pub(crate) fn join(&self) -> Result<()> {
        let Standing::Within(id) = &self.standing else {
            return Ok(());
        };
        let mut stage = self.stage_to_begin()?;
        let mut all = self.transactions.at(self.came);
        let transaction = all.get_mut(id).ok_or_else(|| unknown(id))?;
        if transaction.state == State::Aborted {
            let message =
                "Current transaction is aborted, commands ignored until end of transaction block";
            return Err(Error::new(Kind::TransactionAborted, message));
        }
        transaction.running += 1;
        *stage = Stage::Counted(id.clone(), transaction.access);
        Ok(())
    }

    /// Whether the client may begin a transaction. One within a transaction may not, and that is a failure there.
    pub(crate) fn may_begin(&self) -> Result<()> {
        match &self.standing {
            Standing::Outside => Ok(()),
            Standing::Unaware => {
                let message = "Client does not support transactions";
                Err(Error::new(Kind::IncompatibleClient, message))
            }
            Standing::Within(id) => {
                if let Some(transaction) = self.transactions.at(self.came).get_mut(id) {
                    transaction.state = State::Aborted;
                }
                let message = "Nested transactions not supported";
                Err(Error::new(Kind::NotSupported, message))
            }
        }
    }

    /// Begins a transaction, and says what it is called.
    pub(crate) fn begin(&self, access: Access) -> Result<TransactionId> {
        self.may_begin()?;
        let name = Uuid::new_v4().to_string();
        let id: TransactionId = name
            .parse()
            .map_err(|_| Error::new(Kind::Internal, "an unusable transaction id"))?;
        let mut stage = self.stage_to_begin()?;
        let mut all = self.transactions.at(self.came);
        if all.len() >= MOST {
            let message = format!(
                "there are {MOST} transactions, which is as many as the embedded engine has at a time: commit or roll back some"
            );
            return Err(Error::new(Kind::InsufficientResources, message));
        }
        let transaction = Transaction {
            access,
            state: State::Open,
            running: 1,
            idle_since: self.came,
        };
        all.insert(id.clone(), transaction);
        *stage = Stage::Counted(id.clone(), access);
        Ok(id)
    }

    /// Ends the client's transaction, which must be there and have had no failure. It is gone in any case; what still runs
    /// in it runs on, as in Presto.
    pub(crate) fn commit(&self) -> Result<()> {
        let Standing::Within(id) = &self.standing else {
            return Err(none_in_progress());
        };
        match self.transactions.at(self.came).remove(id) {
            None => Err(unknown(id)),
            Some(transaction) if transaction.state == State::Aborted => {
                let message = "Current transaction has already been aborted";
                Err(Error::new(Kind::TransactionAborted, message))
            }
            Some(_) => Ok(()),
        }
    }

    /// Ends the client's transaction, whatever has become of it.
    pub(crate) fn roll_back(&self) -> Result<()> {
        let Standing::Within(id) = &self.standing else {
            return Err(none_in_progress());
        };
        self.transactions.at(self.came).remove(id);
        Ok(())
    }

    /// Whether the statement's transaction lets it write at all.
    pub(crate) fn may_write(&self) -> Result<()> {
        match *self.stage() {
            Stage::Counted(_, Access::ReadOnly) => {
                let message = "Cannot execute write in a read-only transaction";
                Err(Error::new(Kind::ReadOnlyViolation, message))
            }
            _ => Ok(()),
        }
    }

    /// Whether it lets it write to a catalog in which nothing can be undone.
    pub(crate) fn may_write_for_good(&self, catalog: &str) -> Result<()> {
        self.may_write()?;
        if self.is_within() {
            let message = format!("Catalog only supports writes using autocommit: {catalog}");
            return Err(Error::new(Kind::AutocommitConflict, message));
        }
        Ok(())
    }

    /// The statement has ended. Only the first time counts.
    pub(crate) fn end(&self, how: Ended, now: Instant) {
        let ended = std::mem::replace(&mut *self.stage(), Stage::Ended);
        let Stage::Counted(id, _) = ended else {
            return;
        };
        let mut all = self.transactions.at(now);
        if how == Ended::Badly && !self.is_within() {
            // It has begun one that nobody hears of.
            all.remove(&id);
        }
        if let Some(transaction) = all.get_mut(&id) {
            transaction.running -= 1;
            transaction.idle_since = now;
            if how == Ended::Badly {
                transaction.state = State::Aborted;
            }
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same of a statement that counts nowhere yet. One that has been given up, and of which a thread does not know that
    /// yet, must not be counted any more: nobody would say that it ends.
    fn stage_to_begin(&self) -> Result<MutexGuard<'_, Stage>> {
        let stage = self.stage();
        match *stage {
            Stage::Before => Ok(stage),
            Stage::Counted(..) | Stage::Ended => {
                Err(Error::new(Kind::Internal, "the statement has ended"))
            }
        }
    }
}

fn none_in_progress() -> Error {
    Error::new(Kind::NotInTransaction, "No transaction in progress")
}

fn unknown(id: &TransactionId) -> Error {
    let message = format!(
        "Unknown transaction ID: {id}. Possibly expired? Commands ignored until end of transaction block"
    );
    Error::new(Kind::UnknownTransaction, message)
}
