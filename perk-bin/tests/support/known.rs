//! The list of known differences: lines `file::purpose | reason`. Empty lines, and those that begin with `#`, say nothing.

use std::collections::{HashMap, HashSet};
use std::fs;

use super::corpus::Case;

/// The reasons by the statements' keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(HashMap<String, String>);

impl Known {
    /// Reads the list. Every line must name one of the statements, and a reason; no statement is named twice.
    pub(crate) fn read(path: &str, cases: &[Case]) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let keys: HashSet<_> = cases.iter().map(Case::key).collect();
        let mut known = Self::default();
        for (line, number) in text.lines().zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |problem: &str| Err(format!("{path}:{number}: {problem}: {line}"));
            let Some((key, reason)) = line.split_once(" | ") else {
                return wrong("not `file::purpose | reason`");
            };
            if reason.trim().is_empty() {
                return wrong("a reason is missing");
            }
            if !keys.contains(key) {
                return wrong("there is no such statement");
            }
            if known.0.insert(key.to_owned(), reason.to_owned()).is_some() {
                return wrong("it is listed already");
            }
        }
        Ok(known)
    }

    /// Why a statement may differ, if it is listed.
    pub(crate) fn reason(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}
