//! `DataFusion`'s errors as Presto's.

use datafusion::common::{Column, DataFusionError, SchemaError, TableReference};

use crate::error::{Error, Kind, Position};

/// What Presto would say. Errors of this crate's own come back as they are, with the place that `DataFusion` found for them.
pub(crate) fn of_plan(error: &DataFusionError) -> Error {
    match error {
        DataFusionError::Diagnostic(diagnostic, inner) => {
            let at = diagnostic.span.map(|span| Position {
                line: span.start.line,
                column: span.start.column,
            });
            let at = at.filter(|at| at.line > 0);
            match (&**inner, at) {
                // A column that has no place in the text comes from a `*`.
                (DataFusionError::Plan(message), None) if is_not_aggregated(message) => {
                    let column = not_aggregated_column(message).unwrap_or_default();
                    let column = match column.strip_prefix('$').and_then(|own| own.split_once('.'))
                    {
                        Some((_, own)) => own,
                        None => column,
                    };
                    let message = format!("Column '{column}' not in GROUP BY clause");
                    Error::new(Kind::NotAggregated, message)
                }
                (inner, at) => of_plan(inner).at(at),
            }
        }
        DataFusionError::Context(_, inner) => of_plan(inner),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => of_plan(first),
            None => Error::new(Kind::Internal, error.to_string()),
        },
        DataFusionError::SchemaError(problem, _) => of_schema(problem),
        DataFusionError::Plan(message) => of_message(message),
        DataFusionError::NotImplemented(what) => Error::new(Kind::NotSupported, what.clone()),
        _ => Error::from(error),
    }
}

fn of_schema(problem: &SchemaError) -> Error {
    match problem {
        SchemaError::FieldNotFound { field, .. } => {
            let message = match &field.relation {
                Some(table) => format!("'{}.{}' cannot be resolved", table.table(), field.name),
                None => format!("Column '{}' cannot be resolved", field.name),
            };
            Error::new(Kind::ColumnNotFound, message).at(span(field))
        }
        SchemaError::AmbiguousReference { field } => {
            ambiguous(&written(field.relation.as_ref(), &field.name)).at(span(field))
        }
        SchemaError::DuplicateQualifiedField { qualifier, name } => {
            ambiguous(&written(Some(qualifier), name))
        }
        SchemaError::DuplicateUnqualifiedField { name } => ambiguous(name),
    }
}

fn ambiguous(name: &str) -> Error {
    Error::new(Kind::AmbiguousName, format!("Column '{name}' is ambiguous"))
}

fn written(table: Option<&TableReference>, name: &str) -> String {
    match table {
        Some(table) if !table.table().starts_with('$') => format!("{}.{name}", table.table()),
        _ => name.to_owned(),
    }
}

/// Where a column is named.
fn span(field: &Column) -> Option<Position> {
    field.spans.first().map(|span| Position {
        line: span.start.line,
        column: span.start.column,
    })
}

/// What of its plain messages has a name in Presto.
const MESSAGES: &[(&str, Kind)] = &[
    (
        "must appear in the GROUP BY clause or be used in an aggregate function",
        Kind::NotAggregated,
    ),
    (
        "could not be resolved from available columns",
        Kind::NotAggregated,
    ),
    (
        "Correlated column is not allowed",
        Kind::UnsupportedSubquery,
    ),
];

fn of_message(message: &str) -> Error {
    if is_not_aggregated(message)
        && let Some(column) = not_aggregated_column(message)
    {
        let name = column.rsplit_once('.').map_or(column, |(_, name)| name);
        let message =
            format!("'{name}' must be an aggregate expression or appear in GROUP BY clause");
        return Error::new(Kind::NotAggregated, message);
    }
    let known = MESSAGES.iter().find(|(text, _)| message.contains(text));
    let kind = known.map_or(Kind::Syntax, |(_, kind)| *kind);
    Error::new(kind, message.to_owned())
}

fn is_not_aggregated(message: &str) -> bool {
    message.contains("must be in GROUP BY or an aggregate function")
}

/// `… column "nation.name" must appear in the GROUP BY clause …`.
fn not_aggregated_column(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("column \"")?;
    Some(rest.split_once('"')?.0)
}
