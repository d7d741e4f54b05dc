//! A worker that dies, or stands still for longer than its lease, in the middle.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use perk_protocol::testsuite::{Flavor, ScriptedCoordinator};
use tokio::runtime::Runtime;

use super::fixture::{BOTH, Parts, Perk, Settings};

const LEASE: Duration = Duration::from_millis(600);

fn short_lease() -> Settings {
    Settings::with(|settings| settings.worker.lease = LEASE)
}

/// A worker with a thread of its own, which can be taken away from it.
struct Doomed {
    runtime: Runtime,
}

impl Doomed {
    fn start(parts: Parts, cluster: &Arc<ScriptedCoordinator>) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let cluster = cluster.clone();
        runtime.spawn(async move {
            // Nothing may drain it when its runtime goes.
            std::mem::forget(parts.work(&cluster));
        });
        Self { runtime }
    }

    /// As a crash does: nothing is given back, nobody is told.
    fn kill(self) {
        self.runtime.shutdown_background();
    }

    /// Nothing of it moves until what this gives is dropped.
    fn stall(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        self.runtime.spawn(async move { released.recv().ok() });
        release
    }
}

struct Deployment {
    first: Arc<ScriptedCoordinator>,
    second: Arc<ScriptedCoordinator>,
    perk: Perk,
    doomed: Doomed,
}

/// One worker, which is doomed, and a cluster for another.
async fn deploy(flavor: Flavor) -> Deployment {
    let first = Arc::new(ScriptedCoordinator::start(flavor).await);
    let second = Arc::new(ScriptedCoordinator::start(flavor).await);
    let perk = Perk::over(&[], short_lease()).await;
    let doomed = Doomed::start(perk.parts(), &first);
    Deployment {
        first,
        second,
        perk,
        doomed,
    }
}

const READ: &str = "SELECT 1 /*script work_ms=700 rows=3*/";
const INSERT: &str = "INSERT INTO t /*script update=INSERT hang=1*/ SELECT 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_worker_s_queries_are_taken_over() {
    for flavor in BOTH {
        let Deployment {
            first,
            second,
            mut perk,
            doomed,
        } = deploy(flavor).await;
        let client = perk.client(flavor);
        let (read, insert) = (client.post(READ).await, client.post(INSERT).await);
        let parts = perk.parts();
        let kill = async {
            first
                .wait_until(|seen| seen.begun_of(READ) + seen.begun_of(INSERT) == 2)
                .await;
            doomed.kill();
            parts.work(&second)
        };
        let (read, insert, worker) = tokio::join!(client.rest(read), client.rest(insert), kill);
        perk.workers.push(worker);
        read.assert_whole(READ, flavor);
        insert.assert_failed("PERK_OUTCOME_UNKNOWN", INSERT, flavor);
        first
            .wait_until(|seen| seen.running == 0 && seen.canceled == 2)
            .await;
        let seen = second.seen();
        assert_eq!((seen.begun_of(READ), seen.posts_of(INSERT)), (1, 0));
        perk.leaves_nothing(&[&first, &second]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_stood_still_adds_nothing_to_what_was_taken_over() {
    for flavor in BOTH {
        let Deployment {
            first,
            second,
            mut perk,
            doomed,
        } = deploy(flavor).await;
        let client = perk.client(flavor);
        let posted = client.post(READ).await;
        let parts = perk.parts();
        let stall = async {
            first.wait_until(|seen| seen.begun_of(READ) == 1).await;
            let stalled = doomed.stall();
            let worker = parts.work(&second);
            second.wait_until(|seen| seen.begun_of(READ) == 1).await;
            // It wakes while the other one runs the query.
            drop(stalled);
            worker
        };
        let (outcome, worker) = tokio::join!(client.rest(posted), stall);
        outcome.assert_whole(READ, flavor);
        assert_eq!(
            (first.seen().begun_of(READ), second.seen().begun_of(READ)),
            (1, 1)
        );
        first.wait_until(|seen| seen.running == 0).await;
        // It goes on under another name.
        worker.drain(Duration::from_secs(5));
        let after = "SELECT 'after'";
        perk.workers.push(worker);
        perk.workers[0].stopped().await;
        perk.workers.clear();
        client.run(after).await.assert_whole(after, flavor);
        assert_eq!(first.seen().begun_of(after), 1);
        perk.store.empty().await;
        doomed.kill();
        perk.leaves_nothing(&[&first, &second]).await;
    }
}
