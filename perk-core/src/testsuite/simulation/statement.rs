//! What clients of a simulation ask for, and what the answer must be.

use std::fmt;

use super::history::Run;
use super::world::World;
use crate::statement::{Dialect, Statement};

/// A client's statement. Its text carries it, so that a cluster knows what it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag {
    pub(super) client: u32,
    pub(super) query: u32,
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}q{}", self.client, self.query)
    }
}

impl Tag {
    /// The tag in a statement's text.
    pub(super) fn of(sql: &str) -> Option<Self> {
        let name = sql.split('\'').nth(1)?;
        let (client, query) = name.strip_prefix('c')?.split_once('q')?;
        Some(Self {
            client: client.parse().ok()?,
            query: query.parse().ok()?,
        })
    }
}

/// A row: its value, unique in its result, and the execution that wrote it, so that rows of two cannot pass for one result.
pub(super) type Row = (u32, u32);

/// What goes wrong with a statement, wherever it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upset {
    /// It fails after so many rows, by its own fault.
    Fails { after: u32 },
    /// Whatever worker has it begun dies.
    KillsWorker,
    /// Whatever cluster begins it dies.
    KillsCluster,
}

/// What kind of statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Reads,
    /// Changes something, and so must not run twice.
    Writes,
    /// Begins a transaction.
    Starts,
    /// Ends the transaction it belongs to.
    Commits,
}

/// A statement, and what its cluster does with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) tag: Tag,
    pub(super) verb: Verb,
    /// How many rows a read gives, or a write counts.
    pub(super) rows: u32,
    pub(super) upset: Option<Upset>,
    /// The transaction it belongs to, by the execution that began it.
    pub(super) transaction: Option<Run>,
}

/// The error of a statement that fails by its own fault.
pub(super) const OWN_FAULT: &str = "DIVISION_BY_ZERO";
/// The error of a statement whose transaction its cluster does not know.
pub(super) const NO_TRANSACTION: &str = "UNKNOWN_TRANSACTION";

impl Spec {
    /// A statement as it comes.
    pub(super) fn random(world: &World, tag: Tag, transaction: Option<Run>) -> Self {
        let rows = world.below(world.plan.rows + 1);
        let poison = world.plan.poison;
        let upset = match world.below(20) {
            0 | 1 => Some(Upset::Fails {
                after: world.below(rows + 1),
            }),
            2 if poison => Some(Upset::KillsWorker),
            3 if poison => Some(Upset::KillsCluster),
            _ => None,
        };
        let verb = if world.below(10) < 4 {
            Verb::Writes
        } else {
            Verb::Reads
        };
        Self {
            tag,
            verb,
            rows,
            upset,
            transaction,
        }
    }

    /// The beginning of a transaction, or the end of one.
    pub(super) fn bound(tag: Tag, verb: Verb, transaction: Option<Run>) -> Self {
        Self {
            tag,
            verb,
            rows: 0,
            upset: None,
            transaction,
        }
    }

    /// Whether running it again cannot be noticed.
    pub(super) fn may_rerun(&self) -> bool {
        self.verb == Verb::Reads && self.transaction.is_none()
    }

    pub(super) fn statement(&self) -> Statement {
        let verb = match self.verb {
            Verb::Reads => "SELECT",
            Verb::Writes => "INSERT INTO t SELECT",
            Verb::Starts => "START TRANSACTION",
            Verb::Commits => "COMMIT",
        };
        let sql = format!("{verb} '{:?}'", self.tag);
        let user = format!("user{}", self.tag.client);
        let mut statement = Statement::new(Dialect::Trino, &user, &sql);
        statement.transaction = self
            .transaction
            .and_then(|run| transaction_id(run).parse().ok());
        statement
    }
}

const TRANSACTION: &str = "transaction-";

/// What a cluster calls the transaction that an execution began.
pub(super) fn transaction_id(run: Run) -> String {
    format!("{TRANSACTION}{}", run.0)
}

/// The execution that began the transaction of this id.
pub(super) fn transaction_run(id: &str) -> Option<Run> {
    let run = id.strip_prefix(TRANSACTION)?;
    run.parse().ok().map(Run)
}
