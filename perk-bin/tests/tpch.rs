//! The 22 TPC-H queries, each run on a real server directly and through Perk over it: the rows must be the same,
//! and the columns' names and types. Between Presto and Trino the rows must be the same too, and what the engine inside of
//! Perk gives must be what Presto gives.
//!
//! Servers are found as `support` says; what is missing is shown as ignored.

mod support;

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use support::{Answer, LatePerk, Server, run};

/// Name and text. The same text runs on both engines, and `ORDER BY` at the start of a line is the top level's,
/// followed by names of output columns only.
const QUERIES: [(&str, &str); 22] = [
    ("q01", include_str!("tpch/q01.sql")),
    ("q02", include_str!("tpch/q02.sql")),
    ("q03", include_str!("tpch/q03.sql")),
    ("q04", include_str!("tpch/q04.sql")),
    ("q05", include_str!("tpch/q05.sql")),
    ("q06", include_str!("tpch/q06.sql")),
    ("q07", include_str!("tpch/q07.sql")),
    ("q08", include_str!("tpch/q08.sql")),
    ("q09", include_str!("tpch/q09.sql")),
    ("q10", include_str!("tpch/q10.sql")),
    ("q11", include_str!("tpch/q11.sql")),
    ("q12", include_str!("tpch/q12.sql")),
    ("q13", include_str!("tpch/q13.sql")),
    ("q14", include_str!("tpch/q14.sql")),
    ("q15", include_str!("tpch/q15.sql")),
    ("q16", include_str!("tpch/q16.sql")),
    ("q17", include_str!("tpch/q17.sql")),
    ("q18", include_str!("tpch/q18.sql")),
    ("q19", include_str!("tpch/q19.sql")),
    ("q20", include_str!("tpch/q20.sql")),
    ("q21", include_str!("tpch/q21.sql")),
    ("q22", include_str!("tpch/q22.sql")),
];

const CATALOG: &str = "tpch";
const SCHEMA: &str = "tiny";

/// How far apart two doubles may be, in proportion: sums of doubles depend on the order of the addends.
const TOLERANCE: f64 = 1e-9;

/// The tables, and how many rows they have in the schemas `tiny` and `sf1`, as the benchmark's definition and Presto say.
const TABLES: [(&str, u64, u64); 8] = [
    ("customer", 1_500, 150_000),
    ("lineitem", 60_175, 6_001_215),
    ("nation", 25, 25),
    ("orders", 15_000, 1_500_000),
    ("part", 2_000, 200_000),
    ("partsupp", 8_000, 800_000),
    ("region", 5, 5),
    ("supplier", 100, 10_000),
];

/// One server, Perk over it, and what the server itself has answered; all made when first asked for, so that
/// `--list` or a filter starts nothing in vain.
struct Engine {
    server: Server,
    perk: LatePerk,
    direct: [OnceLock<Result<Answer, String>>; QUERIES.len()],
}

impl Engine {
    fn new(server: Server) -> Arc<Self> {
        Arc::new(Self {
            perk: LatePerk::over(&server),
            server,
            direct: [const { OnceLock::new() }; QUERIES.len()],
        })
    }

    /// The server's own answer, which must be one: rows, and no error.
    fn direct(&self, query: usize) -> Result<&Answer, &String> {
        let ask = || {
            let (name, sql) = QUERIES[query];
            let answer = self.server.run(CATALOG, SCHEMA, sql)?;
            let said = format!("{name} {} direct {}", self.server.name, summary(&answer));
            println!("{said}");
            if answer.error.is_some() || answer.rows.is_empty() {
                return Err(said);
            }
            Ok(answer)
        };
        self.direct[query].get_or_init(ask).as_ref()
    }

    /// Runs a query through Perk and compares it with the server's own answer.
    fn through_perk(&self, query: usize) -> Result<(), Failed> {
        let (name, sql) = QUERIES[query];
        let direct = self.direct(query)?;
        let perk = self.perk.get()?;
        let told = |problem: String| format!("{problem}\n{}", perk.last_lines());
        let answer = run(perk.url(), self.server.prefix, CATALOG, SCHEMA, sql).map_err(told)?;
        let compared = same_columns(direct, &answer)
            .and_then(|()| same_rows(direct, &answer, &sort_keys(sql)));
        let (server, summary) = (self.server.name, summary(&answer));
        println!(
            "{name} {server} through perk {summary} {}",
            verdict(&compared)
        );
        Ok(compared.map_err(told)?)
    }
}

/// Perk over the engine inside it.
struct Embedded {
    perk: LatePerk,
}

impl Embedded {
    /// Runs a query and compares it with what Presto answers.
    fn compare(&self, presto: &Engine, query: usize) -> Result<(), Failed> {
        let (name, sql) = QUERIES[query];
        let direct = presto.direct(query)?;
        let perk = self.perk.get()?;
        let told = |problem: String| format!("{problem}\n{}", perk.last_lines());
        let answer = run(perk.url(), presto.server.prefix, CATALOG, SCHEMA, sql).map_err(told)?;
        let compared = same_columns(direct, &answer)
            .and_then(|()| same_rows(direct, &answer, &sort_keys(sql)));
        println!(
            "{name} embedded {} {}",
            summary(&answer),
            verdict(&compared)
        );
        Ok(compared.map_err(told)?)
    }

    /// Counts the rows of all tables.
    fn count(&self, schema: &str, expected: impl Fn(usize) -> u64) -> Result<(), Failed> {
        let counts = TABLES.map(|(table, ..)| format!("(SELECT count(*) FROM {table})"));
        let sql = format!("SELECT {}", counts.join(", "));
        let answer = run(self.perk.get()?.url(), "X-Presto-", CATALOG, schema, &sql)?;
        println!("{schema} embedded {}", summary(&answer));
        let expected: Vec<Value> = (0..TABLES.len())
            .map(|table| expected(table).into())
            .collect();
        if answer.rows != [expected.clone()] {
            return Err(format!("{:?} instead of {expected:?}", answer.rows).into());
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("comparison", comparison)];
    let servers = support::servers(&mut trials).into_iter();
    let engines: Vec<_> = servers.map(Engine::new).collect();
    let embedded = Arc::new(Embedded {
        perk: LatePerk::embedded(),
    });
    for (schema, scale) in [("tiny", 0), ("sf1", 1)] {
        let embedded = embedded.clone();
        let expected = move |table: usize| [TABLES[table].1, TABLES[table].2][scale];
        let title = format!("rows::{schema}::embedded");
        trials.push(Trial::test(title, move || embedded.count(schema, expected)));
    }
    for (query, (name, _)) in QUERIES.into_iter().enumerate() {
        if let Some(presto) = engines.iter().find(|engine| engine.server.name == "presto") {
            let (embedded, presto) = (embedded.clone(), presto.clone());
            let title = format!("{name}::embedded");
            trials.push(Trial::test(title, move || embedded.compare(&presto, query)));
        }
        for engine in &engines {
            let engine = Arc::clone(engine);
            let title = format!("{name}::{}", engine.server.name);
            trials.push(Trial::test(title, move || engine.through_perk(query)));
        }
        // Without both engines there is nothing to compare; the missing one is shown already.
        if let [presto, trino] = engines.as_slice() {
            let (presto, trino) = (Arc::clone(presto), Arc::clone(trino));
            let across = move || across_engines(&presto, &trino, query);
            trials.push(Trial::test(format!("{name}::across_engines"), across));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let mut code = conclusion.exit_code();
    let perks = engines
        .iter()
        .map(|engine| (engine.server.name, &engine.perk));
    for (name, perk) in perks.chain([("embedded", &embedded.perk)]) {
        if let Err(problem) = perk.stop() {
            eprintln!("{name}: {problem}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn across_engines(presto: &Engine, trino: &Engine, query: usize) -> Result<(), Failed> {
    let (name, sql) = QUERIES[query];
    let (presto, trino) = (presto.direct(query)?, trino.direct(query)?);
    let compared = same_rows(presto, trino, &sort_keys(sql));
    let rows = presto.rows.len();
    println!("{name} presto and trino {rows} rows {}", verdict(&compared));
    Ok(compared?)
}

fn summary(answer: &Answer) -> String {
    let (rows, millis) = (answer.rows.len(), answer.elapsed.as_millis());
    match &answer.error {
        Some(error) => format!(
            "failed after {rows} rows, {millis} ms: {}",
            error["message"]
        ),
        None => format!("{rows} rows {millis} ms"),
    }
}

fn verdict(compared: &Result<(), String>) -> &'static str {
    if compared.is_ok() {
        "same"
    } else {
        "DIFFERENT"
    }
}

/// The output columns a query orders its result by; none if it does not.
fn sort_keys(sql: &str) -> Vec<&str> {
    let clause = sql.lines().find_map(|line| line.strip_prefix("ORDER BY "));
    let keys = clause.into_iter().flat_map(|clause| clause.split(','));
    keys.map(|key| key.trim().trim_end_matches(" DESC"))
        .collect()
}

fn same_columns(expected: &Answer, found: &Answer) -> Result<(), String> {
    if let Some(error) = &found.error {
        return Err(format!("failed: {error}"));
    }
    if expected.columns != found.columns {
        return Err(format!(
            "columns {:?} instead of {:?}",
            found.columns, expected.columns
        ));
    }
    Ok(())
}

/// Compares the rows as multisets, and the sort keys in order: rows whose keys are equal may come in any order.
fn same_rows(expected: &Answer, found: &Answer, keys: &[&str]) -> Result<(), String> {
    if expected.rows.len() != found.rows.len() {
        let (found, expected) = (found.rows.len(), expected.rows.len());
        return Err(format!("{found} rows instead of {expected}"));
    }
    // Only rows whose other cells are equal can be the same within the doubles' tolerance.
    let mut left: HashMap<String, Vec<&Vec<Value>>> = HashMap::new();
    for row in &expected.rows {
        left.entry(without_doubles(row)).or_default().push(row);
    }
    for row in &found.rows {
        let candidates = left.entry(without_doubles(row)).or_default();
        let Some(at) = candidates.iter().position(|other| same_cells(row, other)) else {
            return Err(format!(
                "a row that should not be there: {row:?}; nearest: {candidates:?}"
            ));
        };
        candidates.swap_remove(at);
    }
    for key in keys {
        let named = |(name, _): &(String, String)| name == key;
        let column = expected.columns.iter().position(named);
        let column = column.ok_or_else(|| format!("sort key {key} is not an output column"))?;
        for (at, (expected, found)) in expected.rows.iter().zip(&found.rows).enumerate() {
            let (expected, found) = (&expected[column], &found[column]);
            if !same_cell(expected, found) {
                return Err(format!(
                    "out of order: {key} in row {at} is {found}, not {expected}"
                ));
            }
        }
    }
    Ok(())
}

fn without_doubles(row: &[Value]) -> String {
    let cells: Vec<_> = row.iter().filter(|cell| !cell.is_f64()).collect();
    format!("{cells:?}")
}

fn same_cells(row: &[Value], other: &[Value]) -> bool {
    row.len() == other.len() && row.iter().zip(other).all(|(a, b)| same_cell(a, b))
}

fn same_cell(cell: &Value, other: &Value) -> bool {
    match (cell.as_f64(), other.as_f64()) {
        (Some(a), Some(b)) if cell.is_f64() && other.is_f64() => {
            (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
        }
        _ => cell == other,
    }
}

/// The comparison itself must see what is different, or all else here says nothing.
fn comparison() -> Result<(), Failed> {
    let answer = |rows: Value| Answer {
        columns: vec![
            ("k".to_owned(), "bigint".to_owned()),
            ("v".to_owned(), "double".to_owned()),
        ],
        rows: serde_json::from_value(rows).expect("rows are arrays"),
        ..Answer::default()
    };
    let expected = answer(json!([[1, 0.5], [2, 10.0], [2, 20.0]]));
    let same = |rows: Value, keys: &[&str]| same_rows(&expected, &answer(rows), keys).is_ok();
    let keys =
        sort_keys("SELECT 1\nFROM (\n  SELECT 1\n  ORDER BY x\n)\nORDER BY k DESC, v\nLIMIT 1");
    for (right, what) in [
        (keys == ["k", "v"], "sort keys"),
        (
            same(json!([[1, 0.5], [2, 20.0], [2, 10.000_000_001]]), &["k"]),
            "a tie",
        ),
        (
            !same(json!([[1, 0.5], [2, 20.0], [2, 10.0]]), &["k", "v"]),
            "no tie",
        ),
        (
            same(json!([[2, 10.0], [2, 20.0], [1, 0.5]]), &[]),
            "no order",
        ),
        (
            !same(json!([[2, 10.0], [2, 20.0], [1, 0.5]]), &["k"]),
            "wrong order",
        ),
        (
            !same(json!([[1, 0.5], [2, 10.0], [2, 20.001]]), &[]),
            "another double",
        ),
        (
            !same(json!([[1, 0.5], [3, 10.0], [2, 20.0]]), &[]),
            "another number",
        ),
        (
            !same(json!([[1, 0.5], [2, 10.0], [2, 10.0]]), &[]),
            "a row twice",
        ),
        (
            !same(json!([[1, 0.5], [2, 10.0], [2, null]]), &[]),
            "a null",
        ),
        (!same(json!([[1, 0.5], [2, 10.0]]), &[]), "a row lost"),
        (
            !same(json!([[1, 0.5], [2, 10.0], [2, 20]]), &[]),
            "a double as an integer",
        ),
    ] {
        if !right {
            return Err(format!("the comparison is wrong about {what}").into());
        }
    }
    Ok(())
}
