//! What clients of a simulation ask for, and what the answer must be.

use std::fmt;

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

/// A statement, and what its cluster does with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) tag: Tag,
    /// Whether it changes something, and so must not run twice.
    pub(super) writes: bool,
    /// How many rows a read gives, or a write counts.
    pub(super) rows: u32,
    pub(super) upset: Option<Upset>,
}

/// The error of a statement that fails by its own fault.
pub(super) const OWN_FAULT: &str = "DIVISION_BY_ZERO";

impl Spec {
    /// A statement as it comes.
    pub(super) fn random(world: &World, tag: Tag) -> Self {
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
        Self {
            tag,
            writes: world.below(10) < 4,
            rows,
            upset,
        }
    }

    pub(super) fn statement(&self) -> Statement {
        let verb = if self.writes {
            "INSERT INTO t SELECT"
        } else {
            "SELECT"
        };
        let sql = format!("{verb} '{:?}'", self.tag);
        Statement::new(Dialect::Trino, &format!("user{}", self.tag.client), &sql)
    }
}
