//! What the contracts of the traits do not ask of the engine.

use std::time::Duration;

use datafusion::execution::memory_pool::MemoryPool;
use perk_core::{Dialect, Statement};
use serde_json::{Value, json};
use tokio::time::advance;

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
