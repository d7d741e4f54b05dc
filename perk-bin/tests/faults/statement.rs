//! What the clients send, and what each must get: statements that say in their own text what the coordinator gives, so that
//! anybody can compute it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use perk_protocol::testsuite::{Flavor, Script};
use sha2::{Digest, Sha256};

/// How far apart the keys of two statements' rows begin: no two statements give the same rows.
const KEYS: u64 = 1_000_000;

/// Makes statements that differ in this whole process.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// What kind of work a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A read of one row.
    OneRow,
    /// A read of several pages that are held back until it ends.
    Held,
    /// A read of 1 MiB, a little more than is held back.
    Mebibyte,
    /// A read of 20 MiB.
    Large,
    /// A write.
    Insert,
    /// A read for which a test has made a script of its own.
    Other,
}

impl Kind {
    /// Whether running it again cannot be noticed.
    pub(crate) fn is_read(self) -> bool {
        self != Self::Insert
    }

    /// Whether rows of it may be read before it has ended.
    pub(crate) fn is_shown_early(self) -> bool {
        matches!(self, Self::Mebibyte | Self::Large | Self::Other)
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) kind: Kind,
    pub(crate) sql: String,
}

impl Statement {
    /// A new one of a kind, `pace` milliseconds to a page.
    pub(crate) fn new(kind: Kind, pace: u64) -> Self {
        let script = match kind {
            Kind::OneRow | Kind::Other => format!("rows=1 work_ms={pace}"),
            Kind::Held => format!("pages=6 rows=4 cell=4096 page_ms={pace}"),
            Kind::Mebibyte => format!("pages=8 rows=8 cell=16384 page_ms={pace}"),
            Kind::Large => format!("pages=20 rows=16 cell=65536 page_ms={pace}"),
            Kind::Insert => format!("update=INSERT count=1 work_ms={pace}"),
        };
        Self::scripted(kind, &script)
    }

    /// A new one with a script.
    pub(crate) fn scripted(kind: Kind, script: &str) -> Self {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let (from, verb) = (
            number * KEYS,
            if kind.is_read() {
                "SELECT"
            } else {
                "INSERT INTO t SELECT"
            },
        );
        Self {
            kind,
            sql: format!("{verb} {number} /*script from={from} {script}*/"),
        }
    }

    /// The rows it must give.
    pub(crate) fn expected(&self) -> Rows {
        let (script, mut hash) = (Script::parse(&self.sql), RowsHash::default());
        let pages = (0..).map_while(|page| script.page(Flavor::Presto, page));
        for page in pages {
            hash.add(str::from_utf8(&page).unwrap_or_default());
        }
        hash.rows()
    }
}

/// The hash of a result's rows, as the cluster wrote them, whatever pages they came in; and how many bytes they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) bytes: usize,
    hash: [u8; 8],
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of rows, hash ", self.bytes)?;
        self.hash
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Takes in rows page by page.
#[derive(Debug, Default)]
pub(crate) struct RowsHash {
    sha: Sha256,
    bytes: usize,
}

impl RowsHash {
    /// Takes in the array of a page's rows.
    pub(crate) fn add(&mut self, page: &str) {
        let rows = page.trim();
        let rows = rows
            .strip_prefix('[')
            .and_then(|rows| rows.strip_suffix(']'));
        // What is no array is a row that nobody expects.
        let rows = rows.unwrap_or(page);
        if !rows.is_empty() {
            self.sha.update(rows);
            self.sha.update(b",");
            self.bytes += rows.len() + 1;
        }
    }

    /// How many bytes of rows came so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What came.
    pub(crate) fn rows(self) -> Rows {
        let mut hash = [0; 8];
        hash.copy_from_slice(&self.sha.finalize()[..8]);
        Rows {
            bytes: self.bytes,
            hash,
        }
    }
}
