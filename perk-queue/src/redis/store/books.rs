//! What is known of all queries together: what their pages weigh, and when each is to be looked at. It is on a slot of its
//! own, so it is told a moment after a query has changed, of many queries at once, and along with something else where it can; nobody
//! waits for that.

use std::collections::HashMap;
use std::iter::once;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use perk_core::{QueryId, Unavailable};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::redis::connection::Connection;
use crate::redis::reply::Reply;
use crate::redis::script::{Script, scripts, text};
use crate::redis::topics::Topic;

scripts! { "books":
    NOTE "note" Frees;
    STRIKE "strike" Frees;
    PUT_OFF "put_off" Frees;
    DUE "due" Frees;
    SOME "some" Frees;
    WAIT_FOR_ROOM "wait_for_room" Frees;
}

/// Within what time a query that is entered is stored, or never will be.
const STORED_WITHIN: Duration = Duration::from_mins(1);

/// How long what is not urgent waits for something that is asked of Redis anyway, with which it is told.
const SOON: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Books {
    connection: Arc<Connection>,
    base: String,
    /// What all kept pages may weigh.
    bound: u64,
    /// When to look at a query of which nobody said more than that it is about to be stored.
    look_after: Duration,
    state: Mutex<State>,
    /// There is something to tell, or sooner than it was.
    noted: Arc<Notify>,
    /// Told when there may be room again.
    pub(super) room: Arc<Topic>,
}

#[derive(Debug, Default)]
struct State {
    notes: HashMap<QueryId, Note>,
    /// What is to be entered again: nobody said that it is stored, nor that it never will be.
    unsure: Vec<QueryId>,
    /// When what there is to tell is told, if it has not been along with something else.
    due: Option<Instant>,
    /// What all pages weighed when Redis said so last, and what was stored here since: told and not answered, or not told.
    used: u64,
    told: u64,
    untold: u64,
}

impl State {
    /// There is something to tell.
    fn tell(&mut self, when: When) {
        let at = match when {
            When::Now => Instant::now(),
            When::Soon => Instant::now() + SOON,
        };
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Keeps the latest note of a query.
    fn keep(&mut self, id: QueryId, note: Note, when: When) {
        self.tell(when);
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

/// When a note is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Somebody may wait for the room.
    Now,
    /// With the next thing that is asked of Redis, or after a second.
    Soon,
}

/// What is being told: kept for another time, unless Redis has taken it.
#[derive(Debug)]
struct Telling<'a> {
    books: &'a Books,
    notes: HashMap<QueryId, Note>,
    unsure: Vec<QueryId>,
    weight: u64,
}

impl<'a> Telling<'a> {
    /// All that there is to tell.
    fn all(books: &'a Books) -> Self {
        let mut state = books.state();
        let weight = mem::take(&mut state.untold);
        state.told += weight;
        state.due = None;
        Self {
            books,
            notes: mem::take(&mut state.notes),
            unsure: mem::take(&mut state.unsure),
            weight,
        }
    }

    /// What the script is given, with a query that is to be entered first.
    fn arguments(&self, entered: Option<&QueryId>) -> Vec<Bytes> {
        let entered = entered.into_iter().chain(&self.unsure).map(text);
        let entered: Vec<_> = entered.collect();
        let notes = self.notes.iter().flat_map(|(id, note)| {
            let Note {
                version,
                weight,
                due,
            } = note;
            [text(id), text(version), text(weight), text(due)]
        });
        let look_after = text(&self.books.look_after.as_millis());
        [look_after, text(&entered.len())]
            .into_iter()
            .chain(entered)
            .chain(notes)
            .collect()
    }

    fn taken(mut self, used: u64) {
        self.notes.clear();
        self.unsure.clear();
        let mut state = self.books.state();
        state.told -= mem::take(&mut self.weight);
        state.used = used;
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if self.notes.is_empty() && self.unsure.is_empty() && self.weight == 0 {
            return;
        }
        let mut state = self.books.state();
        if !self.unsure.is_empty() {
            state.unsure.append(&mut self.unsure);
            state.tell(When::Soon);
        }
        state.told -= self.weight;
        state.untold += self.weight;
        for (id, note) in mem::take(&mut self.notes) {
            state.keep(id, note, When::Soon);
        }
        drop(state);
        self.books.noted.notify_one();
    }
}

/// Redis is asked to store a query. Unless that is known to have happened when this goes, the query is entered again: its entry
/// may have been lost with a connection, and what is stored not.
#[derive(Debug)]
pub(super) struct Storing<'a> {
    books: &'a Books,
    id: Option<QueryId>,
}

impl Storing<'_> {
    /// It is stored, and entered.
    pub(super) fn stored(mut self) {
        self.id = None;
    }
}

impl Drop for Storing<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            let mut state = self.books.state();
            state.unsure.push(id);
            state.tell(When::Soon);
            drop(state);
            self.books.noted.notify_one();
        }
    }
}

impl Books {
    /// Over pages of so many bytes at most, and queries whose clients may be silent for so long.
    pub(super) fn new(
        connection: Arc<Connection>,
        bound: u64,
        client_timeout: Duration,
    ) -> Arc<Self> {
        let books = Arc::new(Self {
            base: connection.base("store"),
            room: connection.topic("room"),
            connection,
            bound,
            look_after: STORED_WITHIN.min(client_timeout),
            state: Mutex::default(),
            noted: Arc::default(),
        });
        let (teller, noted) = (Arc::downgrade(&books), books.noted.clone());
        tokio::spawn(async move {
            loop {
                // Without them nobody keeps books any more.
                let Some(books) = teller.upgrade() else {
                    return;
                };
                let due = books.state().due;
                match due {
                    Some(at) if at <= Instant::now() => {
                        if let Err(error) = books.flush().await {
                            tracing::warn!(%error, "the books will be written again");
                        }
                    }
                    due => {
                        drop(books);
                        let told = noted.notified();
                        match due {
                            Some(at) => drop(timeout_at(at, told).await),
                            None => told.await,
                        }
                    }
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
    pub(super) fn note(&self, id: &QueryId, note: Note, more: u64, when: When) {
        let mut state = self.state();
        state.untold += more;
        state.keep(id.clone(), note, when);
        drop(state);
        self.noted.notify_one();
    }

    /// Tells what has changed so far. What is not taken is told another time.
    pub(super) async fn flush(&self) -> Result<(), Unavailable> {
        let telling = Telling::all(self);
        if telling.notes.is_empty() && telling.unsure.is_empty() {
            return Ok(());
        }
        let reply = self.run(&NOTE, telling.arguments(None)).await?;
        telling.taken(reply.count()?);
        Ok(())
    }

    /// A query that is about to be stored. Should its first note be lost, it is found by this. Tells what else there is to tell.
    pub(super) async fn enter(&self, id: &QueryId) -> Result<(), Unavailable> {
        let telling = Telling::all(self);
        let reply = self.run(&NOTE, telling.arguments(Some(id))).await?;
        telling.taken(reply.count()?);
        Ok(())
    }

    /// From when on Redis is asked to store this query.
    pub(super) fn storing(&self, id: QueryId) -> Storing<'_> {
        Storing {
            books: self,
            id: Some(id),
        }
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

    /// These queries are gone.
    pub(super) async fn strike(&self, ids: &[QueryId]) -> Result<(), Unavailable> {
        if ids.is_empty() {
            return Ok(());
        }
        let used = self.run(&STRIKE, ids.iter().map(text).collect()).await?;
        self.state().used = used.count()?;
        Ok(())
    }

    /// These queries cannot be looked at: not before so many milliseconds again, so that they are in nobody's way.
    pub(super) async fn put_off(&self, millis: u64, ids: &[&QueryId]) -> Result<(), Unavailable> {
        let ids = ids.iter().map(|id| text(*id));
        let arguments = once(text(&millis)).chain(ids).collect();
        self.run(&PUT_OFF, arguments).await.map(drop)
    }

    /// The time, and up to so many queries that are to be looked at. What can be no query's id is struck.
    pub(super) async fn due(&self, most: usize) -> Result<(u64, Vec<QueryId>), Unavailable> {
        let reply = self.run(&DUE, vec![text(&most)]).await?;
        let [time, found] = reply.list()? else {
            return Err(reply.unexpected());
        };
        let (mut ids, mut strange) = (Vec::new(), Vec::new());
        for name in found.list()? {
            match (name.name(), name) {
                (Ok(id), _) => ids.push(id),
                (Err(error), Reply::Bytes(name)) => {
                    tracing::warn!(%error, "it is struck from the books");
                    strange.push(name.clone());
                }
                (Err(error), _) => return Err(error),
            }
        }
        if !strange.is_empty() {
            self.run(&STRIKE, strange).await?;
        }
        Ok((time.count()?, ids))
    }

    /// About so many of all queries; and from where the others follow, or 0. What can be no query's id is the sweep's to strike.
    pub(super) async fn some(
        &self,
        from: u64,
        most: usize,
    ) -> Result<(u64, Vec<QueryId>), Unavailable> {
        let reply = self.run(&SOME, vec![text(&from), text(&most)]).await?;
        let [next, found] = reply.list()? else {
            return Err(reply.unexpected());
        };
        let ids = found.list()?.iter().filter_map(|name| name.name().ok());
        Ok((next.count()?, ids.collect()))
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        self.noted.notify_one();
    }
}
