//! `START TRANSACTION`, `COMMIT` and `ROLLBACK`. The client keeps which transaction it is in, and tells it with each statement.

use super::answer::{Answer, header};
use super::said::Mode;
use super::{Setting, Work};
use crate::error::{Error, Kind, Result};
use crate::transaction::Access;

pub(super) fn start(modes: &[Mode], setting: &Setting) -> Result<Work> {
    let part = &setting.part;
    part.may_begin()?;
    let transaction = part.begin(access(modes)?)?;
    let headers = vec![header("Started-Transaction-Id", transaction.as_str())];
    Answer::done(setting.session.dialect, "START TRANSACTION", headers).map(Work::Answer)
}

/// What a transaction of these modes is for; each may be said once.
fn access(modes: &[Mode]) -> Result<Access> {
    let mut isolations = 0;
    let mut access = None;
    let mut again = false;
    for mode in modes {
        match mode {
            Mode::Isolation => isolations += 1,
            Mode::Access(told) => again |= access.replace(*told).is_some(),
        }
    }
    let multiple = |what: &str| {
        let message = format!("Multiple transaction {what} specified");
        Error::new(Kind::Syntax, message)
    };
    if isolations > 1 {
        return Err(multiple("isolation levels"));
    }
    if again {
        return Err(multiple("read modes"));
    }
    Ok(access.unwrap_or(Access::ReadWrite))
}

pub(super) fn commit(setting: &Setting) -> Result<Work> {
    ended("COMMIT", setting.part.commit(), setting)
}

pub(super) fn roll_back(setting: &Setting) -> Result<Work> {
    ended("ROLLBACK", setting.part.roll_back(), setting)
}

/// Whoever was in a transaction is in none afterwards, also if it could not be ended well.
fn ended(update_type: &str, ended: Result<()>, setting: &Setting) -> Result<Work> {
    let mut headers = Vec::new();
    if setting.part.is_within() {
        headers.push(header("Clear-Transaction-Id", "true"));
    }
    let done = Answer::done(setting.session.dialect, update_type, headers)?;
    Ok(match ended {
        Ok(()) => Work::Answer(done),
        Err(error) => Work::Failure(error, Box::new(done.envelope)),
    })
}
