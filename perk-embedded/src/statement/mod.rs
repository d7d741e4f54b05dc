//! What a statement asks for.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what there is to do, and who knows it for which statement |
//! | [`said`] | statements read into a tree |
//! | [`answer`] | answers that are known at once |
//! | [`show`], [`functions`], [`like`] | `SHOW`: what there is, of which names |
//! | [`session`], [`properties`] | `USE`, `SET` and `RESET`: what the client's session becomes |
//! | [`limits`], [`duration`] | how long a statement may take |
//! | [`prepared`], [`parameters`], [`describe`] | prepared statements |
//! | [`tables`] | making and dropping schemas and tables |
//! | [`write`] | adding rows to tables |
//! | [`transactions`] | beginning and ending transactions |

mod answer;
mod describe;
mod duration;
mod functions;
mod like;
mod limits;
mod parameters;
mod prepared;
mod properties;
mod said;
mod session;
mod show;
mod tables;
#[cfg(test)]
mod tests;
mod transactions;
mod write;

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::tokenizer::TokenWithSpan;
use perk_core::{Dialect, Envelope};

use crate::catalog::{Catalogs, TableName, listing};
use crate::error::{Error, Kind, Position, Result};
use crate::plan::{self, Planned, syntax};
use crate::session::Session;
use crate::transaction::Part;
use crate::types::Type;
pub(crate) use answer::Answer;
pub(crate) use limits::TimeLimit;
pub(crate) use said::Format;
use said::{Explain, Said};
pub(crate) use write::Write;

/// What there is to do for a statement.
pub(crate) enum Work {
    /// A query's rows are to be worked out.
    Query(Box<Planned>),
    /// A query's rows are to become a table's.
    Write(Box<Write>),
    /// How a query would be worked out is to be told.
    Explain(Box<Planned>, Format),
    /// The answer is known.
    Answer(Answer),
    /// It has failed, and the client's session changes all the same.
    Failure(Error, Box<Envelope>),
}

/// What a statement is worked out with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) session: Arc<Session>,
    pub(crate) catalogs: Catalogs,
    pub(crate) options: ConfigOptions,
    pub(crate) part: Arc<Part>,
}

/// A statement, and the words that it was read from.
struct Statement<'a> {
    sql: &'a str,
    said: Said,
    tokens: Vec<TokenWithSpan>,
}

/// Reads a statement, and what there is to do for it. What takes no time has been done then: a table has been made, say.
pub(crate) fn work(sql: &str, setting: &Setting) -> Result<Work> {
    let mut statement = Statement::read(sql)?;
    match statement.said {
        Said::Execute { name, values } => prepared::named(&name, &values, setting)?.begin(setting),
        Said::ExecuteImmediate { text, values } => prepared::filled(&text, &values)?.begin(setting),
        ref mut said => {
            parameters::fill(said, &[])?;
            statement.begin(setting)
        }
    }
}

impl<'a> Statement<'a> {
    fn read(sql: &'a str) -> Result<Self> {
        let tokens = syntax::tokens(sql)?;
        let said = said::read(sql, &tokens)?;
        Ok(Self { sql, said, tokens })
    }

    /// Has it be worked out in its client's transaction. Those that begin and end one are in none.
    fn begin(self, setting: &Setting) -> Result<Work> {
        let is_control = matches!(
            self.said,
            Said::StartTransaction { .. } | Said::Commit | Said::Rollback
        );
        // As Presto looks at the properties of a session: when it is put into a transaction, the client's or one of its own.
        if !is_control || setting.part.is_within() {
            TimeLimit::of(&setting.session)?;
        }
        match self.said {
            Said::StartTransaction { modes } => transactions::start(&modes, setting),
            Said::Commit => transactions::commit(setting),
            Said::Rollback => transactions::roll_back(setting),
            _ => {
                setting.part.join()?;
                self.work(setting)
            }
        }
    }

    fn work(self, setting: &Setting) -> Result<Work> {
        let Self { sql, said, tokens } = self;
        let answer = match said {
            Said::Query(query) => {
                return Ok(Work::Query(Box::new(setting.plan(*query, &tokens)?)));
            }
            Said::Insert {
                table,
                columns,
                query,
            } => return write::insert(&table, columns, *query, &tokens, setting),
            Said::CreateTableAs(new) => return write::create(&new, &tokens, setting),
            Said::Explain {
                how,
                text,
                at,
                statement,
            } => {
                let said = *statement;
                let explained = Self { sql, said, tokens }.explain(how, &sql[text], setting);
                // What is wrong with it as a whole is wrong where it begins.
                return explained.map_err(|error| match error.at {
                    Some(START) => Error { at: None, ..error }.at(syntax::place(at)),
                    _ => error,
                });
            }
            Said::Show(show) => show::answer(&show, setting),
            Said::Use { catalog, schema } => session::use_schema(catalog, schema, setting),
            Said::SetSession {
                property,
                value,
                at,
            } => session::set(&property, &value, syntax::place(at), setting),
            Said::ResetSession { property } => session::reset(&property, setting),
            Said::SetRole { role } => session::set_role(&role, setting),
            Said::SetTimeZone { zone } => session::set_time_zone(&zone, setting),
            Said::Prepare {
                name,
                text,
                statement,
            } => prepared::prepare(&name, &sql[text], &statement, setting),
            Said::Deallocate { name } => prepared::deallocate(&name, setting),
            Said::DescribeInput { name } => describe::input(&name, setting),
            Said::DescribeOutput { name } => describe::output(&name, setting),
            Said::Call { .. } if setting.part.is_within() => {
                let message =
                    "Procedures cannot be called within a transaction (use autocommit mode)";
                Err(Error::new(Kind::NotSupported, message))
            }
            Said::Call { procedure } => {
                let named = &procedure[procedure.len().saturating_sub(2)..];
                let message = format!("Procedure not registered: {}", named.join("."));
                Err(Error::new(Kind::ProcedureNotFound, message))
            }
            Said::Refused(what) => Err(Error::new(Kind::NotSupported, what)),
            change => tables::change(change, &tokens, setting),
        };
        answer.map(Work::Answer)
    }

    /// Tells of a query how it would be worked out, of others what they say.
    fn explain(self, how: Explain, text: &str, setting: &Setting) -> Result<Work> {
        let writes = matches!(self.said, Said::Insert { .. } | Said::CreateTableAs(_));
        let planned = setting.plan_of(self.said, &self.tokens)?;
        let format = match how {
            // A write is planned for a transaction that may write, though nothing is written.
            Explain::Plan(format) => {
                if writes && planned.is_some() {
                    setting.part.may_write()?;
                }
                format
            }
            Explain::Io => {
                let message = "EXPLAIN (TYPE IO) is not supported by the embedded engine";
                return Err(Error::new(Kind::NotSupported, message));
            }
            Explain::Validate => return valid(setting.session.dialect),
        };
        match planned {
            Some(planned) => Ok(Work::Explain(Box::new(planned), format)),
            None => Answer::plan(text).map(Work::Answer),
        }
    }
}

/// What is said of a statement that could be worked out.
fn valid(dialect: Dialect) -> Result<Work> {
    let name = match dialect {
        Dialect::Presto => "result",
        Dialect::Trino => "Valid",
    };
    let columns = vec![listing::column(name, Type::Boolean)];
    Answer::listing(columns, &[vec![true.into()]]).map(Work::Answer)
}

impl Setting {
    fn plan(&self, query: Query, tokens: &[TokenWithSpan]) -> Result<Planned> {
        let Self {
            session,
            catalogs,
            options,
            part: _,
        } = self.clone();
        plan::query(query, tokens, session, catalogs, options)
    }

    /// The plan of a statement's query, if it has one and could be worked out with it.
    fn plan_of(&self, said: Said, tokens: &[TokenWithSpan]) -> Result<Option<Planned>> {
        Ok(match said {
            Said::Query(query) => Some(self.plan(*query, tokens)?),
            Said::Insert {
                table,
                columns,
                query,
            } => Some(write::check_insert(&table, columns, *query, tokens, self)?.query),
            Said::CreateTableAs(new) => {
                write::check_create(&new, tokens, self)?.map(|makeable| makeable.query)
            }
            _ => None,
        })
    }

    /// What a name means here.
    fn resolve(&self, name: &[String]) -> Result<TableName> {
        let parts: Vec<&str> = name.iter().map(String::as_str).collect();
        TableName::new(&self.session, &parts)
    }
}

/// Where a statement begins.
const START: Position = Position { line: 1, column: 1 };

/// Something that is wrong with a statement as a whole.
fn at_start(kind: Kind, message: impl Into<String>) -> Error {
    Error::new(kind, message).at(Some(START))
}
