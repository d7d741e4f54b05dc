//! What a real Redis answers where something is read back: the seeds of `perk_queue::redis::hostile::stored`.
//!
//! `PERK_TEST_WRITE=1` writes them into `fuzz/seeds/stored`; otherwise they are compared, but for times and other numbers.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use perk_core::rerun::Loss;
use perk_core::{
    Attempt, Cluster, Dialect, EndedBy, Ending, Envelope, Lane, NewQuery, Outcome, Page, PoolName,
    Priority, QueryError, QueryId, Queue, Random, ReadLimits, Registry, Rerunnable, ResultStore,
    Secret, Signal, Statement, Take, Target, TransactionId, UpstreamRef, WorkerId, WorkerStatus,
};
use perk_queue::redis::hostile::{CREDENTIAL_KEY, QUERY, WORKER};
use perk_queue::{CredentialKey, Redis, RedisConfig, RedisStoreConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{Server, connect};

const LIMITS: ReadLimits = ReadLimits {
    wait: Duration::ZERO,
    bytes: 1 << 20,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/stored")
}

/// Stands before a Redis, and keeps what that says on the first connection: the one for commands.
async fn recorder(port: u16) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let said = Arc::<Mutex<Vec<u8>>>::default();
    let kept = said.clone();
    tokio::spawn(async move {
        let mut kept = Some(kept);
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let kept = kept.take();
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move {
                let mut buffer = vec![0; 1 << 16];
                while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
                    let said = &buffer[..length];
                    if let Some(kept) = &kept {
                        kept.lock().unwrap().extend_from_slice(said);
                    }
                    if to_client.write_all(said).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (format!("redis://{address}"), said)
}

/// A deployment, and what is read of it.
struct Recording {
    config: RedisConfig,
    port: u16,
}

impl Recording {
    /// What Redis answers while this is asked, over a connection of its own.
    async fn seed<T, F>(&self, name: &str, asked: &str, ask: impl FnOnce(Redis) -> F)
    where
        F: Future<Output = T>,
    {
        let (url, said) = recorder(self.port).await;
        let config = RedisConfig {
            url,
            ..self.config.clone()
        };
        let redis = Redis::connect(config, random()).await.unwrap();
        // From here on it counts as there.
        redis.queue.pools().await.unwrap();
        said.lock().unwrap().clear();
        ask(redis).await;
        let said = said.lock().unwrap().clone();
        let mut seed = format!("{asked}\n").into_bytes();
        seed.extend(without_unknown_scripts(&said));
        let file = folder().join(name);
        if std::env::var_os("PERK_TEST_WRITE").is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&file, &seed).unwrap();
        }
        let kept = fs::read(&file).unwrap_or_default();
        assert_eq!(
            without_numbers(&kept),
            without_numbers(&seed),
            "{name} is not what is answered: with PERK_TEST_WRITE=1 it is written"
        );
    }
}

/// The first of its kind is sent twice, before Redis knows it.
fn without_unknown_scripts(said: &[u8]) -> Vec<u8> {
    let text = said.split_inclusive(|byte| *byte == b'\n');
    text.filter(|line| !line.starts_with(b"-NOSCRIPT"))
        .flatten()
        .copied()
        .collect()
}

fn without_numbers(seed: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(seed).into_owned();
    text.retain(|letter| !letter.is_ascii_digit());
    text
}

/// The same in every run.
fn random() -> Random {
    Random::new(|bytes| bytes.fill(9))
}

fn worker() -> WorkerId {
    WORKER.parse().unwrap()
}

fn pool() -> PoolName {
    PoolName::default_pool()
}

fn lane() -> Target {
    Target::Lane(Lane {
        pool: pool(),
        priority: Priority::High,
        user: "ann:|\u{e9}".to_owned(),
    })
}

fn statement(sql: &str) -> Statement {
    let mut statement = Statement::new(Dialect::Presto, "ann:|\u{e9}", sql);
    statement.source = Some("a tool".to_owned());
    statement.client_tags = vec!["one".to_owned(), "two".to_owned()];
    statement.transaction = Some("4f9a7dc1".parse().unwrap());
    let headers = [("Catalog", "tpch"), ("Client-Capabilities", "PATH")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    statement.headers.extend(headers);
    statement
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

fn page() -> Page {
    Page {
        rows: Some(Bytes::from_static(b"[[1,\"one\"]]")),
        columns: Some(Bytes::from_static(b"[{\"name\":\"c\"}]")),
        envelope: Envelope {
            headers: vec![("Set-Session".to_owned(), "n=1".to_owned())],
            update_type: Some(Bytes::from_static(b"\"INSERT\"")),
            update_count: Some(Bytes::from_static(b"7")),
            warnings: Some(Bytes::from_static(b"[]")),
        },
    }
}

fn ending(outcome: Outcome) -> Ending {
    Ending {
        outcome,
        stats: Some(Bytes::from_static(b"{\"state\":\"FINISHED\"}")),
        columns: Some(Bytes::from_static(b"[{\"name\":\"c\"}]")),
        envelope: Envelope::default(),
    }
}

fn failure() -> Outcome {
    Outcome::Failed(Box::new(QueryError {
        json: Some(Bytes::from_static(b"{\"message\":\"no\"}")),
        ..QueryError::user_canceled()
    }))
}

async fn create(redis: &Redis, id: &QueryId, statement: Statement) {
    let new = NewQuery {
        id: id.clone(),
        statement: Arc::new(statement),
        target: lane(),
        rerunnable: Rerunnable::No,
        queued: true,
    };
    redis.store.create(new).await.unwrap();
}

#[tokio::test]
async fn the_seeds_are_what_is_answered() {
    let Some(server) = Server::own() else { return };
    let mut config = RedisConfig {
        prefix: "seeds".to_owned(),
        ..server.config()
    };
    config.store.credential_key = Some(CredentialKey::new(CREDENTIAL_KEY));
    let redis = Redis::connect(config.clone(), random()).await.unwrap();
    let recording = Recording {
        port: server.port(),
        config: config.clone(),
    };
    let id: QueryId = QUERY.parse().unwrap();
    recorded_of_a_life(&recording, &redis, &id).await;
    recorded_of_workers(&recording, &redis).await;
    recorded_of_losses(&recording, &redis).await;
    // In a deployment of its own, where nothing else is due.
    config.prefix = "swept".to_owned();
    config.store = RedisStoreConfig {
        client_timeout: Duration::from_millis(1),
        ..config.store
    };
    let port = server.port();
    recorded_of_a_sweep(&Recording { config, port }).await;
}

async fn recorded_of_a_life(recording: &Recording, redis: &Redis, id: &QueryId) {
    let (queue, store) = (&redis.queue, &redis.store);
    let mut with_credentials = statement("SELECT 'one'\n-- \u{e9}");
    with_credentials.credentials = vec![(
        "Authorization".to_owned(),
        Secret::new("Basic x".to_owned()),
    )];
    create(redis, id, with_credentials).await;
    recording
        .seed("read_waiting", "read", async |redis| {
            redis.store.read(id, 0, LIMITS).await.unwrap()
        })
        .await;
    queue.push(&lane(), id).await.unwrap();
    queue
        .signal(&worker(), id, Signal::CancelLeafStage)
        .await
        .unwrap();
    let others = ["q1", "q2"].map(|name| name.parse().unwrap());
    for other in &others {
        queue.push(&Target::Inbox(worker()), other).await.unwrap();
        queue
            .signal(&worker(), other, Signal::Cancel)
            .await
            .unwrap();
    }
    recording
        .seed("depth", "depth", async |redis| {
            redis.queue.depth(&pool()).await.unwrap()
        })
        .await;
    recording
        .seed("pull", "pull", async |redis| {
            let pulled = redis.queue.pull(&worker(), &pool(), Take::Any(3)).await;
            pulled.unwrap()
        })
        .await;
    recording
        .seed("pending_of", "pending_of", async |redis| {
            redis.queue.pending_of(&worker()).await.unwrap()
        })
        .await;
    recording
        .seed("holders", "holders", async |redis| {
            redis.queue.holders().await.unwrap()
        })
        .await;
    recording
        .seed("pools", "pools", async |redis| {
            redis.queue.pools().await.unwrap()
        })
        .await;
    recording
        .seed("claim", "claim", async |redis| {
            redis.store.claim(id, &worker()).await.unwrap()
        })
        .await;
    let attempt = Attempt(1);
    store.posted(id, attempt, upstream()).await.unwrap();
    recording
        .seed("append", "append", async |redis| {
            redis.store.append(id, attempt, 0, page()).await.unwrap();
        })
        .await;
    let stats = Bytes::from_static(b"{\"state\":\"RUNNING\"}");
    store.progress(id, attempt, stats).await.unwrap();
    recording
        .seed("read_page", "read", async |redis| {
            redis.store.read(id, 0, LIMITS).await.unwrap()
        })
        .await;
    recording
        .seed("info_running", "info", async |redis| {
            redis.store.info(id).await.unwrap()
        })
        .await;
    recording
        .seed("unended", "unended", async |redis| {
            redis.store.unended(0).await.unwrap()
        })
        .await;
    recording
        .seed("finish", "finish", async |redis| {
            let end = ending(Outcome::Finished);
            redis.store.finish(id, attempt, end).await.unwrap();
        })
        .await;
    recording
        .seed("read_end", "read", async |redis| {
            redis.store.read(id, 0, LIMITS).await.unwrap()
        })
        .await;
    recording
        .seed("claim_over", "claim", async |redis| {
            redis.store.claim(id, &worker()).await.unwrap()
        })
        .await;
}

async fn recorded_of_losses(recording: &Recording, redis: &Redis) {
    let store = &redis.store;
    let [one, two, three] = ["lost", "taken", "canceled"].map(|name| name.parse().unwrap());
    for id in [&one, &two, &three] {
        create(redis, id, statement(&"SELECT 1 ".repeat(3000))).await;
        store.claim(id, &worker()).await.unwrap();
        store.posted(id, Attempt(1), upstream()).await.unwrap();
    }
    recording
        .seed("give_up", "give_up", async |redis| {
            let loss = Loss::ClusterLost;
            redis.store.give_up(&one, Attempt(1), loss).await.unwrap()
        })
        .await;
    recording
        .seed("claim_superseded", "claim", async |redis| {
            redis.store.claim(&one, &worker()).await.unwrap()
        })
        .await;
    recording
        .seed("superseded", "superseded", async |redis| {
            let canceled = [upstream()];
            let told = redis.store.superseded_canceled(&one, &canceled).await;
            told.unwrap();
        })
        .await;
    recording
        .seed("take_over", "take_over", async |redis| {
            redis.store.take_over(&two, &worker()).await.unwrap()
        })
        .await;
    recording
        .seed("end", "end", async |redis| {
            let ended = redis.store.end(&three, ending(failure()), EndedBy::Client);
            ended.await.unwrap()
        })
        .await;
    recording
        .seed("read_failed", "read", async |redis| {
            redis.store.read(&three, 0, LIMITS).await.unwrap()
        })
        .await;
    recording
        .seed("info_failed", "info", async |redis| {
            redis.store.info(&three).await.unwrap()
        })
        .await;
}

async fn recorded_of_workers(recording: &Recording, redis: &Redis) {
    let registry = &redis.registry;
    let status = WorkerStatus {
        pool: pool(),
        cluster: Some(Cluster {
            origin: "http://presto:8080".to_owned(),
            dialect: Dialect::Presto,
            version: "0.287".to_owned(),
        }),
        running: 1,
        draining: false,
    };
    registry.renew(&worker(), status).await.unwrap();
    let transaction: TransactionId = "4f9a7dc1".parse().unwrap();
    registry
        .bind_transaction(&transaction, &worker())
        .await
        .unwrap();
    recording
        .seed("workers", "workers", async |redis| {
            redis.registry.workers().await.unwrap()
        })
        .await;
    recording
        .seed("lost_workers", "lost_workers", async |redis| {
            redis.registry.lost_workers().await.unwrap()
        })
        .await;
    recording
        .seed("transaction", "transaction", async |redis| {
            let registry = redis.registry;
            registry.transaction_worker(&transaction).await.unwrap()
        })
        .await;
    recording
        .seed("keys", "keys", async |redis| {
            redis.registry.deployment_keys().await.unwrap()
        })
        .await;
}

async fn recorded_of_a_sweep(recording: &Recording) {
    let redis = connect(&recording.config).await;
    let id: QueryId = QUERY.parse().unwrap();
    create(&redis, &id, statement("SELECT 1")).await;
    recording
        .seed("sweep", "sweep", async |redis| {
            // Nobody counts as gone before Redis has answered for a client's timeout.
            tokio::time::sleep(Duration::from_millis(20)).await;
            redis.store.sweep().await.unwrap()
        })
        .await;
}
