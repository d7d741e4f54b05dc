//! Session properties: those that clients set. Only the limits of time have an effect; others are known so that setting them
//! works as elsewhere.

use std::fmt;

use datafusion::sql::sqlparser::ast::{Expr, UnaryOperator, Value};

use super::Setting;
use super::answer::{Answer, fitted};
use super::duration::Length;
use super::like::Names;
use crate::catalog::listing::{Row, columns};
use crate::error::{Error, Kind, Position, Result};
use crate::types::Type;

/// A property: Presto's name and default for it.
pub(super) struct Property {
    pub(super) name: &'static str,
    default: &'static str,
    takes: Takes,
    description: &'static str,
}

/// What values a property takes.
enum Takes {
    Boolean,
    Integer,
    Bigint,
    Text,
    /// `10m`.
    Duration,
    /// One of these, in any case; and what Presto calls them in its messages.
    OneOf(&'static [&'static str], &'static str),
}

impl Takes {
    fn kind(&self) -> Type {
        match self {
            Self::Boolean => Type::Boolean,
            Self::Integer => Type::Integer,
            Self::Bigint => Type::Bigint,
            Self::Text | Self::Duration | Self::OneOf(..) => Type::VARCHAR,
        }
    }
}

const fn property(
    name: &'static str,
    default: &'static str,
    takes: Takes,
    description: &'static str,
) -> Property {
    Property {
        name,
        default,
        takes,
        description,
    }
}

/// In the order of their names.
static PROPERTIES: &[Property] = &[
    property(
        "colocated_join",
        "true",
        Takes::Boolean,
        "Experimental: Use a colocated join when possible",
    ),
    property(
        "distributed_sort",
        "true",
        Takes::Boolean,
        "Parallelize sort across multiple nodes",
    ),
    property(
        "execution_policy",
        "all-at-once",
        Takes::Text,
        "Policy used for scheduling query tasks",
    ),
    property(
        "hash_partition_count",
        "100",
        Takes::Integer,
        "Number of partitions for distributed joins and aggregations",
    ),
    property(
        "iterative_optimizer_enabled",
        "true",
        Takes::Boolean,
        "Experimental: enable iterative optimizer",
    ),
    property(
        "join_distribution_type",
        "AUTOMATIC",
        Takes::OneOf(
            &["BROADCAST", "PARTITIONED", "AUTOMATIC"],
            "com.facebook.presto.sql.analyzer.FeaturesConfig.JoinDistributionType",
        ),
        "The join method to use. Options are BROADCAST,PARTITIONED,AUTOMATIC",
    ),
    property(
        "join_reordering_strategy",
        "AUTOMATIC",
        Takes::OneOf(
            &["NONE", "ELIMINATE_CROSS_JOINS", "AUTOMATIC"],
            "com.facebook.presto.sql.analyzer.FeaturesConfig.JoinReorderingStrategy",
        ),
        "The join reordering strategy to use. Options are NONE,ELIMINATE_CROSS_JOINS,AUTOMATIC",
    ),
    property(
        "max_drivers_per_task",
        "",
        Takes::Integer,
        "Maximum number of drivers per task",
    ),
    property(
        "optimize_hash_generation",
        "true",
        Takes::Boolean,
        "Compute hash codes for distribution, joins, and aggregations early in query plan",
    ),
    property(
        "optimizer_use_histograms",
        "false",
        Takes::Boolean,
        "whether or not to use histograms in the CBO",
    ),
    property(
        "push_aggregation_through_join",
        "true",
        Takes::Boolean,
        "Allow pushing aggregations below joins",
    ),
    property(
        "query_max_cpu_time",
        "1000000000.00d",
        Takes::Duration,
        "Maximum CPU time of a query",
    ),
    property(
        "query_max_execution_time",
        "100.00d",
        Takes::Duration,
        "Maximum execution time of a query",
    ),
    property(
        "query_max_run_time",
        "100.00d",
        Takes::Duration,
        "Maximum run time of a query (includes the queueing time)",
    ),
    property(
        "query_priority",
        "1",
        Takes::Integer,
        "The priority of queries. Larger numbers are higher priority",
    ),
    property(
        "redistribute_writes",
        "true",
        Takes::Boolean,
        "Force parallel distributed writes",
    ),
    property(
        "resource_overcommit",
        "false",
        Takes::Boolean,
        "Use resources which are not guaranteed to be available to the query",
    ),
    property(
        "scale_writers",
        "false",
        Takes::Boolean,
        "Scale out writers based on throughput (use minimum necessary)",
    ),
    property(
        "spill_enabled",
        "false",
        Takes::Boolean,
        "Experimental: Enable spilling",
    ),
    property(
        "task_concurrency",
        "16",
        Takes::Bigint,
        "Default number of local parallel jobs per worker",
    ),
    property(
        "task_writer_count",
        "1",
        Takes::Bigint,
        "Default number of local parallel table writer jobs per worker",
    ),
];

pub(super) fn find(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.name == name)
}

/// `SHOW SESSION`.
pub(super) fn answer(names: &Names, setting: &Setting) -> Result<Answer> {
    let row = |property: &Property| -> Row {
        let value = setting.session.property(property.name);
        vec![
            property.name.into(),
            value.unwrap_or(property.default).into(),
            property.default.into(),
            property.takes.kind().to_string().into(),
            property.description.into(),
        ]
    };
    let all: Vec<Row> = PROPERTIES.iter().map(row).collect();
    let titles = ["Name", "Value", "Default", "Type", "Description"];
    let columns = fitted(columns(&titles, &Type::VARCHAR), &all);
    let wanted = PROPERTIES
        .iter()
        .map(|property| names.include(property.name));
    let rows: Vec<Row> = all
        .into_iter()
        .zip(wanted)
        .filter_map(|(row, wanted)| wanted.then_some(row))
        .collect();
    Answer::listing(columns, &rows)
}

/// A value that was written for a property.
enum Literal<'a> {
    Text(&'a str),
    Whole(i64),
    Truth(bool),
    Null,
    Other,
}

impl fmt::Display for Literal<'_> {
    /// Its type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "varchar({})", text.chars().count()),
            Self::Whole(number) if i32::try_from(*number).is_ok() => f.write_str("integer"),
            Self::Whole(_) => f.write_str("bigint"),
            Self::Truth(_) => f.write_str("boolean"),
            Self::Null | Self::Other => f.write_str("unknown"),
        }
    }
}

fn literal(value: &Expr) -> Literal<'_> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Literal::Text(text),
            Value::Boolean(truth) => Literal::Truth(*truth),
            Value::Number(digits, _) => digits.parse().map_or(Literal::Other, Literal::Whole),
            Value::Null => Literal::Null,
            _ => Literal::Other,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match literal(expr) {
            Literal::Whole(number) => Literal::Whole(-number),
            _ => Literal::Other,
        },
        Expr::Nested(inner) => literal(inner),
        _ => Literal::Other,
    }
}

impl Property {
    /// The value that a property is to have, as text; or what is wrong with it, as Presto says it.
    pub(super) fn checked(&self, value: &Expr, at: Option<Position>) -> Result<String> {
        let name = self.name;
        let invalid = |message: String| Error::new(Kind::InvalidSessionProperty, message);
        let internal = |message: String| Error::new(Kind::Internal, message);
        match (&self.takes, literal(value)) {
            (_, Literal::Null) => Err(invalid("Session property value must not be null".into())),
            (_, Literal::Other) => Err(Error::new(
                Kind::NotSupported,
                "only literals can be set as session properties in the embedded engine",
            )
            .at(at)),
            (Takes::Boolean, Literal::Truth(truth)) => Ok(truth.to_string()),
            (Takes::Integer | Takes::Bigint, Literal::Whole(number)) => {
                if name == "task_concurrency"
                    && !u64::try_from(number).is_ok_and(u64::is_power_of_two)
                {
                    return Err(invalid(format!("{name} must be a power of 2: {number}")));
                }
                Ok(number.to_string())
            }
            (Takes::Text, Literal::Text(text)) => Ok(text.to_owned()),
            (Takes::Duration, Literal::Text(text)) => match Length::read(text) {
                Ok(_) => Ok(text.to_owned()),
                Err(problem) => Err(internal(problem)),
            },
            (Takes::OneOf(known, class), Literal::Text(text)) => {
                let upper = text.to_uppercase();
                if known.contains(&upper.as_str()) {
                    return Ok(text.to_owned());
                }
                Err(internal(format!("No enum constant {class}.{upper}")))
            }
            (takes, given) => {
                let place = at.map_or_else(String::new, |Position { line, column }| {
                    format!("line {line}:{column}: ")
                });
                let kind = takes.kind();
                Err(invalid(format!(
                    "Unable to set session property '{name}' to '{value}': {place}Cannot cast type {given} to {kind}"
                )))
            }
        }
    }
}
