//! What a statement asks of the scripted coordinator: the comment inside its SQL, read.

use std::time::Duration;

use bytes::Bytes;

use super::{Flavor, rows};

/// The script of one statement, as its `/*script key=value …*/` comment says it. The keys are listed in the
/// [module's documentation](super). A statement without the comment is one page of one row.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own, none excludes another"
)]
pub struct Script {
    pub(super) pages: u64,
    pub(super) rows: u64,
    pub(super) cell: usize,
    pub(super) from: u64,
    pub(super) work: Duration,
    pub(super) between_pages: Duration,
    pub(super) queued: u32,
    pub(super) failure: Option<Failure>,
    pub(super) hang: bool,
    pub(super) update: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) warnings: u32,
    pub(super) dataless: bool,
    pub(super) nested: bool,
    pub(super) final_data: bool,
    pub(super) retry: bool,
    pub(super) bursts: Vec<Burst>,
    pub(super) drops: Vec<u32>,
    pub(super) cuts: Vec<u32>,
    pub(super) html_from: Option<u32>,
    pub(super) truncated_from: Option<u32>,
    pub(super) endless_at: Option<u32>,
    pub(super) forget_after: Option<u32>,
    pub(super) foreign: Option<String>,
    pub(super) slow_header: Duration,
    pub(super) post: Post,
    problems: Vec<String>,
}

/// How a statement fails.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) when: When,
}

/// When a statement fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum When {
    /// In the answer to the first GET, as a syntax error does.
    Submitted,
    /// After its work and this many pages.
    Pages(u64),
}

/// GETs number `from` to `from + times - 1` are answered with `status`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Burst {
    pub(super) status: u16,
    pub(super) times: u32,
    pub(super) from: u32,
}

/// How the POST is answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Post {
    /// The status instead of the answer; for this many POSTs of the same text, `u32::MAX` for all of them.
    pub(super) status: Option<(u16, u32)>,
    pub(super) html: bool,
    /// This many POSTs of the same text are accepted, and their connection closed without an answer.
    pub(super) drops: u32,
    pub(super) slow: Duration,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            pages: 1,
            rows: 1,
            cell: 8,
            from: 0,
            work: Duration::ZERO,
            between_pages: Duration::ZERO,
            queued: 0,
            failure: None,
            hang: false,
            update: None,
            count: None,
            headers: Vec::new(),
            warnings: 0,
            dataless: false,
            nested: false,
            final_data: false,
            retry: false,
            bursts: Vec::new(),
            drops: Vec::new(),
            cuts: Vec::new(),
            html_from: None,
            truncated_from: None,
            endless_at: None,
            forget_after: None,
            foreign: None,
            slow_header: Duration::ZERO,
            post: Post::default(),
            problems: Vec::new(),
        }
    }
}

impl Script {
    /// Reads the script out of a statement's text. What cannot be read is left out, and told by
    /// [`problems`](Self::problems).
    ///
    /// ```
    /// use perk_protocol::testsuite::Script;
    /// let script = Script::parse("SELECT * FROM t /*script pages=3 rows=100 work_ms=20*/");
    /// assert_eq!(script.row_count(), 300);
    /// assert!(script.problems().is_empty());
    /// ```
    pub fn parse(sql: &str) -> Self {
        let mut script = Self::default();
        let Some(text) = comment(sql) else {
            return script;
        };
        let (mut rows_said, mut failure) = (false, Failure::default());
        let mut words = 0;
        for word in text.split_whitespace() {
            words += 1;
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            rows_said |= matches!(key, "pages" | "rows" | "huge");
            if script.set(&mut failure, key, value).is_none() {
                script.problems.push(format!(
                    "script: {word:?} is no known key with a fitting value"
                ));
            }
        }
        if words == 0 {
            script
                .problems
                .push("script: the comment says nothing".to_owned());
        }
        if script.update.is_some() && !rows_said {
            script.pages = 0;
        }
        if !failure.name.is_empty() {
            script.failure = Some(failure);
        }
        script
    }

    fn set(&mut self, failure: &mut Failure, key: &str, value: &str) -> Option<()> {
        match key {
            "pages" => self.pages = value.parse().ok()?,
            "rows" => self.rows = value.parse().ok()?,
            "cell" => self.cell = value.parse().ok()?,
            "from" => self.from = value.parse().ok()?,
            "huge" => {
                self.rows = 1;
                self.cell = value.parse::<usize>().ok()?.checked_mul(1 << 20)?;
            }
            "work_ms" => self.work = millis(value)?,
            "page_ms" => self.between_pages = millis(value)?,
            "queued" => self.queued = value.parse().ok()?,
            "error" => some(value)?.clone_into(&mut failure.name),
            "after_pages" => failure.when = When::Pages(value.parse().ok()?),
            "early" => {
                if flag(value)? {
                    failure.when = When::Submitted;
                }
            }
            "at" => {
                let (line, column) = value.split_once(':')?;
                (failure.line, failure.column) = (line.parse().ok()?, column.parse().ok()?);
            }
            "hang" => self.hang = flag(value)?,
            "update" => self.update = Some(some(value)?.replace('_', " ")),
            "count" => self.count = Some(value.parse().ok()?),
            "header" => {
                let (name, text) = value.split_once(':')?;
                self.headers.push((some(name)?.to_owned(), text.to_owned()));
            }
            "warnings" => self.warnings = value.parse().ok()?,
            "dataless" => self.dataless = flag(value)?,
            "nested" => self.nested = flag(value)?,
            "final_data" => self.final_data = flag(value)?,
            "retry" => self.retry = flag(value)?,
            "status" => self.bursts.push(burst(value)?),
            "drop" => self.drops.push(number(value)?),
            "cut" => self.cuts.push(number(value)?),
            "html" => self.html_from = Some(number(value)?),
            "truncated" => self.truncated_from = Some(number(value)?),
            "endless" => self.endless_at = Some(number(value)?),
            "forget" => self.forget_after = Some(number(value)?),
            "foreign" => self.foreign = Some(some(value)?.to_owned()),
            "slow_header_ms" => self.slow_header = millis(value)?,
            "post_status" => self.post.status = Some(post_status(value)?),
            "post_html" => self.post.html = flag(value)?,
            "post_drop" => self.post.drops = number(value)?,
            "post_slow_ms" => self.post.slow = millis(value)?,
            _ => return None,
        }
        Some(())
    }

    /// What of the script could not be read, one text for each word.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// How many rows the whole result has: `pages` × `rows`. A scripted failure may end it sooner.
    pub fn row_count(&self) -> u64 {
        self.pages * self.rows
    }

    /// The bytes of `data` in page `index` (from 0) as a cluster of that flavour writes them; `None` past the last.
    pub fn page(&self, flavor: Flavor, index: u64) -> Option<Bytes> {
        if index >= self.pages || self.rows == 0 {
            return None;
        }
        let first = self.from + index * self.rows;
        Some(rows::page(
            flavor,
            self.nested,
            first..first + self.rows,
            self.cell,
        ))
    }

    /// Every row of the result, parsed: each an array of cells.
    pub fn all_rows(&self, flavor: Flavor) -> Vec<serde_json::Value> {
        let pages = (0..self.pages).filter_map(|index| self.page(flavor, index));
        pages
            .flat_map(|data| serde_json::from_slice::<Vec<_>>(&data).unwrap_or_default())
            .collect()
    }
}

impl Default for Failure {
    fn default() -> Self {
        Self {
            name: String::new(),
            line: 1,
            column: 8,
            when: When::Pages(0),
        }
    }
}

impl Burst {
    pub(super) fn covers(self, number: u32) -> bool {
        number >= self.from && number - self.from < self.times
    }
}

/// The text of the script comment, if the statement has one.
fn comment(sql: &str) -> Option<&str> {
    let (_, rest) = sql.split_once("/*script")?;
    let (text, _) = rest.split_once("*/")?;
    (text.is_empty() || text.starts_with(char::is_whitespace)).then_some(text)
}

fn some(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

fn millis(value: &str) -> Option<Duration> {
    value.parse().ok().map(Duration::from_millis)
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// A count or the number of a GET: from 1.
fn number(value: &str) -> Option<u32> {
    value.parse().ok().filter(|number| *number > 0)
}

/// `503x3@2`: the status, how often, from which GET on; once and from the first where left out.
fn burst(value: &str) -> Option<Burst> {
    let (value, from) = value.split_once('@').unwrap_or((value, "1"));
    let (code, times) = value.split_once('x').unwrap_or((value, "1"));
    Some(Burst {
        status: status(code)?,
        times: number(times)?,
        from: number(from)?,
    })
}

/// `503x2`: the status, and for how many POSTs of the same text; for all of them where left out.
fn post_status(value: &str) -> Option<(u16, u32)> {
    match value.split_once('x') {
        Some((code, times)) => Some((status(code)?, number(times)?)),
        None => Some((status(value)?, u32::MAX)),
    }
}

fn status(value: &str) -> Option<u16> {
    value
        .parse()
        .ok()
        .filter(|status| (200..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_statement_is_one_row() {
        for sql in [
            "SELECT 1",
            "SELECT 1 /* a scripted comment */",
            "SELECT 1 /*scripted=1*/",
            "SELECT 1 /*script",
        ] {
            assert_eq!(Script::parse(sql), Script::default(), "{sql}");
        }
    }

    #[test]
    fn keys_are_read() {
        let script = Script::parse(
            "INSERT INTO t /*script pages=3 rows=4 cell=5 work_ms=6 error=DIVISION_BY_ZERO after_pages=2 at=3:9 \
             status=503x3@2 status=502 drop=4 drop=6 header=Set-Session:a=b header=Set-Session:c=d update=CREATE_TABLE \
             count=7 foreign=http://other:1 post_status=503x2*/ SELECT 1",
        );
        assert_eq!(script.problems(), &[] as &[String]);
        assert_eq!(
            (script.pages, script.rows, script.cell, script.row_count()),
            (3, 4, 5, 12)
        );
        assert_eq!(script.work, Duration::from_millis(6));
        let failure = script.failure.clone().unwrap();
        assert_eq!(
            (failure.name.as_str(), failure.line, failure.column),
            ("DIVISION_BY_ZERO", 3, 9)
        );
        assert_eq!(failure.when, When::Pages(2));
        let answered: Vec<_> = (1..7).filter(|n| script.bursts[0].covers(*n)).collect();
        assert_eq!(answered, [2, 3, 4]);
        assert_eq!(
            script.bursts[1],
            Burst {
                status: 502,
                times: 1,
                from: 1
            }
        );
        assert_eq!(script.drops, [4, 6]);
        assert_eq!(
            script.headers,
            [("Set-Session", "a=b"), ("Set-Session", "c=d")].map(|(n, v)| (n.into(), v.into()))
        );
        assert_eq!(
            (script.update.as_deref(), script.count),
            (Some("CREATE TABLE"), Some(7))
        );
        assert_eq!(script.post.status, Some((503, 2)));
    }

    #[test]
    fn an_update_has_rows_only_when_it_says_so() {
        assert_eq!(
            Script::parse("/*script update=INSERT count=3*/").row_count(),
            0
        );
        assert_eq!(
            Script::parse("/*script update=INSERT count=3 rows=1*/").row_count(),
            1
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for sql in [
            "/*script*/",
            "/*script pagse=1*/",
            "/*script pages=x*/",
            "/*script drop=0*/",
            "/*script hang*/",
        ] {
            assert_eq!(Script::parse(sql).problems().len(), 1, "{sql}");
        }
    }

    #[test]
    fn pages_count_on() {
        let script = Script::parse("/*script pages=2 rows=2 cell=1*/");
        let keys: Vec<_> = script
            .all_rows(Flavor::Trino)
            .iter()
            .map(|row| row[0].as_u64().unwrap())
            .collect();
        assert_eq!(keys, [0, 1, 2, 3]);
        assert_eq!(script.page(Flavor::Trino, 2), None);
        let later = Script::parse("/*script pages=2 rows=2 cell=1 from=7*/");
        assert_eq!(later.all_rows(Flavor::Trino)[3][0], 10);
    }
}
