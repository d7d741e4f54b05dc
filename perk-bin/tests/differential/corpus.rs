//! The statements: a file for each theme, in it for each statement a comment that says what it is for, and the statement
//! on a line of its own. Between them may be lines that say what the client's session has, or has not:
//!
//! ```sql
//! -- execute with a parameter
//! --! zone Asia/Tokyo
//! --! catalog none
//! --! prepared by_key: SELECT name FROM nation WHERE nationkey = ?
//! EXECUTE by_key USING 3
//! ```
//!
//! An empty line follows. What a statement is for is its name, and no other's. Each gives the same answer every time:
//! with an order that decides about every row, or in no order at all.

use std::collections::HashSet;
use std::fs;

use crate::support::Session;

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The file's name without its ending.
    file: String,
    purpose: String,
    pub(crate) session: Session,
    pub(crate) sql: String,
}

impl Case {
    /// Its name, `file::purpose`.
    pub(crate) fn key(&self) -> String {
        format!("{}::{}", self.file, self.purpose)
    }

    /// Whether its rows come in an order: it says so itself, or the server defines one.
    pub(crate) fn is_ordered(&self) -> bool {
        let words = top_level_words(&self.sql);
        match words.first().map(String::as_str) {
            Some("show" | "desc" | "describe") => true,
            Some("execute") => {
                let prepared = self.session.prepared.iter();
                prepared.map(|(_, sql)| sql).any(|sql| has_order_by(sql))
            }
            _ => has_order_by(&self.sql),
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
            ("", Some(_)) => return wrong("a statement is missing"),
            (line, None) => match line.strip_prefix("-- ") {
                Some(purpose) => {
                    open = Some(Case {
                        file: file.to_owned(),
                        purpose: purpose.to_owned(),
                        session: Session {
                            zone: Some("UTC".to_owned()),
                            ..Session::of("tpch", "tiny")
                        },
                        sql: String::new(),
                    });
                }
                None => return wrong("what the statement is for is missing"),
            },
            (line, Some(case)) => match line.strip_prefix("--! ") {
                Some(setting) => {
                    let set = set(&mut case.session, setting);
                    set.ok_or_else(|| (number, format!("unknown: {setting}")))?;
                }
                None if line.starts_with("--") => return wrong("a statement is missing"),
                None => {
                    line.clone_into(&mut case.sql);
                    cases.extend(open.take());
                }
            },
        }
    }
    match open {
        Some(_) => Err((text.lines().count(), "a statement is missing".to_owned())),
        None => Ok(cases),
    }
}

/// Takes in one line that says what the session has.
fn set(session: &mut Session, setting: &str) -> Option<()> {
    let (name, value) = setting.split_once(' ')?;
    let given = (value != "none").then(|| value.to_owned());
    match name {
        "catalog" => session.catalog = given,
        "schema" => session.schema = given,
        "zone" => session.zone = given,
        "prepared" => {
            let (name, sql) = value.split_once(": ")?;
            session.prepared.push((name.to_owned(), sql.to_owned()));
        }
        _ => return None,
    }
    Some(())
}

/// Parsing and the guess about order must be right, or statements are compared in the wrong way.
pub(crate) fn self_test() -> Result<(), String> {
    let one = |text: &str| parse("f", text).ok().and_then(|mut cases| cases.pop());
    let ordered = |sql: &str| one(&format!("-- p\n{sql}")).is_some_and(|case| case.is_ordered());
    let text = "-- p\n--! zone none\n--! catalog c\n--! prepared q: SELECT 1 ORDER BY 1\nEXECUTE q\n\n-- r\nSELECT 2\n";
    let cases = parse("f", text).map_err(|(line, problem)| format!("{line}: {problem}"))?;
    let session = &cases[0].session;
    for (right, what) in [
        (cases.len() == 2, "how many there are"),
        (cases[0].key() == "f::p", "its name"),
        (cases[1].sql == "SELECT 2", "its text"),
        (session.zone.is_none(), "what is unset"),
        (session.catalog.as_deref() == Some("c"), "what is set"),
        (session.prepared[0].0 == "q", "prepared statements"),
        (cases[0].is_ordered(), "a prepared statement's order"),
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
