//! The coordinator's state: its queries, how they begin and end, and what is counted on the way.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::query::{Address, Canceling, End, Phase, Query, Stage};
use super::script::Script;
use super::seen::Seen;
use super::witness::{Event, Witness};
use super::{Flavor, Load, Mode};

/// How many ended queries are remembered, so that their last answer can be asked for again, and how many bytes.
const REMEMBERED: usize = 1000;
const REMEMBERED_BYTES: usize = 16 << 20;

/// How many texts are remembered for `post_status=…xN` and `post_drop=N`.
const REMEMBERED_TEXTS: usize = 10_000;

/// What the connections' tasks share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) flavor: Flavor,
    pub(super) addr: SocketAddr,
    pub(super) mode: watch::Sender<Mode>,
    /// After every change of what was seen.
    pub(super) changed: Notify,
    /// Closes every connection.
    pub(super) cut: Notify,
    /// Tells the sweeper that `abandon_after` is another.
    pub(super) hurry: Notify,
    state: Mutex<State>,
}

/// Locked for moments only; where a query's life is locked too, that comes first.
#[derive(Debug)]
pub(super) struct State {
    pub(super) seen: Seen,
    pub(super) load: Load,
    pub(super) abandon_after: Duration,
    pub(super) max_header_bytes: Option<usize>,
    pub(super) witness: Witness,
    /// How many violations the witness was told of.
    told: usize,
    queries: HashMap<String, Arc<Query>>,
    ended: VecDeque<(String, usize)>,
    ended_bytes: usize,
    posts_of_text: HashMap<u64, u32>,
    sequence: u64,
    boot: String,
    secret: RandomState,
}

impl Server {
    pub(super) fn new(flavor: Flavor, addr: SocketAddr) -> Self {
        Self {
            flavor,
            addr,
            mode: watch::Sender::new(Mode::Serving),
            changed: Notify::new(),
            cut: Notify::new(),
            hurry: Notify::new(),
            state: Mutex::new(State {
                seen: Seen::default(),
                load: Load::default(),
                abandon_after: Duration::from_mins(5),
                max_header_bytes: None,
                witness: Witness::default(),
                told: 0,
                queries: HashMap::new(),
                ended: VecDeque::new(),
                ended_bytes: 0,
                posts_of_text: HashMap::new(),
                sequence: 0,
                boot: boot(),
                secret: RandomState::new(),
            }),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    /// Changes what was seen, and wakes those who wait for that.
    pub(super) fn see<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let result = {
            let mut state = self.state();
            let result = change(&mut state.seen);
            state.tell_violations();
            result
        };
        self.changed.notify_waiters();
        result
    }

    pub(super) fn violated(&self, violation: String) {
        self.see(|seen| seen.violated(violation));
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Query>> {
        self.state().queries.get(id).cloned()
    }

    /// Every query remembered: begun or not, ended or not.
    pub(super) fn queries(&self) -> Vec<Arc<Query>> {
        self.state().queries.values().cloned().collect()
    }

    /// Gives a statement an id.
    pub(super) fn create(&self, sql: Arc<str>, user: String, script: Script) -> Arc<Query> {
        let query = {
            let mut state = self.state();
            let (batch, number) = (state.sequence / 100_000, state.sequence % 100_000);
            state.sequence += 1;
            let (hour, minute, second) = (batch / 3600, batch / 60 % 60, batch % 60);
            let id = format!(
                "20260101_{hour:02}{minute:02}{second:02}_{number:05}_{}",
                state.boot
            );
            state.witness.tell(Event::Given { id: &id, sql: &sql });
            state.seen.created += 1;
            state.seen.named(&id);
            let query = Arc::new(Query::new(id.clone(), sql, user, script));
            state.queries.insert(id, Arc::clone(&query));
            query
        };
        self.changed.notify_waiters();
        query
    }

    /// Which POST of this very text this is, from 1.
    pub(super) fn count_text(&self, sql: &str) -> u32 {
        let mut state = self.state();
        if state.posts_of_text.len() == REMEMBERED_TEXTS {
            state.posts_of_text.clear();
        }
        let hash = state.secret.hash_one(sql);
        let count = state.posts_of_text.entry(hash).or_default();
        *count += 1;
        *count
    }

    /// Begins a statement; whether it did.
    pub(super) fn begin(&self, query: &Query) -> bool {
        let mut life = query.life();
        if life.end.is_some() {
            return false;
        }
        life.stage = Stage::Queued;
        {
            let mut state = self.state();
            state.witness.tell(Event::Begun {
                id: &query.id,
                sql: &query.sql,
            });
            state.seen.began(&query.sql);
            if life.canceling == Canceling::Refused {
                state
                    .seen
                    .violated(format!("begun-after-delete: {} {:?}", query.id, query.sql));
                state.tell_violations();
            }
        }
        drop(life);
        self.changed.notify_waiters();
        true
    }

    /// Ends a query, unless it has ended. `kept` is how many bytes its last answer keeps.
    pub(super) fn end(&self, query: &Query, end: End, kept: usize) -> bool {
        let mut life = query.life();
        if life.end.is_some() {
            return false;
        }
        life.end = Some(end);
        {
            let mut state = self.state();
            let seen = &mut state.seen;
            seen.running -= u64::from(life.stage > Stage::Posted);
            match end {
                End::Finished => seen.finished += 1,
                End::Failed => seen.failed += 1,
                End::Canceled => seen.canceled += 1,
                End::NeverBegun => seen.never_begun += 1,
                End::Lost => seen.lost += 1,
                End::Abandoned => {
                    seen.abandoned += 1;
                    seen.violated(format!("abandoned: {} {:?}", query.id, query.sql));
                }
            }
            state.tell_violations();
            state.witness.tell(Event::Ended {
                id: &query.id,
                how: end.name(),
            });
            if matches!(end, End::NeverBegun | End::Lost) {
                state.queries.remove(&query.id);
            } else {
                state.remember(&query.id, query.sql.len() + kept + 512);
            }
        }
        drop(life);
        query.woken.notify_waiters();
        self.changed.notify_waiters();
        true
    }

    /// A DELETE has come for this query.
    pub(super) fn told_to_delete(&self, query: &Query) {
        self.state().witness.tell(Event::Deleted {
            id: &query.id,
            sql: &query.sql,
        });
    }

    /// Complains where this coordinator has never given that id. One that ends otherwise was given before a restart.
    pub(super) fn judge_unknown(&self, id: &str) {
        let ours = {
            let state = self.state();
            id.ends_with(&format!("_{}", state.boot)) && number_of(id) >= Some(state.sequence)
        };
        if ours {
            self.violated(format!("unknown-query: {id}"));
        }
    }

    /// Everything a killed process forgets.
    pub(super) fn wipe(&self) {
        {
            let mut state = self.state();
            state.seen.lost += state.seen.running;
            state.seen.running = 0;
            state.queries.clear();
            state.ended.clear();
            state.ended_bytes = 0;
            state.sequence = 0;
            state.boot = boot();
            state.secret = RandomState::new();
            state.posts_of_text.clear();
        }
        self.changed.notify_waiters();
    }

    /// Ends the queries nobody polls, for ever.
    pub(super) async fn sweep(self: Arc<Self>) {
        loop {
            let after = self.state().abandon_after;
            let pause = (after / 4).clamp(Duration::from_millis(5), Duration::from_secs(1));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.hurry.notified() => continue,
            }
            let now = Instant::now();
            for query in self.queries() {
                let (begun, silent) = {
                    let life = query.life();
                    let silent = life.in_flight == 0 && now.duration_since(life.last_heard) > after;
                    (life.stage > Stage::Posted, silent && life.end.is_none())
                };
                if silent {
                    self.end(
                        &query,
                        if begun {
                            End::Abandoned
                        } else {
                            End::NeverBegun
                        },
                        0,
                    );
                }
            }
        }
    }

    pub(super) fn uri(&self, origin: &str, id: &str, address: Address) -> String {
        let (phase, token) = (address.phase.name(), address.token);
        let slug = self.slug(id, address);
        match self.flavor {
            Flavor::Presto => format!("{origin}/v1/statement/{phase}/{id}/{token}?slug={slug}"),
            Flavor::Trino => format!("{origin}/v1/statement/{phase}/{id}/{slug}/{token}"),
        }
    }

    /// Presto's is one for all of a query's URIs, Trino's another for each.
    pub(super) fn slug(&self, id: &str, address: Address) -> String {
        let (letter, salt) = match self.flavor {
            Flavor::Presto => ('x', 0),
            Flavor::Trino => {
                let phase = u64::from(address.phase == Phase::Executing);
                ('y', (u64::from(address.token) << 1) | phase)
            }
        };
        let state = self.state();
        let (one, two) = (
            state.secret.hash_one((id, salt, 1)),
            state.secret.hash_one((id, salt, 2)),
        );
        format!("{letter}{one:016x}{two:016x}")
    }
}

impl State {
    fn tell_violations(&mut self) {
        for violation in self.seen.violations.iter().skip(self.told) {
            self.witness.tell(Event::Violated(violation));
        }
        self.told = self.seen.violations.len();
    }

    fn remember(&mut self, id: &str, bytes: usize) {
        self.ended.push_back((id.to_owned(), bytes));
        self.ended_bytes += bytes;
        while self.ended.len() > REMEMBERED
            || (self.ended_bytes > REMEMBERED_BYTES && self.ended.len() > 1)
        {
            if let Some((id, bytes)) = self.ended.pop_front() {
                self.ended_bytes -= bytes;
                self.queries.remove(&id);
            }
        }
    }
}

/// Which of a coordinator's queries has that id, from 0.
fn number_of(id: &str) -> Option<u64> {
    let mut parts = id.split('_').skip(1);
    let (time, number) = (parts.next()?, parts.next()?);
    let part = |range: std::ops::Range<usize>| time.get(range)?.parse::<u64>().ok();
    let batch = (part(0..2)? * 60 + part(2..4)?) * 60 + part(4..6)?;
    Some(batch * 100_000 + number.parse::<u64>().ok()?)
}

/// Five letters and digits, as real coordinators end their query ids; others after every start, in whatever process.
fn boot() -> String {
    let mut number = RandomState::new().hash_one(0);
    let mut next = || {
        let letter = b"abcdefghijkmnpqrstuvwxyz23456789"[usize::try_from(number % 32).unwrap_or(0)];
        number /= 32;
        char::from(letter)
    };
    std::iter::repeat_with(&mut next).take(5).collect()
}
