//! The result store in Redis.
//!
//! | module | its job |
//! |---|---|
//! | here | the contract, as one script over one query for each thing that can happen to it |
//! | `books` | what is known of all queries together |
//! | `record`, `written` | what is stored of a query, read and written |
//! | `sealed` | credentials, encrypted |

mod books;
mod record;
mod sealed;
mod written;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{join_all, try_join};
use perk_core::rerun::{Loss, Lost, Verdict, verdict};
use perk_core::{
    Abandoned, Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Next, Outcome, Page,
    PageIndex, QueryError, QueryId, QueryInfo, QueryState, Random, ReadError, ReadLimits, Reading,
    Rerunnable, ResultStore, Target, Unavailable, UpstreamRef, WorkerId, WriteError,
};
use tokio::time::{Instant, timeout, timeout_at};

pub(super) use self::books::script_names as books_script_names;
use self::books::{Books, Note};
use self::record::Record;
pub use self::sealed::CredentialKey;
use self::sealed::Sealing;
use super::connection::Connection;
use super::reply::Reply;
use super::script::{Script, scripts, text};

scripts! { "query":
    CREATE "create" Takes;
    QUEUED "queued" Frees;
    CLAIM "claim" Frees;
    SUPERSEDED_CANCELED "superseded_canceled" Frees;
    POSTED "posted" Frees;
    APPEND "append" Takes;
    PROGRESS "progress" Takes;
    FINISH "finish" Frees;
    LOSING "losing" Frees;
    LOSE "lose" Frees;
    READ "read" Frees;
    HEARD "heard" Frees;
    END "end" Frees;
    INFO "info" Frees;
    SWEEP "sweep" Frees;
}

/// After how long one that has heard nothing looks all the same: a word may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The same for who waits for room: what is known here of the room of all may be old.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);
/// A wait that is longer than any client's, for one that cannot be added to a point in time.
const LONG: Duration = Duration::from_hours(24);
/// How many queries a sweep, or a listing, asks for at once.
const AT_ONCE: usize = 100;
/// When a query that is over and yet kept is looked at again, in milliseconds.
const LOOK_LATER: u64 = 1000;

/// Fields of a record, and texts.
type Names = (&'static [&'static str], &'static [&'static str]);
/// What a query's particulars are made of.
const INFORMATION: Names = (
    &["life", "worker", "attempt", "created", "ended"],
    &["sql", "headers", "rest", "ending", "stats", "end_columns"],
);
/// What tells where a query stands.
const STATE: Names = (&["life", "worker", "attempt"], &["target"]);

/// What a store in Redis keeps, and for how long.
#[derive(Debug, Clone)]
pub struct RedisStoreConfig {
    /// A query whose client has not been heard of for this long is abandoned. 5 minutes by default.
    pub client_timeout: Duration,
    /// How long a result is kept after its end was read, for a repeated request: 10 seconds by default.
    pub keep_ended: Duration,
    /// How many bytes of a re-runnable query's pages are held back until it ends: 1 MiB by default; 0 holds nothing back,
    /// `usize::MAX` as much as there is room for.
    pub hold_results: usize,
    /// How many bytes of unread pages one query may have, 16 MiB by default. One page is always taken.
    pub unread_per_query: usize,
    /// How many bytes of pages all queries may have, 256 MiB by default. A query's only page is always taken.
    pub unread_total: usize,
    /// Encrypts clients' credentials. Without one no query that carries any is stored.
    pub credential_key: Option<CredentialKey>,
}

impl Default for RedisStoreConfig {
    fn default() -> Self {
        Self {
            client_timeout: Duration::from_mins(5),
            keep_ended: Duration::from_secs(10),
            hold_results: 1 << 20,
            unread_per_query: 16 << 20,
            unread_total: 256 << 20,
            credential_key: None,
        }
    }
}

/// Queries and their results in Redis. A query's keys are on one slot, so that what happens to it is one script.
#[derive(Debug)]
pub struct RedisResultStore {
    connection: Arc<Connection>,
    config: RedisStoreConfig,
    books: Arc<Books>,
    sealing: Sealing,
}

/// What a query's script answered: how it went, and the rest.
struct Answer {
    how: String,
    rest: Vec<Reply>,
}

impl Answer {
    fn of(reply: &Reply) -> Result<Self, Unavailable> {
        let (how, rest) = reply
            .list()?
            .split_first()
            .ok_or_else(|| reply.unexpected())?;
        Ok(Self {
            how: how.text()?.to_owned(),
            rest: rest.to_vec(),
        })
    }

    fn at(&self, index: usize) -> &Reply {
        self.rest.get(index).unwrap_or(&Reply::Nil)
    }
}

impl RedisResultStore {
    pub(super) fn new(
        connection: Arc<Connection>,
        config: RedisStoreConfig,
        random: Random,
    ) -> Self {
        let books = Books::new(connection.clone(), config.unread_total as u64);
        Self {
            sealing: Sealing::new(config.credential_key.as_ref(), random),
            connection,
            config,
            books,
        }
    }

    /// Runs a script over one query.
    async fn run(
        &self,
        script: &Script,
        id: &QueryId,
        arguments: impl IntoIterator<Item = Bytes> + Send,
    ) -> Result<Reply, Unavailable> {
        let base = self.connection.base(&format!("q:{id}"));
        let arguments = std::iter::once(text(id)).chain(arguments);
        self.connection
            .run(script, &base, arguments.collect())
            .await
    }

    /// Enters what a script says for the books, if it says something.
    fn note(&self, id: &QueryId, said: &Reply, more: u64) -> Result<(), Unavailable> {
        self.note_from(id, said, more, 0)
    }

    fn note_from(
        &self,
        id: &QueryId,
        said: &Reply,
        more: u64,
        earliest: u64,
    ) -> Result<(), Unavailable> {
        let [version, weight, heard, ended, read] = said.list()? else {
            return Ok(());
        };
        let (heard, ended): (u64, u64) = (heard.count()?, ended.count()?);
        let left = heard + millis(self.config.client_timeout);
        let due = match read.count::<u64>()? {
            0 => left,
            _ if ended == 0 => left,
            read => left.min(read + millis(self.config.keep_ended)),
        };
        let note = Note {
            version: version.count()?,
            weight: weight.count()?,
            due: due.max(earliest),
        };
        self.books.note(id, note, more);
        Ok(())
    }

    /// Up to what weight a query's pages are held back, as its record has it.
    fn hold(&self, rerunnable: Rerunnable) -> Bytes {
        match (rerunnable, self.config.hold_results) {
            (Rerunnable::No, _) | (_, 0) => Bytes::new(),
            (Rerunnable::Yes, bound) => text(&bound),
        }
    }

    /// Ends the attempt of which `field` is this.
    async fn lose(
        &self,
        id: &QueryId,
        (field, value): (&'static str, Bytes),
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        let which = [Bytes::from_static(field.as_bytes()), value];
        loop {
            let reply = self.run(&LOSING, id, which.clone()).await?;
            let [life, rerunnable, posted, handed_out, lost_before] = reply.list()? else {
                return Ok(GivenUp::Fenced);
            };
            let rerunnable = match rerunnable.number()? {
                1 => Rerunnable::Yes,
                _ => Rerunnable::No,
            };
            let attempt = Lost {
                rerunnable,
                posted: posted.number()? == 1,
                handed_out: handed_out.number()? == 1,
                lost_before: lost_before.count()?,
            };
            let given_back = matches!(loss, Loss::GivenBack | Loss::NotBegun);
            let (decided, lost_now, ending, outcome) = match life.text()? {
                // Its worker was told to stop, and has cancelled what ran.
                "ended" if given_back => ("fenced", 0, Bytes::new(), GivenUp::Fenced),
                "ended" => ("left", 0, Bytes::new(), GivenUp::Failed),
                _ => match verdict(attempt, loss) {
                    Verdict::Again { lost } => ("again", lost, Bytes::new(), GivenUp::Again),
                    Verdict::Fail(error) => {
                        let ending = written::write_ending(&Ending::failed(*error));
                        ("failed", 0, ending, GivenUp::Failed)
                    }
                },
            };
            let seen = [life, posted, handed_out, lost_before].map(|seen| match seen {
                Reply::Number(number) => text(number),
                Reply::Bytes(bytes) => bytes.clone(),
                _ => Bytes::new(),
            });
            let arguments = which.clone().into_iter().chain(seen).chain([
                text(decided),
                text(&lost_now),
                self.hold(rerunnable),
                ending,
            ]);
            let answer = Answer::of(&self.run(&LOSE, id, arguments).await?)?;
            if answer.how != "changed" {
                self.note(id, answer.at(0), 0)?;
                return Ok(outcome);
            }
        }
    }

    async fn look(
        &self,
        id: &QueryId,
        token: PageIndex,
        bytes: usize,
        waited: bool,
    ) -> Result<Option<Reading>, ReadError> {
        let arguments = [
            text(&token),
            text(&bytes),
            text(&u8::from(waited)),
            self.connection.channel(),
        ];
        let answer = Answer::of(&self.run(&READ, id, arguments).await?)?;
        match answer.how.as_str() {
            "unknown" => return Err(ReadError::Unknown),
            "gone" => return Err(ReadError::PageGone),
            "ahead" => return Err(ReadError::TokenAhead),
            "nothing" => {
                self.note(id, answer.at(0), 0)?;
                return Ok(None);
            }
            _ => {}
        }
        let [now, is_end, after, fields, rows, said] = &answer.rest[..] else {
            return Err(Reply::List(answer.rest).unexpected().into());
        };
        self.note(id, said, 0)?;
        let record = Record::read(now, fields)?.ok_or(ReadError::Unknown)?;
        let pages = record::pages(rows)?;
        let next = match is_end.number()? {
            1 => Next::End(record.ending()?.ok_or_else(|| fields.unexpected())?),
            _ => Next::Token(after.count()?),
        };
        let gives = !pages.is_empty() || matches!(next, Next::End(_));
        Ok(Some(Reading {
            statement: record.statement()?,
            state: record.state()?,
            dialect: record.dialect()?,
            elapsed: record.elapsed()?,
            queued: record.queued()?,
            columns: record.columns().filter(|_| gives),
            pages,
            progress: record.progress(),
            next,
        }))
    }

    async fn record(
        &self,
        id: &QueryId,
        (fields, texts): Names,
    ) -> Result<Option<Record>, Unavailable> {
        let names = fields.iter().chain(texts);
        let names = names.map(|name| Bytes::from_static(name.as_bytes()));
        let names = std::iter::once(text(&fields.len())).chain(names);
        let reply = self.run(&INFO, id, names).await?;
        match reply.list()? {
            [now, fields] => Record::read(now, fields),
            _ => Err(reply.unexpected()),
        }
    }

    /// One query's part of a sweep. Whether it is gone, and whether this ended it.
    async fn sweep_one(
        &self,
        id: &QueryId,
        now: u64,
        silence_counts_until: u64,
    ) -> Result<(bool, Option<Abandoned>), Unavailable> {
        let abandoned = Ending::failed(QueryError::abandoned());
        let arguments = [
            text(&millis(self.config.client_timeout)),
            text(&millis(self.config.keep_ended)),
            text(&silence_counts_until),
            written::write_ending(&abandoned),
        ];
        let reply = self.run(&SWEEP, id, arguments).await?;
        let [gone, was, whose, said @ ..] = reply.list()? else {
            return Err(reply.unexpected());
        };
        if let [said] = said {
            self.note_from(id, said, 0, now + LOOK_LATER)?;
        }
        let abandoned = match was.text()? {
            "" => None,
            was => Some(Abandoned {
                id: id.clone(),
                was: ended(was, whose)?,
            }),
        };
        Ok((gone.number()? == 1, abandoned))
    }
}

#[async_trait]
impl ResultStore for RedisResultStore {
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable> {
        let NewQuery {
            id,
            statement,
            target,
            rerunnable,
        } = query;
        let [headers, needed, rest] = written::write_statement(&statement);
        let arguments = [
            Bytes::from(statement.sql.clone()),
            headers,
            needed,
            rest,
            written::write_target(&target),
            text(&u8::from(rerunnable == Rerunnable::Yes)),
            written::write_dialect(statement.dialect),
            self.hold(rerunnable),
            self.sealing.seal(&id, &statement.credentials)?,
        ];
        let enter = self.books.enter(&id);
        let (said, ()) = try_join(self.run(&CREATE, &id, arguments), enter).await?;
        self.note(&id, &said, 0)
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        self.run(&QUEUED, id, []).await.map(drop)
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        let answer = Answer::of(&self.run(&CLAIM, id, [text(worker)]).await?)?;
        if answer.how == "held" {
            return Ok(Claim::Held);
        }
        let superseded = written::upstreams(answer.at(0))?;
        let [_, attempt, sql, headers, rest, credentials] = &answer.rest[..] else {
            self.note(id, answer.at(1), 0)?;
            return Ok(Claim::Over { superseded });
        };
        let mut statement = written::statement(sql, headers, rest)?;
        statement.credentials = self.sealing.open(id, credentials)?;
        Ok(Claim::Granted {
            attempt: Attempt(attempt.count()?),
            statement: Arc::new(statement),
            superseded,
        })
    }

    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable> {
        let canceled: Vec<_> = canceled.iter().map(written::write_upstream).collect();
        let said = self.run(&SUPERSEDED_CANCELED, id, canceled).await?;
        self.note(id, &said, 0)
    }

    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError> {
        let arguments = [
            text(&attempt),
            written::write_dialect(upstream.dialect),
            written::write_upstream(&upstream),
        ];
        taken(&self.run(&POSTED, id, arguments).await?)
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let weight = page.weight() as u64;
        let (rows, with) = written::write_page(&page);
        let columns = page.columns.unwrap_or_default();
        let topic = self.connection.topic(&format!("q:{id}"));
        loop {
            // Both count from here on, so that no word between looking and waiting is missed.
            let (changed, freed) = (topic.told(), self.books.room.told());
            let has_room = self.books.has_room(weight);
            let arguments = [
                text(&attempt),
                text(&index),
                text(&weight),
                rows.clone(),
                with.clone(),
                columns.clone(),
                text(&self.config.unread_per_query),
                text(&u8::from(has_room)),
                self.connection.channel(),
            ];
            let answer = Answer::of(&self.run(&APPEND, id, arguments).await?)?;
            match answer.how.as_str() {
                "fenced" => return Err(WriteError::Fenced),
                "stored" => return Ok(self.note(id, answer.at(0), weight)?),
                _ => {}
            }
            if !has_room && self.books.wait_for_room(weight).await? {
                continue;
            }
            tokio::select! {
                () = changed => {}
                () = freed => {}
                () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            }
        }
    }

    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        stats: Bytes,
    ) -> Result<(), WriteError> {
        taken(&self.run(&PROGRESS, id, [text(&attempt), stats]).await?)
    }

    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        let arguments = std::iter::once(text(&attempt)).chain(write_ending(ending));
        let answer = Answer::of(&self.run(&FINISH, id, arguments).await?)?;
        self.note(id, answer.at(0), 0)?;
        match answer.how.as_str() {
            "ended" => Ok(()),
            _ => Err(WriteError::Fenced),
        }
    }

    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        self.lose(id, ("attempt", text(&attempt)), loss).await
    }

    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable> {
        self.lose(id, ("worker", text(from)), Loss::WorkerLost)
            .await
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        let topic = self.connection.topic(&format!("q:{id}"));
        // Who waits is there, and must be heard of again before it counts as gone.
        let wait = limits.wait.min(self.config.client_timeout / 2);
        let now = Instant::now();
        let deadline = now.checked_add(wait).unwrap_or_else(|| now + LONG);
        let mut waited = wait.is_zero();
        loop {
            // This counts from here on, so that no word between looking and waiting is missed.
            let changed = topic.told();
            if let Some(reading) = self.look(id, token, limits.bytes, waited).await? {
                return Ok(reading);
            }
            let patience = timeout(LOOK_AGAIN, changed);
            waited = timeout_at(deadline, patience).await.is_err();
        }
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        Ok(self.run(&HEARD, id, []).await?.number()? == 1)
    }

    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable> {
        let by = match by {
            EndedBy::Client => "client",
            EndedBy::Perk => "perk",
        };
        let arguments = std::iter::once(text(by)).chain(write_ending(ending));
        let answer = Answer::of(&self.run(&END, id, arguments).await?)?;
        self.note(id, answer.at(1), 0)?;
        ended(&answer.how, answer.at(0))
    }

    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable> {
        let Some(record) = self.record(id, INFORMATION).await? else {
            return Ok(None);
        };
        Ok(Some(QueryInfo {
            statement: record.statement()?,
            state: record.state()?,
            ending: record.ending()?,
            elapsed: record.elapsed()?,
        }))
    }

    async fn unended(&self) -> Result<Vec<(QueryId, Target, QueryState)>, Unavailable> {
        let mut unended = Vec::new();
        for ids in self.books.all().await?.chunks(AT_ONCE) {
            let records = join_all(ids.iter().map(|id| self.record(id, STATE))).await;
            for (id, record) in ids.iter().zip(records) {
                let Some(record) = record? else { continue };
                if let Some(state) = record.unended()? {
                    unended.push((id.clone(), record.target()?, state));
                }
            }
        }
        Ok(unended)
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        self.books.flush().await?;
        let mut abandoned = Vec::new();
        loop {
            let (now, ids) = self.books.due(AT_ONCE).await?;
            // Nobody could be heard while Redis was away, or was about to be.
            let until = match self.connection.up_for() {
                up if up >= self.config.client_timeout => now,
                _ => 0,
            };
            let swept = ids.iter().map(|id| self.sweep_one(id, now, until));
            let mut gone = Vec::new();
            for (id, swept) in ids.iter().zip(join_all(swept).await) {
                let (is_gone, ended) = swept?;
                abandoned.extend(ended);
                gone.extend(is_gone.then(|| id.clone()));
            }
            self.books.strike(&gone).await?;
            self.books.flush().await?;
            if ids.len() < AT_ONCE {
                return Ok(abandoned);
            }
        }
    }
}

/// Whether a write was taken.
fn taken(reply: &Reply) -> Result<(), WriteError> {
    match reply.number()? {
        1 => Ok(()),
        _ => Err(WriteError::Fenced),
    }
}

fn ended(was: &str, whose: &Reply) -> Result<Ended, Unavailable> {
    Ok(match was {
        "before" => Ended::Before,
        "waiting" => Ended::Waiting,
        "waiting_to_cancel" => Ended::WaitingToCancel,
        "running" => Ended::Running(whose.name()?),
        _ => return Err(whose.unexpected()),
    })
}

/// An end as scripts take it: outcome, what is written of it, stats, columns.
fn write_ending(ending: Ending) -> [Bytes; 4] {
    let outcome = match ending.outcome {
        Outcome::Finished => "finished",
        Outcome::Failed(_) => "failed",
    };
    [
        text(outcome),
        written::write_ending(&ending),
        ending.stats.unwrap_or_default(),
        ending.columns.unwrap_or_default(),
    ]
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}
