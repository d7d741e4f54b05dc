//! `INSERT` and `CREATE TABLE … AS`: a query's rows become a table's.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::sql::sqlparser::ast::{Expr, Query, SelectItem, SetExpr, Spanned};
use datafusion::sql::sqlparser::tokenizer::TokenWithSpan;

use super::said::NewTableAs;
use super::tables::{catalog, memory, must_have_schema, no_properties};
use super::{Answer, Setting, Work, at_start};
use crate::catalog::memory::{IfExists, Insert};
use crate::catalog::{Column, TableName};
use crate::error::{Error, Kind, Position, Result};
use crate::function::{Call, cast as presto};
use crate::plan::Planned;
use crate::plan::syntax::place;
use crate::session::Session;
use crate::types::Type;

/// A query, and where its rows go. Nobody sees them there before they are all there.
pub(crate) struct Write {
    pub(crate) query: Planned,
    columns: Vec<Target>,
    insert: Insert,
    update_type: &'static str,
    session: Arc<Session>,
}

/// What becomes a table's column.
struct Target {
    kind: Type,
    /// Which of the query's columns, and of which type; none where the table's is NULL.
    from: Option<(usize, Type)>,
}

impl Write {
    /// Adds rows of the query's.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = self.columns.iter();
        let columns: Result<Vec<ArrayRef>> = columns
            .map(|target| target.array(batch, &self.session))
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.insert.schema(), columns?, &options)
            .map_err(|error| Error::new(Kind::Internal, error.to_string()))?;
        self.insert.append(&batch)
    }

    /// Has everybody see the rows.
    pub(crate) fn finish(self) -> Result<Answer> {
        let rows = self.insert.commit()?;
        Answer::written(self.update_type, rows)
    }
}

impl Target {
    fn array(&self, batch: &RecordBatch, session: &Session) -> Result<ArrayRef> {
        let rows = batch.num_rows();
        let to = self.kind.to_arrow();
        let Some((i, from)) = &self.from else {
            return Ok(new_null_array(&to, rows));
        };
        let problem = |error: datafusion::arrow::error::ArrowError| {
            Error::new(Kind::Internal, error.to_string())
        };
        let given = batch.column(*i);
        // Plans carry types of Arrow's that Presto has one name for.
        let given = match from.to_arrow() {
            own if own == *given.data_type() => given.clone(),
            own => cast(given, &own).map_err(problem)?,
        };
        if *from != self.kind && presto::is_castable(from, &self.kind) {
            let call = Call {
                arguments: &[],
                types: &[],
                returns: &self.kind,
                rows,
                session,
            };
            return presto::cast(&given, from, &self.kind, &call);
        }
        if *given.data_type() == to {
            return Ok(given);
        }
        cast(&given, &to).map_err(problem)
    }
}

/// A query whose rows a table could have.
pub(super) struct Fitting {
    pub(super) query: Planned,
    columns: Vec<Target>,
    /// The table, or why it takes no rows.
    insert: Result<Insert>,
}

/// Looks at what an `INSERT` is to do, and does nothing yet.
pub(super) fn check_insert(
    table: &[String],
    names: Option<Vec<String>>,
    query: Query,
    tokens: &[TokenWithSpan],
    setting: &Setting,
) -> Result<Fitting> {
    let name = setting.resolve(table)?;
    let found = setting.catalogs.table(&name)?;
    let catalog = catalog(&name.catalog, setting)?;
    let insert = memory(catalog, "inserts", setting)
        .and_then(|memory| memory.insert(&name.schema, &name.table));
    // Those of the very table that gets the rows: there may be another of its name by now.
    let known = insert.as_ref().map_or(found.columns, Insert::columns);
    let wanted = wanted(names, &known)?;
    let given = query.clone();
    let query = setting.plan(query, tokens)?;
    fits(&wanted, &query.columns, &given)?;
    let columns = known.iter().map(|column| Target {
        kind: column.kind.clone(),
        from: wanted
            .iter()
            .position(|wanted| wanted.name == column.name)
            .map(|i| (i, query.columns[i].kind.clone())),
    });
    Ok(Fitting {
        columns: columns.collect(),
        insert,
        query,
    })
}

pub(super) fn insert(
    table: &[String],
    names: Option<Vec<String>>,
    query: Query,
    tokens: &[TokenWithSpan],
    setting: &Setting,
) -> Result<Work> {
    let Fitting {
        query,
        columns,
        insert,
    } = check_insert(table, names, query, tokens, setting)?;
    Ok(Work::Write(Box::new(Write {
        columns,
        insert: insert?,
        update_type: "INSERT",
        session: setting.session.clone(),
        query,
    })))
}

/// The columns that rows are given for, in that order.
fn wanted(names: Option<Vec<String>>, known: &[Column]) -> Result<Vec<Column>> {
    let Some(names) = names else {
        return Ok(known.to_vec());
    };
    let mut wanted: Vec<Column> = Vec::new();
    for name in names {
        let found = known.iter().find(|column| column.name == name);
        let column = found.ok_or_else(|| {
            let message = format!("Insert column name does not exist in target table: {name}");
            Error::new(Kind::ColumnNotFound, message)
        })?;
        if wanted.contains(column) {
            let message = format!("Insert column name is specified more than once: {name}");
            return Err(Error::new(Kind::DuplicateColumn, message));
        }
        wanted.push(column.clone());
    }
    Ok(wanted)
}

/// Every column must be given a value that is of its type without being asked for.
fn fits(wanted: &[Column], given: &[Column], query: &Query) -> Result<()> {
    let (expected, found) = (wanted.len(), given.len());
    if expected != found {
        let at = expected.min(found);
        let mismatch = match wanted.get(at) {
            Some(column) => format!(" Mismatch at column {}: '{}'", at + 1, column.name),
            None => String::new(),
        };
        let message = format!(
            "Insert query has {found} expression(s) but expected {expected} target column(s).{mismatch}"
        );
        let at = place_of(query, at.saturating_sub(1));
        return Err(Error::new(Kind::TypeMismatch, message).at(at));
    }
    for (i, (wanted, given)) in wanted.iter().zip(given).enumerate() {
        if !given.kind.coerces_to(&wanted.kind) {
            let message = format!(
                "Mismatch at column {}: '{}' is of type {} but expression is of type {}",
                i + 1,
                wanted.name,
                wanted.kind,
                given.kind
            );
            return Err(Error::new(Kind::TypeMismatch, message).at(place_of(query, i)));
        }
    }
    Ok(())
}

/// Where a query's column is written, if it is.
fn place_of(query: &Query, column: usize) -> Option<Position> {
    let expr: &Expr = match query.body.as_ref() {
        SetExpr::Values(values) => values.rows.first()?.get(column)?,
        SetExpr::Select(select) => match select.projection.get(column)? {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
            _ => return None,
        },
        _ => return None,
    };
    place(expr.span().start)
}

/// A query that a table could be made of.
pub(super) struct Makeable {
    pub(super) query: Planned,
    name: TableName,
    columns: Vec<(String, Type)>,
}

/// Looks at what a `CREATE TABLE … AS` is to make, and makes nothing yet. There is nothing to do where there is such a
/// table that is to be kept.
pub(super) fn check_create(
    new: &NewTableAs,
    tokens: &[TokenWithSpan],
    setting: &Setting,
) -> Result<Option<Makeable>> {
    let name = setting.resolve(&new.name)?;
    let catalog = catalog(&name.catalog, setting)?;
    if catalog.table(&name.schema, &name.table).is_some() {
        if new.keep {
            return Ok(None);
        }
        let message = format!("Destination table '{name}' already exists");
        return Err(at_start(Kind::TableAlreadyExists, message));
    }
    let query = setting.plan(new.query.clone(), tokens)?;
    let columns = named(&query.columns, new.names.as_deref())?;
    Ok(Some(Makeable {
        query,
        name,
        columns,
    }))
}

pub(super) fn create(
    new: &NewTableAs,
    tokens: &[TokenWithSpan],
    setting: &Setting,
) -> Result<Work> {
    const CREATED: &str = "CREATE TABLE";
    let Some(makeable) = check_create(new, tokens, setting)? else {
        return Answer::written(CREATED, 0).map(Work::Answer);
    };
    let Makeable {
        query,
        name,
        columns,
    } = makeable;
    no_properties(&new.properties, &name)?;
    let catalog = catalog(&name.catalog, setting)?;
    let memory = memory(catalog, "creating tables with data", setting)?;
    must_have_schema(memory, &name)?;
    let TableName { schema, table, .. } = &name;
    if !new.with_data {
        let if_exists = if new.keep {
            IfExists::Keep
        } else {
            IfExists::Fail
        };
        memory.create_table(schema, table, columns, if_exists)?;
        return Answer::written(CREATED, 0).map(Work::Answer);
    }
    let targets = columns.iter().zip(&query.columns).enumerate();
    let targets = targets.map(|(i, ((_, kind), given))| Target {
        kind: kind.clone(),
        from: Some((i, given.kind.clone())),
    });
    Ok(Work::Write(Box::new(Write {
        columns: targets.collect(),
        insert: memory.create_table_as(schema, table, columns)?,
        update_type: CREATED,
        session: setting.session.clone(),
        query,
    })))
}

/// The columns of a table that is made of a query's.
fn named(given: &[Column], names: Option<&[String]>) -> Result<Vec<(String, Type)>> {
    if let Some(names) = names
        && names.len() != given.len()
    {
        let (names, columns) = (names.len(), given.len());
        let message =
            format!("Column alias list has {names} entries but relation has {columns} columns");
        return Err(at_start(Kind::Syntax, message));
    }
    let mut columns: Vec<(String, Type)> = Vec::new();
    for (i, column) in given.iter().enumerate() {
        let name = match names {
            Some(names) => names[i].clone(),
            None if column.name == format!("_col{i}") => {
                let message = format!("Column name not specified at position {}", i + 1);
                return Err(at_start(Kind::Syntax, message));
            }
            None => column.name.to_lowercase(),
        };
        if columns.iter().any(|(known, _)| *known == name) {
            let message = format!("Column name '{name}' specified more than once");
            return Err(at_start(Kind::DuplicateColumn, message));
        }
        if column.kind == Type::Unknown {
            let message = format!("Column type is unknown: {name}");
            return Err(at_start(Kind::Syntax, message));
        }
        columns.push((name, column.kind.clone()));
    }
    Ok(columns)
}
