//! A simulated process: it can die, stand still and go on, at any of its operations on what it shares with others.

use std::future::{Future, pending};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use super::history::{Event, Name, ProcessEvent};
use super::lock;
use super::world::{Fate, World};
use crate::error::Unavailable;
use crate::ids::WorkerId;

/// Where in a worker's loop a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It had pulled a query, and done nothing more.
    Pulled,
    /// It had claimed it.
    Claimed,
    /// Its cluster knew the statement, and nobody else did.
    Posted,
    /// The upstream query was recorded, and not begun.
    Recorded,
    /// The first page was in the store.
    FirstPage,
    /// A later page was.
    Middle,
    /// The end was in the store.
    Finished,
    /// It was about to acknowledge the query.
    BeforeAck,
    /// At any other operation, or from outside.
    Elsewhere,
    /// The statement was its death.
    Poison,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pulled,
        Self::Claimed,
        Self::Posted,
        Self::Recorded,
        Self::FirstPage,
        Self::Middle,
        Self::Finished,
        Self::BeforeAck,
        Self::Elsewhere,
        Self::Poison,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Gateway,
    Worker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Running,
    Paused,
    Crashed,
}

#[derive(Debug)]
pub(super) struct Process {
    pub(super) name: Name,
    pub(super) role: Role,
    mode: Mutex<Mode>,
    changed: Notify,
    /// It was told to end in order.
    pub(super) told_to_leave: Notify,
}

impl Process {
    pub(super) fn new(name: Name, role: Role) -> Arc<Self> {
        Arc::new(Self {
            name,
            role,
            mode: Mutex::new(Mode::Running),
            changed: Notify::new(),
            told_to_leave: Notify::new(),
        })
    }

    /// Whether the worker is one of the lives in this process.
    pub(super) fn is_home_of(&self, worker: &WorkerId) -> bool {
        let life = worker.as_str().strip_prefix(&*self.name);
        life.is_some_and(|life| life.starts_with('.'))
    }

    /// Comes back when it has crashed.
    pub(super) async fn crashed(&self) {
        self.is(Mode::Crashed).await;
    }

    async fn is(&self, mode: Mode) {
        loop {
            let changed = self.changed.notified();
            if self.is_now(mode) {
                return;
            }
            changed.await;
        }
    }

    fn is_now(&self, mode: Mode) -> bool {
        *lock(&self.mode) == mode
    }

    pub(super) fn crash(&self, world: &World, step: Step) {
        self.turn(world, Mode::Crashed, ProcessEvent::Crashed(step));
    }

    pub(super) fn pause(&self, world: &World) {
        self.turn(world, Mode::Paused, ProcessEvent::Paused);
    }

    pub(super) fn resume(&self, world: &World) {
        if self.is_now(Mode::Paused) {
            self.turn(world, Mode::Running, ProcessEvent::Resumed);
        }
    }

    fn turn(&self, world: &World, mode: Mode, event: ProcessEvent) {
        let mut now = lock(&self.mode);
        if *now == mode || *now == Mode::Crashed {
            return;
        }
        *now = mode;
        drop(now);
        world.note(Event::Process(self.name.clone(), event));
        self.changed.notify_waiters();
    }
}

/// A process in its world: where its operations are carried out.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) world: Arc<World>,
    pub(super) process: Arc<Process>,
}

impl Site {
    /// Carries out an operation on queue, store or registry, with what befalls it before and after. `at` is where the
    /// process is before it. `seen` is told of the operation's own answer at once, whether or not that arrives, and says
    /// where the process is then.
    pub(super) async fn perform<T, E: From<Unavailable>>(
        &self,
        at: Step,
        operation: impl Future<Output = Result<T, E>>,
        seen: impl FnOnce(&Result<T, E>) -> Step,
    ) -> Result<T, E> {
        self.befalls(at).await.map_err(|Lost| away())?;
        self.world.store_answers().map_err(|Lost| away())?;
        let done = tokio::select! {
            biased;
            () = self.process.crashed() => pending().await,
            () = self.world.outage_begins() => return Err(away().into()),
            done = operation => done,
        };
        let at = seen(&done);
        self.befalls(at).await.map_err(|Lost| away())?;
        done
    }

    /// What befalls the process between two of its steps: it may die or stand still there, be late, or its message be
    /// lost.
    pub(super) async fn befalls(&self, at: Step) -> Result<(), Lost> {
        self.running().await;
        match self.world.fate(self.process.role, at) {
            Fate::Nothing => return Ok(()),
            Fate::Late(time) => self.pass(time).await,
            Fate::Lost(time) => {
                self.pass(time).await;
                return Err(Lost);
            }
            Fate::Death => self.die(at).await,
        }
        Ok(())
    }

    /// Comes back when the process runs: later when it is paused, never when it has crashed. After a pause not
    /// everything goes on at once: a lease is not always renewed before a row is written.
    pub(super) async fn running(&self) {
        while !self.process.is_now(Mode::Running) {
            self.process.is(Mode::Running).await;
            let delay = Duration::from_secs(6);
            tokio::time::sleep(self.world.between(Duration::ZERO, delay)).await;
        }
    }

    /// Ends the process. Nothing of it ever goes on.
    pub(super) async fn die(&self, at: Step) {
        self.process.crash(&self.world, at);
        pending::<()>().await;
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
        self.running().await;
    }
}

/// A message was lost.
#[derive(Debug)]
pub(super) struct Lost;

/// Where a process is after an operation that is no step of the worker's loop.
pub(super) fn elsewhere<T, E>(_: &Result<T, E>) -> Step {
    Step::Elsewhere
}

pub(super) fn away() -> Unavailable {
    Unavailable {
        service: "the simulated store",
        reason: "the message was lost".to_owned(),
    }
}
