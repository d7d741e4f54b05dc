//! What is read back from Redis, as bytes that mean ill: a newer Perk wrote it, another program, or a bit is not what it was.
//!
//! `fuzz` calls this with what a fuzzer finds, `tests/stored.rs` with honest answers that were changed.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use perk_core::rerun::Loss;
use perk_core::{
    Attempt, EndedBy, Ending, Page, PoolName, QueryError, QueryId, Queue, Random, ReadLimits,
    Registry, ResultStore, Take, Unavailable, WorkerId,
};
use tokio::runtime::{Builder, Runtime};

use super::connection::{Connection, SERVICE};
use super::reply::Reply;
use super::{CredentialKey, RedisQueue, RedisRegistry, RedisResultStore, RedisStoreConfig};

/// What the credentials of the seeds are encrypted with.
pub const CREDENTIAL_KEY: [u8; 32] = [7; 32];
/// The query of the seeds.
pub const QUERY: &str = "20261123_120000_00001_abcde";
/// Its worker.
pub const WORKER: &str = "worker-1.abcdefghijklmnop";

/// How deep lists lie in lists at most; scripts' answers do to four.
const DEPTH: usize = 8;

thread_local! {
    /// Where nothing really waits: time goes on by itself to when somebody wants to be woken.
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
}

/// What Redis answers, in turn; when there is no more, it is away.
#[derive(Debug)]
pub(super) struct Answers(Mutex<VecDeque<Result<Reply, String>>>);

impl Answers {
    pub(super) fn next(&self) -> Result<Reply, Unavailable> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = answers.pop_front();
        let answer = next.unwrap_or_else(|| Err("there are no more answers".to_owned()));
        answer.map_err(|reason| Unavailable {
            service: SERVICE,
            reason,
        })
    }
}

/// The name of what is asked of queue, store or registry, a line, and then what Redis answers to that, as it comes over the wire.
/// Whatever it is, it is taken or refused. Whether it was taken.
pub fn stored(input: &[u8]) -> bool {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let (asked, mut rest) = (&input[..end], &input[end + 1..]);
    let Ok(asked) = str::from_utf8(asked) else {
        return false;
    };
    let mut answers = VecDeque::new();
    while let Some(answer) = answer(&mut rest) {
        answers.push_back(answer);
    }
    RUNTIME.with(|runtime| runtime.block_on(ask(asked, Answers(Mutex::new(answers)))))
}

async fn ask(asked: &str, answers: Answers) -> bool {
    let connection = Arc::new(Connection::scripted(answers));
    let random = Random::new(|bytes| bytes.fill(9));
    let config = RedisStoreConfig {
        credential_key: Some(CredentialKey::new(CREDENTIAL_KEY)),
        ..RedisStoreConfig::default()
    };
    let lease = Duration::from_secs(15);
    let queue = RedisQueue::new(connection.clone());
    let store = RedisResultStore::new(connection.clone(), config, 1 << 20, random.clone());
    let registry = RedisRegistry::new(connection, lease, random);
    let (id, worker, pool) = names();
    let attempt = Attempt(1);
    let limits = ReadLimits {
        wait: Duration::from_secs(1),
        bytes: 1 << 20,
    };
    let ending = || Ending::failed(QueryError::abandoned());
    match asked {
        "read" => taken(store.read(&id, 0, limits)).await,
        "claim" => taken(store.claim(&id, &worker)).await,
        "info" => taken(store.info(&id)).await,
        "unended" => taken(store.unended(0)).await,
        "sweep" => taken(store.sweep()).await,
        "append" => taken(store.append(&id, attempt, 0, Page::default())).await,
        "finish" => taken(store.finish(&id, attempt, ending())).await,
        "end" => taken(store.end(&id, ending(), EndedBy::Perk)).await,
        "give_up" => taken(store.give_up(&id, attempt, Loss::ClusterLost)).await,
        "take_over" => taken(store.take_over(&id, &worker)).await,
        "heard" => taken(store.heard(&id)).await,
        "superseded" => taken(store.superseded_canceled(&id, &[])).await,
        "pull" => taken(queue.pull(&worker, &pool, Take::Any(3))).await,
        "pending_of" => taken(queue.pending_of(&worker)).await,
        "holders" => taken(queue.holders()).await,
        "pools" => taken(queue.pools()).await,
        "depth" => taken(queue.depth(&pool)).await,
        "remove" => taken(queue.remove(&id)).await,
        "workers" => taken(registry.workers()).await,
        "lost_workers" => taken(registry.lost_workers()).await,
        "transaction" => match "4f9a7dc1".parse() {
            Ok(transaction) => taken(registry.transaction_worker(&transaction)).await,
            Err(_) => false,
        },
        "keys" => taken(registry.deployment_keys()).await,
        "may_sweep" => taken(registry.may_sweep("gateway")).await,
        _ => false,
    }
}

fn names() -> (QueryId, WorkerId, PoolName) {
    let query = QUERY.parse().expect("it is a query's");
    let worker = WORKER.parse().expect("it is a worker's");
    (query, worker, PoolName::default_pool())
}

async fn taken<T, E>(asked: impl Future<Output = Result<T, E>>) -> bool {
    asked.await.is_ok()
}

/// The next answer, or what Redis says instead; `None` at the end. What was changed may be of another length, so a text ends
/// with its line where it does not end where it should, and a list with the answers.
fn answer(rest: &mut &[u8]) -> Option<Result<Reply, String>> {
    if let Some(error) = rest.strip_prefix(b"-") {
        *rest = error;
        return Some(Err(String::from_utf8_lossy(line(rest)?).into_owned()));
    }
    reply(rest, DEPTH).map(Ok)
}

fn reply(rest: &mut &[u8], depth: usize) -> Option<Reply> {
    let (kind, said) = line(rest)?.split_first()?;
    let number = str::from_utf8(said)
        .ok()
        .and_then(|said| said.parse::<i64>().ok());
    Some(match (kind, number) {
        (b'$' | b'*', Some(..0)) => Reply::Nil,
        (b':', Some(number)) => Reply::Number(number),
        (b'*', Some(count)) => {
            let depth = depth.checked_sub(1)?;
            let answers = (0..count).map_while(|_| reply(rest, depth));
            Reply::List(answers.collect())
        }
        (b'$', length) => match length.and_then(|length| of_length(rest, length)) {
            Some(bytes) => bytes,
            None => Reply::Bytes(Bytes::copy_from_slice(line(rest)?)),
        },
        _ => Reply::Bytes(Bytes::copy_from_slice(said)),
    })
}

/// A text that is as long as it says.
fn of_length(rest: &mut &[u8], length: i64) -> Option<Reply> {
    let (bytes, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after.strip_prefix(b"\r\n")?;
    Some(Reply::Bytes(Bytes::copy_from_slice(bytes)))
}

/// What comes before the next end of a line.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
    let (line, after) = rest.split_at(end);
    *rest = &after[2..];
    Some(line)
}
