//! What the contracts of the traits do not ask of the engine.

use std::time::Duration;

use datafusion::execution::memory_pool::MemoryPool;
use perk_core::{Dialect, ErrorType, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::testing::{answer, answer_of, end_of, statement};
use crate::{EmbeddedConfig, EmbeddedEngine};

#[test]
fn a_query_has_only_so_much_memory() {
    let own = EmbeddedConfig {
        memory_per_query: 1 << 20,
        ..EmbeddedConfig::default()
    };
    let of_all = EmbeddedConfig {
        memory: 1 << 20,
        ..EmbeddedConfig::default()
    };
    for (config, name, code) in [
        (own, "EXCEEDED_LOCAL_MEMORY_LIMIT", 131_079),
        (of_all, "CLUSTER_OUT_OF_MEMORY", 131_076),
    ] {
        let engine = EmbeddedEngine::new(config).unwrap();
        for large in [
            "SELECT orderkey, extendedprice FROM lineitem ORDER BY extendedprice",
            "SELECT orderkey, extendedprice, sum(quantity) OVER () FROM lineitem",
            "SELECT comment, count(*) FROM lineitem GROUP BY comment",
        ] {
            let error = answer_of(&engine, &statement(large)).unwrap_err();
            assert_eq!((error.name.as_str(), error.code), (name, code), "{large}");
        }
        for (small, given) in [
            ("SELECT count(*) FROM lineitem", json!([60_175])),
            (
                "SELECT sum(regionkey) OVER (), count(*) OVER (PARTITION BY regionkey) FROM nation LIMIT 1",
                json!([50, 5]),
            ),
        ] {
            let answer = answer_of(&engine, &statement(small)).unwrap();
            assert_eq!(answer.rows, [given], "{small}");
        }
        // What queries held is free again once they have ended.
        assert_eq!(engine.shared.memory.reserved(), 0);
    }
}

#[test]
fn stats_move_while_a_query_runs() {
    let given = answer("SELECT max(extendedprice) FROM tpch.sf1.lineitem").unwrap();
    let rows = |stats: &Value| stats["processedRows"].as_u64().unwrap();
    let before: Vec<u64> = given.stats.iter().map(rows).collect();
    assert!(before.is_sorted(), "{before:?}");
    assert_eq!(before.last(), Some(&6_001_215));
    let (first, last) = (&given.stats[0], given.stats.last().unwrap());
    assert_eq!(first["state"], "RUNNING");
    assert!(rows(first) < rows(last), "{before:?}");
    assert_eq!(last["state"], "FINISHED");
    assert_eq!(last["progressPercentage"], 100.0);
    let bytes = last["processedBytes"].as_u64().unwrap();
    assert!(bytes >= 8 * 6_001_215, "{bytes} bytes");
}

/// Each dialect's clients know errors by other names.
#[test]
fn errors_are_named_as_the_client_s_dialect_names_them() {
    let mut asked = statement("SELECT nosuch FROM nation");
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    for (dialect, name, code) in [
        (Dialect::Presto, "SYNTAX_ERROR", 1),
        (Dialect::Trino, "COLUMN_NOT_FOUND", 47),
    ] {
        asked.dialect = dialect;
        let error = answer_of(&engine, &asked).unwrap_err();
        assert_eq!((error.name.as_str(), error.code), (name, code));
        assert_eq!(
            error.message,
            "line 1:8: Column 'nosuch' cannot be resolved"
        );
        let object: Value = serde_json::from_slice(&error.json.unwrap()).unwrap();
        let place = json!({ "lineNumber": 1, "columnNumber": 8 });
        assert_eq!(object["errorLocation"], place);
    }
}

/// The first is small, so that it comes soon.
#[test]
fn rows_come_in_pages() {
    let given = answer("SELECT * FROM orders").unwrap();
    assert_eq!(given.rows.len(), 15_000);
    let (first, rest) = given.pages.split_first().unwrap();
    assert!((60_000..70_000).contains(first), "{:?}", given.pages);
    let full = &rest[..rest.len() - 1];
    assert!(
        !full.is_empty()
            && full
                .iter()
                .all(|page| (1 << 20..=(1 << 20) + 1000).contains(page)),
        "{rest:?}"
    );
}

/// Takes longer than anybody waits: there are 10^14 pairs and more.
const FOREVER: &str = "SELECT count(*) FROM lineitem a, lineitem b, lineitem c \
     WHERE a.extendedprice < b.extendedprice AND b.extendedprice < c.extendedprice";

/// One statement after the other of a transaction.
struct Transaction {
    engine: EmbeddedEngine,
    id: String,
}

impl Transaction {
    async fn begin() -> Self {
        let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
        let (begun, _) = end_of(&engine, &statement("START TRANSACTION")).await;
        let (_, id) = begun.headers.into_iter().next().unwrap();
        Self { engine, id }
    }

    fn statement(&self, sql: &str) -> Statement {
        let mut statement = statement(sql);
        statement.transaction = Some(self.id.parse().unwrap());
        statement
    }

    /// The name of the error that a statement ends in.
    async fn error(&self, sql: &str) -> Option<String> {
        let (_, error) = end_of(&self.engine, &self.statement(sql)).await;
        error.map(|error| error.name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_left_alone_is_gone_after_five_minutes() {
    let transaction = Transaction::begin().await;
    for _ in 0..2 {
        advance(Duration::from_secs(299)).await;
        assert_eq!(transaction.error("SELECT count(*) FROM nation").await, None);
    }
    advance(Duration::from_mins(5)).await;
    let error = transaction.error("SELECT 1").await;
    assert_eq!(error.as_deref(), Some("UNKNOWN_TRANSACTION"));
    assert_eq!(transaction.error("ROLLBACK").await, None);
}

#[tokio::test]
async fn a_transaction_s_statements_may_run_at_a_time() {
    let transaction = Transaction::begin().await;
    let (engine, long) = (transaction.engine.clone(), transaction.statement(FOREVER));
    let running = tokio::spawn(async move { end_of(&engine, &long).await });
    transaction.engine.runs(1).await;
    assert_eq!(transaction.error("SELECT 1").await, None);
    // Who gives one up has it fail.
    running.abort();
    let _ = running.await;
    let error = transaction.error("SELECT 1").await;
    assert_eq!(error.as_deref(), Some("TRANSACTION_ALREADY_ABORTED"));
}

#[tokio::test]
async fn transactions_are_gone_with_their_cluster() {
    let transaction = Transaction::begin().await;
    transaction.engine.lose_clusters();
    let error = transaction.error("SELECT 1").await;
    assert_eq!(error.as_deref(), Some("UNKNOWN_TRANSACTION"));
}

#[tokio::test(start_paused = true)]
async fn a_query_takes_no_longer_than_it_may() {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    let execution = "Query exceeded the maximum execution time limit of";
    let run = "Query exceeded maximum time limit of";
    for (properties, seconds, message) in [
        ("query_max_run_time=2s", 2, format!("{run} 2.00s")),
        (
            "query_max_execution_time=0.05m",
            3,
            format!("{execution} 0.05m defined at the QUERY level"),
        ),
        (
            "query_max_run_time=1000ms,query_max_execution_time=1d",
            1,
            format!("{run} 1000.00ms"),
        ),
        (
            "query_max_run_time=1m,query_max_execution_time=1+m",
            60,
            format!("{execution} 1.00m defined at the QUERY level"),
        ),
    ] {
        let mut long = statement(FOREVER);
        long.headers.push(("Session".into(), properties.into()));
        let began = Instant::now();
        let (answer, error) = end_of(&engine, &long).await;
        let took = began.elapsed();
        let error = error.unwrap();
        assert_eq!(error.name, "EXCEEDED_TIME_LIMIT");
        assert_eq!(error.code, 131_075);
        assert_eq!(error.error_type, ErrorType::InsufficientResources);
        assert_eq!(error.message, message);
        let limit = Duration::from_secs(seconds);
        assert!(
            (limit..limit + Duration::from_millis(250)).contains(&took),
            "{took:?}"
        );
        assert_eq!(answer.stats.last().unwrap()["state"], "FAILED");
        // It runs no more when that is told.
        assert_eq!(engine.activity().running, 0);
    }
}

#[test]
fn a_limit_may_be_as_far_as_can_be_said() {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default()).unwrap();
    for limit in ["106752d", "100000000000000d", "1000000000000000d"] {
        let mut asked = statement("SELECT 1");
        for property in ["query_max_run_time", "query_max_execution_time"] {
            let property = ("Session".into(), format!("{property}={limit}"));
            asked.headers.push(property);
        }
        assert_eq!(answer_of(&engine, &asked).unwrap().rows, [json!([1])]);
    }
}

/// Before that the query's transaction is not so much as looked at.
#[tokio::test]
async fn a_limit_that_cannot_be_read_is_an_error() {
    let transaction = Transaction::begin().await;
    let engine = &transaction.engine;
    for (sql, properties, message) in [
        (
            "SELECT 1",
            "query_max_run_time=2x",
            "query_max_run_time is invalid: 2x",
        ),
        (
            "ROLLBACK",
            "query_max_run_time=",
            "query_max_run_time is invalid: ",
        ),
        (
            "SELECT 1",
            "query_max_run_time=1,query_max_execution_time=-1s",
            "query_max_execution_time is invalid: -1s",
        ),
    ] {
        let mut asked = transaction.statement(sql);
        asked.headers.push(("Session".into(), properties.into()));
        let (_, error) = end_of(engine, &asked).await;
        let error = error.unwrap();
        assert_eq!(error.name, "INVALID_SESSION_PROPERTY");
        assert_eq!(error.message, message);
    }
    assert_eq!(transaction.error("SELECT 1").await, None);
    // Neither is looked at by what is in no transaction, nor before a statement can be read.
    for (sql, name) in [
        ("START TRANSACTION", None),
        ("COMMIT", Some("NOT_IN_TRANSACTION")),
        ("SELEC 1", Some("SYNTAX_ERROR")),
        ("SHOW CATALOGS", Some("INVALID_SESSION_PROPERTY")),
    ] {
        let mut asked = statement(sql);
        let property = ("Session".into(), "query_max_run_time=2x".into());
        asked.headers.push(property);
        let (_, error) = end_of(engine, &asked).await;
        assert_eq!(error.map(|error| error.name).as_deref(), name, "{sql}");
    }
}
