//! Statements that change schemas and tables. Who calls these has read the first words.

use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::tokenizer::{Location, Token};

use super::{Name, Reader, Said, read_type};
use crate::error::Result;
use crate::types::Type;

/// `CREATE TABLE` with columns.
#[derive(Debug, Clone)]
pub(in crate::statement) struct NewTable {
    pub(in crate::statement) name: Name,
    pub(in crate::statement) keep: bool,
    pub(in crate::statement) columns: Vec<NewColumn>,
    pub(in crate::statement) properties: Vec<String>,
}

/// `CREATE TABLE` with a query's rows.
#[derive(Debug, Clone)]
pub(in crate::statement) struct NewTableAs {
    pub(in crate::statement) name: Name,
    pub(in crate::statement) keep: bool,
    /// What the columns are called, where that is not what the query calls them.
    pub(in crate::statement) names: Option<Vec<String>>,
    pub(in crate::statement) properties: Vec<String>,
    pub(in crate::statement) query: Query,
    pub(in crate::statement) with_data: bool,
}

/// What a table is to have.
#[derive(Debug, Clone)]
pub(in crate::statement) enum NewColumn {
    Column(Definition),
    /// The columns of another table.
    Like {
        table: Name,
        at: Location,
    },
}

/// A column as it is to be.
#[derive(Debug, Clone)]
pub(in crate::statement) struct Definition {
    pub(in crate::statement) name: String,
    /// Its type, as it is written.
    pub(in crate::statement) spelled: String,
    /// None where there is no such type.
    pub(in crate::statement) kind: Option<Type>,
    pub(in crate::statement) nullable: bool,
    pub(in crate::statement) at: Location,
}

/// `ALTER TABLE`.
#[derive(Debug, Clone)]
pub(in crate::statement) struct Alter {
    pub(in crate::statement) table: Name,
    pub(in crate::statement) ignore: bool,
    pub(in crate::statement) change: Change,
}

/// What is to be changed.
#[derive(Debug, Clone)]
pub(in crate::statement) enum Change {
    Rename(Name),
    AddColumn {
        column: Definition,
        keep: bool,
    },
    DropColumn {
        column: String,
        ignore: bool,
    },
    RenameColumn {
        column: String,
        to: String,
        ignore: bool,
    },
}

impl Change {
    /// What it is called when it is done.
    pub(in crate::statement) fn update_type(&self) -> &'static str {
        match self {
            Self::Rename(_) => "RENAME TABLE",
            Self::AddColumn { .. } => "ADD COLUMN",
            Self::DropColumn { .. } => "DROP COLUMN",
            Self::RenameColumn { .. } => "RENAME COLUMN",
        }
    }
}

fn if_exists(reader: &mut Reader<'_>) -> bool {
    reader.take(&["IF", "EXISTS"])
}

fn if_not_exists(reader: &mut Reader<'_>) -> bool {
    reader.take(&["IF", "NOT", "EXISTS"])
}

/// `WITH (name = value, …)`: the names.
fn properties(reader: &mut Reader<'_>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if !reader.is(&["WITH"]) || !reader.is_sign(1, &Token::LParen) {
        return Ok(names);
    }
    reader.expect("WITH")?;
    reader.expect_sign(&Token::LParen)?;
    loop {
        names.push(reader.folded()?);
        reader.expect_sign(&Token::Eq)?;
        reader.expression()?;
        if !reader.take_sign(&Token::Comma) {
            break;
        }
    }
    reader.expect_sign(&Token::RParen)?;
    Ok(names)
}

/// `COMMENT '…'`, which is not kept.
fn comment(reader: &mut Reader<'_>) -> Result<()> {
    if reader.take(&["COMMENT"]) {
        reader.text()?;
    }
    Ok(())
}

pub(super) fn create_schema(reader: &mut Reader<'_>) -> Result<Said> {
    let keep = if_not_exists(reader);
    Ok(Said::CreateSchema {
        name: reader.parts()?,
        keep,
        properties: properties(reader)?,
    })
}

pub(super) fn drop_schema(reader: &mut Reader<'_>) -> Result<Said> {
    let ignore = if_exists(reader);
    let name = reader.parts()?;
    let cascade = reader.take(&["CASCADE"]);
    reader.take(&["RESTRICT"]);
    Ok(Said::DropSchema {
        name,
        ignore,
        cascade,
    })
}

pub(super) fn create_table(reader: &mut Reader<'_>) -> Result<Said> {
    let keep = if_not_exists(reader);
    let name = reader.parts()?;
    // `(a, b) AS …` are names for a query's columns; a column of the table's own has a type.
    let of_query = reader.is_sign(0, &Token::LParen)
        && (reader.is_sign(2, &Token::Comma) || reader.is_sign(2, &Token::RParen));
    if !reader.is_sign(0, &Token::LParen) || of_query {
        let names = if of_query {
            Some(reader.names()?)
        } else {
            None
        };
        return create_table_as(reader, name, keep, names);
    }
    reader.expect_sign(&Token::LParen)?;
    let mut columns = Vec::new();
    loop {
        columns.push(new_column(reader)?);
        if !reader.take_sign(&Token::Comma) {
            break;
        }
    }
    reader.expect_sign(&Token::RParen)?;
    comment(reader)?;
    Ok(Said::CreateTable(NewTable {
        name,
        keep,
        columns,
        properties: properties(reader)?,
    }))
}

fn new_column(reader: &mut Reader<'_>) -> Result<NewColumn> {
    let at = reader.place();
    if reader.take(&["LIKE"]) {
        let table = reader.parts()?;
        let _ =
            reader.take(&["INCLUDING", "PROPERTIES"]) || reader.take(&["EXCLUDING", "PROPERTIES"]);
        return Ok(NewColumn::Like { table, at });
    }
    definition(reader).map(NewColumn::Column)
}

fn definition(reader: &mut Reader<'_>) -> Result<Definition> {
    let at = reader.place();
    let name = reader.folded()?;
    let spelled = reader.kind()?;
    let nullable = !reader.take(&["NOT", "NULL"]);
    comment(reader)?;
    properties(reader)?;
    Ok(Definition {
        name,
        kind: read_type(&spelled),
        spelled,
        nullable,
        at,
    })
}

fn create_table_as(
    reader: &mut Reader<'_>,
    name: Name,
    keep: bool,
    names: Option<Vec<String>>,
) -> Result<Said> {
    comment(reader)?;
    let properties = properties(reader)?;
    reader.expect("AS")?;
    let query = reader.query()?;
    let with_data = !reader.take(&["WITH", "NO", "DATA"]);
    if with_data {
        reader.take(&["WITH", "DATA"]);
    }
    Ok(Said::CreateTableAs(Box::new(NewTableAs {
        name,
        keep,
        names,
        properties,
        query: *query,
        with_data,
    })))
}

pub(super) fn drop_table(reader: &mut Reader<'_>) -> Result<Said> {
    let ignore = if_exists(reader);
    let name = reader.parts()?;
    Ok(Said::DropTable { name, ignore })
}

pub(super) fn create_view(reader: &mut Reader<'_>) -> Result<Said> {
    let name = reader.parts()?;
    let _ = reader.take(&["SECURITY", "DEFINER"]) || reader.take(&["SECURITY", "INVOKER"]);
    reader.expect("AS")?;
    let query = reader.query()?;
    Ok(Said::CreateView { name, query })
}

pub(super) fn drop_view(reader: &mut Reader<'_>) -> Result<Said> {
    let ignore = if_exists(reader);
    let name = reader.parts()?;
    Ok(Said::DropView { name, ignore })
}

pub(super) fn insert(reader: &mut Reader<'_>) -> Result<Said> {
    let table = reader.parts()?;
    let columns = if reader.is_sign(0, &Token::LParen) && !reader.is_query(1) {
        Some(reader.names()?)
    } else {
        None
    };
    let query = reader.query()?;
    Ok(Said::Insert {
        table,
        columns,
        query,
    })
}

pub(super) fn delete(reader: &mut Reader<'_>) -> Result<Said> {
    let table = reader.parts()?;
    let all = !reader.take(&["WHERE"]);
    if !all {
        reader.expression()?;
    }
    Ok(Said::Delete {
        table,
        all,
        truncate: false,
    })
}

pub(super) fn truncate(reader: &mut Reader<'_>) -> Result<Said> {
    let table = reader.parts()?;
    Ok(Said::Delete {
        table,
        all: true,
        truncate: true,
    })
}

pub(super) fn update(reader: &mut Reader<'_>) -> Result<Said> {
    let table = reader.parts()?;
    reader.expect("SET")?;
    let mut columns = Vec::new();
    loop {
        let at = reader.place();
        columns.push((reader.folded()?, at));
        reader.expect_sign(&Token::Eq)?;
        reader.expression()?;
        if !reader.take_sign(&Token::Comma) {
            break;
        }
    }
    if reader.take(&["WHERE"]) {
        reader.expression()?;
    }
    Ok(Said::Update { table, columns })
}

pub(super) fn alter(reader: &mut Reader<'_>) -> Result<Said> {
    let ignore = if_exists(reader);
    let table = reader.parts()?;
    let change = if reader.take(&["RENAME", "TO"]) {
        Change::Rename(reader.parts()?)
    } else if reader.take(&["ADD", "COLUMN"]) {
        let keep = if_not_exists(reader);
        let column = definition(reader)?;
        Change::AddColumn { column, keep }
    } else if reader.take(&["DROP", "COLUMN"]) {
        let ignore = if_exists(reader);
        let column = reader.folded()?;
        Change::DropColumn { column, ignore }
    } else if reader.take(&["RENAME", "COLUMN"]) {
        let ignore = if_exists(reader);
        let column = reader.folded()?;
        reader.expect("TO")?;
        let to = reader.folded()?;
        Change::RenameColumn { column, to, ignore }
    } else {
        return Err(reader.expected("'.', 'ADD', 'DROP', 'RENAME'"));
    };
    Ok(Said::Alter(Alter {
        table,
        ignore,
        change,
    }))
}
