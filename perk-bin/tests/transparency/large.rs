//! What is too large for a line of the corpus: a result of 256 MiB, 500 prepared statements, a statement as long as they may be.

use std::hash::{DefaultHasher, Hash, Hasher};

use libtest_mimic::Failed;
use serde_json::value::RawValue;

use crate::sides::Sides;
use crate::support::corpus::Case;
use crate::support::{Session, follow};

type Compare = fn(&Sides) -> Result<(), Failed>;

pub(crate) const ALL: [(&str, Compare); 3] = [
    ("a result of 256 MiB", result),
    ("500 prepared statements", prepared),
    ("a statement of a million characters", statement),
];

/// Some 180 bytes for each of sf1's 1,500,000 orders.
const SQL: &str = "SELECT orderkey, rpad(clerk, 172, '=') AS clerk FROM tpch.sf1.orders";
const AT_LEAST: usize = 256 << 20;

/// What is left of rows that are too many to keep; it does not depend on their order.
#[derive(Debug, Default, PartialEq)]
struct Sum {
    rows: usize,
    bytes: usize,
    hash: u64,
}

/// The members of an answer that matter here.
#[derive(serde::Deserialize)]
struct Answer<'a> {
    #[serde(rename = "nextUri")]
    next: Option<String>,
    #[serde(borrow)]
    data: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// As many rows, of the same bytes, through Perk as directly.
fn result(sides: &Sides) -> Result<(), Failed> {
    let server = sides.server();
    let directly = sum(&server.url, server.prefix)?;
    let through = sum(sides.perk()?.url(), server.prefix)?;
    if directly.bytes < AT_LEAST {
        return Err(format!("only {directly:?}").into());
    }
    if directly != through {
        return Err(format!("{directly:?} directly, {through:?} through Perk").into());
    }
    Ok(())
}

/// About 256 KiB of headers with every request. A Presto takes them if `http-server.max-request-header-size` says so.
fn prepared(sides: &Sides) -> Result<(), Failed> {
    let statement = |n: usize| {
        let filler = "'é'".repeat(40);
        (format!("query {n}"), format!("SELECT {n}, ?, {filler}"))
    };
    let session = Session {
        prepared: (0..500).map(statement).collect(),
        ..Session::of("tpch", "tiny")
    };
    let executed = "EXECUTE \"query 499\" USING 7".to_owned();
    let removed = "DEALLOCATE PREPARE \"query 0\"".to_owned();
    sides.compare(&Case::of(
        "500 prepared statements",
        session,
        vec![executed, removed],
    ))
}

fn statement(sides: &Sides) -> Result<(), Failed> {
    let select = "SELECT 1 -- ";
    let sql = |chars: usize| format!("{select}{}", "é".repeat(chars - select.len()));
    let statements = [1_000_000, 1_000_001].map(sql).to_vec();
    let session = Session::of("tpch", "tiny");
    sides.compare(&Case::of("a million characters", session, statements))
}

fn sum(url: &str, prefix: &str) -> Result<Sum, String> {
    let mut sum = Sum::default();
    follow(url, prefix, &Session::default(), SQL, |received| {
        let answer: Answer<'_> =
            serde_json::from_slice(&received.body).map_err(|error| error.to_string())?;
        if let Some(error) = answer.error {
            return Err(error.get().to_owned());
        }
        for row in answer.data.unwrap_or_default() {
            let mut hasher = DefaultHasher::new();
            row.get().hash(&mut hasher);
            sum.hash = sum.hash.wrapping_add(hasher.finish());
            sum.bytes += row.get().len();
            sum.rows += 1;
        }
        Ok(answer.next)
    })?;
    Ok(sum)
}
