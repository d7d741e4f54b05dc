//! The clients' processes: how each is started, and what it prints read into documents.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use serde_json::Value;

use crate::{cli, query, support};

/// All cases, in the order of the table in `docs/clients.md`. A client's own are in [`Client::cases`]; their SQL is in
/// `cases/`.
pub(crate) const CASES: [&str; 12] = [
    "query",
    "prepared",
    "session",
    "transaction",
    "cancel",
    "timeout",
    "error",
    "large",
    "nested",
    "parameters",
    "metadata",
    "progress",
];
/// The cases for which a client's process is watched from outside, so that each is a process of its own.
const WATCHED: [&str; 2] = ["cancel", "progress"];

/// Where the drivers find the user to connect as.
const USER: &str = "CLIENT_USER";
/// How long one process of a client may take for all its cases.
pub(crate) const RUN_LIMIT: Duration = Duration::from_mins(2);
/// How long `go build` may take, with downloading and compiling what it depends on.
const BUILD_LIMIT: Duration = Duration::from_mins(5);

const DRIVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");

/// What runs a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Driver {
    /// The client itself, with a script.
    Cli,
    /// `Jdbc.java`, as `presto` or `trino`.
    Jdbc,
    /// `dbapi.py`.
    Python,
    /// `node.cjs`.
    Node,
    /// `go/`.
    Go,
    /// `perk query`.
    Query,
}

/// A client under test.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) name: &'static str,
    /// `presto` or `trino`: what it speaks.
    pub(crate) dialect: &'static str,
    pub(crate) driver: Driver,
}

const fn client(name: &'static str, dialect: &'static str, driver: Driver) -> Client {
    Client {
        name,
        dialect,
        driver,
    }
}

/// All clients. The drivers know them by these names.
pub(crate) const CLIENTS: [Client; 14] = [
    client("presto-cli", "presto", Driver::Cli),
    client("trino-cli", "trino", Driver::Cli),
    client("presto-jdbc", "presto", Driver::Jdbc),
    client("trino-jdbc", "trino", Driver::Jdbc),
    client("prestodb", "presto", Driver::Python),
    client("trino", "trino", Driver::Python),
    client("pyhive-presto", "presto", Driver::Python),
    client("pyhive-trino", "trino", Driver::Python),
    client("sqlalchemy-presto", "presto", Driver::Python),
    client("sqlalchemy-trino", "trino", Driver::Python),
    client("presto-client", "presto", Driver::Node),
    client("trino-client", "trino", Driver::Node),
    client("trino-go-client", "trino", Driver::Go),
    client("perk-query", "trino", Driver::Query),
];

impl Client {
    /// Whether it can do what a case asks for.
    pub(crate) fn can(&self, case: &str) -> bool {
        let is_dbapi = matches!(self.name, "prestodb" | "trino");
        match case {
            "transaction" => match self.driver {
                Driver::Cli | Driver::Jdbc | Driver::Go => true,
                Driver::Python => is_dbapi || self.name == "sqlalchemy-trino",
                Driver::Node | Driver::Query => false,
            },
            "cancel" => !self.is_sqlalchemy(),
            "timeout" | "parameters" => self.driver == Driver::Jdbc,
            "metadata" => self.driver == Driver::Jdbc || self.is_sqlalchemy(),
            "progress" => self.driver == Driver::Cli,
            _ => true,
        }
    }

    fn is_sqlalchemy(&self) -> bool {
        self.name.starts_with("sqlalchemy")
    }

    /// The cases that one process runs, one after the other.
    pub(crate) fn together(&self) -> Vec<&'static str> {
        let cases = CASES.into_iter();
        cases
            .filter(|case| self.can(case) && !WATCHED.contains(case))
            .collect()
    }

    /// Whom its dialect's own server is asked through: itself, but `perk query` is held to a client that gives the
    /// protocol's values as they are.
    pub(crate) fn oracle(&'static self) -> &'static Client {
        match self.driver {
            Driver::Query => CLIENTS
                .iter()
                .find(|client| client.name == "pyhive-trino")
                .unwrap_or(self),
            _ => self,
        }
    }

    /// The client of the other dialect with the same driver, where there is one.
    pub(crate) fn twin(&self) -> Option<&'static Client> {
        CLIENTS.iter().find(|client| {
            client.driver == self.driver
                && client.dialect != self.dialect
                && client.is_sqlalchemy() == self.is_sqlalchemy()
        })
    }
}

/// What one process gave: a document for each case it came to.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) by_case: BTreeMap<String, Value>,
    /// What else it printed, for when a case is missing.
    pub(crate) stderr: String,
}

impl Documents {
    pub(crate) fn of(&self, case: &str) -> Result<&Value, String> {
        let missing = || {
            format!(
                "the client gave nothing for {case}; it printed:\n{}",
                self.stderr
            )
        };
        self.by_case.get(case).ok_or_else(missing)
    }
}

/// Where the clients are.
#[derive(Debug)]
pub(crate) struct Tools {
    paths: HashMap<String, String>,
    go: OnceLock<Result<PathBuf, String>>,
}

impl Tools {
    /// Reads the file `PERK_TEST_CLIENTS` names; `None` if it names none.
    pub(crate) fn find() -> Result<Option<Self>, String> {
        let Some(file) = env::var_os("PERK_TEST_CLIENTS").filter(|file| !file.is_empty()) else {
            return Ok(None);
        };
        let read = fs::read_to_string(&file);
        let lines = read.map_err(|error| format!("{}: {error}", file.display()))?;
        let paths = lines.lines().filter_map(|line| line.split_once('='));
        Ok(Some(Self {
            paths: paths
                .map(|(name, path)| (name.to_owned(), path.to_owned()))
                .collect(),
            go: OnceLock::new(),
        }))
    }

    /// The path that the file gives for this name.
    pub(crate) fn path(&self, name: &str) -> Result<&str, String> {
        let path = self.paths.get(name);
        path.map(String::as_str)
            .ok_or_else(|| format!("PERK_TEST_CLIENTS names no {name}"))
    }

    /// Runs a client's cases that need no watching against a server or gateway. `label` names the run's files.
    pub(crate) fn run(&self, client: &Client, url: &str, label: &str) -> Result<Documents, String> {
        let files = files(label)?;
        if client.driver == Driver::Query {
            return query::run(client, url, &files);
        }
        let mut command = match client.driver {
            Driver::Cli => {
                let script = files.join("script.sql");
                let text = cli::script(&client.together(), sql)?;
                fs::write(&script, text)
                    .map_err(|error| format!("{}: {error}", script.display()))?;
                let mut command = self.cli(client, url)?;
                command.args(["--user", "clients", "--output-format", "CSV_HEADER"]);
                command.args(["--ignore-errors", "--file"]).arg(script);
                command
            }
            _ => self.driver(client, url, &client.together())?,
        };
        command.env(USER, "clients");
        let (stdout, stderr) = output(&mut command, &files, RUN_LIMIT)?;
        let by_case = match client.driver {
            Driver::Cli => cli::documents(&stdout, &stderr)?,
            _ => stdout.lines().map(line).collect::<Result<_, _>>()?,
        };
        Ok(Documents { by_case, stderr })
    }

    /// What runs the case `cancel`.
    pub(crate) fn canceling(
        &self,
        client: &Client,
        url: &str,
        user: &str,
    ) -> Result<Command, String> {
        let mut command = match client.driver {
            Driver::Cli => {
                let mut command = self.cli(client, url)?;
                // A CLI that has run nothing yet takes its time from the POST to the first GET, and cancels nothing meanwhile.
                let statements = format!("select 1;\n{}", sql("cancel")?);
                command.args(["--user", user, "--execute", &statements]);
                command
            }
            Driver::Query => {
                let mut command = query::command(url);
                command.args(["--user", user, &sql("cancel")?]);
                command
            }
            _ => self.driver(client, url, &["cancel"])?,
        };
        command.env(USER, user);
        Ok(command)
    }

    /// A CLI, without a user.
    pub(crate) fn cli(&self, client: &Client, url: &str) -> Result<Command, String> {
        let prefix = client.dialect.to_uppercase();
        let mut command = java(client.dialect);
        let jar = self.path(&format!("{prefix}_CLI"))?;
        command.args(["-jar", jar, "--server", url]);
        command.args(["--catalog", "tpch", "--schema", "tiny"]);
        Ok(command)
    }

    /// A client that one of the drivers here runs, which take their user from the environment.
    fn driver(&self, client: &Client, url: &str, cases: &[&str]) -> Result<Command, String> {
        let prefix = client.dialect.to_uppercase();
        let (mut command, driver) = match client.driver {
            Driver::Jdbc => {
                let mut command = java(client.dialect);
                command.args(["-cp", self.path(&format!("{prefix}_JDBC"))?]);
                command.arg(format!("{DRIVERS}/Jdbc.java"));
                (command, Some(client.dialect))
            }
            Driver::Python => {
                let mut command = Command::new(self.path("PYTHON")?);
                command.arg(format!("{DRIVERS}/dbapi.py"));
                (command, Some(client.name))
            }
            Driver::Node => {
                let mut command = Command::new("node");
                command.env("NODE_PATH", self.path("NODE_MODULES")?);
                command.arg(format!("{DRIVERS}/node.cjs"));
                (command, Some(client.name))
            }
            Driver::Go => {
                let built = self.go.get_or_init(build_go);
                (Command::new(built.as_ref().map_err(Clone::clone)?), None)
            }
            Driver::Cli | Driver::Query => unreachable!("they run by themselves"),
        };
        command
            .args(driver)
            .args([url, &format!("{DRIVERS}/cases")]);
        command.args(cases);
        Ok(command)
    }
}

/// The JVM for a dialect's clients. Trino's need a newer one than Presto's bear.
pub(crate) fn java(dialect: &str) -> Command {
    let java = match dialect {
        "trino" => {
            let home = env::var("TRINO_JAVA_HOME");
            let home = home.unwrap_or_else(|_| "/usr/lib/jvm/temurin-25-jdk-amd64".to_owned());
            format!("{home}/bin/java")
        }
        _ => "java".to_owned(),
    };
    let mut command = Command::new(java);
    // A short life is not worth the better compiler's time.
    command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    for property in ["file", "stdout", "sun.stdout"] {
        command.arg(format!("-D{property}.encoding=UTF-8"));
    }
    command
}

fn build_go() -> Result<PathBuf, String> {
    let files = files("go-build")?;
    let built = files.join("trino-go-client");
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&built).arg(".");
    command.current_dir(format!("{DRIVERS}/go"));
    let (_, stderr) = output(&mut command, &files, BUILD_LIMIT)?;
    if built.exists() {
        Ok(built)
    } else {
        Err(format!("go build: {stderr}"))
    }
}

/// A case's SQL, or another file of `cases/`.
pub(crate) fn sql(name: &str) -> Result<String, String> {
    let path = format!("{DRIVERS}/cases/{name}.sql");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(text.trim().to_owned())
}

/// One line of a driver's output: a document with its case.
fn line(text: &str) -> Result<(String, Value), String> {
    let wrong = || format!("the driver printed {text:?}");
    let document: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let case = document["case"].as_str().ok_or_else(wrong)?.to_owned();
    Ok((case, document))
}

/// A folder for what a run writes.
pub(crate) fn files(label: &str) -> Result<PathBuf, String> {
    let files = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("clients")
        .join(label.replace(' ', "-"));
    fs::create_dir_all(&files).map_err(|error| format!("{}: {error}", files.display()))?;
    Ok(files)
}

/// Runs a command to its end, and gives what it printed on stdout and stderr. How it exits says nothing: a CLI whose
/// script holds a failing statement exits with 1.
pub(crate) fn output(
    command: &mut Command,
    files: &Path,
    limit: Duration,
) -> Result<(String, String), String> {
    Process::start(command.stdin(Stdio::null()), files)?.output(limit)
}

/// A process that prints into files, since a pipe that nobody reads holds a process up.
pub(crate) struct Process {
    name: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    pub(crate) fn start(command: &mut Command, files: &Path) -> Result<Self, String> {
        let (stdout, stderr) = (files.join("stdout"), files.join("stderr"));
        let create = |path| fs::File::create(path).map_err(|error| error.to_string());
        let name = command.get_program().display().to_string();
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.stdout(create(&stdout)?).stderr(create(&stderr)?);
        let child = command.spawn();
        Ok(Self {
            child: child.map_err(|error| format!("{name}: {error}"))?,
            name,
            stdout,
            stderr,
        })
    }

    /// Its id, as long as it has not been waited for.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes to it, where its stdin is a pipe.
    pub(crate) fn tell(&mut self, text: &[u8]) -> Result<(), String> {
        let stdin = self.child.stdin.as_mut().ok_or("its stdin is no pipe")?;
        stdin.write_all(text).map_err(|error| error.to_string())
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether it has said that it has something to cancel, as some drivers do.
    pub(crate) fn is_ready(&self) -> bool {
        self.printed()
            .is_ok_and(|printed| printed.starts_with("ready\n"))
    }

    /// Waits until something holds, and says whether it does: not if it has ended before, or all its time is over.
    pub(crate) fn comes_to(&mut self, holds: impl Fn(&Self) -> bool) -> bool {
        let reached = support::poll(RUN_LIMIT, || {
            let reached = holds(self);
            (reached || self.has_ended()).then_some(reached)
        });
        reached == Some(true)
    }

    /// What it has printed on stdout so far.
    pub(crate) fn printed(&self) -> Result<String, String> {
        read(&self.stdout)
    }

    /// Waits for its end, and gives what it printed.
    pub(crate) fn output(mut self, limit: Duration) -> Result<(String, String), String> {
        let ended = support::poll(limit, || self.has_ended().then_some(()));
        let (stdout, stderr) = (read(&self.stdout)?, read(&self.stderr)?);
        match ended {
            Some(()) => Ok((stdout, stderr)),
            None => Err(format!(
                "{} had not ended after {limit:?}; it printed:\n{stdout}{stderr}",
                self.name
            )),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
