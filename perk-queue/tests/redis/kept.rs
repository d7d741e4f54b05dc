//! What the result store in Redis promises beyond its contract.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{
    Attempt, Claim, Dialect, EndedBy, Ending, Envelope, Lane, NewQuery, Next, Outcome, Page,
    PoolName, Priority, QueryError, QueryId, QueryState, Random, ReadLimits, Reading, Rerunnable,
    ResultStore, Secret, Statement, Target, UpstreamRef, WorkerId,
};
use perk_queue::{CredentialKey, Redis, RedisConfig};
use tokio::time::{sleep, timeout};

use crate::server::{Server, connect};

/// Sooner than anybody looks by itself.
const PROMPT: Duration = Duration::from_secs(3);

fn worker() -> WorkerId {
    "w".parse().unwrap()
}

fn page(text: &str) -> Page {
    Page {
        rows: Some(Bytes::from(format!("[[\"{text}\"]]"))),
        ..Page::default()
    }
}

fn finished() -> Ending {
    Ending {
        outcome: Outcome::Finished,
        stats: None,
        columns: None,
        envelope: Envelope::default(),
    }
}

fn query(name: &str, statement: Statement) -> NewQuery {
    NewQuery {
        id: name.parse().unwrap(),
        target: Target::Lane(Lane {
            pool: PoolName::default_pool(),
            priority: Priority::Normal,
            user: statement.user.clone(),
        }),
        statement: Arc::new(statement),
        rerunnable: Rerunnable::No,
        queued: false,
    }
}

fn select(sql: &str) -> Statement {
    Statement::new(Dialect::Trino, "ann", sql)
}

fn upstream() -> UpstreamRef {
    UpstreamRef {
        origin: "http://cluster:8080".to_owned(),
        dialect: Dialect::Trino,
        query_id: "upstream".to_owned(),
        next_uri: "http://cluster:8080/1".to_owned(),
        user: "ann".to_owned(),
        credential: None,
    }
}

async fn running(redis: &Redis, name: &str, statement: Statement) -> (QueryId, Attempt) {
    let id: QueryId = name.parse().unwrap();
    redis.store.create(query(name, statement)).await.unwrap();
    match redis.store.claim(&id, &worker()).await.unwrap() {
        Claim::Granted { attempt, .. } => (id, attempt),
        other => panic!("{other:?}"),
    }
}

async fn read(redis: &Redis, id: &QueryId, token: u64, wait: Duration) -> Reading {
    let limits = ReadLimits {
        wait,
        bytes: 1 << 20,
    };
    redis.store.read(id, token, limits).await.unwrap()
}

/// The config with times that a test can wait for.
fn impatient(server: &Server) -> RedisConfig {
    let mut config = server.config();
    config.store.client_timeout = Duration::from_secs(2);
    config.store.keep_ended = Duration::from_millis(200);
    config
}

#[tokio::test]
async fn a_page_stored_by_one_process_ends_the_wait_in_another() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    let (gateway, work) = (connect(&config).await, connect(&config).await);
    let (id, attempt) = running(&work, "q", select("SELECT 1")).await;
    let reading = {
        let (gateway, id) = (gateway.clone(), id.clone());
        tokio::spawn(async move { read(&gateway, &id, 0, Duration::from_mins(1)).await })
    };
    sleep(Duration::from_millis(300)).await;
    let more = Page {
        columns: Some(Bytes::from_static(b"[{\"name\":\"n\"}]")),
        envelope: Envelope {
            headers: vec![("Set-Catalog".to_owned(), "tpch".to_owned())],
            update_type: Some(Bytes::from_static(b"\"INSERT\"")),
            update_count: Some(Bytes::from_static(b"3")),
            warnings: Some(Bytes::from_static(b"[{}]")),
        },
        ..page("one")
    };
    work.store
        .append(&id, attempt, 0, more.clone())
        .await
        .unwrap();
    let reading = timeout(PROMPT, reading).await.expect("it is told").unwrap();
    assert_eq!(reading.pages, std::slice::from_ref(&more));
    assert_eq!(reading.columns, more.columns);
    let rest = {
        let (gateway, id) = (gateway.clone(), id.clone());
        tokio::spawn(async move { read(&gateway, &id, 1, Duration::from_mins(1)).await })
    };
    sleep(Duration::from_millis(300)).await;
    work.store.finish(&id, attempt, finished()).await.unwrap();
    let rest = timeout(PROMPT, rest).await.expect("it is told").unwrap();
    assert!(matches!(rest.next, Next::End(_)), "{rest:?}");
}

#[tokio::test]
async fn nothing_is_left_of_queries_that_are_over() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&impatient(&server)).await;
    for number in 0..20 {
        let (id, attempt) = running(&redis, &format!("q{number}"), select("SELECT 1")).await;
        redis
            .store
            .append(&id, attempt, 0, page("one"))
            .await
            .unwrap();
        match number % 3 {
            0 => {
                redis.store.finish(&id, attempt, finished()).await.unwrap();
                read(&redis, &id, 0, Duration::ZERO).await;
            }
            1 => {
                let canceled = Ending::failed(QueryError::user_canceled());
                let end = redis.store.end(&id, canceled.clone(), EndedBy::Client);
                end.await.unwrap();
                redis
                    .store
                    .finish(&id, attempt, canceled)
                    .await
                    .unwrap_err();
            }
            // Its client is never heard of again.
            _ => redis.store.finish(&id, attempt, finished()).await.unwrap(),
        }
    }
    let left = async || {
        redis.store.sweep().await.unwrap();
        let keys = server.command("KEYS *");
        keys.lines().filter(|line| line.starts_with('{')).count()
    };
    let gone = async {
        // What counts how many bytes there are.
        while left().await > 1 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(20), gone)
        .await
        .expect("nothing is left");
    assert!(server.command("KEYS *").contains(":store}:used"));
    assert!(server.command("GET {test-0:store}:used").len() < 60);
}

#[tokio::test]
async fn credentials_are_stored_encrypted_and_go_with_the_end() {
    let Some(server) = Server::own() else { return };
    let mut config = server.config();
    let secret = "Basic YW5uOnMzY3JldA==";
    let mut statement = select("SELECT 1");
    statement.credentials = vec![("Authorization".to_owned(), Secret::new(secret))];

    let keyless = connect(&config).await;
    let refused = keyless.store.create(query("q", statement.clone())).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("credential key"), "{refused}");
    let nobody = "q".parse().unwrap();
    assert!(keyless.store.info(&nobody).await.unwrap().is_none());

    config.store.credential_key = Some(CredentialKey::new([7; 32]));
    let redis = connect(&config).await;
    let id: QueryId = "q".parse().unwrap();
    redis
        .store
        .create(query("q", statement.clone()))
        .await
        .unwrap();
    let record = format!("HGETALL {{{}:q:q}}:texts", config.prefix);
    let stored = server.command(&record);
    assert!(stored.contains("credentials"), "{stored}");
    assert!(
        !stored.contains(secret) && !stored.contains("YW5u"),
        "{stored}"
    );
    let Claim::Granted {
        attempt,
        statement: claimed,
        ..
    } = redis.store.claim(&id, &worker()).await.unwrap()
    else {
        panic!("it is granted");
    };
    assert_eq!(claimed.credentials, statement.credentials);

    config.store.credential_key = Some(CredentialKey::new([8; 32]));
    let other = connect(&config).await;
    let unreadable: QueryId = "u".parse().unwrap();
    let stored = redis.store.create(query("u", statement.clone())).await;
    stored.unwrap();
    let mistaken = other.store.claim(&unreadable, &worker()).await.unwrap();
    assert!(matches!(mistaken, Claim::Over { .. }), "{mistaken:?}");
    // It is said to the query's client, and not tried for ever.
    let said = read(&redis, &unreadable, 0, Duration::ZERO).await;
    let Next::End(end) = said.next else {
        panic!("{said:?}")
    };
    let Outcome::Failed(error) = &end.outcome else {
        panic!("{end:?}")
    };
    assert_eq!(error.name, "PERK_CREDENTIALS_UNREADABLE");

    redis.store.finish(&id, attempt, finished()).await.unwrap();
    let stored = server.command(&record);
    assert!(!stored.contains("credentials"), "{stored}");
}

#[tokio::test]
async fn a_large_statement_is_not_sent_with_every_answer() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let long = format!("SELECT '{}é'", "x".repeat(100_000));
    let stored = query("q", select(&long));
    redis.store.create(stored).await.unwrap();
    let id: QueryId = "q".parse().unwrap();
    let reading = read(&redis, &id, 0, Duration::ZERO).await;
    assert_eq!(reading.state, QueryState::Stored);
    assert_eq!(reading.statement.sql, long);
    let Claim::Granted { statement, .. } = redis.store.claim(&id, &worker()).await.unwrap() else {
        panic!("it is granted");
    };
    assert_eq!(statement.sql, long);
    let reading = read(&redis, &id, 0, Duration::ZERO).await;
    assert!(long.starts_with(&reading.statement.sql));
    assert!(reading.statement.sql.len() <= 1000);
    assert_eq!(reading.statement.user, "ann");
}

#[tokio::test]
async fn time_in_which_redis_was_away_counts_for_no_silence() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&impatient(&server)).await;
    running(&redis, "q", select("SELECT 1")).await;
    sleep(Duration::from_millis(1500)).await;
    let server = Arc::new(server);
    let paused = server.clone();
    let pause = tokio::task::spawn_blocking(move || paused.pause(Duration::from_secs(3)));
    sleep(Duration::from_millis(200)).await;
    // The client cannot be heard in this time.
    assert!(redis.store.sweep().await.unwrap().is_empty());
    pause.await.unwrap();
    sleep(Duration::from_millis(1500)).await;
    assert!(redis.store.sweep().await.unwrap().is_empty());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(redis.store.sweep().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_redis_stores_no_more_and_lets_queries_end() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&impatient(&server)).await;
    let (id, attempt) = running(&redis, "q", select("SELECT 1")).await;
    redis
        .store
        .append(&id, attempt, 0, page("one"))
        .await
        .unwrap();
    server.command("CONFIG SET maxmemory 1mb");
    let refused = redis.store.create(query("r", select("SELECT 1"))).await;
    assert!(refused.unwrap_err().to_string().contains("OOM"));
    let refused = redis.store.append(&id, attempt, 1, page("two")).await;
    assert!(refused.unwrap_err().to_string().contains("OOM"));
    assert_eq!(read(&redis, &id, 0, Duration::ZERO).await.pages.len(), 1);
    server.command("CONFIG SET maxmemory 0");
    redis
        .store
        .append(&id, attempt, 1, page("two"))
        .await
        .unwrap();
    server.command("CONFIG SET maxmemory 1mb");
    redis.store.finish(&id, attempt, finished()).await.unwrap();
    let whole = read(&redis, &id, 0, Duration::ZERO).await;
    assert_eq!(whole.pages, [page("one"), page("two")]);
    assert!(matches!(whole.next, Next::End(_)));
    sleep(Duration::from_millis(300)).await;
    redis.store.sweep().await.unwrap();
    assert!(redis.store.info(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_full_redis_has_what_is_held_back_shown() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let held = NewQuery {
        rerunnable: Rerunnable::Yes,
        ..query("q", select("SELECT 1"))
    };
    let id = held.id.clone();
    redis.store.create(held).await.unwrap();
    let Claim::Granted { attempt, .. } = redis.store.claim(&id, &worker()).await.unwrap() else {
        panic!("it is granted");
    };
    let append = |index, text: &str| redis.store.append(&id, attempt, index, page(text));
    append(0, "one").await.unwrap();
    assert!(read(&redis, &id, 0, Duration::ZERO).await.pages.is_empty());
    server.command("CONFIG SET maxmemory 1mb");
    append(1, "two").await.unwrap_err();
    // Only who reads it makes room.
    let shown = read(&redis, &id, 0, Duration::ZERO).await;
    assert_eq!(shown.pages, [page("one")]);
}

#[tokio::test]
async fn a_write_is_begun_when_replicas_know_of_it() {
    let (Some(server), Some(replica)) = (Server::own(), Server::own()) else {
        return;
    };
    let config = RedisConfig {
        replicas: 1,
        ..server.config()
    };
    let redis = connect(&config).await;
    let read_only = NewQuery {
        rerunnable: Rerunnable::Yes,
        ..query("r", select("SELECT 1"))
    };
    redis.store.create(read_only).await.unwrap();
    let read = "r".parse().unwrap();
    let Claim::Granted { attempt, .. } = redis.store.claim(&read, &worker()).await.unwrap() else {
        panic!("it is granted");
    };
    // What may run again need not wait.
    redis
        .store
        .posted(&read, attempt, upstream())
        .await
        .unwrap();
    let (write, attempt) = running(&redis, "w", select("INSERT INTO t SELECT 1")).await;
    let posted = redis.store.posted(&write, attempt, upstream()).await;
    let refused = posted.unwrap_err().to_string();
    assert!(refused.contains("0 of 1 replicas"), "{refused}");
    replica.command(&format!("REPLICAOF 127.0.0.1 {}", server.port()));
    let told = async {
        while let Err(error) = redis.store.posted(&write, attempt, upstream()).await {
            assert!(error.to_string().contains("0 of 1 replicas"), "{error}");
        }
    };
    timeout(Duration::from_secs(30), told)
        .await
        .expect("the replica gets it");
    let in_cluster = RedisConfig {
        url: config.url.replace("redis://", "redis-cluster://"),
        ..config
    };
    let refused = Redis::connect(in_cluster, Random::system()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("not in a cluster"), "{refused}");
}

#[tokio::test]
async fn what_a_newer_perk_wrote_is_left_alone() {
    let Some(server) = Server::own() else { return };
    let config = server.config();
    let redis = connect(&config).await;
    let id: QueryId = "q".parse().unwrap();
    redis
        .store
        .create(query("q", select("SELECT 1")))
        .await
        .unwrap();
    server.command(&format!("HSET {{{}:q:q}}:record v 3", config.prefix));
    let refused = redis
        .store
        .claim(&id, &worker())
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("newer Perk (format 3"), "{refused}");
    assert!(refused.contains("upgrade"), "{refused}");
}

#[tokio::test]
async fn a_queued_query_takes_little_beside_its_statement() {
    const QUERIES: u64 = 2000;
    let Some(server) = Server::own() else { return };
    let redis = connect(&server.config()).await;
    let sql = "SELECT count(*) FROM lineitem";
    let before = server.info("used_memory");
    for number in 0..QUERIES {
        let name = format!("20261123_120000_aaaabbbbcccc{number:04}");
        let query = NewQuery {
            queued: true,
            ..query(&name, select(sql))
        };
        redis.store.create(query).await.unwrap();
    }
    redis.store.sweep().await.unwrap();
    let each = (server.info("used_memory") - before) / QUERIES;
    println!("a stored query takes {each} bytes of Redis");
    assert!(each < 1600, "{each} bytes");
}

/// What was stored although nobody said so is entered in the books as soon as they can be written, and goes like any other.
#[tokio::test]
async fn what_is_stored_without_its_entry_is_entered_again() {
    let Some(server) = Server::own() else { return };
    let mut config = server.config();
    config.store.client_timeout = Duration::from_secs(1);
    let redis = connect(&config).await;
    let due = format!("{{{}:store}}:due", config.prefix);
    // So that Redis knows the scripts: both are asked at once, and what it does not know is asked again only where the other went well.
    let first = query("first", select("SELECT 1"));
    redis.store.create(first).await.unwrap();
    // Nothing can be entered there.
    server.send(&["SET", &due, "text"]);
    let stored = redis
        .store
        .create(query("stored", select("SELECT 1")))
        .await;
    assert!(stored.is_err(), "{stored:?}");
    let id: QueryId = "stored".parse().unwrap();
    assert!(redis.store.info(&id).await.unwrap().is_some());
    server.send(&["DEL", &due]);
    let gone = async {
        while redis.store.info(&id).await.unwrap().is_some() {
            redis.store.sweep().await.unwrap();
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(10), gone)
        .await
        .expect("it is removed");
}
