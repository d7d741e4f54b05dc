//! Hundreds of clients at once get every row once.

use std::sync::Arc;
use std::time::Instant;

use perk_protocol::testsuite::ScriptedCoordinator;
use tokio::task::JoinSet;

use super::client::{Client, FAST, PLAIN};
use super::fixture::{BOTH, Perk, Settings, alone};

const CLIENTS: usize = 200;
const QUERIES: usize = 20;

/// The statements of a mixture: each kind of result that Perk passes on in its own way.
pub(super) fn mixture(n: usize, tag: &str) -> String {
    match n % 7 {
        0 => format!("SELECT 1 /*{tag}*/"),
        1 => format!("SELECT * FROM t /*script pages=5 rows=20*/ /*{tag}*/"),
        2 => format!("SELECT * FROM t /*script dataless=1 rows=3*/ /*{tag}*/"),
        3 => format!("SELECT * FROM t /*script nested=1 pages=2 rows=3*/ /*{tag}*/"),
        4 => format!("SELECT * FROM t /*script final_data=1 pages=2 rows=10*/ /*{tag}*/"),
        // More than is held back: handed out while it runs.
        5 => format!("SELECT * FROM t /*script pages=4 rows=20 cell=400 page_ms=2*/ /*{tag}*/"),
        _ => format!("INSERT INTO t /*script update=INSERT count=7*/ SELECT 1 /*{tag}*/"),
    }
}

/// Runs one of the mixture's statements and checks all of its result.
pub(super) async fn run_one(client: &Client, n: usize, tag: &str) -> String {
    let sql = mixture(n, tag);
    let outcome = client.run(&sql).await;
    outcome.assert_whole(&sql, client.flavor);
    if sql.starts_with("INSERT") {
        assert_eq!(outcome.update, Some(("INSERT".to_owned(), Some(7))));
    }
    outcome.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_get_every_row_once() {
    let _alone = alone().await;
    let presto = ScriptedCoordinator::start(BOTH[0]).await;
    let trino = ScriptedCoordinator::start(BOTH[1]).await;
    let settings = Settings::with(|settings| settings.store.hold_results = 16 << 10);
    let perk = Perk::over_alone(&[&presto, &trino], settings).await;
    let before = [presto.seen().begun, trino.seen().begun];

    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let agent = if number / 2 % 2 == 0 { FAST } else { PLAIN };
        let client = perk.client(BOTH[number % 2]).agent(agent);
        let client = Arc::new(client.user(&format!("user{}", number % 30)));
        clients.spawn(async move {
            let mut ids = Vec::with_capacity(QUERIES);
            for query in 0..QUERIES {
                let tag = format!("client {number} query {query}.");
                ids.push(run_one(&client, number + query, &tag).await);
            }
            ids
        });
    }
    let mut ids: Vec<String> = clients.join_all().await.into_iter().flatten().collect();
    let took = begun.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let rate = (CLIENTS * QUERIES) as f64 / took;
    eprintln!("{CLIENTS} clients × {QUERIES} queries: {took:.1} s, {rate:.0} queries/s");

    ids.sort();
    ids.dedup();
    assert_eq!(
        ids.len(),
        CLIENTS * QUERIES,
        "every query has an id of its own"
    );
    let seen = [presto.seen(), trino.seen()];
    let ran: u64 = (0..2).map(|at| seen[at].begun - before[at]).sum();
    assert_eq!(ran, (CLIENTS * QUERIES) as u64, "every query ran once");
    for (number, query) in [(0, 0), (77, 7), (CLIENTS - 1, QUERIES - 1)] {
        let tag = format!("client {number} query {query}.");
        assert_eq!(seen[0].begun_of(&tag) + seen[1].begun_of(&tag), 1, "{tag}");
    }
    assert!(
        seen.iter().all(|seen| seen.begun > 500),
        "both clusters worked"
    );
    assert!(
        seen.iter().all(|seen| seen.max_running <= 32 + 1),
        "within the concurrency"
    );
    perk.leaves_nothing(&[&presto, &trino]).await;
}
