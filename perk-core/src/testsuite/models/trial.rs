//! One list of operations, as it is tried.

use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::perhaps::Perhaps;
use super::{Clock, ModelRun};
use crate::error::Unavailable;
use crate::testsuite::SuiteTimes;

/// What an implementation did that its model does not allow.
#[derive(Debug)]
pub(super) struct Unlike(String);

impl From<String> for Unlike {
    fn from(what: String) -> Self {
        Self(what)
    }
}

impl From<Unavailable> for Unlike {
    fn from(error: Unavailable) -> Self {
        Self(error.to_string())
    }
}

impl Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When something happened: between two points in time, for nobody outside knows when in a call it took effect. Under
/// paused time both are the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    from: Instant,
    to: Instant,
}

impl Moment {
    /// What a call comes to, and when.
    pub(super) async fn of<T>(call: impl Future<Output = T>) -> (T, Self) {
        let from = Instant::now();
        let answer = call.await;
        let to = Instant::now();
        (answer, Self { from, to })
    }

    /// How long after `self` this was: at least and at most.
    pub(super) fn until(self, later: Self) -> RangeInclusive<Duration> {
        later.from.duration_since(self.to)..=later.to.duration_since(self.from)
    }

    /// Whether so much time had passed by then.
    pub(super) fn passed(self, later: Self, time: Duration) -> Perhaps {
        let age = self.until(later);
        if *age.start() >= time {
            Perhaps::Yes
        } else if *age.end() < time {
            Perhaps::No
        } else {
            Perhaps::Either
        }
    }

    /// At some time from this to that.
    pub(super) fn or(self, later: Self) -> Self {
        Self {
            from: self.from,
            to: later.to,
        }
    }
}

/// Calls that wait at the same time, as tasks: who waits goes on while others do something.
pub(super) type Waiting<T> = JoinSet<(usize, T)>;

/// The first of some waiting calls that comes to something, and which it was. There must be one.
pub(super) async fn first<T: 'static>(waiting: &mut Waiting<T>) -> (usize, T) {
    waiting.join_next().await.unwrap().unwrap()
}

/// What was done, for people to follow a failure, and how long things may take.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) times: SuiteTimes,
    pub(super) clock: Clock,
    done: Vec<String>,
}

impl Trial {
    pub(super) fn new(run: &ModelRun) -> Self {
        Self {
            times: run.times,
            clock: run.clock,
            done: Vec::new(),
        }
    }

    /// Keeps a line for whoever reads of a failure.
    pub(super) fn note(&mut self, line: impl Display) {
        self.done.push(line.to_string());
    }

    /// What a call comes to, which must come to something by itself, and when that was.
    pub(super) async fn soon<T: Debug>(
        &mut self,
        what: impl Display,
        call: impl Future<Output = T>,
    ) -> Result<(T, Moment), Unlike> {
        self.within(self.times.patience, what, call).await
    }

    /// What a call comes to within some time.
    pub(super) async fn within<T: Debug>(
        &mut self,
        time: Duration,
        what: impl Display,
        call: impl Future<Output = T>,
    ) -> Result<(T, Moment), Unlike> {
        let (answer, at) = Moment::of(timeout(time, call)).await;
        let answer = answer.map_err(|_| format!("{what} is not answered"))?;
        self.note(format_args!("{what}: {answer:?}"));
        Ok((answer, at))
    }

    /// What a call comes to that may have to wait; `None` when it does, and it is dropped then.
    pub(super) async fn now<T: Debug>(
        &mut self,
        what: impl Display,
        call: impl Future<Output = T>,
    ) -> (Option<T>, Moment) {
        let (answer, at) = Moment::of(timeout(self.times.quiet, call)).await;
        match &answer {
            Ok(answer) => self.note(format_args!("{what}: {answer:?}")),
            Err(_) => self.note(format_args!("{what}: waits")),
        }
        (answer.ok(), at)
    }

    /// A duration must lie within a range: exactly, where time is paused.
    pub(super) fn lasts(
        &self,
        what: &str,
        got: Duration,
        range: &RangeInclusive<Duration>,
    ) -> Result<(), Unlike> {
        // A server's clock ticks in milliseconds, and is another one.
        let slack = match self.clock {
            Clock::Paused => Duration::ZERO,
            Clock::Real => Duration::from_millis(250),
        };
        if got + slack >= *range.start() && got <= *range.end() + slack {
            return Ok(());
        }
        Err(format!("{what}: {got:?} is not within {range:?}").into())
    }
}

impl Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.done
            .iter()
            .try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// What is observed must be what the model says.
pub(super) fn same<T: PartialEq + Debug>(
    what: impl Display,
    got: &T,
    expected: &T,
) -> Result<(), Unlike> {
    if got == expected {
        return Ok(());
    }
    Err(format!("{what}: {got:?} where the model has {expected:?}").into())
}
