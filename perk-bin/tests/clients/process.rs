//! The clients' processes: how each is started, and what it prints read into documents.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use serde_json::Value;

use crate::{cli, query, support};

/// All cases. A client's own are in [`Client::cases`]; their SQL is in `cases/`.
pub(crate) const CASES: [&str; 7] = [
    "query",
    "many",
    "prepared",
    "failing",
    "nested",
    "parameters",
    "metadata",
];

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
pub(crate) const CLIENTS: [Client; 12] = [
    client("presto-cli", "presto", Driver::Cli),
    client("trino-cli", "trino", Driver::Cli),
    client("presto-jdbc", "presto", Driver::Jdbc),
    client("trino-jdbc", "trino", Driver::Jdbc),
    client("prestodb", "presto", Driver::Python),
    client("trino", "trino", Driver::Python),
    client("pyhive-presto", "presto", Driver::Python),
    client("pyhive-trino", "trino", Driver::Python),
    client("presto-client", "presto", Driver::Node),
    client("trino-client", "trino", Driver::Node),
    client("trino-go-client", "trino", Driver::Go),
    client("perk-query", "trino", Driver::Query),
];

impl Client {
    /// The cases it can run.
    pub(crate) fn cases(&self) -> &'static [&'static str] {
        match self.driver {
            Driver::Jdbc => &CASES,
            _ => &CASES[..5],
        }
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
        CLIENTS
            .iter()
            .find(|client| client.driver == self.driver && client.dialect != self.dialect)
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

    /// Runs all cases of a client against a server or gateway. `label` names the run's files.
    pub(crate) fn run(&self, client: &Client, url: &str, label: &str) -> Result<Documents, String> {
        let files = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("clients")
            .join(label.replace(' ', "-"));
        fs::create_dir_all(&files).map_err(|error| format!("{}: {error}", files.display()))?;
        if client.driver == Driver::Query {
            return query::run(client, url, &files);
        }
        let mut command = self.command(client, url, &files)?;
        let (stdout, stderr) = output(&mut command, &files, RUN_LIMIT)?;
        let by_case = match client.driver {
            Driver::Cli => cli::documents(&stdout, &stderr)?,
            _ => stdout.lines().map(line).collect::<Result<_, _>>()?,
        };
        Ok(Documents { by_case, stderr })
    }

    fn command(&self, client: &Client, url: &str, files: &Path) -> Result<Command, String> {
        let prefix = client.dialect.to_uppercase();
        let (mut command, driver) = match client.driver {
            Driver::Cli => {
                let script = files.join("script.sql");
                let text = cli::script(client.cases(), sql)?;
                fs::write(&script, text)
                    .map_err(|error| format!("{}: {error}", script.display()))?;
                let mut command = java(client.dialect);
                command.args([
                    "-jar",
                    self.path(&format!("{prefix}_CLI"))?,
                    "--server",
                    url,
                ]);
                command.args(["--user", "clients", "--catalog", "tpch", "--schema", "tiny"]);
                command.args(["--output-format", "CSV_HEADER", "--ignore-errors", "--file"]);
                command.arg(script);
                return Ok(command);
            }
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
            Driver::Query => unreachable!("perk query runs once for each case"),
        };
        command
            .args(driver)
            .args([url, &format!("{DRIVERS}/cases")]);
        command.args(client.cases());
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
    let files = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("clients")
        .join("go-build");
    fs::create_dir_all(&files).map_err(|error| format!("{}: {error}", files.display()))?;
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

/// Runs a command to its end, and gives what it printed on stdout and stderr. How it exits says nothing: a CLI whose
/// script holds a failing statement exits with 1.
pub(crate) fn output(
    command: &mut Command,
    files: &Path,
    limit: Duration,
) -> Result<(String, String), String> {
    // Files, since a pipe that nobody reads holds the process up.
    let (stdout, stderr) = (files.join("stdout"), files.join("stderr"));
    let create = |path| fs::File::create(path).map_err(|error| error.to_string());
    let program = command.get_program().to_owned();
    let name = program.display();
    command
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    command.stdout(create(&stdout)?).stderr(create(&stderr)?);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let ended = support::poll(limit, || child.try_wait().ok().flatten());
    if ended.is_none() {
        // Both fail only if it has ended meanwhile, which is what is wanted.
        let _ = child.kill();
        let _ = child.wait();
    }
    let read = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let read = |path| read(path).map_err(|error| error.to_string());
    let (stdout, stderr) = (read(&stdout)?, read(&stderr)?);
    match ended {
        Some(_) => Ok((stdout, stderr)),
        None => Err(format!(
            "{name} had not ended after {limit:?}; it printed:\n{stdout}{stderr}"
        )),
    }
}
