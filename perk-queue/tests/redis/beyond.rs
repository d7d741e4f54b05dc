//! What the implementations over Redis promise beyond the contracts.

use std::time::{Duration, Instant};

use perk_core::{
    Delivery, Lane, PoolName, Priority, QueryId, Queue, Registry, Renewal, Take, Target, WorkerId,
    WorkerStatus,
};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::server::{Server, connect};

/// Sooner than a worker looks by itself.
const PROMPT: Duration = Duration::from_secs(3);

fn lane(user: &str) -> Target {
    Target::Lane(Lane {
        pool: pool(),
        priority: Priority::Normal,
        user: user.to_owned(),
    })
}

fn pool() -> PoolName {
    PoolName::default_pool()
}

fn worker(name: &str) -> WorkerId {
    name.parse().unwrap()
}

fn query(name: &str) -> QueryId {
    name.parse().unwrap()
}

fn status() -> WorkerStatus {
    WorkerStatus {
        pool: pool(),
        cluster: None,
        running: 0,
        draining: false,
    }
}

#[tokio::test]
async fn a_push_in_one_process_wakes_a_worker_in_another() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    let (gateway, workers) = (connect(&config).await, connect(&config).await);
    let pulling = {
        let queue = workers.queue.clone();
        tokio::spawn(async move { queue.pull(&worker("w"), &pool(), Take::Any(1)).await })
    };
    sleep(Duration::from_millis(300)).await;
    gateway.queue.push(&lane("ann"), &query("q")).await.unwrap();
    let pulled = timeout(PROMPT, pulling)
        .await
        .expect("it is woken")
        .unwrap();
    assert_eq!(pulled.unwrap(), [Delivery::Query(query("q"))]);
}

#[tokio::test]
async fn who_waits_asks_nothing_and_one_push_wakes_one() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let mut pulls = JoinSet::new();
    for number in 0..20 {
        let queue = redis.queue.clone();
        pulls.spawn(async move {
            let me = worker(&format!("w{number}"));
            let pulled = queue.pull(&me, &pool(), Take::Any(1)).await.unwrap();
            (me, pulled)
        });
    }
    let scripts = || server.info("cmdstat_evalsha:calls") + server.info("cmdstat_eval:calls");
    while scripts() < 20 {
        sleep(Duration::from_millis(20)).await;
    }
    let before = scripts();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(scripts(), before, "nobody asks while nothing happens");
    redis.queue.push(&lane("ann"), &query("q")).await.unwrap();
    let (me, pulled) = timeout(PROMPT, pulls.join_next())
        .await
        .expect("somebody is woken")
        .unwrap()
        .unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
    redis.queue.ack(&me, &query("q")).await.unwrap();
    // The push, one pull, the acknowledgement; and the first of a kind is sent twice, before Redis knows it.
    let asked = scripts() - before;
    assert!(asked <= 5, "{asked} scripts ran");
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_given_again() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    let (lost, again) = (connect(&config).await, connect(&config).await);
    let (me, pool) = (worker("w"), pool());
    for name in ["a", "b", "c"] {
        lost.queue.push(&lane("ann"), &query(name)).await.unwrap();
    }
    // As if this answer had never come.
    let pulled = lost.queue.pull(&me, &pool, Take::Any(2)).await.unwrap();
    assert_eq!(pulled.len(), 2);
    // One of the two was settled all the same.
    lost.queue.ack(&me, &query("a")).await.unwrap();
    let mut pulled = again.queue.pull(&me, &pool, Take::Any(2)).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("b"))]);
    // That says nothing of what else there is.
    let next = again.queue.pull(&me, &pool, Take::Any(2));
    pulled = timeout(PROMPT, next).await.expect("it looks").unwrap();
    assert_eq!(pulled, [Delivery::Query(query("c"))]);
}

#[tokio::test]
async fn nothing_is_left_of_what_was_acknowledged() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let (me, pool) = (worker("w"), pool());
    for round in 0..3 {
        for number in 0..30 {
            let target = match number % 5 {
                0 => Target::Inbox(me.clone()),
                user => lane(&format!("user:{user}|{{x}}\n")),
            };
            let id = query(&format!("r{round}q{number}"));
            redis.queue.push(&target, &id).await.unwrap();
        }
        let mut left = 30;
        while left > 0 {
            for delivery in redis.queue.pull(&me, &pool, Take::Any(7)).await.unwrap() {
                let Delivery::Query(id) = delivery else {
                    continue;
                };
                if left % 4 == 0 {
                    redis.queue.release(&me, &id).await.unwrap();
                    assert!(redis.queue.remove(&id).await.unwrap());
                } else {
                    redis.queue.ack(&me, &id).await.unwrap();
                }
                left -= 1;
            }
        }
    }
    let answer = server.command("KEYS *");
    let mut keys: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.split_once(":queue}:").map(|(_, key)| key))
        .collect();
    keys.sort_unstable();
    // How far it has counted, and for whom; and of the worker, for a day, that it waits, where it listens and what it was given last.
    assert_eq!(keys, ["idle:default", "place", "pools", "w:w", "w:w:last"]);
}

#[tokio::test]
async fn a_full_redis_takes_nothing_new_and_lets_everything_end() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let (me, pool) = (worker("w"), pool());
    redis.queue.push(&lane("ann"), &query("q")).await.unwrap();
    server.command("CONFIG SET maxmemory 1mb");
    let refused = redis.queue.push(&lane("ann"), &query("r")).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("OOM"), "{refused}");
    let renewed = redis.registry.renew(&me, status()).await.unwrap();
    assert_eq!(renewed, Renewal::Renewed);
    let pulled = redis.queue.pull(&me, &pool, Take::Any(1)).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
    redis.queue.release(&me, &query("q")).await.unwrap();
    redis.queue.pull(&me, &pool, Take::Any(1)).await.unwrap();
    redis.queue.ack(&me, &query("q")).await.unwrap();
    server.command("CONFIG SET maxmemory 0");
    redis.queue.push(&lane("ann"), &query("r")).await.unwrap();
    assert_eq!(redis.queue.depth(&pool).await.unwrap().waiting, 1);
}

#[tokio::test]
async fn a_redis_that_was_away_is_found_again() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let pool = pool();
    redis.queue.depth(&pool).await.unwrap();
    let gone = server.kill();
    let begun = Instant::now();
    let away = redis.queue.depth(&pool).await.unwrap_err().to_string();
    assert!(away.starts_with("Redis does not answer"), "{away}");
    assert!(begun.elapsed() < PROMPT, "said after {:?}", begun.elapsed());
    let _server = gone.again();
    let back = async {
        while redis.queue.push(&lane("ann"), &query("q")).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PROMPT, back).await.expect("it is found again");
    // Who waits from here on is woken, though its process listened to the one before.
    let (me, queue) = (worker("w"), redis.queue.clone());
    let pulled = queue.pull(&me, &pool, Take::Any(2)).await.unwrap();
    assert_eq!(pulled, [Delivery::Query(query("q"))]);
    let waits = tokio::spawn(async move { queue.pull(&me, &pool, Take::Any(1)).await });
    sleep(Duration::from_millis(300)).await;
    redis.queue.push(&lane("ann"), &query("r")).await.unwrap();
    let pulled = timeout(PROMPT, waits).await.expect("it is woken").unwrap();
    assert_eq!(pulled.unwrap(), [Delivery::Query(query("r"))]);
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_said_with_its_address() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    server.kill();
    let refused = perk_queue::Redis::connect(config.clone(), perk_core::Random::system()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.starts_with(&config.url), "{refused}");
}

#[tokio::test]
async fn a_waiting_query_takes_less_than_a_kibibyte() {
    const QUERIES: u64 = 5000;
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let before = server.info("used_memory");
    for number in 0..QUERIES {
        let id = query(&format!("20261123_120000_aaaabbbbcccc{number:04}"));
        let user = format!("user{}", number % 50);
        redis.queue.push(&lane(&user), &id).await.unwrap();
    }
    let each = (server.info("used_memory") - before) / QUERIES;
    println!("a waiting query takes {each} bytes of Redis");
    assert!(each < 1024, "{each} bytes");
}
