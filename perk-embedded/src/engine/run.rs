//! A query on its way, on the engine's threads.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::{SessionContext, SessionState};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::{ExecutionPlan, displayable, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use perk_core::{Envelope, Outcome, Page};
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::memory::QueryMemory;
use super::stats::Stats;
use super::{turns, windows};
use crate::catalog::Column;
use crate::encode::{self, Encoder};
use crate::error::{Error, Result};
use crate::plan::Planned;
use crate::statement::{self, Answer, Format, Setting, Work, Write};
use crate::types::wire;

/// How many bytes of rows come in the first page, so that it comes soon.
const FIRST_PAGE: usize = 64 << 10;
/// How many come in the others, about.
const PAGE: usize = 1 << 20;

/// What a running query gives.
pub(super) enum Event {
    Page(Page),
    Finished(Finished),
}

/// How a query ended, and what is said with its end.
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) columns: Option<Bytes>,
    pub(super) envelope: Envelope,
}

/// A query to run.
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) setting: Setting,
    pub(super) memory: Arc<QueryMemory>,
    pub(super) threads: usize,
    pub(super) stats: Arc<Stats>,
    /// Whether what has been read so far is enough.
    pub(super) cut: watch::Receiver<bool>,
}

/// Nobody takes the query's pages any more.
struct Unwanted;

impl Query {
    /// Runs it, and tells its pages and its end. Ends early when nobody listens; dropping the future ends it at once.
    pub(super) async fn run(mut self, events: mpsc::Sender<Event>) {
        let finished = match self.answer(&events).await {
            Ok(Ok(finished)) => finished,
            Ok(Err(Unwanted)) => return,
            Err(error) => self.failed(error, Envelope::default()),
        };
        let _ = events.send(Event::Finished(finished)).await;
    }

    async fn answer(
        &mut self,
        events: &mpsc::Sender<Event>,
    ) -> Result<std::result::Result<Finished, Unwanted>> {
        match statement::work(&self.sql, &self.setting)? {
            Work::Query(planned) => self.query(*planned, events).await,
            Work::Write(write) => {
                let answer = self.write(*write).await?;
                self.tell(answer, events).await
            }
            Work::Explain(planned, format) => {
                let plan = self.physical(&planned, &self.state()?).await?;
                let plan = displayable(plan.as_ref());
                let text = match format {
                    Format::Text => plan.indent(false).to_string(),
                    Format::Json => plan.pgjson(false).to_string(),
                    Format::Graphviz => plan.graphviz().to_string(),
                };
                self.tell(Answer::plan(&text)?, events).await
            }
            Work::Answer(answer) => self.tell(answer, events).await,
            Work::Failure(error, envelope) => Ok(Ok(self.failed(error, *envelope))),
        }
    }

    fn failed(&self, error: Error, envelope: Envelope) -> Finished {
        let dialect = self.setting.session.dialect;
        let error = self.memory.told(error).for_client(dialect);
        Finished {
            outcome: Outcome::Failed(Box::new(error)),
            columns: None,
            envelope,
        }
    }

    /// Gives an answer that is known.
    async fn tell(
        &self,
        answer: Answer,
        events: &mpsc::Sender<Event>,
    ) -> Result<std::result::Result<Finished, Unwanted>> {
        let Answer {
            columns,
            rows,
            envelope,
        } = answer;
        let mut pages = Pages::new(&columns, &self.setting, events);
        for batch in rows {
            if pages.batch(&batch).await?.is_err() {
                return Ok(Err(Unwanted));
            }
        }
        Ok(pages.finish(envelope).await)
    }

    /// Adds a query's rows to a table: all of them, or none if this ends before.
    async fn write(&self, mut write: Write) -> Result<Answer> {
        let mut rows = self.rows(&write.query).await?;
        while let Some(batch) = rows.next().await {
            write.append(&batch?)?;
        }
        write.finish()
    }

    async fn query(
        &mut self,
        planned: Planned,
        events: &mpsc::Sender<Event>,
    ) -> Result<std::result::Result<Finished, Unwanted>> {
        let mut rows = self.rows(&planned).await?;
        let mut pages = Pages::new(&planned.columns, &self.setting, events);
        while !*self.cut.borrow() {
            let batch = tokio::select! {
                batch = rows.next() => batch,
                // The engine has gone without saying so when there is nobody any more to say it.
                _ = self.cut.changed() => continue,
            };
            let Some(batch) = batch else { break };
            if pages.batch(&batch?).await?.is_err() {
                return Ok(Err(Unwanted));
            }
        }
        Ok(pages.finish(Envelope::default()).await)
    }

    /// Begins to work out a query's rows.
    async fn rows(&self, planned: &Planned) -> Result<SendableRecordBatchStream> {
        let state = self.state()?;
        let plan = turns::taken(windows::counted(self.physical(planned, &state).await?)?)?;
        self.stats.watch(&plan);
        let context = SessionContext::new_with_state(state);
        Ok(execute_stream(plan, context.task_ctx())?)
    }

    async fn physical(
        &self,
        planned: &Planned,
        state: &SessionState,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = state.optimize(&planned.plan)?;
        let physical = state.query_planner();
        Ok(physical.create_physical_plan(&plan, state).await?)
    }

    /// What `DataFusion` runs a query with: the memory is this query's alone, and nothing is written to disk.
    fn state(&self) -> Result<SessionState> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(self.memory.clone())
            .with_disk_manager_builder(
                DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
            )
            .build_arc()?;
        let config =
            SessionConfig::from(self.setting.options.clone()).with_target_partitions(self.threads);
        Ok(SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .build())
    }
}

/// A result on its way into pages.
struct Pages<'a> {
    events: &'a mpsc::Sender<Event>,
    encoder: Encoder,
    page: encode::Page,
    /// Until the first page has taken it.
    columns: Option<Bytes>,
    target: usize,
}

impl<'a> Pages<'a> {
    fn new(columns: &[Column], setting: &Setting, events: &'a mpsc::Sender<Event>) -> Self {
        let datetimes = setting.session.datetimes;
        let told = columns
            .iter()
            .map(|column| wire::column(&column.name, &column.kind, datetimes));
        let told = told.collect::<Value>().to_string().into();
        let types: Vec<_> = columns.iter().map(|column| column.kind.clone()).collect();
        Self {
            events,
            encoder: Encoder::new(&types),
            page: encode::Page::default(),
            columns: Some(told),
            target: FIRST_PAGE,
        }
    }

    async fn batch(&mut self, batch: &RecordBatch) -> Result<std::result::Result<(), Unwanted>> {
        let mut rows = self.encoder.rows(batch)?;
        while rows.remaining() > 0 {
            rows.write(&mut self.page, self.target);
            if self.page.len() >= self.target && self.send(Envelope::default()).await.is_err() {
                return Ok(Err(Unwanted));
            }
        }
        Ok(Ok(()))
    }

    async fn send(&mut self, envelope: Envelope) -> std::result::Result<(), Unwanted> {
        self.target = PAGE;
        let page = Page {
            rows: Some(self.page.take()),
            columns: self.columns.take(),
            envelope,
        };
        self.events
            .send(Event::Page(page))
            .await
            .map_err(|_| Unwanted)
    }

    /// What is said with the end is said with the last rows too: some clients look at the first answer alone that has rows.
    async fn finish(mut self, envelope: Envelope) -> std::result::Result<Finished, Unwanted> {
        if self.page.rows() > 0 {
            self.send(envelope.clone()).await?;
        }
        Ok(Finished {
            outcome: Outcome::Finished,
            columns: self.columns,
            envelope,
        })
    }
}
