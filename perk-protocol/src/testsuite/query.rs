//! One statement's life on the scripted coordinator, and its tokens. What each GET is answered is in `answers`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Flavor;
use super::envelope::Page;
use super::script::Script;
use super::server::Server;

/// A statement that was given an id.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) sql: Arc<str>,
    pub(super) user: String,
    pub(super) script: Script,
    pub(super) created: Instant,
    /// Held while a GET is answered: a second one waits for the first's page.
    pub(super) turn: tokio::sync::Mutex<Turn>,
    life: Mutex<Life>,
    /// Wakes a waiting GET when the query ends.
    pub(super) woken: Notify,
}

/// How far the client has read. Its steps count the answers: 0 is the POST's, 1 the first GET's, and so on over
/// both kinds of URI.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) at: u32,
    pub(super) page: Option<Page>,
    pub(super) over: bool,
    /// The last step that has a queued URI, once it is known.
    pub(super) base: Option<u32>,
    /// Pages handed out.
    pub(super) pages: u64,
    pub(super) columns_known: bool,
    /// When the next page is.
    pub(super) ready: Instant,
}

/// What can change while a GET waits.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) stage: Stage,
    pub(super) end: Option<End>,
    pub(super) canceling: Canceling,
    pub(super) gets: u32,
    pub(super) in_flight: u32,
    pub(super) last_heard: Instant,
    pub(super) first_answered: bool,
    /// The query that Presto's retry URI began in this one's place.
    pub(super) retried_as: Option<Arc<Query>>,
}

/// How far a query has come.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Stage {
    /// Nothing has begun.
    Posted,
    Queued,
    Executing,
}

/// Whether a client has asked to cancel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Canceling {
    No,
    /// It has, and nothing came of it, because nothing had begun.
    Refused,
    /// It has, and was answered 204.
    Accepted {
        gets_since: u32,
    },
}

impl Canceling {
    pub(super) fn accept(&mut self) {
        if !matches!(self, Self::Accepted { .. }) {
            *self = Self::Accepted { gets_since: 0 };
        }
    }
}

/// Who asks: how it calls the coordinator, how long it would wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) server: &'a Server,
    /// `http://host:port`
    pub(super) origin: &'a str,
    pub(super) max_wait: Duration,
}

/// How a query ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    Finished,
    Failed,
    Canceled,
    Abandoned,
    NeverBegun,
    Lost,
}

impl End {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Abandoned => "abandoned",
            Self::NeverBegun => "never-begun",
            Self::Lost => "lost",
        }
    }
}

/// A statement URI's place: which kind, which token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Address {
    pub(super) phase: Phase,
    pub(super) token: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    Queued,
    Executing,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Executing => "executing",
        }
    }
}

impl Turn {
    /// The step whose answer this URI asks for; `None` if it was never given out.
    pub(super) fn step_of(&self, flavor: Flavor, address: Address) -> Option<u32> {
        match (address.phase, self.base) {
            (Phase::Queued, Some(base)) if address.token > base => None,
            (Phase::Queued, _) => Some(address.token),
            (Phase::Executing, None) => None,
            (Phase::Executing, Some(base)) => {
                base.checked_add(address.token)?.checked_add(offset(flavor))
            }
        }
    }

    /// The place of a step's URI.
    pub(super) fn address_of(&self, flavor: Flavor, step: u32) -> Address {
        match self.base {
            Some(base) if step > base => Address {
                phase: Phase::Executing,
                token: step - base - offset(flavor),
            },
            _ => Address {
                phase: Phase::Queued,
                token: step,
            },
        }
    }
}

/// Presto answers its last queued URI with the first results, so that its executing tokens begin at 1; Trino's
/// begin at 0.
fn offset(flavor: Flavor) -> u32 {
    match flavor {
        Flavor::Presto => 0,
        Flavor::Trino => 1,
    }
}

impl Query {
    pub(super) fn new(id: String, sql: Arc<str>, user: String, script: Script) -> Self {
        let now = Instant::now();
        Self {
            id,
            sql,
            user,
            script,
            created: now,
            turn: tokio::sync::Mutex::new(Turn {
                at: 0,
                page: None,
                over: false,
                base: None,
                pages: 0,
                columns_known: false,
                ready: now,
            }),
            life: Mutex::new(Life {
                stage: Stage::Posted,
                end: None,
                canceling: Canceling::No,
                gets: 0,
                in_flight: 0,
                last_heard: now,
                first_answered: false,
                retried_as: None,
            }),
            woken: Notify::new(),
        }
    }

    pub(super) fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> &'static str {
        let life = self.life();
        match life.end {
            Some(End::Finished) => "FINISHED",
            Some(_) => "FAILED",
            None if life.stage == Stage::Executing => "RUNNING",
            None => "QUEUED",
        }
    }

    /// Waits until `ready`, for ever if that is `None`, but no longer than `limit` or the query lives. Whether it
    /// is ready.
    pub(super) async fn wait(&self, ready: Option<Instant>, limit: Duration) -> bool {
        let now = Instant::now();
        if ready.is_some_and(|ready| ready <= now) {
            return true;
        }
        let mut woken = std::pin::pin!(self.woken.notified());
        woken.as_mut().enable();
        if self.life().end.is_some() {
            return false;
        }
        let deadline = ready.map_or(now + limit, |ready| ready.min(now + limit));
        tokio::select! {
            () = tokio::time::sleep_until(deadline) => {}
            () = woken => {}
        }
        ready.is_some_and(|ready| ready <= Instant::now())
    }
}
