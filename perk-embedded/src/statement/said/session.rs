//! `SHOW`, `USE`, `SET`, prepared statements and `EXPLAIN`. Who calls these has read the first words.

use datafusion::sql::sqlparser::tokenizer::Token;

use super::{Explain, Format, Like, Name, NewZone, Reader, Role, Said, Show};
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
        NewZone::Local
    } else if reader.take(&["INTERVAL"]) {
        NewZone::Ahead(ahead(reader)?)
    } else {
        NewZone::Named(reader.text()?)
    };
    Ok(Said::SetTimeZone { zone })
}

/// `'-3' HOUR`, `'5:30' HOUR TO MINUTE`, `'90' MINUTE`: in minutes.
fn ahead(reader: &mut Reader<'_>) -> Result<i64> {
    let bad = reader.expected("<interval>");
    let outside = reader.take_sign(&Token::Minus);
    let text = reader.text()?;
    let (inside, clock) = match text.strip_prefix('-') {
        Some(clock) => (true, clock),
        None => (false, text.as_str()),
    };
    let (hours, minutes) = if reader.take(&["HOUR", "TO", "MINUTE"]) {
        clock.split_once(':').unwrap_or((clock, "0"))
    } else if reader.take(&["HOUR"]) {
        (clock, "0")
    } else if reader.take(&["MINUTE"]) {
        ("0", clock)
    } else {
        return Err(reader.expected("'HOUR', 'MINUTE'"));
    };
    match (hours.parse::<u16>(), minutes.parse::<u16>()) {
        (Ok(hours), Ok(minutes)) => {
            let size = i64::from(hours) * 60 + i64::from(minutes);
            Ok(if outside == inside { size } else { -size })
        }
        _ => Err(bad),
    }
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
    let (mut how, mut format) = (None, Format::Text);
    // A query may begin with a parenthesis too.
    if reader.is_sign(0, &Token::LParen) && !reader.is_query(1) {
        reader.expect_sign(&Token::LParen)?;
        loop {
            if reader.take(&["TYPE"]) {
                how = kind(reader)?;
            } else {
                reader.expect("FORMAT")?;
                format = told_in(reader)?;
            }
            if !reader.take_sign(&Token::Comma) {
                break;
            }
        }
        reader.expect_sign(&Token::RParen)?;
    }
    let (text, at) = (reader.rest(), reader.place());
    let statement = Box::new(super::inner_statement(reader)?);
    Ok(Said::Explain {
        how: how.unwrap_or(Explain::Plan(format)),
        text,
        at,
        statement,
    })
}

/// None where it is a plan that is asked for. There is one plan, which is both the logical and the distributed one.
fn kind(reader: &mut Reader<'_>) -> Result<Option<Explain>> {
    if reader.take(&["LOGICAL"]) || reader.take(&["DISTRIBUTED"]) {
        Ok(None)
    } else if reader.take(&["IO"]) {
        Ok(Some(Explain::Io))
    } else if reader.take(&["VALIDATE"]) {
        Ok(Some(Explain::Validate))
    } else {
        Err(reader.expected("'DISTRIBUTED', 'IO', 'LOGICAL', 'VALIDATE'"))
    }
}

fn told_in(reader: &mut Reader<'_>) -> Result<Format> {
    if reader.take(&["TEXT"]) {
        Ok(Format::Text)
    } else if reader.take(&["JSON"]) {
        Ok(Format::Json)
    } else if reader.take(&["GRAPHVIZ"]) {
        Ok(Format::Graphviz)
    } else {
        Err(reader.expected("'GRAPHVIZ', 'JSON', 'TEXT'"))
    }
}

pub(super) fn call(reader: &mut Reader<'_>) -> Result<Said> {
    let procedure = reader.parts()?;
    if !reader.is_sign(0, &Token::LParen) {
        return Err(reader.expected("'(', '.'"));
    }
    reader.skip();
    Ok(Said::Call { procedure })
}
