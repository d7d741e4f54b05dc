//! `perk query`: runs statements and prints their rows.

mod output;
mod progress;
mod session;

use std::io::IsTerminal;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use perk_core::{Dialect, QueryError, sql};
use perk_protocol::{
    ClientLimits, HttpClient, Origin, StatementClient, StatementError, StatementPage,
};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use output::Printer;
use progress::Progress;
use session::Session;

use crate::embedded;
use crate::whole::{Settings, Whole};

/// What a shell expects of a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Run statements and print their rows.
#[derive(Debug, Args)]
pub(crate) struct Query {
    /// The server: Perk, Presto or Trino. Without it, all of Perk runs in this process, over the engine inside it.
    #[arg(long, value_name = "URL")]
    server: Option<Origin>,
    /// The catalog for names without one; without a server tpch.
    #[arg(long)]
    catalog: Option<String>,
    /// The schema for names without one; without a server and a catalog tiny.
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
    /// The statement, or several of one session, separated by semicolons.
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
    pub(crate) async fn run(mut self) -> anyhow::Result<ExitCode> {
        let text = std::mem::take(&mut self.sql);
        let statements = sql::statements(&text);
        if statements.is_empty() {
            bail!("there is no statement to run");
        }
        // Serves as long as it is held.
        let (server, _whole) = if let Some(server) = &self.server {
            (server.clone(), None)
        } else {
            let whole = self.own_server().await?;
            let server = format!("http://{}", whole.address()).parse();
            let server = server.context("the own address makes no sense")?;
            (server, Some(whole))
        };
        let mut session = self.session();
        // One for the whole run: a signal that comes while rows are written is heard after that.
        let mut interrupts = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
        // Perk takes both dialects and shows nested values best in Trino's.
        let mut dialect = Dialect::Trino;
        for text in statements {
            let posted = tokio::select! {
                biased;
                // Whoever has not answered a POST yet ends its query with the connection.
                _ = interrupts.recv() => return Ok(interrupted()),
                posted = post(&server, &mut dialect, &session, text) => posted?,
            };
            match self.print(posted, &mut session, &mut interrupts).await? {
                Done::Finished => {}
                Done::Failed => return Ok(ExitCode::FAILURE),
                Done::Interrupted => return Ok(interrupted()),
                Done::Unread => break,
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Starts all of Perk in this process.
    async fn own_server(&mut self) -> anyhow::Result<Whole> {
        if self.catalog.is_none() {
            let [catalog, schema] = embedded::CATALOG_AND_SCHEMA.map(str::to_owned);
            self.catalog = Some(catalog);
            self.schema.get_or_insert(schema);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port of this machine can be listened on")?;
        Whole::start(listener, vec![embedded::backend()?], Settings::default()).await
    }

    fn session(&self) -> Session {
        let mut session = Session::default();
        session.add("User", &self.user);
        session.add("Source", "perk");
        let one = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        let single = [one("Catalog", &self.catalog), one("Schema", &self.schema)];
        let properties = self
            .session
            .iter()
            .map(|property| ("Session", encoded(property)));
        for (name, value) in single.into_iter().flatten().chain(properties) {
            session.add(name, &value);
        }
        session
    }

    async fn print(
        &self,
        posted: Posted,
        session: &mut Session,
        interrupts: &mut Signal,
    ) -> anyhow::Result<Done> {
        let Posted {
            mut statement,
            first: mut page,
        } = posted;
        let mut printer = Printer::new(self.output, std::io::stdout().lock());
        let mut progress = Progress::new(std::io::stderr().is_terminal());
        while let Some(current) = page {
            progress.show(current.stats.as_deref());
            session.apply(&current.session_changes);
            if let (Some(columns), None) = (&current.columns, &current.update_type) {
                let columns = serde_json::from_slice::<Vec<Column>>(columns);
                let columns = columns.context("the columns make no sense")?;
                if is_closed(printer.columns(&columns))? {
                    statement.cancel().await?;
                    return Ok(Done::Unread);
                }
            }
            if let Some(update) = current.update_type.as_deref() {
                // Its rows, where it has any, say the count again, or only that it worked.
                printer.update(update, current.update_count.as_deref());
            } else if let Some(rows) = &current.rows {
                progress.clear();
                if is_closed(printer.rows(rows))? {
                    statement.cancel().await?;
                    return Ok(Done::Unread);
                }
            }
            if let Some(error) = &current.error {
                progress.clear();
                eprintln!("{}", explain(error));
                return Ok(Done::Failed);
            }
            page = tokio::select! {
                biased;
                _ = interrupts.recv() => {
                    progress.clear();
                    statement.cancel().await?;
                    return Ok(Done::Interrupted);
                }
                next = statement.next() => next?,
            };
        }
        progress.clear();
        let closed = is_closed(printer.finish())?;
        Ok(if closed { Done::Unread } else { Done::Finished })
    }
}

/// Sends a statement, in the other dialect where the server refuses the first: before anything ran.
async fn post(
    server: &Origin,
    dialect: &mut Dialect,
    session: &Session,
    text: &str,
) -> Result<Posted, StatementError> {
    let posted = post_in(server, *dialect, session, text).await;
    match posted {
        Err(StatementError::Refused { status, .. })
            if status.is_client_error() && *dialect == Dialect::Trino =>
        {
            let posted = post_in(server, Dialect::Presto, session, text).await?;
            *dialect = Dialect::Presto;
            Ok(posted)
        }
        posted => posted,
    }
}

async fn post_in(
    server: &Origin,
    dialect: Dialect,
    session: &Session,
    text: &str,
) -> Result<Posted, StatementError> {
    let http = HttpClient::new(ClientLimits::default());
    let server = server.clone();
    let headers = session.headers();
    let mut statement = StatementClient::post(http, server, dialect, &headers, text).await?;
    let first = statement.next().await?;
    Ok(Posted { statement, first })
}

/// A statement that the server has taken, and its first answer.
struct Posted {
    statement: StatementClient,
    first: Option<StatementPage>,
}

/// How a statement's printing ended.
enum Done {
    Finished,
    Failed,
    /// By Ctrl-C.
    Interrupted,
    /// Whoever reads this program's output (head, say) has enough.
    Unread,
}

fn interrupted() -> ExitCode {
    eprintln!("Query was canceled");
    ExitCode::from(INTERRUPTED)
}

/// A session property with its value as the protocol wants it: URL-encoded.
fn encoded(property: &str) -> String {
    let (name, value) = property.split_once('=').unwrap_or((property, ""));
    format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
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
