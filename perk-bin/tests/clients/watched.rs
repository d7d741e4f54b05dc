//! Statements that are cancelled while they run: what the client shows of them, and what the cluster says of them.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::process::{Client, Driver, Process, Tools, files, sql};
use crate::support::{Perk, Server, poll};

/// How soon the cluster must have ended a query that its client has cancelled.
const PROMPT: Duration = Duration::from_secs(1);
/// How long trino-cli waits, of itself, for the answer that it is waiting for, before it cancels.
const POLL: Duration = Duration::from_secs(1);
/// How long after a query has begun a client that does not say so knows of it: before its POST is answered, which takes
/// 100 ms, and read, it has nothing to cancel.
const KNOWN_AFTER: Duration = Duration::from_millis(500);
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
    /// Since this time of the day.
    Over(Duration),
}

impl Witness<'_> {
    /// How far the statement that a user is to cancel has come; `None` if it is not known yet, or not running yet.
    fn stage(self, user: &str) -> Option<Stage> {
        match self {
            Self::Server(server) => {
                let queries = server.queries().ok()?;
                let query = queries
                    .iter()
                    .find(|query| query["session"]["user"] == user && is_to_be_canceled(query))?;
                match query["state"].as_str()? {
                    "RUNNING" => Some(Stage::Running),
                    "FINISHED" | "FAILED" => {
                        let end = query["queryStats"]["endTime"].as_str()?;
                        Some(Stage::Over(time_of_day(end)?))
                    }
                    _ => None,
                }
            }
            Self::Log(perk) => {
                let log = perk.log();
                let begun = log.lines().filter_map(|line| {
                    let (_, said) = line.split_once("attempt begins id=")?;
                    let id = said.split(' ').next()?;
                    line.contains(&format!("user=\"{user}\"")).then_some(id)
                });
                let id = begun
                    .filter(|id| {
                        perk.query(id, user)
                            .is_some_and(|query| is_to_be_canceled(&query))
                    })
                    .last()?;
                let over = format!("attempt over id={id}");
                match log.lines().find(|line| line.contains(&over)) {
                    Some(line) => Some(Stage::Over(time_of_day(line)?)),
                    None => Some(Stage::Running),
                }
            }
        }
    }
}

fn is_to_be_canceled(query: &Value) -> bool {
    let sql = query["query"].as_str().unwrap_or_default();
    sql.contains("cross join")
}

/// The time in what begins like `2026-11-23T13:46:57.265Z`.
fn time_of_day(text: &str) -> Option<Duration> {
    let (_, time) = text.split_once('T')?;
    let (time, _) = time.split_once('Z')?;
    let mut seconds = 0.0;
    for part in time.split(':') {
        seconds = seconds * 60.0 + part.parse::<f64>().ok()?;
    }
    Some(Duration::from_secs_f64(seconds))
}

const DAY: Duration = Duration::from_hours(24);

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
    let mut command = heeding_interrupts(&tools.canceling(client, url, &user)?);
    let mut process = Process::start(command.stdin(Stdio::piped()), &files(&label)?)?;
    let runs = |_: &Process| witness.stage(&user) == Some(Stage::Running);
    let begun = process.comes_to(runs)
        && match client.driver {
            Driver::Jdbc | Driver::Node => process.comes_to(Process::is_ready),
            _ => {
                thread::sleep(KNOWN_AFTER);
                true
            }
        };
    if !begun {
        let (stdout, stderr) = process.output(Duration::ZERO)?;
        return Err(format!(
            "its statement was not seen running; it printed:\n{stdout}{stderr}"
        ));
    }
    let since = SystemTime::now();
    match client.driver {
        // As a terminal's Ctrl-C does.
        Driver::Cli | Driver::Query => interrupt(process.id())?,
        _ => process.tell(b"\n")?,
    }
    ends(client, witness, &user, since)?;
    let (stdout, stderr) = process.output(END_LIMIT)?;
    // Each of them fails what waits for the statement, in its own words; none may show a result.
    let failed = match client.driver {
        Driver::Cli | Driver::Query => stdout.trim() == "\"1\"" || stdout.is_empty(),
        _ => stdout.contains("\"error\"") && !stdout.contains("\"ended\": false"),
    };
    if failed {
        return Ok(());
    }
    Err(format!("the client showed no failure:\n{stdout}{stderr}"))
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
    let shows = |process: &Process| {
        let printed = process.printed().unwrap_or_default();
        stages.iter().all(|part| printed.contains(part))
    };
    if !process.comes_to(shows) {
        process.tell(b"\x03exit\n")?;
        return Err(format!("it showed no progress:\n{}", process.printed()?));
    }
    let since = SystemTime::now();
    process.tell(b"\x03")?;
    ends(client, witness, &user, since)?;
    // Until it asks for another statement, it takes what is typed for its display's.
    let asks = |process: &Process| {
        let printed = process.printed().unwrap_or_default();
        let after = printed.rsplit_once("aborted by user");
        after.is_some_and(|(_, after)| after.contains("tiny> "))
    };
    if !process.comes_to(asks) {
        return Err(format!("it did not go on:\n{}", process.printed()?));
    }
    process.tell(b"exit\n")?;
    process.output(END_LIMIT).map(drop)
}

/// Waits until the query, which was cancelled at `since`, is over, and looks at when it was.
fn ends(
    client: &Client,
    witness: Witness<'_>,
    user: &str,
    since: SystemTime,
) -> Result<(), String> {
    let limit = match client.name {
        "trino-cli" => PROMPT + POLL,
        _ => PROMPT,
    };
    let ended = poll(END_LIMIT, || match witness.stage(user) {
        Some(Stage::Over(end)) => Some(end),
        _ => None,
    });
    let end = ended.ok_or("the cluster still runs the query")?;
    let since = since
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis()
        % DAY.as_millis();
    // Servers tell milliseconds, rounded down.
    let took = (end.as_millis() + DAY.as_millis() + 1 - since) % DAY.as_millis();
    if took <= limit.as_millis() {
        return Ok(());
    }
    Err(format!("the cluster ended the query only {took} ms later"))
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
    heeding_interrupts(&terminal)
}

/// The command as a terminal starts it. What a shell starts in the background ignores interrupts, and so does all that it
/// starts: these tests, and with them a CLI.
fn heeding_interrupts(command: &Command) -> Command {
    let mut heeding = Command::new("env");
    heeding.arg("--default-signal=INT");
    heeding.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            heeding.env(name, value);
        }
    }
    heeding
}
