//! What is stored is not what it was: another program wrote there, or a bit has changed. Whatever is asked then is answered or refused,
//! by scripts that end and processes that live.

use std::future::Future;
use std::time::Duration;

use perk_core::{
    Attempt, EndedBy, Outcome, PoolName, Queue, ReadLimits, Registry, ResultStore, Take,
};
use perk_queue::{Redis, RedisConfig};
use tokio::time::timeout;

use crate::format::{PREFIX, ending, file, page, query, restore, worker};
use crate::server::{Server, connect};

/// How many changes are tried, unless `PERK_TEST_CASES` says.
const CHANGES: u64 = 48;
/// What may wait for somebody else does so for no longer.
const MOMENT: Duration = Duration::from_millis(50);
/// What waits for nobody is answered by then.
const LONG: Duration = Duration::from_secs(4);

/// Changes something, chosen by a number, and gives what.
const CHANGE: &str = r"
local roll = tonumber(ARGV[1])
local function choose(list)
  local chosen = list[roll % #list + 1]
  roll = math.floor(roll / #list)
  return chosen
end
local keys = redis.call('KEYS', '*')
table.sort(keys)
local key = choose(keys)
local what = choose({ 'value', 'value', 'value', 'value', 'value', 'value', 'gone', 'kind' })
local value = choose({ '', 'x', '-1', '0', '1', '99', '4294967296', '9223372036854775807', '-9223372036854775808', '1e308', 'nan',
  '\0\255', '|', '[]', '{}', 'null', 'running', 'ended', 'stored' })
local kind = redis.call('TYPE', key).ok
local at = ''
if what == 'gone' then
  redis.call('DEL', key)
elseif what == 'kind' then
  redis.call('DEL', key)
  redis.call(choose({ 'RPUSH', 'SET', 'SADD' }), key, value)
elseif kind == 'hash' then
  at = choose(redis.call('HKEYS', key))
  redis.call('HSET', key, at, value)
elseif kind == 'list' then
  redis.call('LSET', key, choose({ 0, -1 }), value)
elseif kind == 'set' then
  redis.call('SADD', key, value)
elseif kind == 'zset' then
  redis.call('ZADD', key, choose({ 0, 1, '-inf', '+inf' }), value)
elseif kind == 'string' then
  redis.call('SET', key, value)
else
  redis.call('XTRIM', key, 'MAXLEN', 0)
end
return key .. ' ' .. at .. ' ' .. what .. ' ' .. value";

/// Answered or refused, but not left open.
async fn answered<T, E>(what: &str, asked: impl Future<Output = Result<T, E>>) {
    let answered = timeout(LONG, asked).await;
    assert!(answered.is_ok(), "{what} is not answered");
}

async fn everything(redis: &Redis) {
    let (queue, store, registry) = (&redis.queue, &redis.store, &redis.registry);
    let pool: PoolName = "etl".parse().unwrap();
    answered("workers", registry.workers()).await;
    answered("lost_workers", registry.lost_workers()).await;
    answered("deployment_keys", registry.deployment_keys()).await;
    let transaction = "4f9a7dc1".parse().unwrap();
    answered("transaction", registry.transaction_worker(&transaction)).await;
    answered("depth", queue.depth(&pool)).await;
    answered("pools", queue.pools()).await;
    answered("holders", queue.holders()).await;
    answered("pending_of", queue.pending_of(&worker())).await;
    for name in ["runs", "ended", "failed", "waits"] {
        let id = query(name);
        answered("info", store.info(&id)).await;
        for token in [0, 1, u64::MAX] {
            let limits = ReadLimits {
                wait: Duration::ZERO,
                bytes: 1 << 20,
            };
            answered("read", store.read(&id, token, limits)).await;
        }
        // May wait for room.
        let _ = timeout(MOMENT, store.append(&id, Attempt(1), 1, page(1))).await;
        answered("unended", store.unended(0)).await;
        answered("take_over", store.take_over(&id, &worker())).await;
        answered("claim", store.claim(&id, &worker())).await;
        let end = ending(Outcome::Finished);
        answered("finish", store.finish(&id, Attempt(2), end.clone())).await;
        answered("end", store.end(&id, end, EndedBy::Perk)).await;
        answered("release", queue.release(&worker(), &id)).await;
        answered("sweep", store.sweep()).await;
    }
    // May wait for a push.
    let _ = timeout(MOMENT, queue.pull(&worker(), &pool, Take::Any(5))).await;
    for name in ["runs", "waits"] {
        answered("ack", queue.ack(&worker(), &query(name))).await;
        answered("remove", queue.remove(&query(name))).await;
    }
}

#[tokio::test]
async fn whatever_is_changed_is_answered_or_refused() {
    let Some(server) = Server::own() else { return };
    let mut config = RedisConfig {
        prefix: PREFIX.to_owned(),
        ..server.config()
    };
    config.store.client_timeout = Duration::from_millis(1);
    let dumped = std::fs::read_to_string(file()).unwrap();
    let cases = std::env::var("PERK_TEST_CASES");
    let cases = cases.map_or(CHANGES, |cases| cases.parse().expect("a number"));
    for case in 0..cases {
        server.command("FLUSHALL");
        restore(&server, &dumped);
        // Far apart from each other; as many digits as Lua's numbers have.
        let roll = (case + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12;
        let changed = server.send(&["EVAL", CHANGE, "0", &roll.to_string()]);
        println!("{case}: {changed:?}");
        assert!(changed.starts_with('$'), "{changed}");
        everything(&connect(&config).await).await;
    }
}

/// Tokens that are far apart: no script counts from one to the other.
#[tokio::test]
async fn no_script_counts_for_long() {
    let Some(server) = Server::own() else { return };
    let config = RedisConfig {
        prefix: PREFIX.to_owned(),
        ..server.config()
    };
    let dumped = std::fs::read_to_string(file()).unwrap();
    for (field, value) in [
        ("told", "1e308"),
        ("first", "-9223372036854775808"),
        ("count", "1e15"),
    ] {
        server.command("FLUSHALL");
        restore(&server, &dumped);
        // Large pages are looked for one by one.
        let changes = ["apart", "1", field, value];
        let record = "{kept:q:ended}:record";
        server.send(&[&["HSET", record], &changes[..]].concat());
        everything(&connect(&config).await).await;
    }
}

/// One record that cannot be read, and what is no query at all, keep nobody from the others.
#[tokio::test]
async fn what_cannot_be_read_is_in_nobody_s_way() {
    let Some(server) = Server::own() else { return };
    let mut config = RedisConfig {
        prefix: PREFIX.to_owned(),
        ..server.config()
    };
    config.store.client_timeout = Duration::from_millis(1);
    restore(&server, &std::fs::read_to_string(file()).unwrap());
    server.send(&["HSET", "{kept:q:failed}:record", "v", "99"]);
    let book = "{kept:store}:due";
    for (due, name) in [("1", "failed"), ("2", "no query's"), ("3", "waits")] {
        server.send(&["ZADD", book, due, name]);
    }
    let redis = connect(&config).await;
    // Redis is there for longer than clients may be silent.
    redis.queue.pools().await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let unended = redis.store.unended(0).await.unwrap().queries;
    assert!(unended.iter().any(|(id, ..)| id.as_str() == "waits"));
    let abandoned = redis.store.sweep().await.unwrap();
    let waits = abandoned.iter().find(|query| query.id.as_str() == "waits");
    assert!(waits.is_some(), "{abandoned:?}");
    assert!(redis.store.info(&query("waits")).await.unwrap().is_none());
    let newer = redis.store.info(&query("failed")).await.unwrap_err();
    assert!(newer.reason.contains("newer Perk"), "{newer}");
    let score = |name: &str| server.send(&["ZSCORE", book, name]);
    assert!(score("no query's").starts_with("$-1"));
    assert!(score("failed").starts_with("$13"), "{}", score("failed"));
}
