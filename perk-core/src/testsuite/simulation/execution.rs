//! A statement on a simulated cluster.

use tokio::time::Instant;

use super::history::{ClusterName, Run};
use super::statement::{NO_TRANSACTION, OWN_FAULT, Spec, Upset, Verb};
use super::world::World;
use crate::query::UpstreamRef;
use crate::statement::Dialect;

/// One answer to a GET, after a while.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// The rows' values.
    pub(super) rows: Vec<u32>,
    pub(super) last: Last,
}

/// Whether an answer is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    No,
    Finished,
    Failed(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Known,
    Running,
    /// Its last answer has been given, and may be asked for again.
    Answered,
    Gone,
}

/// A statement on a cluster.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) spec: Spec,
    pub(super) cluster: ClusterName,
    pub(super) stage: Stage,
    pub(super) answers: Vec<Page>,
    /// When it was last asked for.
    pub(super) polled: Instant,
}

/// What one execution answers: its rows in an order and in pages of its own, as real clusters do.
pub(super) fn answers(world: &World, spec: &Spec) -> Vec<Page> {
    let writes = spec.verb == Verb::Writes;
    let mut values: Vec<u32> = if writes {
        vec![spec.rows]
    } else {
        (0..spec.rows).collect()
    };
    world.shuffle(&mut values);
    let last = match spec.upset {
        Some(Upset::Fails { after }) => {
            let after = if writes { 0 } else { after };
            values.truncate(after as usize);
            Last::Failed(OWN_FAULT)
        }
        _ => Last::Finished,
    };
    let mut answers = Vec::new();
    while !values.is_empty() {
        let rows = world
            .below(4)
            .min(u32::try_from(values.len()).unwrap_or(u32::MAX));
        let rows = values.drain(..rows as usize).collect();
        let last = Last::No;
        answers.push(Page { rows, last });
    }
    // The end comes with the last rows, or by itself.
    if answers.is_empty() || world.below(2) == 0 || last != Last::Finished {
        let rows = Vec::new();
        answers.push(Page { rows, last });
    } else if let Some(answer) = answers.last_mut() {
        answer.last = last;
    }
    answers
}

/// What is answered to a statement whose transaction is not open.
pub(super) fn outside() -> Vec<Page> {
    let rows = Vec::new();
    let last = Last::Failed(NO_TRANSACTION);
    vec![Page { rows, last }]
}

/// What an execution is called towards the code under test.
pub(super) fn upstream(cluster: ClusterName, run: Run, user: &str) -> UpstreamRef {
    UpstreamRef {
        origin: cluster.origin(),
        dialect: Dialect::Trino,
        query_id: run.0.to_string(),
        next_uri: format!("{}/v1/statement/queued/{}/1", cluster.origin(), run.0),
        user: user.to_owned(),
        credential: None,
    }
}

/// The execution that a worker recorded.
pub(super) fn run_of(upstream: &UpstreamRef) -> Run {
    Run(upstream.query_id.parse().unwrap_or(u32::MAX))
}
