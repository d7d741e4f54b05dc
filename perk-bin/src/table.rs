//! Aligned tables.

use std::io::{self, Write};
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

/// Rows that wait to be aligned with each other and printed.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    header_printed: bool,
}

impl Table {
    pub(crate) fn new(columns: Vec<String>) -> Self {
        Self {
            columns,
            ..Self::default()
        }
    }

    /// With these columns.
    pub(crate) fn of<const N: usize>(columns: [&str; N]) -> Self {
        Self::new(columns.map(str::to_owned).to_vec())
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// How many rows wait.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.len()
    }

    /// The whole table.
    pub(crate) fn text(mut self) -> String {
        let mut text = Vec::new();
        // Memory takes everything.
        let _ = self.print(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Prints the rows that wait, after the header where these are the first.
    pub(crate) fn print(&mut self, to: &mut impl Write) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let width = |cell: &String| cell.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let mut widths: Vec<usize> = self.columns.iter().map(width).collect();
        for row in &rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        if !std::mem::replace(&mut self.header_printed, true) {
            let line = |(name, width): (&String, &usize)| pad(name, *width);
            let names: Vec<String> = self.columns.iter().zip(&widths).map(line).collect();
            writeln!(to, " {} ", names.join(" | "))?;
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
            writeln!(to, "{}", rules.join("+"))?;
        }
        for row in &rows {
            // A cell of several lines takes several lines of the table.
            let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.lines().collect()).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
            for line in 0..height {
                let part = |(cell, width): (&Vec<&str>, &usize)| {
                    pad(cell.get(line).unwrap_or(&""), *width)
                };
                let parts: Vec<String> = cells.iter().zip(&widths).map(part).collect();
                writeln!(to, " {}", parts.join(" | ").trim_end())?;
            }
        }
        Ok(())
    }
}

/// A time for people: its two largest units.
pub(crate) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..60 => format!("{seconds}.{} s", age.subsec_millis() / 100),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        for (millis, expected) in [
            (0, "0.0 s"),
            (1_990, "1.9 s"),
            (60_000, "1 min 0 s"),
            (3_599_999, "59 min 59 s"),
            (90_061_000, "25 h 1 min"),
        ] {
            assert_eq!(age(Duration::from_millis(millis)), expected);
        }
    }
}
