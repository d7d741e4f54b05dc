//! How often gateway and worker wait for Redis over one short query.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::testsuite::MockClusterProvisioner;
use perk_core::{
    Cluster, Dialect, Ending, Envelope, ExecuteError, Gateway, GatewayConfig, Health, Load, Next,
    Outcome, Page, PostAnswer, QueryExecutor, QuerySink, Random, Reading, Router, Statement,
    UpstreamRef, Worker, WorkerConfig, WorkerHandle, WorkerParts,
};
use perk_queue::{Redis, RedisConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::server::{Server, connect};

/// By how much answers are late: longer than it takes to send a burst of commands.
const LATE: Duration = Duration::from_millis(30);
/// So many queries one after the other, so that what is told now and then counts too.
const QUERIES: u64 = 15;
/// How often it is counted: a machine that is busy with other tests may send a burst in two parts, which takes nothing from
/// what the others show.
const ROUNDS: usize = 3;
/// What a short read may cost.
const ROUND_TRIPS: u64 = 6;

/// Stands before a Redis, and counts how often somebody sent something after having been answered.
async fn count(to: String) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let counted = Arc::new(AtomicU64::new(0));
    let turns = counted.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(pass(client, server, turns.clone()));
        }
    });
    (address, counted)
}

async fn pass(client: TcpStream, server: TcpStream, turns: Arc<AtomicU64>) {
    let answers = Arc::new(AtomicU64::new(1));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answered = answers.clone();
    let back = tokio::spawn(async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            sleep_until(Instant::now() + LATE).await;
            answered.fetch_add(1, Ordering::Relaxed);
            to_client.write_all(&buffer[..length]).await.unwrap();
        }
    });
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        if answers.swap(0, Ordering::Relaxed) > 0 {
            turns.fetch_add(1, Ordering::Relaxed);
        }
        to_server.write_all(&buffer[..length]).await.unwrap();
    }
    back.abort();
}

/// A cluster that answers at once, with one page.
#[derive(Debug)]
struct Prompt;

#[async_trait]
impl QueryExecutor for Prompt {
    async fn execute(
        &self,
        cluster: &Cluster,
        _: &Statement,
        sink: Arc<dyn QuerySink>,
    ) -> Result<Ending, ExecuteError> {
        let upstream = UpstreamRef {
            origin: cluster.origin.clone(),
            dialect: cluster.dialect,
            query_id: "upstream".to_owned(),
            next_uri: format!("{}/1", cluster.origin),
            user: "ann".to_owned(),
            credential: None,
        };
        let closed = |_| ExecuteError::Stopped;
        sink.posted(upstream).await.map_err(closed)?;
        let page = Page {
            rows: Some(Bytes::from_static(b"[[1]]")),
            columns: Some(Bytes::from_static(b"[]")),
            envelope: Envelope::default(),
        };
        sink.page(page).await.map_err(closed)?;
        Ok(Ending {
            outcome: Outcome::Finished,
            stats: Some(Bytes::from_static(b"{}")),
            columns: None,
            envelope: Envelope::default(),
        })
    }

    async fn cancel(&self, _: &UpstreamRef) -> Result<(), ExecuteError> {
        Ok(())
    }
}

fn worker(redis: &Redis) -> WorkerHandle {
    let mut provisioner = MockClusterProvisioner::new();
    provisioner.expect_provision().returning(|_| {
        Ok(Cluster {
            origin: "http://cluster".to_owned(),
            dialect: Dialect::Presto,
            version: "test".to_owned(),
        })
    });
    provisioner.expect_health().returning(|_| Health::Healthy);
    provisioner.expect_load().returning(|_| Ok(Load::default()));
    provisioner.expect_remove().returning(|_| Ok(()));
    let parts = WorkerParts {
        queue: redis.queue.clone(),
        store: redis.store.clone(),
        registry: redis.registry.clone(),
        provisioner: Arc::new(provisioner),
        executor: Arc::new(Prompt),
    };
    let config = WorkerConfig {
        // It renews only when it has something to say.
        lease: Duration::from_mins(5),
        ..WorkerConfig::default()
    };
    Worker::new(parts, config, Random::system()).spawn()
}

/// Reads a result as a client does, by as few requests as it may.
async fn read(gateway: &Gateway, answer: PostAnswer) -> Vec<Page> {
    let statement = Statement::new(Dialect::Presto, "ann", "SELECT 1");
    let mut given = gateway.submit(statement, answer).await.unwrap();
    let mut pages = Vec::new();
    loop {
        let Reading {
            pages: more, next, ..
        } = given.reading;
        pages.extend(more);
        match next {
            Next::End(_) => return pages,
            Next::Token(token) => {
                let slug = gateway.slug(&given.id, token).to_string();
                given = gateway.poll(&given.id, token, &slug).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_read_costs_six_round_trips() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    let (address, turns) = count(config.url.replace("redis://", "")).await;
    let config = RedisConfig {
        url: format!("redis://{address}"),
        lease: Duration::from_mins(5),
        ..config
    };
    let (gateways, workers) = (connect(&config).await, connect(&config).await);
    let mut worker = worker(&workers);
    let (router, settings) = (Router::default(), GatewayConfig::default());
    let (queue, store, registry) = (gateways.queue, gateways.store, gateways.registry);
    let gateway = Gateway::new(queue, store, registry, router, settings, Random::system());
    let gateway = gateway.await.unwrap();
    for answer in [PostAnswer::MayHoldRows, PostAnswer::TokenOnly] {
        // Redis gets to know the scripts, among them those that tell of the query before.
        read(&gateway, answer).await;
        read(&gateway, answer).await;
        let mut fewest = u64::MAX;
        for _ in 0..ROUNDS {
            tokio::time::sleep(4 * LATE).await;
            let before = turns.load(Ordering::Relaxed);
            for _ in 0..QUERIES {
                assert_eq!(read(&gateway, answer).await.len(), 1);
            }
            tokio::time::sleep(4 * LATE).await;
            fewest = fewest.min(turns.load(Ordering::Relaxed) - before);
            if fewest <= ROUND_TRIPS * QUERIES {
                break;
            }
        }
        println!("{answer:?}: {fewest} round trips for {QUERIES} short reads");
        assert!(fewest <= ROUND_TRIPS * QUERIES, "{answer:?}: {fewest}");
    }
    worker.drain(Duration::ZERO);
    worker.stopped().await;
}
