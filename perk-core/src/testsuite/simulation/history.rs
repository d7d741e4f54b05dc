//! What happened, in order: written by all parts of a simulation, read by its checks and by people.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::process::Step;
use super::statement::{Row, Tag};
use crate::ids::{Attempt, PageIndex, WorkerId};
use crate::rerun::Loss;
use crate::store::{Ended, EndedBy, GivenUp};

/// A process's name.
pub(super) type Name = Arc<str>;

/// One POST of a statement that came to be stored: clients that lose an answer post again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Post {
    pub(super) tag: Tag,
    pub(super) number: u32,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.tag, self.number)
    }
}

/// A statement's execution on a cluster, counted over all clusters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run(pub(super) u32);

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run-{}", self.0)
    }
}

/// A cluster, counted over all workers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClusterName(pub(super) u32);

impl fmt::Debug for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cluster-{}", self.0)
    }
}

/// Something that happened, by what it happened to. Nothing in it differs between two runs of one seed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    World(WorldEvent),
    Process(Name, ProcessEvent),
    Worker(WorkerId, WorkerEvent),
    Cluster(ClusterName, ClusterEvent),
    Run(Run, Tag, RunEvent),
    Query(Post, QueryEvent),
    Client(Post, ClientEvent),
    /// A client's POST of a statement got no answer.
    Unanswered(Tag, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorldEvent {
    OutageBegan,
    OutageEnded,
    FaultsEnded,
    Settled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProcessEvent {
    Started,
    Crashed(Step),
    Paused,
    Resumed,
    Draining,
    Left,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorkerEvent {
    /// Its first renewal was taken.
    Began(Name),
    /// It was found lost; so long ago its last renewal was taken.
    Sealed { silent: Duration },
    /// It left the registry.
    Left,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClusterEvent {
    Made {
        owner: WorkerId,
    },
    Died,
    Back,
    Removed,
    /// Nothing reaches it, though it runs on.
    CutOff,
    /// A request to it, or its answer, was lost.
    ExchangeLost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunEvent {
    /// The cluster knows the statement.
    Sent(ClusterName),
    Begun,
    Completed,
    Failed,
    Canceled,
    /// Nobody asked for it for too long.
    Forgotten,
    /// It went with its cluster.
    Lost,
}

/// What happened to a query in store and queue.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum QueryEvent {
    Created,
    Claimed {
        worker: WorkerId,
        attempt: Attempt,
    },
    Recorded {
        attempt: Attempt,
        run: Run,
    },
    Appended {
        attempt: Attempt,
        index: PageIndex,
    },
    Finished {
        attempt: Attempt,
    },
    /// A write under this attempt was refused.
    Fenced {
        attempt: Attempt,
    },
    GivenUp {
        attempt: Attempt,
        loss: Loss,
        became: GivenUp,
    },
    TakenOver {
        from: WorkerId,
        by: Name,
        became: GivenUp,
    },
    Ended {
        error: String,
        by: EndedBy,
        was: Ended,
    },
    /// A reading gave columns, pages or the end.
    Read {
        token: PageIndex,
        pages: usize,
        end: bool,
    },
    /// Its client had not been heard of in the store for so long.
    Abandoned {
        silent: Duration,
    },
    Queue(QueueEvent),
}

/// What happened to a query in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QueueEvent {
    Pushed,
    Pulled(WorkerId),
    Acknowledged(WorkerId),
    Released(WorkerId),
    Removed,
}

/// What a client got for one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Got {
    pub(super) token: PageIndex,
    pub(super) rows: Vec<Row>,
    pub(super) end: Option<End>,
}

/// The end, as a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With what a write counted, or the transaction that it began.
    Finished {
        count: Option<u32>,
        began: Option<Run>,
    },
    Failed(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ClientEvent {
    /// Its POST was answered, and it heard the answer.
    Accepted,
    Got(Got),
    /// The same, but the answer was lost on its way.
    Missed(Got),
    /// It was told that there is no such thing; so long ago it had last been heard of in the store.
    Refused {
        token: PageIndex,
        why: Refusal,
        silent: Duration,
    },
    Cancels,
    /// Its cancel was answered.
    Canceled,
    /// It asks no more, though it was not told of an end.
    Leaves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Unknown,
    Expired,
    PageGone,
}

impl Event {
    /// The statement that this is about; `None` for what concerns all of them.
    fn tag(&self) -> Option<Tag> {
        match self {
            Self::World(_) | Self::Process(..) | Self::Worker(..) | Self::Cluster(..) => None,
            Self::Run(_, tag, _) | Self::Unanswered(tag, _) => Some(*tag),
            Self::Query(post, _) | Self::Client(post, _) => Some(post.tag),
        }
    }
}

/// A simulation's events, each with when it happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    entries: Vec<(Duration, Event)>,
}

impl History {
    pub(super) fn add(&mut self, at: Duration, event: Event) {
        self.entries.push((at, event));
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = (Duration, &Event)> {
        self.entries.iter().map(|(at, event)| (*at, event))
    }

    /// What happened to one statement, and to everything that is not a statement.
    pub(super) fn about(&self, tag: Tag) -> Self {
        let concerns = |event: &Event| event.tag().is_none_or(|about| about == tag);
        let entries = self.entries.iter().filter(|(_, event)| concerns(event));
        Self {
            entries: entries.cloned().collect(),
        }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, event) in &self.entries {
            writeln!(f, "{:>9.3} {event:?}", at.as_secs_f64())?;
        }
        Ok(())
    }
}
