use perk_core::{Dialect, Statement, TransactionId};
use tokio::time::{Duration, Instant};

use super::{Access, Ended, IDLE, MOST, Part, Transactions};
use crate::error::Kind;

/// A cluster's transactions, and a clock that moves when it is told to.
struct Playground {
    transactions: Transactions,
    now: Instant,
}

impl Playground {
    fn new() -> Self {
        Self {
            transactions: Transactions::default(),
            now: Instant::now(),
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    /// The part of a statement that comes now.
    fn part(&self, transaction: Option<&TransactionId>) -> Part {
        let mut statement = Statement::new(Dialect::Presto, "test", "");
        let header = ("transaction-id".to_owned(), "NONE".to_owned());
        statement.headers.push(header);
        statement.transaction = transaction.cloned();
        Part::new(self.transactions.clone(), &statement, self.now)
    }

    fn begin(&self) -> Result<TransactionId, Kind> {
        let part = self.part(None);
        let begun = part.begin(Access::ReadWrite).map_err(|error| error.kind);
        part.end(Ended::Well, self.now);
        begun
    }

    /// What is said of a statement of a transaction that takes no time.
    fn ask(&self, transaction: &TransactionId, how: Ended) -> Result<(), Kind> {
        let part = self.part(Some(transaction));
        let joined = part.join().map_err(|error| error.kind);
        part.end(how, self.now);
        joined
    }

    fn commit(&self, transaction: &TransactionId) -> Result<(), Kind> {
        let committed = self.part(Some(transaction)).commit();
        committed.map_err(|error| error.kind)
    }
}

/// Not quite as long as a transaction may be left alone.
const ALMOST: Duration = Duration::from_secs(299);

#[test]
fn a_transaction_that_is_left_alone_expires() {
    let mut here = Playground::new();
    let transaction = here.begin().unwrap();
    for _ in 0..3 {
        here.wait(ALMOST);
        assert_eq!(here.ask(&transaction, Ended::Well), Ok(()));
    }
    here.wait(IDLE);
    assert_eq!(
        here.ask(&transaction, Ended::Well),
        Err(Kind::UnknownTransaction)
    );
    assert_eq!(here.commit(&transaction), Err(Kind::UnknownTransaction));
    let part = here.part(Some(&transaction));
    assert_eq!(part.roll_back(), Ok(()));
}

#[test]
fn a_transaction_in_which_something_runs_does_not_expire() {
    let mut here = Playground::new();
    let transaction = here.begin().unwrap();
    let (one, two) = (here.part(Some(&transaction)), here.part(Some(&transaction)));
    one.join().unwrap();
    two.join().unwrap();
    here.wait(2 * IDLE);
    one.end(Ended::Well, here.now);
    here.wait(2 * IDLE);
    assert_eq!(here.ask(&transaction, Ended::Well), Ok(()));
    two.end(Ended::Well, here.now);
    // It ends once, however often that is said.
    two.end(Ended::Badly, here.now);
    here.wait(ALMOST);
    assert_eq!(here.ask(&transaction, Ended::Well), Ok(()));
    here.wait(IDLE);
    let gone = here.ask(&transaction, Ended::Well);
    assert_eq!(gone, Err(Kind::UnknownTransaction));
}

/// Several statements may be on their way in one, as in Presto.
#[test]
fn a_failure_is_that_of_the_transaction() {
    let here = Playground::new();
    let transaction = here.begin().unwrap();
    let running = here.part(Some(&transaction));
    running.join().unwrap();
    // What was never joined has not failed in it.
    here.part(Some(&transaction)).end(Ended::Badly, here.now);
    assert_eq!(here.ask(&transaction, Ended::Badly), Ok(()));
    assert_eq!(
        here.ask(&transaction, Ended::Well),
        Err(Kind::TransactionAborted)
    );
    assert_eq!(here.commit(&transaction), Err(Kind::TransactionAborted));
    assert_eq!(
        here.ask(&transaction, Ended::Well),
        Err(Kind::UnknownTransaction)
    );
    running.end(Ended::Well, here.now);
    assert_eq!(here.commit(&transaction), Err(Kind::UnknownTransaction));
}

#[test]
fn there_are_only_so_many() {
    let mut here = Playground::new();
    let transactions: Vec<_> = (0..MOST).map(|_| here.begin().unwrap()).collect();
    assert_eq!(here.begin(), Err(Kind::InsufficientResources));
    assert_eq!(here.commit(&transactions[0]), Ok(()));
    here.begin().unwrap();
    assert_eq!(here.begin(), Err(Kind::InsufficientResources));
    here.wait(IDLE);
    here.begin().unwrap();
    assert_eq!(here.transactions.at(here.now).len(), 1);
}

/// A thread may work on a statement for a moment after everybody else has given it up.
#[test]
fn what_has_ended_joins_nothing() {
    let here = Playground::new();
    let transaction = here.begin().unwrap();
    let part = here.part(Some(&transaction));
    part.end(Ended::Badly, here.now);
    assert_eq!(part.join().unwrap_err().kind, Kind::Internal);
    let part = here.part(None);
    part.end(Ended::Badly, here.now);
    assert!(part.begin(Access::ReadOnly).is_err());
    assert_eq!(here.commit(&transaction), Ok(()));
}
