//! A line that says how far a query is, on a terminal.

use std::io::Write;
use std::time::Instant;

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Stats {
    state: String,
    progress_percentage: Option<f64>,
    completed_splits: u64,
    total_splits: u64,
    processed_rows: u64,
}

/// Shows the latest stats in place; nothing where standard error is no terminal.
pub(super) struct Progress {
    terminal: bool,
    since: Instant,
    shown: bool,
}

impl Progress {
    pub(super) fn new(terminal: bool) -> Self {
        Self {
            terminal,
            since: Instant::now(),
            shown: false,
        }
    }

    pub(super) fn show(&mut self, stats: Option<&[u8]>) {
        let Some(stats) = stats.filter(|_| self.terminal) else {
            return;
        };
        let stats: Stats = serde_json::from_slice(stats).unwrap_or_default();
        let percent = stats
            .progress_percentage
            .map(|p| format!(" {p:.0}%"))
            .unwrap_or_default();
        let (rows, splits, all) = (
            stats.processed_rows,
            stats.completed_splits,
            stats.total_splits,
        );
        let line = format!(
            "{}{percent}, {rows} rows read, {splits} of {all} splits",
            stats.state
        );
        eprint!(
            "\r\x1b[K{line}, {:.0} s",
            self.since.elapsed().as_secs_f64()
        );
        let _ = std::io::stderr().flush();
        self.shown = true;
    }

    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            eprint!("\r\x1b[K");
            let _ = std::io::stderr().flush();
        }
    }
}
