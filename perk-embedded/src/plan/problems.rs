//! `DataFusion`'s errors as Presto's.

use datafusion::common::{DataFusionError, SchemaError};

use crate::error::{Error, Kind, Position};

/// What Presto would say. Errors of this crate's own come back as they are, with the place that `DataFusion` found for them.
pub(crate) fn of_plan(error: &DataFusionError) -> Error {
    match error {
        DataFusionError::Diagnostic(diagnostic, inner) => {
            let at = diagnostic.span.map(|span| Position {
                line: span.start.line,
                column: span.start.column,
            });
            of_plan(inner).at(at.filter(|at| at.line > 0))
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
            let message = format!("Column '{}' cannot be resolved", field.flat_name());
            let span = field.spans.first();
            let at = span.map(|span| Position {
                line: span.start.line,
                column: span.start.column,
            });
            Error::new(Kind::ColumnNotFound, message).at(at)
        }
        SchemaError::AmbiguousReference { field } => {
            let span = field.spans.first();
            let at = span.map(|span| Position {
                line: span.start.line,
                column: span.start.column,
            });
            Error::new(
                Kind::AmbiguousName,
                format!("Column '{}' is ambiguous", field.name),
            )
            .at(at)
        }
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => Error::new(
            Kind::DuplicateColumn,
            format!("Column name '{name}' specified more than once"),
        ),
    }
}

/// What of its plain messages has a name in Presto.
const MESSAGES: &[(&str, Kind)] = &[
    (
        "must be in GROUP BY or an aggregate function",
        Kind::NotAggregated,
    ),
    (
        "could not be resolved from available columns",
        Kind::NotAggregated,
    ),
];

fn of_message(message: &str) -> Error {
    let known = MESSAGES.iter().find(|(text, _)| message.contains(text));
    let kind = known.map_or(Kind::Syntax, |(_, kind)| *kind);
    Error::new(kind, message.to_owned())
}
