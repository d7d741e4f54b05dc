//! What earlier versions wrote is read: all keys of a small deployment, as `DUMP` gave them, are in `format_1.dump`.
//!
//! `PERK_TEST_WRITE=1` writes the file of the present format; those of earlier ones stay as they are.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{
    Claim, Cluster, Delivery, Dialect, EndedBy, Ending, Envelope, Lane, NewQuery, Next, Outcome,
    Page, PoolName, Priority, QueryError, QueryId, QueryState, Queue, ReadLimits, Registry,
    Rerunnable, ResultStore, Statement, Take, Target, TransactionId, UpstreamRef, WorkerId,
    WorkerStatus,
};
use perk_queue::{Redis, RedisConfig};

use crate::server::{Server, connect};

pub(crate) const PREFIX: &str = "kept";

pub(crate) fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redis/format_1.dump")
}

pub(crate) fn worker() -> WorkerId {
    "worker-1.abcdefghijklmnop".parse().unwrap()
}

pub(crate) fn query(name: &str) -> QueryId {
    name.parse().unwrap()
}

fn lane() -> Target {
    Target::Lane(Lane {
        pool: "etl".parse().unwrap(),
        priority: Priority::Low,
        user: "ann:|\u{e9}".to_owned(),
    })
}

fn statement(name: &str) -> Statement {
    let mut statement = Statement::new(Dialect::Presto, "ann:|\u{e9}", &format!("SELECT '{name}'"));
    statement.source = Some("a tool".to_owned());
    statement.client_tags = vec!["one".to_owned(), "two".to_owned()];
    statement
        .headers
        .push(("Catalog".to_owned(), "tpch".to_owned()));
    statement
}

fn shown(statement: &Statement) -> String {
    format!("{statement:?}")
}

fn upstream() -> UpstreamRef {
    UpstreamRef {
        origin: "http://presto:8080".to_owned(),
        dialect: Dialect::Presto,
        query_id: "20261123_120000_00001_abcde".to_owned(),
        next_uri: "http://presto:8080/v1/statement/executing/1".to_owned(),
        user: "ann".to_owned(),
        credential: None,
    }
}

pub(crate) fn page(number: u8) -> Page {
    Page {
        rows: Some(Bytes::from(format!("[[{number}]]"))),
        columns: (number == 0).then(|| Bytes::from_static(b"[{\"name\":\"c\"}]")),
        envelope: Envelope {
            headers: vec![("Set-Session".to_owned(), format!("n={number}"))],
            update_type: Some(Bytes::from_static(b"\"INSERT\"")),
            update_count: Some(Bytes::from_static(b"7")),
            warnings: Some(Bytes::from_static(b"[]")),
        },
    }
}

pub(crate) fn ending(outcome: Outcome) -> Ending {
    Ending {
        outcome,
        stats: Some(Bytes::from_static(b"{\"state\":\"FINISHED\"}")),
        columns: None,
        envelope: Envelope::default(),
    }
}

fn failure() -> QueryError {
    QueryError {
        json: Some(Bytes::from_static(b"{\"message\":\"no\"}")),
        ..QueryError::user_canceled()
    }
}

fn status() -> WorkerStatus {
    WorkerStatus {
        pool: "etl".parse().unwrap(),
        cluster: Some(Cluster {
            origin: "http://presto:8080".to_owned(),
            dialect: Dialect::Presto,
            version: "0.287".to_owned(),
        }),
        running: 1,
        draining: false,
    }
}

/// One query of each kind, and a worker.
async fn fill(redis: &Redis) {
    let (queue, store, registry) = (&redis.queue, &redis.store, &redis.registry);
    registry.renew(&worker(), status()).await.unwrap();
    registry.deployment_keys().await.unwrap();
    let transaction: TransactionId = "4f9a7dc1".parse().unwrap();
    registry
        .bind_transaction(&transaction, &worker())
        .await
        .unwrap();
    for name in ["runs", "ended", "failed", "waits"] {
        let id = query(name);
        let new = NewQuery {
            id: id.clone(),
            statement: Arc::new(statement(name)),
            target: lane(),
            rerunnable: Rerunnable::No,
            queued: true,
        };
        store.create(new).await.unwrap();
        queue.push(&lane(), &id).await.unwrap();
        if name == "waits" {
            continue;
        }
        let pool: PoolName = "etl".parse().unwrap();
        queue.pull(&worker(), &pool, Take::Any(1)).await.unwrap();
        let Claim::Granted { attempt, .. } = store.claim(&id, &worker()).await.unwrap() else {
            panic!("{name} is granted");
        };
        store.posted(&id, attempt, upstream()).await.unwrap();
        store.append(&id, attempt, 0, page(0)).await.unwrap();
        match name {
            "ended" => {
                let (last, end) = ((1, page(1)), ending(Outcome::Finished));
                store
                    .finish_with_page(&id, attempt, last, end)
                    .await
                    .unwrap();
                queue.ack(&worker(), &id).await.unwrap();
            }
            "failed" => {
                let end = ending(Outcome::Failed(Box::new(failure())));
                store.end(&id, end, EndedBy::Perk).await.unwrap();
            }
            _ => {}
        }
    }
    store.sweep().await.unwrap();
}

/// All keys, each with its dump in hexadecimal digits.
fn dump(server: &Server) -> String {
    let script = "local all = {} \
        for _, name in ipairs(redis.call('KEYS', '*')) do \
          local digits = string.gsub(redis.call('DUMP', name), '.', function(byte) return string.format('%02x', string.byte(byte)) end) \
          all[#all + 1] = name .. ' ' .. digits \
        end \
        table.sort(all) \
        return table.concat(all, '\\n')";
    let answer = server.send(&["EVAL", script, "0"]);
    let mut text = String::new();
    for line in answer.lines().filter(|line| line.starts_with('{')) {
        writeln!(text, "{}", line.trim()).unwrap();
    }
    text
}

pub(crate) fn restore(server: &Server, dumped: &str) {
    let script = "local bytes = string.gsub(ARGV[1], '..', function(digits) return string.char(tonumber(digits, 16)) end) \
        return redis.call('RESTORE', KEYS[1], 0, bytes)";
    for line in dumped.lines() {
        let (name, digits) = line.split_once(' ').expect("a name and its dump");
        let answer = server.send(&["EVAL", script, "1", name, digits]);
        assert!(answer.contains("OK"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn what_format_1_wrote_is_read() {
    let Some(server) = Server::own() else { return };
    let config = RedisConfig {
        prefix: PREFIX.to_owned(),
        ..server.config()
    };
    if std::env::var_os("PERK_TEST_WRITE").is_some() {
        fill(&connect(&config).await).await;
        std::fs::write(file(), dump(&server)).unwrap();
        server.command("FLUSHALL");
    }
    restore(&server, &std::fs::read_to_string(file()).unwrap());
    let redis = connect(&config).await;
    let (queue, store, registry) = (&redis.queue, &redis.store, &redis.registry);

    let workers = registry.workers().await.unwrap();
    assert_eq!((&workers[0].id, &workers[0].status), (&worker(), &status()));
    let transaction = "4f9a7dc1".parse().unwrap();
    let owner = registry.transaction_worker(&transaction).await.unwrap();
    assert_eq!(owner, Some(worker()));

    let limits = ReadLimits {
        wait: Duration::ZERO,
        bytes: 1 << 20,
    };
    let read = store.read(&query("ended"), 0, limits).await.unwrap();
    assert_eq!(read.pages, [page(0), page(1)]);
    assert_eq!(shown(&read.statement), shown(&statement("ended")));
    let Next::End(end) = read.next else {
        panic!("{:?}", read.next)
    };
    assert_eq!(*end, ending(Outcome::Finished));
    let failed = store.info(&query("failed")).await.unwrap().unwrap();
    let end = ending(Outcome::Failed(Box::new(failure())));
    assert_eq!(failed.ending.as_deref(), Some(&end));
    let runs = store.info(&query("runs")).await.unwrap().unwrap();
    assert!(matches!(runs.state, QueryState::Running { worker: by, .. } if by == worker()));

    let other: WorkerId = "worker-2.abcdefghijklmnop".parse().unwrap();
    let pulled = queue
        .pull(&other, &"etl".parse().unwrap(), Take::Any(5))
        .await;
    assert_eq!(pulled.unwrap(), [Delivery::Query(query("waits"))]);
    let claimed = store.claim(&query("waits"), &other).await.unwrap();
    let Claim::Granted {
        statement: whole, ..
    } = claimed
    else {
        panic!("{claimed:?}")
    };
    assert_eq!(shown(&whole), shown(&statement("waits")));
    // What the other worker had is taken over.
    store.take_over(&query("runs"), &worker()).await.unwrap();
    queue.release(&worker(), &query("runs")).await.unwrap();
    let pulled = queue
        .pull(&other, &"etl".parse().unwrap(), Take::Any(5))
        .await;
    assert_eq!(pulled.unwrap(), [Delivery::Query(query("runs"))]);
    let over = store.claim(&query("runs"), &other).await.unwrap();
    let Claim::Over { superseded } = over else {
        panic!("{over:?}")
    };
    assert_eq!(superseded, [upstream()]);
}
