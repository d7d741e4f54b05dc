//! The errors that are common to many parts: what ends a query, in the shape that clients of both dialects understand,
//! and a shared part that does not answer.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Who has to do something about an error: Presto's and Trino's `ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorType {
    /// The statement is at fault.
    UserError,
    /// The engine, or Perk, is at fault.
    InternalError,
    /// There was not enough of something.
    InsufficientResources,
    /// Something outside the engine failed.
    External,
}

impl ErrorType {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserError => "USER_ERROR",
            Self::InternalError => "INTERNAL_ERROR",
            Self::InsufficientResources => "INSUFFICIENT_RESOURCES",
            Self::External => "EXTERNAL",
        }
    }
}

/// Why a query failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// A stable name: the engine's (`SYNTAX_ERROR`) or one of Perk's ([`PerkError`]).
    pub name: String,
    /// The number that goes with the name.
    pub code: i32,
    /// Who has to do something about it.
    pub error_type: ErrorType,
    /// What happened, and for Perk's errors what to do.
    pub message: String,
    /// The engine's own error object, passed on as it is.
    pub json: Option<Bytes>,
}

impl QueryError {
    /// An error with an engine's well-known name and code (class `StandardErrorCode`).
    pub fn standard(
        name: &str,
        code: i32,
        error_type: ErrorType,
        message: impl Into<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            code,
            error_type,
            message: message.into(),
            json: None,
        }
    }

    /// What a client sees whose query was cancelled, by itself or by another.
    pub fn user_canceled() -> Self {
        Self::standard(
            "USER_CANCELED",
            3,
            ErrorType::UserError,
            "Query was canceled",
        )
    }

    /// What nobody sees: the client has gone, and its query was cancelled for it.
    pub fn abandoned() -> Self {
        let message = "the client has not asked for this query for too long, so it was cancelled";
        Self::standard("ABANDONED_QUERY", 2, ErrorType::UserError, message)
    }
}

macro_rules! perk_errors {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $wire:literal, $kind:ident;)*) => {
        /// The errors that Perk itself raises. Names and codes are stable; the codes lie outside the engines' ranges.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum PerkError {
            $($(#[$doc])* $name,)*
        }

        impl PerkError {
            /// All of them, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// The code on the wire: 0x50450000 (`PE`) and a number.
            pub fn code(self) -> i32 {
                match self { $(Self::$name => 0x5045_0000 + $number,)* }
            }

            /// Who has to do something about it.
            pub fn error_type(self) -> ErrorType {
                match self { $(Self::$name => ErrorType::$kind,)* }
            }
        }
    };
}

perk_errors! {
    /// The cluster was lost while its rows were being read.
    ClusterLost = 1, "PERK_CLUSTER_LOST", External;
    /// The cluster was lost while it ran a statement that may have had an effect, or still may.
    OutcomeUnknown = 2, "PERK_OUTCOME_UNKNOWN", External;
    /// Every attempt at the query lost its worker or its cluster.
    AttemptsExhausted = 3, "PERK_ATTEMPTS_EXHAUSTED", External;
    /// The query is over and its results are gone.
    QueryExpired = 4, "PERK_QUERY_EXPIRED", UserError;
    /// Perk is being stopped.
    ShuttingDown = 5, "PERK_SHUTTING_DOWN", InsufficientResources;
    /// The cluster answered something that is not the protocol.
    BadClusterAnswer = 6, "PERK_BAD_CLUSTER_ANSWER", External;
    /// One page of the result is larger than Perk takes.
    PageTooLarge = 7, "PERK_PAGE_TOO_LARGE", InsufficientResources;
    /// The cluster refused the statement before it ran.
    ClusterRefused = 8, "PERK_CLUSTER_REFUSED", External;
    /// The statement's transaction is not known, or the cluster that began it is gone.
    TransactionLost = 9, "PERK_TRANSACTION_LOST", UserError;
    /// As many queries wait already as may.
    QueueFull = 10, "PERK_QUEUE_FULL", InsufficientResources;
    /// The query ran for longer than its pool allows.
    RunTimeExceeded = 11, "PERK_RUN_TIME_EXCEEDED", InsufficientResources;
}

impl PerkError {
    /// The error with what happened and what to do.
    pub fn because(self, message: impl Into<String>) -> QueryError {
        QueryError::standard(self.name(), self.code(), self.error_type(), message)
    }
}

/// The store, queue or registry does not answer now. Nothing is known to have happened; try again later.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{service} does not answer: {reason}")]
pub struct Unavailable {
    /// What does not answer.
    pub service: &'static str,
    /// What was seen of it.
    pub reason: String,
}
