//! A server and the Perk that is compared with it, and what came of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Failed;

use crate::compare::difference;
use crate::support::corpus::Case;
use crate::support::known::Known;
use crate::support::{LatePerk, Server, run_in};

pub(crate) struct Pair {
    reference: Server,
    known: Known,
    perk: LatePerk,
    outcomes: Mutex<BTreeMap<String, Outcome>>,
}

/// What came of one statement.
enum Outcome {
    Same,
    /// It differs, for this reason.
    Known(String),
    /// It differs and is not listed, or it is listed and does not differ.
    Unexplained(String),
}

impl Pair {
    pub(crate) fn new(reference: Server, known: Known, perk: LatePerk) -> Self {
        Self {
            reference,
            known,
            perk,
            outcomes: Mutex::default(),
        }
    }

    /// Runs a statement on both. An error says what is different, unless that is known.
    pub(crate) fn compare(&self, case: &Case) -> Result<(), Failed> {
        let (key, sql) = (case.key(), case.statements.join("\n"));
        let outcome = match (self.differs(case), self.known.reason(&key)) {
            // A protocol that is broken is no difference that could be known.
            (Err(problem), _) => Outcome::Unexplained(problem),
            (Ok(None), None) => Outcome::Same,
            (Ok(Some(_)), Some(reason)) => Outcome::Known(reason.to_owned()),
            (Ok(Some(difference)), None) => Outcome::Unexplained(difference),
            (Ok(None), Some(_)) => {
                Outcome::Unexplained("listed as a known difference, and the same".to_owned())
            }
        };
        let failed = match &outcome {
            Outcome::Unexplained(problem) => Err(format!("{sql}\n{problem}").into()),
            Outcome::Same | Outcome::Known(_) => Ok(()),
        };
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.insert(key, outcome);
        failed
    }

    fn differs(&self, case: &Case) -> Result<Option<String>, String> {
        let [sql] = case.statements.as_slice() else {
            return Err("only single statements are compared here".to_owned());
        };
        let expected = self.reference.run_in(&case.session, sql)?;
        let perk = self.perk.get()?;
        let found = run_in(perk.url(), self.reference.prefix, &case.session, sql);
        let found = found.map_err(|problem| format!("{problem}\n{}", perk.last_lines()))?;
        Ok(difference(&expected, &found, case.is_ordered(sql)))
    }

    /// Prints what came of the statements that were run.
    pub(crate) fn report(&self) {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut same, mut known, mut unexplained) = (0, BTreeMap::new(), Vec::new());
        for (key, outcome) in &*outcomes {
            match outcome {
                Outcome::Same => same += 1,
                Outcome::Known(reason) => known.entry(reason).or_insert_with(Vec::new).push(key),
                Outcome::Unexplained(problem) => unexplained.push((key, problem)),
            }
        }
        let listed: usize = known.values().map(Vec::len).sum();
        println!(
            "{} statements compared with {}: {same} same, {listed} known differences, {} unexplained",
            outcomes.len(),
            self.reference.name,
            unexplained.len()
        );
        for (reason, keys) in known {
            println!("known: {reason}");
            for key in keys {
                println!("  {key}");
            }
        }
        for (key, problem) in unexplained {
            println!(
                "unexplained: {key}: {}",
                problem.lines().next().unwrap_or_default()
            );
        }
    }

    pub(crate) fn stop(&self) -> Result<(), String> {
        self.perk.stop()
    }
}
