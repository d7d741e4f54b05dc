//! How long a statement may take.

use std::time::Duration;

use super::duration::Length;
use crate::error::{Error, Kind, Result};
use crate::session::Session;

/// What the limits are where the client sets none.
const DEFAULT: Length = Length::days(100.0);

/// How long a statement may take, and what is said of it then.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    pub(crate) time: Duration,
    pub(crate) error: Error,
}

impl TimeLimit {
    /// The shorter of the client's two. Here they are of the same time: what a statement waits before a worker takes it is
    /// not known here, and planning is a part of running.
    pub(crate) fn of(session: &Session) -> Result<Self> {
        // In the order in which Presto looks at them.
        let execution = length("query_max_execution_time", session)?;
        let run = length("query_max_run_time", session)?;
        let (time, message) = if execution.time() <= run.time() {
            let message = format!(
                "Query exceeded the maximum execution time limit of {execution} defined at the QUERY level"
            );
            (execution.time(), message)
        } else {
            let message = format!("Query exceeded maximum time limit of {run}");
            (run.time(), message)
        };
        Ok(Self {
            time,
            error: Error::new(Kind::TimeLimit, message),
        })
    }
}

fn length(property: &str, session: &Session) -> Result<Length> {
    let Some(set) = session.property(property) else {
        return Ok(DEFAULT);
    };
    Length::read(set).map_err(|_| {
        let message = format!("{property} is invalid: {set}");
        Error::new(Kind::InvalidSessionProperty, message)
    })
}
