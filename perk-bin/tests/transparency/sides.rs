//! A server, and the Perk in front of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Failed;

use crate::seen::{Seen, differences};
use crate::support::corpus::Case;
use crate::support::known::Known;
use crate::support::{LatePerk, Perk, Server};

/// How many characters of a statement are shown.
const SHOWN: usize = 1000;

pub(crate) struct Sides {
    server: Server,
    known: Known,
    perk: LatePerk,
    /// Held by the case that runs: others would show in what it is told of tables and schemas.
    turn: Mutex<()>,
    told: Mutex<Told>,
}

/// What came of the statements so far.
#[derive(Default)]
struct Told {
    same: usize,
    /// Differences between two answers of the server's own.
    directly: Vec<String>,
    known: BTreeMap<String, usize>,
    unexplained: Vec<String>,
}

impl Sides {
    pub(crate) fn new(server: Server, known: Known) -> Self {
        Self {
            perk: LatePerk::over(&server),
            server,
            known,
            turn: Mutex::default(),
            told: Mutex::default(),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn perk(&self) -> Result<&Perk, String> {
        self.perk.get()
    }

    /// Runs a case's statements twice on the server itself and once through Perk. An error says what is different.
    pub(crate) fn compare(&self, case: &Case) -> Result<(), Failed> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let first = self.run(&self.server.url, case)?;
        let second = self.run(&self.server.url, case)?;
        let through = self.run(self.perk()?.url(), case)?;
        let mut problems = Vec::new();
        let sides = first.iter().zip(&second).zip(&through);
        for (sql, ((first, second), through)) in case.statements.iter().zip(sides) {
            let compared = |other| differences(first, other, case, sql);
            let (directly, different) = (compared(second), compared(through));
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let sql: String = sql.chars().take(SHOWN).collect();
            let name = format!("{}: {sql}", case.key());
            if !directly.is_empty() {
                problems.push(format!("{sql}\nnot the same twice, directly: {directly}"));
                told.directly.push(name);
            } else if different.is_empty() {
                told.same += 1;
            } else if let Some(reason) = self.known.reason(&case.key()) {
                *told.known.entry(reason.to_owned()).or_default() += 1;
            } else {
                problems.push(format!("{sql}\n{different}"));
                told.unexplained.push(name);
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(problems.join("\n").into())
    }

    fn run(&self, url: &str, case: &Case) -> Result<Vec<Seen>, String> {
        let mut session = case.session.clone();
        let mut run = |sql: &String| {
            let seen = Seen::of(url, self.server.prefix, &session, sql);
            let seen = seen.map_err(|problem| format!("{sql}\n{problem}"))?;
            session.heed(&seen.told);
            Ok(seen)
        };
        case.statements.iter().map(&mut run).collect()
    }

    /// What came of the statements that were run.
    pub(crate) fn report(&self) -> String {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let known: usize = told.known.values().sum();
        let all = told.same + known + told.directly.len() + told.unexplained.len();
        let mut report = format!(
            "{}: {all} statements, through Perk {} the same, {known} known differences, {} unexplained; directly and \
             directly {} differences",
            self.server.name,
            told.same,
            told.unexplained.len(),
            told.directly.len(),
        );
        for (reason, count) in &told.known {
            let _ = write!(report, "\nknown: {count} × {reason}");
        }
        for name in &told.unexplained {
            let _ = write!(report, "\nunexplained: {name}");
        }
        report
    }

    pub(crate) fn stop(&self) -> Result<(), String> {
        self.perk.stop()
    }
}
