//! Statements that are cancelled while they run: what the client shows of them, and what the cluster says of them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Client, Driver, Process, RUN_LIMIT, Tools, files, sql};
use crate::support::{Perk, Server, poll};

/// How soon the cluster must have ended a query that its client has cancelled.
const PROMPT: Duration = Duration::from_secs(1);
/// How long trino-cli waits, of itself, for the answer that it is waiting for, before it cancels.
const POLL: Duration = Duration::from_secs(1);
/// How long a client may take to end when its statement has.
const END_LIMIT: Duration = Duration::from_secs(30);

/// Who tells what becomes of a query.
#[derive(Clone, Copy)]
pub(crate) enum Witness<'a> {
    /// The server that runs it.
    Server(&'a Server),
    /// The log of the Perk whose own engine runs it.
    Log(&'a Perk),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Running,
    Over,
}

impl Witness<'_> {
    /// How far the last statement of a user's has come, which is the one to be cancelled; `None` if it is not known yet, or not running yet.
    fn stage(self, user: &str) -> Option<Stage> {
        match self {
            Self::Server(server) => {
                let queries = server.queries().ok()?;
                let query = queries.iter().find(|query| {
                    let sql = query["query"].as_str().unwrap_or_default();
                    query["session"]["user"] == user && sql.contains("cross join")
                })?;
                match query["state"].as_str()? {
                    "RUNNING" => Some(Stage::Running),
                    "FINISHED" | "FAILED" => Some(Stage::Over),
                    _ => None,
                }
            }
            Self::Log(perk) => {
                let log = perk.log();
                let begun = log.lines().rev().find(|line| {
                    line.contains("attempt begins") && line.contains(&format!("user=\"{user}\""))
                })?;
                let (_, said) = begun.split_once("attempt begins id=")?;
                let id = said.split(' ').next()?;
                if log.contains(&format!("attempt over id={id}")) {
                    Some(Stage::Over)
                } else {
                    Some(Stage::Running)
                }
            }
        }
    }

    fn wait(self, user: &str, stage: Stage, limit: Duration) -> Option<()> {
        poll(limit, || (self.stage(user) == Some(stage)).then_some(()))
    }
}

/// A user that no other run has.
fn user(label: &str) -> String {
    let label = label.replace(' ', "-");
    format!("{label}-{}", std::process::id())
}

/// Has a client cancel a statement that runs. An error says what was not as it must be.
pub(crate) fn cancel(
    tools: &Tools,
    client: &Client,
    url: &str,
    label: &str,
    witness: Witness<'_>,
) -> Result<(), String> {
    let label = format!("{label} cancel");
    let user = user(&label);
    let mut command = tools.canceling(client, url, &user)?;
    let mut process = Process::start(command.stdin(Stdio::piped()), &files(&label)?)?;
    let runs = poll(RUN_LIMIT, || {
        let runs = witness.stage(&user) == Some(Stage::Running);
        (runs || process.has_ended()).then_some(runs)
    });
    if runs != Some(true) {
        let (stdout, stderr) = process.output(Duration::ZERO)?;
        return Err(format!(
            "its statement was not seen running; it printed:\n{stdout}{stderr}"
        ));
    }
    match client.driver {
        // As a terminal's Ctrl-C does.
        Driver::Cli | Driver::Query => interrupt(process.id())?,
        _ => process.tell(b"\n")?,
    }
    ends(client, witness, &user)?;
    let (stdout, _) = process.output(END_LIMIT)?;
    if stdout.contains("\"ended\": false") {
        return Err("what waited for the statement did not end".to_owned());
    }
    Ok(())
}

/// Has a CLI in a terminal show how a statement comes on, and end it with Ctrl-C.
pub(crate) fn progress(
    tools: &Tools,
    client: &Client,
    url: &str,
    label: &str,
    witness: Witness<'_>,
) -> Result<(), String> {
    let label = format!("{label} progress");
    let user = user(&label);
    let mut cli = tools.cli(client, url)?;
    cli.args(["--user", &user]);
    let mut terminal = in_terminal(&cli);
    let mut process = Process::start(terminal.stdin(Stdio::piped()), &files(&label)?)?;
    process.tell(format!("{};\n", sql("cancel")?.replace('\n', " ")).as_bytes())?;
    let stages: &[&str] = match witness {
        Witness::Server(_) => &[", RUNNING, ", "STAGES   ROWS", "\n\u{1b}[2K  1......."],
        // The engine has none.
        Witness::Log(_) => &[", RUNNING, "],
    };
    let shown = poll(RUN_LIMIT, || {
        let printed = process.printed().ok()?;
        let shown = stages.iter().all(|part| printed.contains(part));
        (shown || process.has_ended()).then_some(shown)
    });
    if shown != Some(true) {
        return Err(format!("it showed no progress:\n{}", process.printed()?));
    }
    process.tell(b"\x03")?;
    ends(client, witness, &user)?;
    process.tell(b"exit\n")?;
    process.output(END_LIMIT).map(drop)
}

fn ends(client: &Client, witness: Witness<'_>, user: &str) -> Result<(), String> {
    let limit = match client.name {
        "trino-cli" => PROMPT + POLL,
        _ => PROMPT,
    };
    let start = Instant::now();
    let ended = witness.wait(user, Stage::Over, END_LIMIT);
    let took = start.elapsed();
    match ended {
        Some(()) if took <= limit => Ok(()),
        Some(()) => Err(format!("the cluster ended the query only {took:?} later")),
        None => Err(format!("the cluster still runs the query, {took:?} later")),
    }
}

fn interrupt(pid: u32) -> Result<(), String> {
    let status = Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("it could not be interrupted: {other:?}")),
    }
}

/// The command in a terminal of its own, with enough lines for what a CLI shows.
fn in_terminal(command: &Command) -> Command {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''")));
    let line = quoted.collect::<Vec<_>>().join(" ");
    let mut terminal = Command::new("script");
    terminal.args([
        "-qfec",
        &format!("stty rows 40 cols 120; exec {line}"),
        "/dev/null",
    ]);
    terminal.env("TERM", "xterm");
    terminal
}
