//! Large pages and compressed ones.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{
    Attempt, Claim, Dialect, Ending, Envelope, Lane, NewQuery, Next, Outcome, Page, PoolName,
    Priority, QueryError, QueryId, ReadError, ReadLimits, Reading, Rerunnable, ResultStore,
    Statement, Target, WorkerId, WriteError,
};
use perk_queue::{PageCompression, Redis, RedisConfig};

use crate::server::{Server, connect};

/// All kinds of pages: neither large nor compressed, each of them, and both.
const LENGTHS: [usize; 4] = [10, 5_000, 50_000, 2_000_000];

fn worker() -> WorkerId {
    "w".parse().unwrap()
}

/// About so many bytes of rows that compress as real ones do.
fn page(length: usize) -> Page {
    let mut rows = "[[0]".to_owned();
    let mut state = length;
    while rows.len() < length {
        state = state.wrapping_mul(25_214_903_917) % 1_000_003;
        let customer = state % 1_000;
        write!(rows, ",[{state},\"Customer#{customer:09}\"]").unwrap();
    }
    rows.push(']');
    Page {
        rows: Some(Bytes::from(rows)),
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

async fn running(redis: &Redis, name: &str) -> (QueryId, Attempt) {
    running_as(redis, name, Rerunnable::No).await
}

async fn running_as(redis: &Redis, name: &str, rerunnable: Rerunnable) -> (QueryId, Attempt) {
    let id: QueryId = name.parse().unwrap();
    let query = NewQuery {
        id: id.clone(),
        target: Target::Lane(Lane {
            pool: PoolName::default_pool(),
            priority: Priority::Normal,
            user: "ann".to_owned(),
        }),
        statement: Arc::new(Statement::new(Dialect::Trino, "ann", "SELECT 1")),
        rerunnable,
        queued: false,
    };
    redis.store.create(query).await.unwrap();
    match redis.store.claim(&id, &worker()).await.unwrap() {
        Claim::Granted { attempt, .. } => (id, attempt),
        other => panic!("{other:?}"),
    }
}

async fn read(redis: &Redis, id: &QueryId, token: u64) -> Result<Reading, ReadError> {
    let limits = ReadLimits {
        wait: Duration::ZERO,
        bytes: 1 << 20,
    };
    redis.store.read(id, token, limits).await
}

fn compressing(server: &Server, compression: PageCompression) -> RedisConfig {
    let mut config = server.config();
    config.store.compression = compression;
    config.store.client_timeout = Duration::from_secs(2);
    config.store.keep_ended = Duration::from_millis(100);
    config
}

/// The names of keys with this in them.
fn keys(server: &Server, of: &str) -> usize {
    let keys = server.command("KEYS *");
    let named = keys.lines().filter(|line| line.starts_with('{'));
    named.filter(|line| line.contains(of)).count()
}

#[tokio::test]
async fn pages_of_all_kinds_are_read_as_they_were() {
    let Some(server) = Server::own() else { return };
    for (compression, most) in [
        (PageCompression::None, 2_200_000),
        (PageCompression::Lz4, 1_300_000),
    ] {
        let config = compressing(&server, compression);
        let work = connect(&config).await;
        // Who reads need not be set up as who writes.
        let mut reads = config.clone();
        reads.store.compression = PageCompression::None;
        let gateway = connect(&reads).await;
        let (id, attempt) = running(&work, "q").await;
        for (index, length) in (0..).zip(LENGTHS) {
            let appended = work.store.append(&id, attempt, index, page(length));
            appended.await.unwrap();
        }
        // An answer that was lost is asked for again.
        let again = work.store.append(&id, attempt, 3, page(LENGTHS[3]));
        again.await.unwrap();
        let last = (4, page(60_000));
        let ended = work.store.finish_with_page(&id, attempt, last, finished());
        ended.await.unwrap();
        let weight = server.command(&format!("HGET {{{}:q:q}}:record weight", config.prefix));
        let weight: usize = weight.lines().nth(1).unwrap().parse().unwrap();
        assert!(weight < most, "{compression:?}: {weight}");
        assert_eq!(keys(&server, ":staged:"), 0);

        let mut pages = Vec::new();
        let mut token = 0;
        let mut answers = 0;
        loop {
            let reading = read(&gateway, &id, token).await.unwrap();
            let twice = read(&gateway, &id, token).await.unwrap();
            assert_eq!(reading.pages, twice.pages);
            pages.extend(reading.pages);
            answers += 1;
            match reading.next {
                Next::Token(next) => token = next,
                Next::End(_) => break,
            }
        }
        let expected: Vec<_> = LENGTHS.into_iter().chain([60_000]).map(page).collect();
        assert!(pages == expected, "{compression:?}");
        // What an answer may hold is what its client gets, not what is stored.
        assert_eq!(answers, 3, "{compression:?}");
        assert_eq!(keys(&server, ":page:3"), 0, "{compression:?}: it was read");
        until_nothing_is_left(&server, &gateway).await;
    }
}

#[tokio::test]
async fn as_much_is_held_back_as_the_client_would_get() {
    let Some(server) = Server::own() else { return };
    let mut config = server.config();
    config.store.hold_results = 100_000;
    let redis = connect(&config).await;
    let (id, attempt) = running_as(&redis, "held", Rerunnable::Yes).await;
    for (index, is_shown) in [(0, false), (1, false), (2, true)] {
        let append = redis.store.append(&id, attempt, index, page(40_000));
        append.await.unwrap();
        let shown = read(&redis, &id, 0).await.unwrap().pages;
        assert_eq!(!shown.is_empty(), is_shown, "after page {index}");
    }
}

async fn until_nothing_is_left(server: &Server, redis: &Redis) {
    let gone = async {
        loop {
            redis.store.sweep().await.unwrap();
            if keys(server, ":q:") == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(20), gone);
    gone.await.expect("nothing is left");
}

#[tokio::test]
async fn large_pages_go_with_their_query() {
    let Some(server) = Server::own() else { return };
    let redis = connect(&compressing(&server, PageCompression::None)).await;
    let (failed, attempt) = running(&redis, "failed").await;
    let large = page(100_000);
    let append = |id: QueryId, attempt, index| {
        let (store, large) = (redis.store.clone(), large.clone());
        async move { store.append(&id, attempt, index, large).await }
    };
    for index in 0..3 {
        append(failed.clone(), attempt, index).await.unwrap();
    }
    assert_eq!(keys(&server, ":page:"), 3);
    let ending = Ending::failed(QueryError::user_canceled());
    redis.store.finish(&failed, attempt, ending).await.unwrap();
    assert_eq!(keys(&server, ":page:"), 0);
    // Nothing is left of what is refused either.
    let fenced = append(failed, attempt, 3).await.unwrap_err();
    assert!(matches!(fenced, WriteError::Fenced), "{fenced:?}");
    let (left, attempt) = running(&redis, "left").await;
    append(left.clone(), attempt, 0).await.unwrap();
    assert_eq!(keys(&server, ":page:"), 1);
    // Its client never comes, and its worker hears of that.
    while redis.store.sweep().await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let fenced = redis.store.finish(&left, attempt, finished()).await;
    fenced.unwrap_err();
    until_nothing_is_left(&server, &redis).await;
}

#[tokio::test]
async fn a_page_that_waits_for_room_is_nowhere() {
    let Some(server) = Server::own() else { return };
    let mut config = compressing(&server, PageCompression::Lz4);
    config.store.client_timeout = Duration::from_mins(1);
    config.store.unread_per_query = 60_000;
    let redis = connect(&config).await;
    let (id, attempt) = running(&redis, "q").await;
    // What counts is what they weigh there, which is about half.
    for index in 0..2 {
        let appended = redis.store.append(&id, attempt, index, page(50_000));
        let appended = tokio::time::timeout(Duration::from_secs(5), appended);
        appended.await.expect("there is room").unwrap();
    }
    let (store, waiting) = (redis.store.clone(), id.clone());
    let waits = tokio::spawn(async move {
        let large = page(200_000);
        store.append(&waiting, attempt, 2, large).await
    });
    // It was refused: whoever waits for room is told of it.
    let listens = format!("HEXISTS {{{}:q:q}}:record listener", config.prefix);
    while !server.command(&listens).starts_with(":1") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(keys(&server, ":staged:"), 0);
    assert!(!waits.is_finished());
    let first = read(&redis, &id, 0).await.unwrap();
    assert_eq!(first.pages, [page(50_000), page(50_000)]);
    read(&redis, &id, 2).await.unwrap();
    let stored = tokio::time::timeout(Duration::from_secs(5), waits);
    stored.await.expect("there is room").unwrap().unwrap();
    assert_eq!(read(&redis, &id, 2).await.unwrap().pages, [page(200_000)]);
}

#[tokio::test]
async fn what_is_damaged_or_lost_is_said_to_be() {
    let Some(server) = Server::own() else { return };
    let config = compressing(&server, PageCompression::Lz4);
    let redis = connect(&config).await;
    let (id, attempt) = running(&redis, "q").await;
    let append = redis.store.append(&id, attempt, 0, page(500_000));
    append.await.unwrap();
    let key = format!("{{{}:q:q}}:page:0", config.prefix);
    server.command(&format!("SETRANGE {key} 1000 {}", "x".repeat(5000)));
    let said = read(&redis, &id, 0).await.unwrap_err().to_string();
    assert!(said.contains("damaged"), "{said}");
    server.command(&format!("DEL {key}"));
    let said = read(&redis, &id, 0).await.unwrap_err().to_string();
    assert!(said.contains("noeviction"), "{said}");
}

#[tokio::test]
async fn who_knows_no_large_pages_leaves_their_query_alone() {
    let Some(server) = Server::own() else { return };
    let config = compressing(&server, PageCompression::Lz4);
    let redis = connect(&config).await;
    let (id, attempt) = running(&redis, "q").await;
    let format = || server.command(&format!("HGET {{{}:q:q}}:record v", config.prefix));
    let append = |index, length| redis.store.append(&id, attempt, index, page(length));
    append(0, 100).await.unwrap();
    assert!(format().contains("\r\n1\r\n"), "{}", format());
    append(1, 10_000).await.unwrap();
    assert!(format().contains("\r\n2\r\n"), "{}", format());
}
