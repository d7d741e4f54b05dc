//! The table in `docs/clients.md`: which clients did what, over which engine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use crate::process::{CASES, CLIENTS};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/clients.md");
/// What surrounds the table there.
const BEGIN: &str = "<!-- written by perk-bin/tests/clients.rs -->\n";
const END: &str = "<!-- until here -->\n";

/// What came of the trials, by client, engine and case.
#[derive(Debug, Default)]
pub(crate) struct Table {
    outcomes: Mutex<BTreeMap<(&'static str, &'static str, &'static str), bool>>,
}

impl Table {
    pub(crate) fn note(
        &self,
        client: &'static str,
        engine: &'static str,
        case: &'static str,
        passed: bool,
    ) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.insert((client, engine, case), passed);
    }

    /// Compares the document with what was seen, if all was, or writes it if `PERK_TEST_WRITE` is set.
    pub(crate) fn settle(&self, engines: &[&'static str]) -> Result<(), String> {
        let Some(seen) = self.render(engines) else {
            return Ok(());
        };
        let text = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
        let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (table, after) = rest.split_once(END)?;
            Some((before, table, after))
        });
        let (before, table, after) = parts.ok_or(format!("{FILE}: {BEGIN}…{END} is missing"))?;
        if table == seen {
            return Ok(());
        }
        if env::var_os("PERK_TEST_WRITE").is_none() {
            return Err(format!(
                "docs/clients.md is not what was seen (PERK_TEST_WRITE=1 writes it):\n{seen}"
            ));
        }
        let text = format!("{before}{BEGIN}{seen}{END}{after}");
        fs::write(FILE, text).map_err(|error| format!("{FILE}: {error}"))
    }

    /// The table, if every case of every client has run over each of three engines.
    fn render(&self, engines: &[&'static str]) -> Option<String> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        if engines.len() < 3 {
            return None;
        }
        let mut text = String::from("| client |");
        for engine in engines {
            let _ = write!(text, " {engine} |");
        }
        text += " has no |\n|---|";
        text += &"---|".repeat(engines.len() + 1);
        for client in &CLIENTS {
            let _ = write!(text, "\n| `{}` |", client.name);
            let (own, not): (Vec<&str>, Vec<&str>) =
                CASES.iter().partition(|case| client.can(case));
            for engine in engines {
                let outcome = |case: &&str| outcomes.get(&(client.name, *engine, *case)).copied();
                let passed: Option<Vec<bool>> = own.iter().map(outcome).collect();
                let passed = passed?;
                let failed = own.iter().zip(&passed).filter(|(_, passed)| !**passed);
                let failed: Vec<&str> = failed.map(|(case, _)| *case).collect();
                if failed.is_empty() {
                    let _ = write!(text, " all {} |", own.len());
                } else {
                    let passed = own.len() - failed.len();
                    let failed = failed.join(", ");
                    let _ = write!(text, " {passed} of {}, not {failed} |", own.len());
                }
            }
            let _ = write!(text, " {} |", not.join(", "));
        }
        text.push('\n');
        Some(text)
    }
}
