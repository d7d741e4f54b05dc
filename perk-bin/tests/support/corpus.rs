//! The statements of the comparing tests: a file for each theme, in it for each case a comment that says what it is for,
//! and its statements, each on a line of its own. Between them may be lines that say what the client's session has, or has
//! not, and of which servers the case is:
//!
//! ```sql
//! -- execute with a parameter
//! --! zone Asia/Tokyo
//! --! catalog none
//! --! prepared by_key: SELECT name FROM nation WHERE nationkey = ?
//! --! header Client-Tags: a,b
//! --! only trino
//! EXECUTE by_key USING 3
//! ```
//!
//! An empty line follows. What a case is for is its name, and no other's. Each statement gives the same answer every time:
//! with an order that decides about every row, or in no order at all; or the case says why not: `--! varies REASON` of its
//! rows, `--! races REASON` of the state that it ends in.

use std::collections::HashSet;
use std::fs;

use super::Session;

/// One statement, or several of one session.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The file's name without its ending.
    file: String,
    purpose: String,
    /// The session that it begins in.
    pub(crate) session: Session,
    /// The only server that it is for.
    pub(crate) only: Option<String>,
    /// Whether its rows are others every time.
    pub(crate) varies: bool,
    /// Whether the state that it ends in is another from time to time.
    pub(crate) races: bool,
    pub(crate) statements: Vec<String>,
}

impl Case {
    /// One that no file has.
    pub(crate) fn of(purpose: &str, session: Session, statements: Vec<String>) -> Self {
        Self {
            file: "large".to_owned(),
            purpose: purpose.to_owned(),
            session,
            only: None,
            varies: false,
            races: false,
            statements,
        }
    }

    /// Its name, `file::purpose`.
    pub(crate) fn key(&self) -> String {
        format!("{}::{}", self.file, self.purpose)
    }

    /// Whether a statement's rows come in an order: it says so itself, or the server defines one.
    pub(crate) fn is_ordered(&self, sql: &str) -> bool {
        let words = top_level_words(sql);
        match words.first().map(String::as_str) {
            Some("show" | "desc" | "describe") => true,
            Some("execute") => {
                let prepared = self.session.prepared.iter();
                prepared.map(|(_, sql)| sql).any(|sql| has_order_by(sql))
            }
            _ => has_order_by(sql),
        }
    }
}

fn has_order_by(sql: &str) -> bool {
    let words = top_level_words(sql);
    words.windows(2).any(|pair| pair == ["order", "by"])
}

/// The words outside of parentheses, brackets and quotes, in lower case.
fn top_level_words(sql: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut quote) = (0, None);
    for c in sql.chars() {
        match (c, quote) {
            (c, Some(end)) => quote = (c != end).then_some(end),
            ('\'' | '"', None) => quote = Some(c),
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) => depth -= 1,
            (c, None) if depth == 0 && (c.is_alphanumeric() || c == '_') => {
                let word = words.last_mut().expect("there is a first one");
                word.extend(c.to_lowercase());
                continue;
            }
            _ => {}
        }
        if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words
}

/// All statements of a folder's `*.sql` files, by the files' names and in their order.
pub(crate) fn read(folder: &str) -> Result<Vec<Case>, String> {
    let told = |error| format!("{folder}: {error}");
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(told)?
        .collect::<Result<_, _>>()
        .map_err(told)?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some(theme) = name.strip_suffix(".sql") else {
            continue;
        };
        let text = fs::read_to_string(file.path()).map_err(|error| format!("{name}: {error}"))?;
        let parsed = parse(theme, &text);
        cases.extend(parsed.map_err(|(line, problem)| format!("{name}:{line}: {problem}"))?);
    }
    let mut purposes = HashSet::new();
    match cases.iter().find(|case| !purposes.insert(&case.purpose)) {
        Some(case) => Err(format!("{}: there is another of this name", case.key())),
        None => Ok(cases),
    }
}

/// The statements of one file, or the line number of what is wrong and what that is.
fn parse(file: &str, text: &str) -> Result<Vec<Case>, (usize, String)> {
    let mut cases = Vec::new();
    let mut open: Option<Case> = None;
    for (line, number) in text.lines().zip(1..) {
        let wrong = |problem: &str| Err((number, problem.to_owned()));
        match (line, &mut open) {
            ("", None) => {}
            ("", Some(case)) if case.statements.is_empty() => {
                return wrong("a statement is missing");
            }
            ("", Some(_)) => cases.extend(open.take()),
            (line, None) => match line.strip_prefix("-- ") {
                Some(purpose) => {
                    open = Some(Case {
                        file: file.to_owned(),
                        purpose: purpose.to_owned(),
                        session: Session {
                            zone: Some("UTC".to_owned()),
                            ..Session::of("tpch", "tiny")
                        },
                        only: None,
                        varies: false,
                        races: false,
                        statements: Vec::new(),
                    });
                }
                None => return wrong("what the statement is for is missing"),
            },
            (line, Some(case)) => match line.strip_prefix("--! ") {
                Some(setting) => {
                    let set = set(case, setting);
                    set.ok_or_else(|| (number, format!("unknown: {setting}")))?;
                }
                None if line.starts_with("-- ") => return wrong("an empty line is missing"),
                None => case.statements.push(line.to_owned()),
            },
        }
    }
    match open {
        Some(case) if case.statements.is_empty() => {
            Err((text.lines().count(), "a statement is missing".to_owned()))
        }
        last => {
            cases.extend(last);
            Ok(cases)
        }
    }
}

/// A case of one statement that is in no file.
pub(crate) fn one(sql: &str) -> Result<Case, String> {
    let parsed = parse("test", &format!("-- test\n{sql}"));
    let parsed = parsed.map_err(|(_, problem)| problem)?.pop();
    parsed.ok_or_else(|| "no statement".to_owned())
}

/// Takes in one line that says something of the case.
fn set(case: &mut Case, setting: &str) -> Option<()> {
    let (name, value) = setting.split_once(' ')?;
    let given = (value != "none").then(|| value.to_owned());
    let pair = || {
        let (name, value) = value.split_once(": ")?;
        Some((name.to_owned(), value.to_owned()))
    };
    let session = &mut case.session;
    match name {
        "catalog" => session.catalog = given,
        "schema" => session.schema = given,
        "zone" => session.zone = given,
        "transaction" => session.transaction = given,
        "prepared" => session.prepared.push(pair()?),
        "header" => session.more.push(pair()?),
        "only" => case.only = given,
        "varies" => case.varies = true,
        "races" => case.races = true,
        _ => return None,
    }
    Some(())
}

/// Parsing and the guess about order must be right, or statements are compared in the wrong way.
pub(crate) fn self_test() -> Result<(), String> {
    let one = |text: &str| parse("f", text).ok().and_then(|mut cases| cases.pop());
    let ordered = |sql: &str| one(&format!("-- p\n{sql}")).is_some_and(|case| case.is_ordered(sql));
    let text = "-- p\n--! zone none\n--! catalog c\n--! prepared q: SELECT 1 ORDER BY 1\nEXECUTE q\n\n-- r\n--! only trino\nSELECT 2\nSELECT 3\n";
    let cases = parse("f", text).map_err(|(line, problem)| format!("{line}: {problem}"))?;
    let session = &cases[0].session;
    for (right, what) in [
        (cases.len() == 2, "how many there are"),
        (cases[0].key() == "f::p", "its name"),
        (
            cases[1].statements == ["SELECT 2", "SELECT 3"],
            "its statements",
        ),
        (cases[1].only.as_deref() == Some("trino"), "its server"),
        (session.zone.is_none(), "what is unset"),
        (session.catalog.as_deref() == Some("c"), "what is set"),
        (session.prepared[0].0 == "q", "prepared statements"),
        (
            cases[0].is_ordered("EXECUTE q"),
            "a prepared statement's order",
        ),
        (ordered("SELECT 1 order  by 1"), "order"),
        (ordered("SHOW TABLES"), "order that the server defines"),
        (
            !ordered("SELECT 1 FROM (SELECT 2 ORDER BY 1)"),
            "an order inside",
        ),
        (!ordered("SELECT ' ORDER BY 1'"), "an order in quotes"),
        (one("SELECT 1").is_none(), "a statement without a purpose"),
        (
            one("-- p\n\nSELECT 1").is_none(),
            "a purpose without a statement",
        ),
        (
            one("-- p\n--! nosuch x\nSELECT 1").is_none(),
            "an unknown setting",
        ),
    ] {
        if !right {
            return Err(format!("the corpus is read wrongly: {what}"));
        }
    }
    Ok(())
}
