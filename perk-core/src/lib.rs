//! What Perk is: a durable queue between SQL clients and many small Presto or Trino clusters, as a library.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Statement`], [`QueryId`], [`Page`], … | the domain's words as types |
//! | [`Queue`], [`ResultStore`], [`Registry`] | what a deployment shares; in memory or Redis |
//! | [`QueryExecutor`], [`ClusterProvisioner`] | how a statement runs, and on what |
//! | [`rerun`] | what may be run again, and when |
//! | [`sql`] | where statements end |
//! | [`Router`] | which pool a statement goes to |
//! | [`Gateway`] | takes statements and gives results, whatever protocol is in front of it |
//! | [`Worker`] | takes queries from the queue and runs them on its cluster |
//! | `testsuite` | mocks, and suites that hold an implementation to a trait's contract (feature `testsuite`) |
//!
//! Nothing here speaks HTTP, Redis or Kubernetes: crates beside this one do.

mod error;
mod executor;
mod gateway;
mod ids;
mod provisioner;
mod query;
mod queue;
mod random;
mod registry;
pub mod rerun;
mod router;
mod secret;
mod slug;
pub mod sql;
mod statement;
mod store;
#[cfg(any(test, feature = "testsuite"))]
pub mod testsuite;
mod worker;

pub use error::{ErrorType, PerkError, QueryError, Unavailable};
pub use executor::{Control, ExecuteError, QueryExecutor, QuerySink, SinkClosed};
pub use gateway::{Answer, Gateway, GatewayConfig, PollError, PostAnswer, SubmitError};
pub use ids::{Attempt, InvalidName, PageIndex, PoolName, QueryId, TransactionId, WorkerId};
pub use provisioner::{Cluster, ClusterProvisioner, Health, Load, ProvisionError};
pub use query::{Ending, Envelope, Outcome, Page, QueryState, Rerunnable, UpstreamRef};
pub use queue::{Delivery, Depth, Lane, Offered, Queue, QueueBounds, Signal, Take, Target};
pub use random::Random;
pub use registry::{Registry, Renewal, WorkerEntry, WorkerStatus};
pub use router::{Priority, Route, Router, RoutingRule};
pub use secret::Secret;
pub use slug::{DeploymentKeys, Slug};
pub use statement::{Dialect, SessionHeader, Statement};
pub use store::{
    Abandoned, Claim, Ended, EndedBy, GivenUp, NewQuery, Next, QueryInfo, ReadError, ReadLimits,
    Reading, ResultStore, UnendedQueries, WriteError,
};
pub use worker::{Worker, WorkerConfig, WorkerHandle, WorkerParts};
