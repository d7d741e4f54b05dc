//! What is known of all queries together: what their pages weigh, and when each is to be looked at. It is on a slot of its
//! own, so it is told a moment after a query has changed, of many queries at once; nobody waits for that.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use perk_core::{QueryId, Unavailable};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::redis::connection::{Connection, Topic};
use crate::redis::reply::Reply;
use crate::redis::script::{Script, scripts, text};

scripts! { "books":
    NOTE "note" Frees;
    ENTER "enter" Takes;
    STRIKE "strike" Frees;
    DUE "due" Frees;
    ALL "all" Frees;
    WAIT_FOR_ROOM "wait_for_room" Frees;
}

/// Within how many milliseconds a query that is entered is stored, or never will be.
const STORED_WITHIN: u64 = 60_000;
/// Between two tries to tell what Redis did not take.
const AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Books {
    connection: Arc<Connection>,
    base: String,
    /// What all kept pages may weigh.
    bound: u64,
    state: Mutex<State>,
    /// There is something to tell.
    noted: Arc<Notify>,
    /// One telling at a time, or an older one could come later.
    telling: tokio::sync::Mutex<()>,
    /// Told when there may be room again.
    pub(super) room: Arc<Topic>,
}

#[derive(Debug, Default)]
struct State {
    notes: HashMap<QueryId, Note>,
    /// What all pages weighed when Redis said so last, and what was stored here since: told and not answered, or not told.
    used: u64,
    told: u64,
    untold: u64,
}

impl State {
    /// Keeps the latest note of a query.
    fn keep(&mut self, id: QueryId, note: Note) {
        let known = self.notes.entry(id).or_insert(note);
        if known.version < note.version {
            *known = note;
        }
    }
}

/// What a query's scripts say of it, and when it is to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    pub(super) version: u64,
    pub(super) weight: u64,
    /// In milliseconds, by Redis's clock.
    pub(super) due: u64,
}

impl Books {
    pub(super) fn new(connection: Arc<Connection>, bound: u64) -> Arc<Self> {
        let books = Arc::new(Self {
            base: connection.base("store"),
            room: connection.topic("room"),
            connection,
            bound,
            state: Mutex::default(),
            noted: Arc::default(),
            telling: tokio::sync::Mutex::default(),
        });
        let (teller, noted) = (Arc::downgrade(&books), books.noted.clone());
        tokio::spawn(async move {
            loop {
                noted.notified().await;
                // Nobody keeps books any more.
                let Some(books) = teller.upgrade() else {
                    return;
                };
                if let Err(error) = books.flush().await {
                    tracing::warn!(%error, "the books will be written again");
                    drop(books);
                    sleep(AGAIN).await;
                    noted.notify_one();
                }
            }
        });
        books
    }

    async fn run(&self, script: &Script, arguments: Vec<Bytes>) -> Result<Reply, Unavailable> {
        self.connection.run(script, &self.base, arguments).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A query has changed, and keeps so much more than before.
    pub(super) fn note(&self, id: &QueryId, note: Note, more: u64) {
        let mut state = self.state();
        state.untold += more;
        state.keep(id.clone(), note);
        drop(state);
        self.noted.notify_one();
    }

    /// Tells what has changed so far.
    pub(super) async fn flush(&self) -> Result<(), Unavailable> {
        let _telling = self.telling.lock().await;
        let (notes, told) = {
            let mut state = self.state();
            state.told = mem::take(&mut state.untold);
            (mem::take(&mut state.notes), state.told)
        };
        if notes.is_empty() {
            return Ok(());
        }
        let arguments = notes.iter().flat_map(|(id, note)| {
            let Note {
                version,
                weight,
                due,
            } = note;
            [text(id), text(version), text(weight), text(due)]
        });
        let used = match self.run(&NOTE, arguments.collect()).await {
            Ok(reply) => reply.count()?,
            Err(error) => {
                let mut state = self.state();
                state.untold += told;
                state.told = 0;
                for (id, note) in notes {
                    state.keep(id, note);
                }
                return Err(error);
            }
        };
        let mut state = self.state();
        state.used = used;
        state.told = 0;
        Ok(())
    }

    /// Whether there is room for so much, as far as is known here.
    pub(super) fn has_room(&self, weight: u64) -> bool {
        let state = self.state();
        state.used + state.told + state.untold + weight <= self.bound
    }

    /// Has this process told when there is room. Whether there is already.
    pub(super) async fn wait_for_room(&self, weight: u64) -> Result<bool, Unavailable> {
        self.flush().await?;
        let channel = self.connection.channel();
        let used = self.run(&WAIT_FOR_ROOM, vec![channel]).await?.count()?;
        self.state().used = used;
        Ok(self.has_room(weight))
    }

    /// A query that is about to be stored. Should its first note be lost, it is found by this.
    pub(super) async fn enter(&self, id: &QueryId) -> Result<(), Unavailable> {
        let arguments = vec![text(id), text(&STORED_WITHIN)];
        self.run(&ENTER, arguments).await.map(drop)
    }

    /// These queries are gone.
    pub(super) async fn strike(&self, ids: &[QueryId]) -> Result<(), Unavailable> {
        if ids.is_empty() {
            return Ok(());
        }
        let used = self.run(&STRIKE, ids.iter().map(text).collect()).await?;
        self.state().used = used.count()?;
        Ok(())
    }

    /// The time, and up to so many queries that are to be looked at.
    pub(super) async fn due(&self, most: usize) -> Result<(u64, Vec<QueryId>), Unavailable> {
        let reply = self.run(&DUE, vec![text(&most)]).await?;
        match reply.list()? {
            [time, ids] => Ok((time.count()?, ids.names()?)),
            _ => Err(reply.unexpected()),
        }
    }

    pub(super) async fn all(&self) -> Result<Vec<QueryId>, Unavailable> {
        self.run(&ALL, Vec::new()).await?.names()
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        self.noted.notify_one();
    }
}
