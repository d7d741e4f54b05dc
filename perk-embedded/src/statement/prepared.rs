//! `PREPARE`, `EXECUTE` and `DEALLOCATE PREPARE`. The client keeps what it has prepared, and tells it with each statement.

use datafusion::sql::sqlparser::ast::Expr;

use super::answer::{Answer, encoded, header};
use super::said::Said;
use super::{Setting, Statement, Work, parameters};
use crate::error::{Error, Kind, Result};

pub(super) fn prepare(name: &str, text: &str, said: &Said, setting: &Setting) -> Result<Answer> {
    if let Some(what) = said.unpreparable() {
        let message = format!("Invalid statement type for prepared statement: {what}");
        return Err(Error::new(Kind::NotSupported, message));
    }
    let value = format!("{}={}", encoded(name), encoded(text));
    let headers = vec![header("Added-Prepare", value)];
    Answer::done(setting.session.dialect, "PREPARE", headers)
}

pub(super) fn deallocate(name: &str, setting: &Setting) -> Result<Answer> {
    text(name, setting)?;
    let headers = vec![header("Deallocated-Prepare", encoded(name))];
    Answer::done(setting.session.dialect, "DEALLOCATE", headers)
}

pub(super) fn execute(name: &str, values: &[Expr], setting: &Setting) -> Result<Work> {
    execute_text(text(name, setting)?, values, setting)
}

pub(super) fn execute_text(text: &str, values: &[Expr], setting: &Setting) -> Result<Work> {
    let mut statement = Statement::read(text)?;
    // It could go on like this for ever.
    if let Some(what) = statement.said.unpreparable() {
        let message = format!("Invalid statement type for prepared statement: {what}");
        return Err(Error::new(Kind::NotSupported, message));
    }
    parameters::fill(&mut statement.said, values)?;
    statement.work(setting)
}

/// The text of a prepared statement.
pub(super) fn text<'a>(name: &str, setting: &'a Setting) -> Result<&'a str> {
    let prepared = setting.session.prepared.iter();
    let mut found = prepared.filter(|(known, _)| known == name);
    match found.next_back() {
        Some((_, text)) => Ok(text),
        None => Err(Error::new(
            Kind::NotFound,
            format!("Prepared statement not found: {name}"),
        )),
    }
}
