//! The result store in Redis.
//!
//! | module | its job |
//! |---|---|
//! | here | the contract, as one script over one query for each thing that can happen to it |
//! | `reading`, `writing`, `losing`, `sweeping` | what takes more than one script |
//! | `config` | what it is made with |
//! | `books` | what is known of all queries together |
//! | `record`, `written` | what is stored of a query, read and written |
//! | `packing` | rows made smaller, and as they were again |
//! | `sealed` | credentials, encrypted |

mod books;
mod config;
mod losing;
mod packing;
mod reading;
mod record;
mod sealed;
mod sweeping;
mod writing;
mod written;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{join, try_join};
use perk_core::rerun::Loss;
use perk_core::{
    Abandoned, Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Page, PageIndex,
    PerkError, QueryId, QueryInfo, Random, ReadError, ReadLimits, Reading, Rerunnable, ResultStore,
    Unavailable, UnendedQueries, UpstreamRef, WorkerId, WriteError,
};

pub(super) use self::books::script_names as books_script_names;
use self::books::{Books, Note, Storing, When};
pub use self::config::RedisStoreConfig;
pub use self::packing::PageCompression;
use self::reading::{Fresh, Untouched};
use self::record::Record;
pub use self::sealed::CredentialKey;
use self::sealed::Sealing;
use self::writing::ending_arguments;
use super::connection::Connection;
use super::reply::Reply;
use super::script::{Script, scripts, text};
use super::topics::Topic;

scripts! { "query":
    CREATE "create" Takes;
    QUEUED "queued" Frees;
    CLAIM "claim" Frees;
    SUPERSEDED_CANCELED "superseded_canceled" Frees;
    POSTED "posted" Frees;
    APPEND "append" Takes;
    SHOW "show" Frees;
    PROGRESS "progress" Takes;
    FINISH "finish" Frees;
    FINISH_WITH_PAGE "finish_with_page" Takes;
    LOSING "losing" Frees;
    LOSE "lose" Frees;
    READ "read" Frees;
    HEARD "heard" Frees;
    END "end" Frees;
    INFO "info" Frees;
    SWEEP "sweep" Frees;
}

/// What the client of a query is told whose credentials cannot be decrypted.
const OTHER_KEY: &str = "the worker has another credential key than the gateway, or none: all gateways and workers must have the same";

/// Fields of a record, and texts.
type Names = (&'static [&'static str], &'static [&'static str]);
/// What a query's particulars are made of.
const INFORMATION: Names = (
    &["life", "worker", "attempt", "created", "ended"],
    &["sql", "headers", "rest", "ending", "stats", "end_columns"],
);
/// What tells where a query stands.
const STATE: Names = (&["life", "worker", "attempt"], &["target"]);

/// Queries and their results in Redis. A query's keys are on one slot, so that what happens to it is one script.
#[derive(Debug)]
pub struct RedisResultStore {
    connection: Arc<Connection>,
    config: RedisStoreConfig,
    books: Arc<Books>,
    sealing: Sealing,
    fresh: Fresh,
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
        unread_total: u64,
        random: Random,
    ) -> Self {
        let books = Books::new(connection.clone(), unread_total, config.client_timeout);
        Self {
            sealing: Sealing::new(config.credential_key.as_ref(), random),
            connection,
            config,
            books,
            fresh: Fresh::default(),
        }
    }

    /// Runs a script over one query.
    async fn run(
        &self,
        script: &Script,
        id: &QueryId,
        arguments: impl IntoIterator<Item = Bytes> + Send,
    ) -> Result<Reply, Unavailable> {
        let arguments = std::iter::once(text(id)).chain(arguments);
        let base = self.base(id);
        self.connection
            .run(script, &base, arguments.collect())
            .await
    }

    /// What a query's keys begin with.
    fn base(&self, id: &QueryId) -> String {
        self.connection.base(&format!("q:{id}"))
    }

    /// Where changes of a query are told.
    fn topic(&self, id: &QueryId) -> Arc<Topic> {
        self.connection.topic(&format!("q:{id}"))
    }

    /// Enters what a script says for the books, if it says something: how much more the query weighs by that, and when all
    /// processes are to know.
    fn note(&self, id: &QueryId, said: &Reply, more: u64, when: When) -> Result<(), Unavailable> {
        self.note_from(id, said, (more, when), 0)
    }

    /// As `note`, where the query need not be looked at earlier than at this time.
    fn note_from(
        &self,
        id: &QueryId,
        said: &Reply,
        (more, when): (u64, When),
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
        self.books.note(id, note, more, when);
        Ok(())
    }

    /// Up to what weight a query's pages are held back, as its record has it.
    fn hold(&self, rerunnable: Rerunnable) -> Bytes {
        match (rerunnable, self.config.hold_results) {
            (Rerunnable::No, _) | (_, 0) => Bytes::new(),
            (Rerunnable::Yes, bound) => text(&bound),
        }
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
}

#[async_trait]
impl ResultStore for RedisResultStore {
    async fn create(&self, query: NewQuery) -> Result<(), Unavailable> {
        let NewQuery {
            id,
            statement,
            target,
            rerunnable,
            queued,
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
            text(if queued { "queued" } else { "stored" }),
            // Whoever stores what waits already wants to hear of it; what is only stored is asked for first.
            if queued {
                self.connection.channel()
            } else {
                Bytes::new()
            },
        ];
        let untouched = Untouched::of(self.topic(&id));
        // In this order: what is stored and in no book would stay for a day.
        let enter = self.books.enter(&id);
        let mut storing = None;
        let create = async {
            storing = Some(self.books.storing(id.clone()));
            self.run(&CREATE, &id, arguments).await
        };
        let ((), said) = try_join(enter, create).await?;
        storing.into_iter().for_each(Storing::stored);
        self.note(&id, &said, 0, When::Soon)?;
        let is_new = !said.list()?.is_empty();
        if queued && is_new {
            self.fresh.keep(id, untouched);
        }
        Ok(())
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        self.run(&QUEUED, id, []).await.map(drop)
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        // What is not taken is told another time.
        let (claimed, _) = join(self.run(&CLAIM, id, [text(worker)]), self.books.flush()).await;
        let answer = Answer::of(&claimed?)?;
        if answer.how == "held" {
            return Ok(Claim::Held);
        }
        let superseded = written::upstreams(answer.at(0))?;
        let [_, attempt, sql, headers, rest, credentials] = &answer.rest[..] else {
            self.note(id, answer.at(1), 0, When::Soon)?;
            return Ok(Claim::Over { superseded });
        };
        let mut statement = written::statement(sql, headers, rest)?;
        let attempt = Attempt(attempt.count()?);
        let Some(opened) = self.sealing.open(id, credentials)? else {
            // Nor could it tomorrow: whoever set this up has to hear of it.
            let ending = Ending::failed(PerkError::CredentialsUnreadable.because(OTHER_KEY));
            return match self.finish_alone(id, attempt, ending).await {
                Ok(()) | Err(WriteError::Fenced) => Ok(Claim::Over { superseded }),
                Err(WriteError::Unavailable(away)) => Err(away),
            };
        };
        statement.credentials = opened;
        Ok(Claim::Granted {
            attempt,
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
        self.note(id, &said, 0, When::Soon)
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
        let arguments = std::iter::once(text(id)).chain(arguments).collect();
        // What may run again is, should it be forgotten.
        let may_run_again = |reply: &Reply| *reply != Reply::Number(2);
        let base = self.base(id);
        let posted = self
            .connection
            .run_surely(&POSTED, &base, arguments, may_run_again);
        match posted.await?.number()? {
            0 => Err(WriteError::Fenced),
            _ => Ok(()),
        }
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        self.append_when_there_is_room(id, attempt, index, page)
            .await
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
        self.finish_alone(id, attempt, ending).await
    }

    async fn finish_with_page(
        &self,
        id: &QueryId,
        attempt: Attempt,
        last: (PageIndex, Page),
        ending: Ending,
    ) -> Result<(), WriteError> {
        Box::pin(self.finish_with(id, attempt, last, ending)).await
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
        self.read_waiting(id, token, limits).await
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        Ok(self.run(&HEARD, id, []).await?.number()? == 1)
    }

    async fn end(&self, id: &QueryId, ending: Ending, by: EndedBy) -> Result<Ended, Unavailable> {
        let by = match by {
            EndedBy::Client => "client",
            EndedBy::Perk => "perk",
        };
        let arguments = std::iter::once(text(by)).chain(ending_arguments(ending));
        let answer = Answer::of(&self.run(&END, id, arguments).await?)?;
        self.note(id, answer.at(1), 0, When::Now)?;
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

    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        self.list_unended(from).await
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        self.sweep_all().await
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}
