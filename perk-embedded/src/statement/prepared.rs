//! `PREPARE`, `EXECUTE` and `DEALLOCATE PREPARE`. The client keeps what it has prepared, and tells it with each statement.

use datafusion::sql::sqlparser::ast::Expr;

use super::answer::{Answer, encoded, header};
use super::said::Said;
use super::{Setting, Statement, parameters};
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

/// The statement that an `EXECUTE` names, with values where its parameters were.
pub(super) fn named<'a>(
    name: &str,
    values: &[Expr],
    setting: &'a Setting,
) -> Result<Statement<'a>> {
    filled(text(name, setting)?, values)
}

/// The same of a text that is written in the `EXECUTE` itself.
pub(super) fn filled<'a>(text: &'a str, values: &[Expr]) -> Result<Statement<'a>> {
    let mut statement = Statement::read(text)?;
    // It could go on like this for ever.
    if let Some(what) = statement.said.unpreparable() {
        let message = format!("Invalid statement type for prepared statement: {what}");
        return Err(Error::new(Kind::NotSupported, message));
    }
    parameters::fill(&mut statement.said, values)?;
    Ok(statement)
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
