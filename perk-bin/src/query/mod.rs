//! `perk query`: runs one statement and prints its rows.

mod output;
mod progress;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use perk_core::{Dialect, QueryError};
use perk_protocol::{
    ClientLimits, HttpClient, Origin, StatementClient, StatementError, StatementPage,
};
use serde::Deserialize;

use output::Printer;
use progress::Progress;

/// What a shell expects of a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Run one statement and print its rows.
#[derive(Debug, Args)]
pub(crate) struct Query {
    /// The server: Perk, Presto or Trino.
    #[arg(long, value_name = "URL")]
    server: Origin,
    /// The catalog for names without one.
    #[arg(long)]
    catalog: Option<String>,
    /// The schema for names without one.
    #[arg(long)]
    schema: Option<String>,
    /// Who asks.
    #[arg(long, env = "USER", default_value = "perk")]
    user: String,
    /// A session property, name=value. Give one for each.
    #[arg(long, value_name = "NAME=VALUE")]
    session: Vec<String>,
    /// How to print the rows. json: an object for each row, a line each.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// The statement.
    sql: String,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Aligned for reading.
    Table,
    /// RFC 4180 with a header line.
    Csv,
    /// An object for each row, a line each.
    Json,
}

impl Query {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let sql = self.sql.trim().trim_end_matches(';').to_owned();
        tokio::select! {
            done = self.ask(&sql) => done,
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::from(INTERRUPTED)),
        }
    }

    async fn ask(&self, sql: &str) -> anyhow::Result<ExitCode> {
        // Perk takes both dialects and shows nested values best in Trino's; a Presto server refuses it before anything runs.
        let (statement, first) = match self.post(Dialect::Trino, sql).await {
            Err(StatementError::Refused { status, .. }) if status.as_u16() < 500 => {
                self.post(Dialect::Presto, sql).await
            }
            posted => posted,
        }?;
        self.print(statement, first).await
    }

    async fn post(
        &self,
        dialect: Dialect,
        sql: &str,
    ) -> Result<(StatementClient, Option<StatementPage>), StatementError> {
        let mut headers = vec![("User", self.user.as_str()), ("Source", "perk")];
        headers.extend(
            self.catalog
                .iter()
                .map(|catalog| ("Catalog", catalog.as_str())),
        );
        headers.extend(self.schema.iter().map(|schema| ("Schema", schema.as_str())));
        headers.extend(
            self.session
                .iter()
                .map(|property| ("Session", property.as_str())),
        );
        let http = HttpClient::new(ClientLimits::default());
        let mut statement =
            StatementClient::post(http, self.server.clone(), dialect, &headers, sql).await?;
        let first = statement.next().await?;
        Ok((statement, first))
    }

    async fn print(
        &self,
        mut statement: StatementClient,
        mut page: Option<StatementPage>,
    ) -> anyhow::Result<ExitCode> {
        let mut printer = Printer::new(self.output, std::io::stdout().lock());
        let mut progress = Progress::new(std::io::stderr().is_terminal());
        while let Some(current) = page {
            progress.show(current.stats.as_deref());
            if let Some(columns) = &current.columns {
                printer.columns(
                    &serde_json::from_slice::<Vec<Column>>(columns)
                        .context("the columns make no sense")?,
                )?;
            }
            if let Some(rows) = &current.rows {
                progress.clear();
                if is_closed(printer.rows(rows))? {
                    // Whoever read this (head, say) has enough: so has the query.
                    statement.cancel().await?;
                    return Ok(ExitCode::SUCCESS);
                }
            }
            if let Some(error) = &current.error {
                progress.clear();
                eprintln!("{}", explain(error));
                return Ok(ExitCode::FAILURE);
            }
            if let Some(update) = current.update_type.as_deref() {
                printer.update(update, current.update_count.as_deref());
            }
            page = tokio::select! {
                next = statement.next() => next?,
                _ = tokio::signal::ctrl_c() => {
                    progress.clear();
                    statement.cancel().await?;
                    eprintln!("Query was canceled");
                    return Ok(ExitCode::from(INTERRUPTED));
                }
            };
        }
        progress.clear();
        is_closed(printer.finish())?;
        std::io::stdout().flush().ok();
        Ok(ExitCode::SUCCESS)
    }
}

/// A column, as far as printing needs it.
#[derive(Debug, Deserialize)]
struct Column {
    name: String,
}

/// Whether the reader of this program's output has gone.
fn is_closed(written: anyhow::Result<()>) -> anyhow::Result<bool> {
    match written {
        Ok(()) => Ok(false),
        Err(error) => match error.downcast_ref::<std::io::Error>() {
            Some(io) if io.kind() == std::io::ErrorKind::BrokenPipe => Ok(true),
            _ => bail!(error),
        },
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Located {
    error_location: Option<Location>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    line_number: u64,
    column_number: u64,
}

/// An error's name, message and position, as the CLIs print them.
fn explain(error: &QueryError) -> String {
    let located: Located = error
        .json
        .as_deref()
        .and_then(|json| serde_json::from_slice(json).ok())
        .unwrap_or_default();
    let at = located
        .error_location
        .map(|at| format!(" (line {}, column {})", at.line_number, at.column_number));
    let message = &error.message;
    // The engines begin some messages with the position.
    let at = at.filter(|_| !message.starts_with("line "));
    format!(
        "Query failed: {}: {message}{}",
        error.name,
        at.unwrap_or_default()
    )
}
