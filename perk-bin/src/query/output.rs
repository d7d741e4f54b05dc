//! Rows as a table, as CSV or as JSON.

use std::io::Write;

use serde_json::value::RawValue;

use super::{Column, Output};
use crate::table::Table;

/// A table is aligned over this many rows at a time, so that large results stream.
const ALIGNED_ROWS: usize = 10_000;

type Row<'a> = Vec<&'a RawValue>;

/// Prints pages as they come.
pub(super) struct Printer<W: Write> {
    output: Output,
    to: W,
    columns: Vec<String>,
    table: Table,
    rows: u64,
    update: Option<String>,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(output: Output, to: W) -> Self {
        Self {
            output,
            to,
            columns: Vec::new(),
            table: Table::default(),
            rows: 0,
            update: None,
        }
    }

    /// The columns, which every page tells again.
    pub(super) fn columns(&mut self, columns: &[Column]) -> anyhow::Result<()> {
        if self.columns.is_empty() {
            self.columns = columns.iter().map(|column| column.name.clone()).collect();
            if self.output == Output::Csv {
                csv_line(&mut self.to, &self.columns)?;
            }
            self.table = Table::new(self.columns.clone());
        }
        Ok(())
    }

    /// What a statement did that is no query.
    pub(super) fn update(&mut self, kind: &[u8], count: Option<&[u8]>) {
        let kind: String = serde_json::from_slice(kind).unwrap_or_default();
        let count: Option<u64> = count.and_then(|count| serde_json::from_slice(count).ok());
        self.update = Some(match count {
            Some(1) => format!("{kind}: 1 row"),
            Some(count) => format!("{kind}: {count} rows"),
            None => kind,
        });
    }

    /// Rows as a JSON array of arrays.
    pub(super) fn rows(&mut self, json: &[u8]) -> anyhow::Result<()> {
        let rows: Vec<Row<'_>> = serde_json::from_slice(json)?;
        self.rows += rows.len() as u64;
        for row in rows {
            match self.output {
                Output::Table => {
                    self.table.push(
                        row.iter()
                            .map(|cell| text(cell).unwrap_or_else(|| "NULL".to_owned()))
                            .collect(),
                    );
                    if self.table.waiting() >= ALIGNED_ROWS {
                        self.table.print(&mut self.to)?;
                    }
                }
                Output::Csv => {
                    csv_line(
                        &mut self.to,
                        row.iter().map(|cell| text(cell).unwrap_or_default()),
                    )?;
                }
                Output::Json => self.object(&row)?,
            }
        }
        if self.output != Output::Table {
            self.to.flush()?;
        }
        Ok(())
    }

    /// What is still to print.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        if self.output == Output::Table && (!self.columns.is_empty() || self.update.is_some()) {
            if let Some(update) = &self.update {
                writeln!(self.to, "{update}")?;
            } else {
                self.table.print(&mut self.to)?;
                let s = if self.rows == 1 { "" } else { "s" };
                writeln!(self.to, "({} row{s})", self.rows)?;
            }
        }
        Ok(self.to.flush()?)
    }

    fn object(&mut self, row: &Row<'_>) -> anyhow::Result<()> {
        let mut opening = '{';
        for (name, cell) in self.columns.iter().zip(row) {
            write!(
                self.to,
                "{opening}{}:{}",
                serde_json::to_string(name)?,
                cell.get()
            )?;
            opening = ',';
        }
        Ok(writeln!(self.to, "}}")?)
    }
}

/// A cell as text: strings without their quotes, anything else as its JSON; `None` for null.
fn text(cell: &RawValue) -> Option<String> {
    match cell.get() {
        "null" => None,
        json if json.starts_with('"') => serde_json::from_str(json).ok(),
        json => Some(json.to_owned()),
    }
}

fn csv_line<S: AsRef<[u8]>>(
    to: &mut impl Write,
    cells: impl IntoIterator<Item = S>,
) -> anyhow::Result<()> {
    let mut line = csv::Writer::from_writer(Vec::new());
    line.write_record(cells)?;
    Ok(to.write_all(&line.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(output: Output, rows: &[u8]) -> String {
        let mut to = Vec::new();
        let mut printer = Printer::new(output, &mut to);
        printer
            .columns(&[
                Column { name: "k".into() },
                Column {
                    name: "näme".into(),
                },
            ])
            .unwrap();
        printer.rows(rows).unwrap();
        printer.finish().unwrap();
        drop(printer);
        String::from_utf8(to).unwrap()
    }

    const ROWS: &[u8] = r#"[[1,"a,\"b"],[20,null],[3,[1,"日本"]]]"#.as_bytes();

    #[test]
    fn a_table_is_aligned_by_width() {
        let expected = " k  | näme       \n----+------------\n 1  | a,\"b\n 20 | NULL\n 3  | [1,\"日本\"]\n(3 rows)\n";
        assert_eq!(printed(Output::Table, ROWS), expected);
        assert!(printed(Output::Table, br#"[[1,"a\nb"]]"#).contains(" 1 | a\n   | b\n"));
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(
            printed(Output::Csv, ROWS),
            "k,näme\n1,\"a,\"\"b\"\n20,\n3,\"[1,\"\"日本\"\"]\"\n"
        );
    }

    #[test]
    fn json_keeps_the_server_s_bytes() {
        assert_eq!(
            printed(Output::Json, ROWS),
            "{\"k\":1,\"näme\":\"a,\\\"b\"}\n{\"k\":20,\"näme\":null}\n{\"k\":3,\"näme\":[1,\"日本\"]}\n"
        );
    }
}
