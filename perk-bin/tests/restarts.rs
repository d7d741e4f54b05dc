//! A real coordinator is killed in the middle of queries and started again, behind a running `perk serve`: once Presto,
//! once Trino. What may run again does and gives its right rows, what may not says so, what waited runs then.
//!
//! `PERK_TEST_TESTBED` is the folder of the scripts `presto` and `trino`, which start coordinators on ports of their own;
//! without it both tests are shown as ignored.

#[path = "restarts/client.rs"]
mod client;
#[path = "restarts/cluster.rs"]
mod cluster;
mod support;

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use client::Reader;
use cluster::{Coordinator, Listed};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use support::{Perk, poll, require};

/// How many lines of Perk's log go with a failure.
const LOG_LINES: usize = 60;
/// How long the queries may take to be under way, and what is left at the end to be over.
const SETTLE_LIMIT: Duration = Duration::from_mins(1);

/// Reads of which nothing is handed out before they end: seconds of work each, and few rows.
const READS: [&str; 3] = [
    "select 1, count(*) from tpch.sf1.lineitem",
    "select 2, count(*) from tpch.sf1.lineitem",
    "select orderkey from tpch.sf1.lineitem where linenumber = 1 and orderkey % 3200 = 1",
];
/// A read of more rows than Perk holds back or buffers.
const HANDED_OUT: &str = "select orderkey, linenumber, l.* from tpch.sf1.lineitem l";
/// How many of its pages are taken before the kill.
const PAGES_BEFORE: usize = 3;
/// A write that has begun at the kill; run again, it would succeed.
const BEGUN: &str = "create table memory.default.begun as select count(*) c from tpch.sf1.lineitem";
/// What is posted while nothing is there to run it. The script that starts the coordinator counts `nation`.
const WAITING: [&str; 4] = [
    "select count(*) from tpch.tiny.region",
    "create table memory.default.waited as select 1 c",
    "values 7",
    "select max(custkey) from tpch.tiny.customer",
];

/// A read's rows, in order of their cells.
fn expected(read: usize) -> Value {
    match read {
        0 => json!([[1, 6_001_215]]),
        1 => json!([[2, 6_001_215]]),
        // Of every 32 keys from 0 to 6,000,000 the first 8 are orders', and each order has a first line.
        _ => (0..1875).map(|n| json!([1 + 3200 * n])).collect(),
    }
}

/// What a statement of [`WAITING`] gives.
fn expected_late(waiting: usize) -> Value {
    [json!([[5]]), json!([[1]]), json!([[7]]), json!([[1500]])][waiting].clone()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A coordinator takes both cores and a gigabyte.
    arguments.test_threads = Some(1);
    let remedy = "set PERK_TEST_TESTBED to the folder of the scripts presto and trino";
    let trials = match require("testbed", testbed(), remedy) {
        Ok(testbed) => [("presto", 18191), ("trino", 18192)]
            .map(|(name, port)| {
                let testbed = testbed.clone();
                Trial::test(name, move || killed(&testbed, name, port))
            })
            .into(),
        Err(missing) => vec![missing],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn testbed() -> Option<PathBuf> {
    env::var_os("PERK_TEST_TESTBED")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

fn killed(testbed: &Path, name: &'static str, port: u16) -> Result<(), Failed> {
    let start = Instant::now();
    let coordinator = Coordinator::start(testbed, name, port)?;
    println!("{name}: started in {}", seconds(start));
    let perk = Perk::start(&coordinator.server.url, &["--concurrency", "8"])?;
    let run = Run {
        coordinator: &coordinator,
        perk: &perk,
    };
    let seen = run.all().and_then(|()| match perk.stop() {
        Some(status) if status.success() => Ok(()),
        status => Err(format!("perk ended by {status:?} on SIGTERM")),
    });
    seen.map_err(|problem| {
        let log = perk.log();
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
        format!(
            "{problem}\nthe last lines perk printed:\n{}",
            last.join("\n")
        )
    })?;
    println!("{name}: all in {}", seconds(start));
    Ok(())
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}

type Rest = JoinHandle<Result<Reader, String>>;

/// A coordinator and Perk over it.
struct Run<'a> {
    coordinator: &'a Coordinator,
    perk: &'a Perk,
}

impl Run<'_> {
    fn all(&self) -> Result<(), String> {
        let start = Instant::now();
        let mut handed_out = self.post(HANDED_OUT)?;
        while handed_out.pages < PAGES_BEFORE {
            if !handed_out.step()? {
                return Err(format!("{HANDED_OUT} ended: {:?}", handed_out.error));
            }
        }
        let post = |sql| Ok(self.post(sql)?.rest_in_a_thread());
        let begun = post(BEGUN)?;
        let reads: Vec<Rest> = READS.into_iter().map(post).collect::<Result<_, String>>()?;
        self.until_under_way()?;
        let (pages, rows) = (handed_out.pages, handed_out.rows.len());
        self.say(&format!(
            "under way after {}: {} reads held back, a write, a read of which {pages} pages ({rows} rows) are handed out",
            seconds(start),
            reads.len()
        ));

        let killed = Instant::now();
        self.coordinator.kill()?;
        let handed_out = handed_out.rest_in_a_thread();
        let waiting = self.post_while_down()?;
        self.coordinator.start_again()?;
        self.say(&format!("killed and started again in {}", seconds(killed)));

        // All is looked at, whatever is wrong with one of it.
        let mut looks = vec![
            self.right_after(),
            self.cut_off(handed_out, killed, rows),
            self.unknown(begun, killed),
        ];
        for (waiting, rest) in waiting.into_iter().enumerate() {
            let rows = expected_late(waiting);
            looks.push(self.right(WAITING[waiting], rest, &rows, killed));
        }
        for (read, rest) in reads.into_iter().enumerate() {
            looks.push(self.right(READS[read], rest, &expected(read), killed));
        }
        looks.push(self.ran_once());
        looks.push(self.nothing_runs());
        let problems: Vec<_> = looks.into_iter().filter_map(Result::err).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n"))
        }
    }

    /// What is posted as soon as the coordinator runs queries again.
    fn right_after(&self) -> Result<(), String> {
        let posted = Instant::now();
        let reader = self.post("select 'after'")?.rest()?;
        is_right(&reader, &json!([["after"]]))?;
        let took = seconds(posted);
        self.say(&format!("posted right after the start: its row in {took}"));
        Ok(())
    }

    fn say(&self, what: &str) {
        println!("{}: {what}", self.coordinator.server.name);
    }

    fn post(&self, sql: &str) -> Result<Reader, String> {
        Reader::post(self.perk.url(), self.coordinator.server.prefix, sql)
    }

    /// Until the coordinator works on all that is to be there at its end.
    fn until_under_way(&self) -> Result<(), String> {
        let wanted: Vec<_> = READS.into_iter().chain([BEGUN, HANDED_OUT]).collect();
        let under_way = |query: &Listed| query.state == "RUNNING" && query.input > 0;
        let ask = || match self.coordinator.queries() {
            Ok(queries) => {
                let ours = |query: &&Listed| wanted.contains(&query.sql.as_str());
                let ours: Vec<_> = queries.iter().filter(ours).collect();
                if let Some(query) = ours.iter().find(|query| !query.runs()) {
                    return Some(Err(format!("too early for a kill: {query:?}")));
                }
                let all = ours.len() == wanted.len() && ours.iter().all(|query| under_way(query));
                all.then_some(Ok(()))
            }
            Err(error) => Some(Err(error)),
        };
        poll(SETTLE_LIMIT, ask).unwrap_or_else(|| {
            let queries = self.coordinator.queries();
            Err(format!("not all is under way: {queries:?}"))
        })
    }

    fn post_while_down(&self) -> Result<Vec<Rest>, String> {
        let post = |sql| {
            let posted = Instant::now();
            let reader = self.post(sql)?;
            if reader.states != ["QUEUED"] {
                return Err(format!("{sql} is answered {:?}", reader.states));
            }
            let took = seconds(posted);
            self.say(&format!("posted while down: QUEUED in {took}: {sql}"));
            Ok(reader.rest_in_a_thread())
        };
        WAITING.into_iter().map(post).collect()
    }

    /// A query that ends with its rows, every one of them once.
    fn right(
        &self,
        sql: &str,
        rest: Rest,
        expected: &Value,
        killed: Instant,
    ) -> Result<(), String> {
        let reader = joined(rest)?;
        is_right(&reader, expected).map_err(|problem| {
            let when = after(&reader, killed);
            format!("{sql}: {when} after the kill: {problem}")
        })?;
        self.say(&format!(
            "{} right rows {} after the kill, by way of {}: {sql}",
            reader.rows.len(),
            after(&reader, killed),
            reader.states.join(", ")
        ));
        Ok(())
    }

    /// A read that had been handed out in part gives what was buffered, no row twice, and the error.
    fn cut_off(&self, rest: Rest, killed: Instant, before: usize) -> Result<(), String> {
        let reader = joined(rest)?;
        if reader.error_name() != "PERK_CLUSTER_LOST" {
            return Err(format!(
                "what was handed out ended with error {} after {} rows",
                reader.error_name(),
                reader.rows.len()
            ));
        }
        let keys: Option<HashSet<_>> = reader
            .rows
            .iter()
            .map(|row| Some((row.first()?.as_i64()?, row.get(1)?.as_i64()?)))
            .collect();
        let keys = keys.ok_or("a row without its key")?;
        if keys.len() != reader.rows.len() {
            let twice = reader.rows.len() - keys.len();
            return Err(format!("{twice} rows came twice"));
        }
        self.say(&format!(
            "what was handed out: {} rows more, none twice, then PERK_CLUSTER_LOST {} after the kill",
            reader.rows.len() - before,
            after(&reader, killed)
        ));
        Ok(())
    }

    /// A write that had begun says that nobody knows.
    fn unknown(&self, rest: Rest, killed: Instant) -> Result<(), String> {
        let reader = joined(rest)?;
        if reader.error_name() != "PERK_OUTCOME_UNKNOWN" || !reader.rows.is_empty() {
            return Err(format!(
                "the write ended with error {}, rows {:?}",
                reader.error_name(),
                reader.rows
            ));
        }
        self.say(&format!(
            "the write: PERK_OUTCOME_UNKNOWN {} after the kill",
            after(&reader, killed)
        ));
        Ok(())
    }

    /// What the new coordinator was given: all that may run again or waited once, nothing else.
    fn ran_once(&self) -> Result<(), String> {
        let queries = self.coordinator.queries()?;
        let times = |sql: &&str| queries.iter().filter(|query| query.sql == **sql).count();
        let again: Vec<_> = READS.iter().chain(&WAITING).map(times).collect();
        let never: Vec<_> = [BEGUN, HANDED_OUT].iter().map(times).collect();
        if again.iter().any(|times| *times != 1) || never.iter().any(|times| *times != 0) {
            return Err(format!(
                "reads and what waited ran {again:?} times, what must not run again {never:?} times"
            ));
        }
        let server = &self.coordinator.server;
        let tables = server.run("memory", "default", "show tables from memory.default")?;
        if tables.error.is_some() || tables.rows != [[json!("waited")]] {
            return Err(format!("the tables are {:?}", tables.rows));
        }
        self.say("since the start the reads and what waited ran once each, the write and what was handed out not at all; the tables: waited");
        Ok(())
    }

    fn nothing_runs(&self) -> Result<(), String> {
        let start = Instant::now();
        let mut running = Vec::new();
        let idle = poll(SETTLE_LIMIT, || {
            let queries = match self.coordinator.queries() {
                Ok(queries) => queries,
                Err(error) => return Some(Err(error)),
            };
            running = queries.into_iter().filter(Listed::runs).collect();
            running.is_empty().then_some(Ok(()))
        });
        idle.unwrap_or_else(|| Err(format!("still running: {running:?}")))?;
        self.say(&format!("nothing runs any more, after {}", seconds(start)));
        Ok(())
    }
}

fn joined(rest: Rest) -> Result<Reader, String> {
    rest.join()
        .map_err(|_| "the client panicked".to_owned())
        .flatten()
}

fn after(reader: &Reader, killed: Instant) -> String {
    let passed = reader.heard.saturating_duration_since(killed);
    format!("{:.1} s", passed.as_secs_f64())
}

fn is_right(reader: &Reader, expected: &Value) -> Result<(), String> {
    let mut rows = reader.rows.clone();
    rows.sort_by_key(|row| row.first().and_then(Value::as_i64));
    if reader.error.is_none() && json!(rows) == *expected {
        return Ok(());
    }
    let (count, first) = (rows.len(), rows.first());
    let (error, message) = (reader.error_name(), reader.error_message());
    Err(format!(
        "{count} rows, the first {first:?}, error {error}: {message}"
    ))
}
