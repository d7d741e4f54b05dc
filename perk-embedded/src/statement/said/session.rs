//! `SHOW`, `USE`, `SET`, prepared statements and `EXPLAIN`. Who calls these has read the first words.

use datafusion::sql::sqlparser::tokenizer::Token;

use super::{Explain, Like, Name, Reader, Role, Said, Show};
use crate::error::Result;

const SHOWN: &str = "'CATALOGS', 'COLUMNS', 'CREATE', 'CURRENT', 'FUNCTIONS', 'GRANTS', 'ROLE', 'ROLES', 'SCHEMAS', \
    'SESSION', 'STATS', 'TABLES'";

pub(super) fn show(reader: &mut Reader<'_>) -> Result<Said> {
    Ok(Said::Show(if reader.take(&["CATALOGS"]) {
        Show::Catalogs(like(reader)?)
    } else if reader.take(&["SCHEMAS"]) {
        let catalog = if from(reader) {
            Some(reader.folded()?)
        } else {
            None
        };
        Show::Schemas(catalog, like(reader)?)
    } else if reader.take(&["TABLES"]) {
        let schema = if from(reader) {
            reader.parts()?
        } else {
            Name::new()
        };
        Show::Tables(schema, like(reader)?)
    } else if reader.take(&["COLUMNS"]) {
        if !from(reader) {
            return Err(reader.expected("'FROM', 'IN'"));
        }
        Show::Columns(reader.parts()?)
    } else if reader.take(&["FUNCTIONS"]) {
        Show::Functions(like(reader)?)
    } else if reader.take(&["SESSION"]) {
        Show::Session(like(reader)?)
    } else if reader.take(&["CREATE", "TABLE"]) {
        Show::CreateTable(reader.parts()?)
    } else if reader.take(&["CREATE", "VIEW"]) {
        Show::CreateView(reader.parts()?)
    } else if reader.take(&["GRANTS", "ON"]) {
        reader.take(&["TABLE"]);
        Show::Grants(Some(reader.parts()?))
    } else if reader.take(&["GRANTS"]) {
        Show::Grants(None)
    } else {
        let roles = [&["ROLES"][..], &["CURRENT"], &["ROLE"]];
        let refused = if roles.iter().any(|words| reader.is(words)) {
            "This connector does not support roles"
        } else if reader.is(&["STATS"]) {
            "SHOW STATS is not supported by the embedded engine"
        } else if reader.is(&["CREATE"]) {
            "Only tables can be shown by SHOW CREATE in the embedded engine"
        } else {
            return Err(reader.expected(SHOWN));
        };
        reader.skip();
        return Ok(Said::Refused(refused));
    }))
}

fn from(reader: &mut Reader<'_>) -> bool {
    reader.take(&["FROM"]) || reader.take(&["IN"])
}

fn like(reader: &mut Reader<'_>) -> Result<Option<Like>> {
    if !reader.take(&["LIKE"]) {
        return Ok(None);
    }
    let pattern = reader.text()?;
    let escape = if reader.take(&["ESCAPE"]) {
        Some(reader.text()?)
    } else {
        None
    };
    Ok(Some(Like { pattern, escape }))
}

pub(super) fn describe(reader: &mut Reader<'_>) -> Result<Said> {
    Ok(Said::Show(Show::Columns(reader.parts()?)))
}

pub(super) fn use_schema(reader: &mut Reader<'_>) -> Result<Said> {
    let first = reader.folded()?;
    Ok(if reader.take_sign(&Token::Period) {
        Said::Use {
            catalog: Some(first),
            schema: reader.folded()?,
        }
    } else {
        Said::Use {
            catalog: None,
            schema: first,
        }
    })
}

pub(super) fn set_session(reader: &mut Reader<'_>) -> Result<Said> {
    let property = reader.parts()?;
    reader.expect_sign(&Token::Eq)?;
    let at = reader.place();
    Ok(Said::SetSession {
        property,
        value: Box::new(reader.expression()?),
        at,
    })
}

pub(super) fn reset_session(reader: &mut Reader<'_>) -> Result<Said> {
    Ok(Said::ResetSession {
        property: reader.parts()?,
    })
}

pub(super) fn set_role(reader: &mut Reader<'_>) -> Result<Said> {
    let role = if reader.take(&["NONE"]) {
        Role::None
    } else if reader.take(&["ALL"]) {
        Role::All
    } else {
        Role::Named(reader.folded()?)
    };
    Ok(Said::SetRole { role })
}

pub(super) fn set_time_zone(reader: &mut Reader<'_>) -> Result<Said> {
    let zone = if reader.take(&["LOCAL"]) {
        None
    } else {
        Some(reader.text()?)
    };
    Ok(Said::SetTimeZone { zone })
}

pub(super) fn prepare(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.prepared_name()?;
    reader.expect("FROM")?;
    let text = reader.rest();
    let statement = Box::new(super::inner_statement(reader)?);
    Ok(Said::Prepare {
        name,
        text,
        statement,
    })
}

pub(super) fn execute(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.prepared_name()?;
    let values = values(reader)?;
    Ok(Said::Execute { name, values })
}

pub(super) fn execute_immediate(reader: &mut Reader<'_>) -> Result<Said> {
    let text = reader.text()?;
    let values = values(reader)?;
    Ok(Said::ExecuteImmediate { text, values })
}

fn values(reader: &mut Reader<'_>) -> Result<Vec<datafusion::sql::sqlparser::ast::Expr>> {
    if reader.take(&["USING"]) {
        reader.expressions()
    } else {
        Ok(Vec::new())
    }
}

pub(super) fn deallocate(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.prepared_name()?;
    Ok(Said::Deallocate { name })
}

pub(super) fn describe_input(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.prepared_name()?;
    Ok(Said::DescribeInput { name })
}

pub(super) fn describe_output(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.prepared_name()?;
    Ok(Said::DescribeOutput { name })
}

pub(super) fn explain(reader: &mut Reader<'_>) -> Result<Said> {
    if reader.is(&["ANALYZE"]) {
        reader.skip();
        return Ok(Said::Refused(
            "EXPLAIN ANALYZE is not supported by the embedded engine",
        ));
    }
    let mut how = Explain::Plan;
    // A query may begin with a parenthesis too.
    if reader.is_sign(0, &Token::LParen) && !reader.is_query(1) {
        reader.expect_sign(&Token::LParen)?;
        loop {
            if reader.take(&["TYPE"]) {
                how = kind(reader)?;
            } else {
                reader.expect("FORMAT")?;
                format(reader)?;
            }
            if !reader.take_sign(&Token::Comma) {
                break;
            }
        }
        reader.expect_sign(&Token::RParen)?;
    }
    let text = reader.rest();
    let statement = Box::new(super::inner_statement(reader)?);
    Ok(Said::Explain {
        how,
        text,
        statement,
    })
}

fn kind(reader: &mut Reader<'_>) -> Result<Explain> {
    if reader.take(&["VALIDATE"]) {
        return Ok(Explain::Validate);
    }
    for kind in ["DISTRIBUTED", "IO", "LOGICAL"] {
        if reader.take(&[kind]) {
            return Ok(Explain::Plan);
        }
    }
    Err(reader.expected("'DISTRIBUTED', 'IO', 'LOGICAL', 'VALIDATE'"))
}

/// There is only text, whichever is asked for.
fn format(reader: &mut Reader<'_>) -> Result<()> {
    let known = ["GRAPHVIZ", "JSON", "TEXT"];
    if known.iter().any(|format| reader.take(&[format])) {
        return Ok(());
    }
    Err(reader.expected("'GRAPHVIZ', 'JSON', 'TEXT'"))
}

#[expect(clippy::unnecessary_wraps, reason = "one of a list of readers")]
pub(super) fn end_transaction(reader: &mut Reader<'_>) -> Result<Said> {
    reader.take(&["WORK"]);
    Ok(Said::EndTransaction)
}

pub(super) fn call(reader: &mut Reader<'_>) -> Result<Said> {
    let procedure = reader.parts()?;
    if !reader.is_sign(0, &Token::LParen) {
        return Err(reader.expected("'(', '.'"));
    }
    reader.skip();
    Ok(Said::Call { procedure })
}
