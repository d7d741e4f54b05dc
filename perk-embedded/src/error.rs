//! What goes wrong with a statement, by the names that Presto and Trino have for it.

use std::fmt;

use datafusion::common::DataFusionError;
use perk_core::{Dialect, ErrorType, QueryError};
use serde_json::json;

/// A place in a statement's text: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $type:ident, $presto:literal = $presto_code:literal, $trino:literal = $trino_code:literal;)*) => {
        /// What is wrong. Names and codes are the engines' own (`StandardErrorCode` of each): Presto keeps fewer apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Whether `TRY` makes NULL of it (`TryFunction`).
            pub(crate) fn is_tried(self) -> bool {
                matches!(
                    self,
                    Self::InvalidFunctionArgument
                        | Self::DivisionByZero
                        | Self::InvalidCastArgument
                        | Self::NumericValueOutOfRange
                )
            }

            fn error_type(self) -> ErrorType {
                match self { $(Self::$kind => ErrorType::$type,)* }
            }

            fn name_and_code(self, dialect: Dialect) -> (&'static str, i32) {
                match (self, dialect) {
                    $((Self::$kind, Dialect::Presto) => ($presto, $presto_code),
                    (Self::$kind, Dialect::Trino) => ($trino, $trino_code),)*
                }
            }
        }
    };
}

kinds! {
    Syntax: UserError, "SYNTAX_ERROR" = 1, "SYNTAX_ERROR" = 1;
    CatalogNotFound: UserError, "SYNTAX_ERROR" = 1, "CATALOG_NOT_FOUND" = 44;
    SchemaNotFound: UserError, "SYNTAX_ERROR" = 1, "SCHEMA_NOT_FOUND" = 45;
    TableNotFound: UserError, "SYNTAX_ERROR" = 1, "TABLE_NOT_FOUND" = 46;
    ColumnNotFound: UserError, "SYNTAX_ERROR" = 1, "COLUMN_NOT_FOUND" = 47;
    AmbiguousName: UserError, "SYNTAX_ERROR" = 1, "AMBIGUOUS_NAME" = 62;
    DuplicateColumn: UserError, "SYNTAX_ERROR" = 1, "DUPLICATE_COLUMN_NAME" = 54;
    ColumnAlreadyExists: UserError, "SYNTAX_ERROR" = 1, "COLUMN_ALREADY_EXISTS" = 51;
    NotAggregated: UserError, "SYNTAX_ERROR" = 1, "EXPRESSION_NOT_AGGREGATE" = 73;
    /// A name without its catalog or schema, in a session without one.
    MissingSession: UserError, "SYNTAX_ERROR" = 1, "MISSING_CATALOG_NAME" = 56;
    /// There is such a function, and it takes something else.
    UnexpectedParameters: UserError, "SYNTAX_ERROR" = 1, "FUNCTION_NOT_FOUND" = 6;
    FunctionNotFound: UserError, "SYNTAX_ERROR" = 1, "FUNCTION_NOT_FOUND" = 6;
    /// A function is called with a lambda that it does not take, or without one that it does.
    LambdaMismatch: UserError, "SYNTAX_ERROR" = 1, "FUNCTION_NOT_FOUND" = 6;
    TypeMismatch: UserError, "SYNTAX_ERROR" = 1, "TYPE_MISMATCH" = 58;
    TypeNotFound: UserError, "SYNTAX_ERROR" = 1, "TYPE_NOT_FOUND" = 56;
    InvalidTypeParameter: UserError, "INVALID_FUNCTION_ARGUMENT" = 7, "INVALID_FUNCTION_ARGUMENT" = 7;
    NotFound: UserError, "NOT_FOUND" = 5, "NOT_FOUND" = 5;
    GenericUser: UserError, "GENERIC_USER_ERROR" = 0, "GENERIC_USER_ERROR" = 0;
    NotSupported: UserError, "NOT_SUPPORTED" = 13, "NOT_SUPPORTED" = 13;
    InvalidFunctionArgument: UserError, "INVALID_FUNCTION_ARGUMENT" = 7, "INVALID_FUNCTION_ARGUMENT" = 7;
    DivisionByZero: UserError, "DIVISION_BY_ZERO" = 8, "DIVISION_BY_ZERO" = 8;
    InvalidCastArgument: UserError, "INVALID_CAST_ARGUMENT" = 9, "INVALID_CAST_ARGUMENT" = 9;
    TableAlreadyExists: UserError, "SYNTAX_ERROR" = 1, "TABLE_ALREADY_EXISTS" = 50;
    SchemaAlreadyExists: UserError, "SYNTAX_ERROR" = 1, "SCHEMA_ALREADY_EXISTS" = 49;
    SchemaNotEmpty: UserError, "SCHEMA_NOT_EMPTY" = 34, "SCHEMA_NOT_EMPTY" = 34;
    /// The tables of the catalog `memory` need more than they may have.
    MemoryTables: External, "MEMORY_LIMIT_EXCEEDED" = 84_017_153, "MEMORY_LIMIT_EXCEEDED" = 84_017_153;
    InvalidSessionProperty: UserError, "INVALID_SESSION_PROPERTY" = 14, "INVALID_SESSION_PROPERTY" = 14;
    NumericValueOutOfRange: UserError, "NUMERIC_VALUE_OUT_OF_RANGE" = 19, "NUMERIC_VALUE_OUT_OF_RANGE" = 19;
    SubqueryMultipleRows: UserError, "SUBQUERY_MULTIPLE_ROWS" = 28, "SUBQUERY_MULTIPLE_ROWS" = 28;
    InvalidTableProperty: UserError, "INVALID_TABLE_PROPERTY" = 18, "INVALID_TABLE_PROPERTY" = 18;
    UnknownTransaction: UserError, "UNKNOWN_TRANSACTION" = 20, "UNKNOWN_TRANSACTION" = 20;
    NotInTransaction: UserError, "NOT_IN_TRANSACTION" = 21, "NOT_IN_TRANSACTION" = 21;
    TransactionAborted: UserError, "TRANSACTION_ALREADY_ABORTED" = 22, "TRANSACTION_ALREADY_ABORTED" = 22;
    ReadOnlyViolation: UserError, "READ_ONLY_VIOLATION" = 23, "READ_ONLY_VIOLATION" = 23;
    /// A write in a transaction where what is written cannot be taken back.
    AutocommitConflict: UserError, "AUTOCOMMIT_WRITE_CONFLICT" = 25, "AUTOCOMMIT_WRITE_CONFLICT" = 25;
    /// The client does not say whether it is in a transaction.
    IncompatibleClient: UserError, "INCOMPATIBLE_CLIENT" = 27, "INCOMPATIBLE_CLIENT" = 27;
    ProcedureNotFound: UserError, "PROCEDURE_NOT_FOUND" = 29, "PROCEDURE_NOT_FOUND" = 29;
    InvalidSchemaProperty: UserError, "INVALID_SCHEMA_PROPERTY" = 33, "INVALID_SCHEMA_PROPERTY" = 33;
    /// `EXECUTE` with more or fewer values than the statement has parameters.
    WrongParameters: UserError, "SYNTAX_ERROR" = 1, "INVALID_PARAMETER_USAGE" = 80;
    Internal: InternalError, "GENERIC_INTERNAL_ERROR" = 65_536, "GENERIC_INTERNAL_ERROR" = 65_536;
    /// There is no more of something that is counted.
    InsufficientResources: InsufficientResources, "GENERIC_INSUFFICIENT_RESOURCES" = 131_072, "GENERIC_INSUFFICIENT_RESOURCES" = 131_072;
    TimeLimit: InsufficientResources, "EXCEEDED_TIME_LIMIT" = 131_075, "EXCEEDED_TIME_LIMIT" = 131_075;
    /// The query needs more memory than one may have.
    MemoryLimit: InsufficientResources, "EXCEEDED_LOCAL_MEMORY_LIMIT" = 131_079, "EXCEEDED_LOCAL_MEMORY_LIMIT" = 131_079;
    /// All queries together need more memory than there is.
    ClusterOutOfMemory: InsufficientResources, "CLUSTER_OUT_OF_MEMORY" = 131_076, "CLUSTER_OUT_OF_MEMORY" = 131_076;
    DuplicateNamedQuery: UserError, "SYNTAX_ERROR" = 1, "DUPLICATE_NAMED_QUERY" = 53;
    /// A list of columns' names is too long or too short.
    MismatchedAliases: UserError, "SYNTAX_ERROR" = 1, "MISMATCHED_COLUMN_ALIASES" = 61;
    InvalidColumnReference: UserError, "SYNTAX_ERROR" = 1, "INVALID_COLUMN_REFERENCE" = 63;
    MissingGroupBy: UserError, "SYNTAX_ERROR" = 1, "MISSING_GROUP_BY" = 64;
    MissingOver: UserError, "SYNTAX_ERROR" = 1, "MISSING_OVER" = 66;
    NestedAggregation: UserError, "SYNTAX_ERROR" = 1, "NESTED_AGGREGATION" = 67;
    NestedWindow: UserError, "SYNTAX_ERROR" = 1, "NESTED_WINDOW" = 68;
    NotInDistinct: UserError, "SYNTAX_ERROR" = 1, "EXPRESSION_NOT_IN_DISTINCT" = 69;
    NotAnAggregate: UserError, "SYNTAX_ERROR" = 1, "FUNCTION_NOT_AGGREGATE" = 72;
    /// An aggregate or a window where one row is looked at.
    NotScalar: UserError, "SYNTAX_ERROR" = 1, "EXPRESSION_NOT_SCALAR" = 74;
    InvalidGroupingArguments: UserError, "SYNTAX_ERROR" = 1, "INVALID_ARGUMENTS" = 76;
    InvalidWindowFrame: UserError, "SYNTAX_ERROR" = 1, "INVALID_WINDOW_FRAME" = 15;
    /// SQL that the engines do not have, which Presto calls bad syntax.
    UnsupportedSyntax: UserError, "SYNTAX_ERROR" = 1, "NOT_SUPPORTED" = 13;
    /// A subquery that refers to the query around it in a way that cannot be planned.
    UnsupportedSubquery: UserError, "UNSUPPORTED_SUBQUERY" = 36, "NOT_SUPPORTED" = 13;
}

/// Why a statement fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) at: Option<Position>,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            at: None,
        }
    }

    /// The same with its place, where none is known yet.
    pub(crate) fn at(mut self, at: Option<Position>) -> Self {
        self.at = self.at.or(at);
        self
    }

    /// What a client of this dialect is told.
    pub(crate) fn for_client(&self, dialect: Dialect) -> QueryError {
        let (name, code) = self.kind.name_and_code(dialect);
        let message = match self.at {
            Some(Position { line, column }) => format!("line {line}:{column}: {}", self.message),
            None => self.message.clone(),
        };
        let kind = self.kind.error_type();
        let location = self
            .at
            .map(|Position { line, column }| json!({ "lineNumber": line, "columnNumber": column }));
        let mut object = json!({
            "message": message,
            "errorCode": code,
            "errorName": name,
            "errorType": kind.as_str(),
            "failureInfo": {
                "type": "perk.embedded.StatementError",
                "message": message,
                "suppressed": [],
                "stack": [],
                "errorLocation": location,
            },
        });
        if let (Some(location), Some(fields)) = (location, object.as_object_mut()) {
            fields.insert("errorLocation".into(), location);
        }
        let mut error = QueryError::standard(name, code, kind, message);
        error.json = Some(object.to_string().into());
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What `DataFusion` says of a subquery that should be one value.
const MULTIPLE_ROWS: &str = "more than one row";

/// Through `DataFusion`'s own code, which hands it back.
impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        Self::External(Box::new(error))
    }
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        Self::from(&error)
    }
}

impl From<&DataFusionError> for Error {
    fn from(error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::External(inner) => match inner.downcast_ref::<Self>() {
                Some(own) => own.clone(),
                None => Self::new(Kind::Internal, error.to_string()),
            },
            DataFusionError::ResourcesExhausted(_) => {
                Self::new(Kind::MemoryLimit, "Query exceeded its memory limit")
            }
            DataFusionError::NotImplemented(what) => Self::new(Kind::NotSupported, what.clone()),
            DataFusionError::Execution(message) if message.contains(MULTIPLE_ROWS) => Self::new(
                Kind::SubqueryMultipleRows,
                "Scalar sub-query has returned multiple rows",
            ),
            _ => Self::new(Kind::Internal, error.to_string()),
        }
    }
}
