//! `START TRANSACTION`, `COMMIT` and `ROLLBACK`. Who calls these has read the first word.

use datafusion::sql::sqlparser::tokenizer::Token;

use super::{Mode, Reader, Said};
use crate::error::Result;
use crate::transaction::Access;

pub(super) fn start(reader: &mut Reader<'_>) -> Result<Said> {
    reader.expect("TRANSACTION")?;
    let mut modes = Vec::new();
    if !is_end(reader) {
        modes.push(mode(reader, "'ISOLATION', 'READ', <EOF>")?);
        while reader.take_sign(&Token::Comma) {
            modes.push(mode(reader, "'ISOLATION', 'READ'")?);
        }
        end(reader, "',', <EOF>")?;
    }
    Ok(Said::StartTransaction { modes })
}

fn mode(reader: &mut Reader<'_>, expected: &str) -> Result<Mode> {
    if reader.take(&["ISOLATION"]) {
        reader.expect("LEVEL")?;
        level(reader)?;
        Ok(Mode::Isolation)
    } else if reader.take(&["READ"]) {
        if reader.take(&["ONLY"]) {
            Ok(Mode::Access(Access::ReadOnly))
        } else if reader.take(&["WRITE"]) {
            Ok(Mode::Access(Access::ReadWrite))
        } else {
            Err(reader.expected("'ONLY', 'WRITE'"))
        }
    } else {
        Err(reader.expected(expected))
    }
}

fn level(reader: &mut Reader<'_>) -> Result<()> {
    if reader.take(&["SERIALIZABLE"]) {
        Ok(())
    } else if reader.take(&["REPEATABLE"]) {
        reader.expect("READ")
    } else if reader.take(&["READ"]) {
        if reader.take(&["COMMITTED"]) || reader.take(&["UNCOMMITTED"]) {
            Ok(())
        } else {
            Err(reader.expected("'COMMITTED', 'UNCOMMITTED'"))
        }
    } else {
        Err(reader.expected("'READ', 'REPEATABLE', 'SERIALIZABLE'"))
    }
}

pub(super) fn commit(reader: &mut Reader<'_>) -> Result<Said> {
    work(reader)?;
    Ok(Said::Commit)
}

pub(super) fn rollback(reader: &mut Reader<'_>) -> Result<Said> {
    work(reader)?;
    Ok(Said::Rollback)
}

fn work(reader: &mut Reader<'_>) -> Result<()> {
    if reader.take(&["WORK"]) {
        return Ok(());
    }
    end(reader, "'WORK', <EOF>")
}

fn is_end(reader: &Reader<'_>) -> bool {
    reader.is_sign(0, &Token::EOF) || reader.is_sign(0, &Token::SemiColon)
}

/// Nothing else may come than what Presto would name.
fn end(reader: &Reader<'_>, expected: &str) -> Result<()> {
    if is_end(reader) {
        return Ok(());
    }
    Err(reader.expected(expected))
}
