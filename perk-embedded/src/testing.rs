//! Asks an engine in tests.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::{
    ClusterProvisioner, Control, Dialect, Outcome, Page, QueryError, QueryExecutor, QuerySink,
    SinkClosed, Statement, UpstreamRef, WorkerId,
};
use serde_json::Value;

use crate::{EmbeddedConfig, EmbeddedEngine};

/// What an engine answers.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Names and types, in Presto's spelling.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<Value>,
    /// Session changes.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) update_type: Option<String>,
    pub(crate) update_count: Option<u64>,
    /// How many bytes each page of rows had.
    pub(crate) pages: Vec<usize>,
    /// As they came, with the last ones.
    pub(crate) stats: Vec<Value>,
}

impl Answer {
    fn columns(&mut self, columns: &[u8]) {
        let columns: Vec<Value> = serde_json::from_slice(columns).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        // As Presto spells them.
        let spelled = |kind: String| kind.replace(", ", ",").replace("INTERVAL", "interval");
        let spelled = |kind: String| {
            let lower = ["DAY TO SECOND", "YEAR TO MONTH"];
            lower.iter().fold(spelled(kind), |kind, words| {
                kind.replace(words, &words.to_lowercase())
            })
        };
        self.columns = columns
            .iter()
            .map(|column| (text(&column["name"]), spelled(text(&column["type"]))))
            .collect();
    }

    fn envelope(&mut self, envelope: perk_core::Envelope) {
        // What is said with the rows and again with the end is one thing (`Envelope::merge`).
        for header in envelope.headers {
            if !self.headers.contains(&header) {
                self.headers.push(header);
            }
        }
        let read = |bytes: Bytes| serde_json::from_slice::<Value>(&bytes).unwrap();
        if let Some(kind) = envelope.update_type {
            self.update_type = read(kind).as_str().map(str::to_owned);
        }
        if let Some(count) = envelope.update_count {
            self.update_count = read(count).as_u64();
        }
    }
}

/// Takes all that comes.
#[derive(Debug, Default)]
struct Taker(Mutex<Answer>);

#[async_trait]
impl QuerySink for Taker {
    async fn posted(&self, _upstream: UpstreamRef) -> Result<(), SinkClosed> {
        Ok(())
    }

    async fn page(&self, page: Page) -> Result<(), SinkClosed> {
        let mut answer = self.0.lock().unwrap();
        if let Some(columns) = page.columns {
            answer.columns(&columns);
        }
        if let Some(rows) = page.rows {
            answer.pages.push(rows.len());
            let rows: Vec<Value> = serde_json::from_slice(&rows).unwrap();
            answer.rows.extend(rows);
        }
        answer.envelope(page.envelope);
        Ok(())
    }

    async fn progress(&self, stats: Bytes) -> Result<(), SinkClosed> {
        let stats = serde_json::from_slice(&stats).unwrap();
        self.0.lock().unwrap().stats.push(stats);
        Ok(())
    }

    async fn control(&self) -> Control {
        std::future::pending().await
    }
}

/// A session of a Presto client in `tpch.tiny`, in UTC, in no transaction.
pub(crate) fn statement(sql: &str) -> Statement {
    let mut statement = Statement::new(Dialect::Presto, "test", sql);
    for (name, value) in [
        ("Catalog", "tpch"),
        ("Schema", "tiny"),
        ("Time-Zone", "UTC"),
        ("Transaction-Id", "NONE"),
    ] {
        statement.headers.push((name.to_owned(), value.to_owned()));
    }
    statement
}

/// What this engine answers to this statement, and the error that it ended in, if it did.
pub(crate) async fn end_of(
    engine: &EmbeddedEngine,
    statement: &Statement,
) -> (Answer, Option<QueryError>) {
    let cluster = engine
        .provision(&WorkerId::new("test", [1; 10]))
        .await
        .unwrap();
    let taker = Arc::new(Taker::default());
    let ending = engine
        .execute(&cluster, statement, taker.clone())
        .await
        .unwrap();
    let mut answer = std::mem::take(&mut *taker.0.lock().unwrap());
    if let Some(columns) = ending.columns {
        answer.columns(&columns);
    }
    answer.envelope(ending.envelope);
    answer
        .stats
        .push(serde_json::from_slice(&ending.stats.unwrap()).unwrap());
    match ending.outcome {
        Outcome::Finished => (answer, None),
        Outcome::Failed(error) => (answer, Some(*error)),
    }
}

/// The same, for who does not wait itself.
pub(crate) fn ended(
    engine: &EmbeddedEngine,
    statement: &Statement,
) -> (Answer, Option<QueryError>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(end_of(engine, statement))
}

/// What this engine answers to this statement.
pub(crate) fn answer_of(
    engine: &EmbeddedEngine,
    statement: &Statement,
) -> Result<Answer, QueryError> {
    match ended(engine, statement) {
        (answer, None) => Ok(answer),
        (_, Some(error)) => Err(error),
    }
}

/// What an engine answers to this text.
pub(crate) fn answer(sql: &str) -> Result<Answer, QueryError> {
    static ENGINE: LazyLock<EmbeddedEngine> =
        LazyLock::new(|| EmbeddedEngine::new(EmbeddedConfig::default()).unwrap());
    answer_of(&ENGINE, &statement(sql))
}

/// An expression's type and value.
pub(crate) fn value(expression: &str) -> (String, Value) {
    let answer = answer(&format!("SELECT {expression}"))
        .unwrap_or_else(|error| panic!("{expression}: {error:?}"));
    (answer.columns[0].1.clone(), answer.rows[0][0].clone())
}

/// The name of the error that an expression ends in.
pub(crate) fn error(expression: &str) -> String {
    match answer(&format!("SELECT {expression}")) {
        Ok(answer) => panic!("{expression} gives {:?}", answer.rows),
        Err(error) => error.name,
    }
}

#[test]
fn literals_are_answered() {
    use serde_json::json;
    assert_eq!(value("1"), ("integer".into(), json!(1)));
    assert_eq!(value("'abc'"), ("varchar(3)".into(), json!("abc")));
    assert_eq!(value("1.50"), ("decimal(3,2)".into(), json!("1.50")));
    assert_eq!(value("length('héllo')"), ("bigint".into(), json!(5)));
    assert_eq!(error("nosuch(1)"), "SYNTAX_ERROR");
    assert_eq!(error("length(1)"), "SYNTAX_ERROR");
    assert_eq!(error("'a' = 1"), "SYNTAX_ERROR");
}
