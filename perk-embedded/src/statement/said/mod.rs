//! What a statement says, as a tree: queries as `sqlparser` has them, and Presto's other statements, which it does not know
//! as Presto does.
//!
//! | room | what is in it |
//! |---|---|
//! | here | the tree, and which kind of statement begins with which words |
//! | [`reader`] | reading words |
//! | [`session`] | `SHOW`, `USE`, `SET`, prepared statements, `EXPLAIN` |
//! | [`tables`] | statements that change schemas and tables |
//! | [`transactions`] | beginning and ending transactions |

mod reader;
mod session;
mod tables;
mod transactions;

use std::ops::Range;

use datafusion::sql::sqlparser::ast::{Expr, Query};
use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

use crate::error::Result;
use crate::transaction::Access;
use crate::types::Type;
use reader::Reader;
pub(super) use tables::{Alter, Change, Definition, NewColumn, NewTable, NewTableAs};

/// A name of up to three parts, in lower case.
pub(super) type Name = Vec<String>;

/// `LIKE 'pattern' ESCAPE 'x'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Like {
    pub(super) pattern: String,
    pub(super) escape: Option<String>,
}

/// A statement.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Query(Box<Query>),
    Show(Show),
    Use {
        catalog: Option<String>,
        schema: String,
    },
    SetSession {
        property: Name,
        value: Box<Expr>,
        at: Location,
    },
    ResetSession {
        property: Name,
    },
    SetRole {
        role: Role,
    },
    SetTimeZone {
        zone: NewZone,
    },
    Prepare {
        name: String,
        /// Where its text is in the statement's.
        text: Range<usize>,
        statement: Box<Said>,
    },
    Execute {
        name: String,
        values: Vec<Expr>,
    },
    ExecuteImmediate {
        text: String,
        values: Vec<Expr>,
    },
    Deallocate {
        name: String,
    },
    DescribeInput {
        name: String,
    },
    DescribeOutput {
        name: String,
    },
    Explain {
        how: Explain,
        /// Where the text of what is explained is in the statement's.
        text: Range<usize>,
        at: Location,
        statement: Box<Said>,
    },
    StartTransaction {
        modes: Vec<Mode>,
    },
    Commit,
    Rollback,
    Call {
        procedure: Name,
    },
    CreateSchema {
        name: Name,
        keep: bool,
        properties: Vec<String>,
    },
    DropSchema {
        name: Name,
        ignore: bool,
        cascade: bool,
    },
    CreateTable(NewTable),
    CreateTableAs(Box<NewTableAs>),
    DropTable {
        name: Name,
        ignore: bool,
    },
    Insert {
        table: Name,
        columns: Option<Vec<String>>,
        query: Box<Query>,
    },
    /// `DELETE FROM` or `TRUNCATE TABLE`.
    Delete {
        table: Name,
        all: bool,
        truncate: bool,
    },
    Update {
        table: Name,
        /// Which columns are to be set, with their places.
        columns: Vec<(String, Location)>,
    },
    Alter(Alter),
    CreateView {
        name: Name,
        query: Box<Query>,
    },
    DropView {
        name: Name,
        ignore: bool,
    },
    /// What is known and cannot be done, and what to say of it.
    Refused(&'static str),
}

/// What to list.
#[derive(Debug, Clone)]
pub(super) enum Show {
    Catalogs(Option<Like>),
    Schemas(Option<String>, Option<Like>),
    /// Of a schema, maybe with its catalog, or of the session's.
    Tables(Name, Option<Like>),
    Columns(Name),
    Functions(Option<Like>),
    Session(Option<Like>),
    CreateTable(Name),
    CreateView(Name),
    /// On all tables, or on one.
    Grants(Option<Name>),
}

/// What `SET ROLE` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    None,
    All,
    Named(String),
}

/// What `SET TIME ZONE` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NewZone {
    /// Back to the client's own.
    Local,
    Named(String),
    /// So many minutes ahead of UTC.
    Ahead(i64),
}

/// What `START TRANSACTION` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// An isolation level: whichever it is, a statement reads what there is when it begins.
    Isolation,
    Access(Access),
}

/// What `EXPLAIN` is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Explain {
    /// How the statement would be worked out.
    Plan(Format),
    /// What it would read and write.
    Io,
    /// Only whether the statement is valid.
    Validate,
}

/// What a plan is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Graphviz,
}

/// Reads a statement, all of it.
pub(super) fn read(sql: &str, tokens: &[TokenWithSpan]) -> Result<Said> {
    let mut reader = Reader::new(sql, tokens.to_vec());
    let said = statement(&mut reader)?;
    reader.end()?;
    Ok(said)
}

const STATEMENTS: &str = "'ALTER', 'ANALYZE', 'CALL', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DESC', 'DESCRIBE', \
    'DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', 'SET', 'SHOW', \
    'START', 'TRUNCATE', 'UPDATE', 'USE', <query>";

type Read = fn(&mut Reader<'_>) -> Result<Said>;

/// What statements begin with.
const FIRST_WORDS: &[(&[&str], Read)] = &[
    (&["SHOW"], session::show),
    (&["DESCRIBE", "INPUT"], session::describe_input),
    (&["DESCRIBE", "OUTPUT"], session::describe_output),
    (&["DESCRIBE"], session::describe),
    (&["DESC"], session::describe),
    (&["USE"], session::use_schema),
    (&["SET", "SESSION"], session::set_session),
    (&["RESET", "SESSION"], session::reset_session),
    (&["SET", "ROLE"], session::set_role),
    (&["SET", "TIME", "ZONE"], session::set_time_zone),
    (&["PREPARE"], session::prepare),
    (&["EXECUTE", "IMMEDIATE"], session::execute_immediate),
    (&["EXECUTE"], session::execute),
    (&["DEALLOCATE", "PREPARE"], session::deallocate),
    (&["EXPLAIN"], session::explain),
    (&["START"], transactions::start),
    (&["COMMIT"], transactions::commit),
    (&["ROLLBACK"], transactions::rollback),
    (&["CALL"], session::call),
    (&["CREATE", "SCHEMA"], tables::create_schema),
    (&["DROP", "SCHEMA"], tables::drop_schema),
    (&["CREATE", "TABLE"], tables::create_table),
    (&["DROP", "TABLE"], tables::drop_table),
    (&["CREATE", "VIEW"], tables::create_view),
    (&["CREATE", "OR", "REPLACE", "VIEW"], tables::create_view),
    (&["DROP", "VIEW"], tables::drop_view),
    (&["INSERT", "INTO"], tables::insert),
    (&["DELETE", "FROM"], tables::delete),
    (&["TRUNCATE", "TABLE"], tables::truncate),
    (&["UPDATE"], tables::update),
    (&["ALTER", "TABLE"], tables::alter),
];

/// What there is in Presto and not here, and what is said of it: as Presto does of a connector that cannot do it.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["CREATE", "MATERIALIZED", "VIEW"],
        "This connector does not support creating materialized views",
    ),
    (
        &["DROP", "MATERIALIZED", "VIEW"],
        "This connector does not support dropping materialized views",
    ),
    (
        &["REFRESH", "MATERIALIZED", "VIEW"],
        "This connector does not support refreshing materialized views",
    ),
    (&["CREATE", "ROLE"], "This connector does not support roles"),
    (&["DROP", "ROLE"], "This connector does not support roles"),
    (&["GRANT"], "This connector does not support grants"),
    (&["REVOKE"], "This connector does not support revokes"),
    (
        &["ALTER", "SCHEMA"],
        "This connector does not support renaming schemas",
    ),
    (&["ALTER"], "ALTER is not supported by the embedded engine"),
    (&["ANALYZE"], "This connector does not support analyze"),
    (
        &["CREATE"],
        "Functions, types and temporary objects cannot be created in the embedded engine",
    ),
    (
        &["DROP"],
        "There is nothing like that to drop in the embedded engine",
    ),
    (&["MERGE"], "This connector does not support merges"),
    (
        &["COMMENT", "ON"],
        "This connector does not support setting comments",
    ),
    (
        &["SET", "PATH"],
        "SET PATH is not supported by the embedded engine",
    ),
];

fn statement(reader: &mut Reader<'_>) -> Result<Said> {
    for (words, read) in FIRST_WORDS {
        if reader.take(words) {
            return read(reader);
        }
    }
    if let Some((_, what)) = REFUSED.iter().find(|(words, _)| reader.is(words)) {
        reader.skip();
        return Ok(Said::Refused(what));
    }
    if reader.is_query(0) {
        return reader.query().map(Said::Query);
    }
    Err(reader.expected(STATEMENTS))
}

/// Reads a statement that is the last part of another.
fn inner_statement(reader: &mut Reader<'_>) -> Result<Said> {
    reader.deeper()?;
    statement(reader)
}

impl Said {
    /// Its query, if it has one.
    pub(super) fn query_mut(&mut self) -> Option<&mut Query> {
        match self {
            Self::Query(query) | Self::Insert { query, .. } | Self::CreateView { query, .. } => {
                Some(query)
            }
            Self::CreateTableAs(new) => Some(&mut new.query),
            Self::Explain { statement, .. } => statement.query_mut(),
            _ => None,
        }
    }

    /// Whether it can be prepared, or what it is called if not.
    pub(super) fn unpreparable(&self) -> Option<&'static str> {
        Some(match self {
            Self::Prepare { .. } => "PREPARE",
            Self::Execute { .. } | Self::ExecuteImmediate { .. } => "EXECUTE",
            Self::Deallocate { .. } => "DEALLOCATE",
            _ => return None,
        })
    }
}

/// A type that a column is to have, or none where there is no such type.
fn read_type(text: &str) -> Option<Type> {
    crate::types::parse::parse(text).ok()
}
