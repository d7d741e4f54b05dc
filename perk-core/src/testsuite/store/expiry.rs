//! What a sweep ends and removes.

use super::{StoreSuite, Subject, worker};
use crate::ids::QueryId;
use crate::query::{QueryState, Rerunnable};
use crate::rerun::Loss;
use crate::store::{Abandoned, Claim, Ended, EndedBy, GivenUp, ReadError, WriteError};
use crate::testsuite::every_unended;

/// The queries that a sweep ended.
async fn sweep(s: &Subject) -> Vec<Abandoned> {
    s.store.sweep().await.unwrap()
}

async fn is_gone(s: &Subject, id: &QueryId) -> bool {
    s.store.info(id).await.unwrap().is_none()
}

/// A query that waits for a worker, or for its client, but has been left by it.
pub async fn a_waiting_query_is_abandoned_by_a_silent_client(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.queued("q", Rerunnable::Yes).await;
    assert!(sweep(&s).await.is_empty());
    s.times.pass(s.times.client_timeout).await;
    let was = Ended::Waiting;
    assert_eq!(
        sweep(&s).await,
        [Abandoned {
            id: id.clone(),
            was
        }]
    );
    assert!(sweep(&s).await.is_empty(), "it is told once");
    assert!(s.over(&id).await.is_empty());
    assert!(every_unended(&*s.store).await.unwrap().is_empty());
}

/// A query that runs for nobody: its worker must be told.
pub async fn a_running_query_is_abandoned_by_a_silent_client(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "one").await;
    s.times.pass(s.times.client_timeout).await;
    let was = Ended::Running(worker("w"));
    assert_eq!(
        sweep(&s).await,
        [Abandoned {
            id: id.clone(),
            was
        }]
    );
    s.is_fenced(&id, attempt).await;
    sweep(&s).await;
    assert!(is_gone(&s, &id).await, "its attempt is closed");
}

/// A query that its client has never asked for.
pub async fn a_stored_query_is_abandoned_by_a_silent_client(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.stored("q", Rerunnable::No).await;
    s.times.pass(s.times.client_timeout).await;
    let was = Ended::Waiting;
    assert_eq!(
        sweep(&s).await,
        [Abandoned {
            id: id.clone(),
            was
        }]
    );
    sweep(&s).await;
    assert!(is_gone(&s, &id).await);
}

/// Reading and heartbeats count as hearing of a client; what others ask does not.
pub async fn a_client_that_is_heard_of_keeps_its_query(suite: &StoreSuite) {
    let s = suite.subject().await;
    let reads = s.queued("reads", Rerunnable::Yes).await;
    let beats = s.queued("beats", Rerunnable::Yes).await;
    let silent = s.queued("silent", Rerunnable::Yes).await;
    let step = s.times.client_timeout * 2 / 3;
    let mut abandoned = Vec::new();
    for _ in 0..3 {
        s.times.pass(step).await;
        s.read(&reads, 0).await.unwrap();
        assert!(s.store.heard(&beats).await.unwrap());
        s.store.info(&silent).await.unwrap();
        abandoned.extend(sweep(&s).await);
    }
    let was = Ended::Waiting;
    assert_eq!(abandoned, [Abandoned { id: silent, was }]);
    let state = s.read(&reads, 0).await.unwrap().state;
    assert_eq!(state, QueryState::Queued);
}

/// The answer that brought the end may have been lost on its way.
pub async fn a_result_is_kept_a_while_for_a_repeated_request(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    let whole = (vec!["one".to_owned()], None);
    assert_eq!(s.see(&id, 0).await, whole);
    s.times.pass(s.times.keep_ended / 2).await;
    assert!(sweep(&s).await.is_empty());
    assert_eq!(s.see(&id, 0).await, whole);
    s.times.pass(s.times.keep_ended).await;
    assert!(sweep(&s).await.is_empty(), "it had ended by itself");
    assert!(is_gone(&s, &id).await);
    let read = s.read(&id, 0).await;
    assert!(matches!(read, Err(ReadError::Unknown)), "{read:?}");
    s.is_fenced(&id, attempt).await;
}

/// A result that its client has not read to the end stays as long as the client does.
pub async fn an_unread_end_is_kept_until_its_client_is_gone(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.see(&id, 0).await;
    s.finish(&id, attempt).await;
    let (failed, attempt) = s.running("failed", Rerunnable::No).await;
    let ending = Subject::failed("WHY");
    s.store.finish(&failed, attempt, ending).await.unwrap();
    s.times.pass(s.times.keep_ended).await;
    assert!(sweep(&s).await.is_empty());
    assert!(!is_gone(&s, &id).await && !is_gone(&s, &failed).await);
    s.times.pass(s.times.client_timeout).await;
    assert!(sweep(&s).await.is_empty(), "they had ended by themselves");
    assert!(is_gone(&s, &id).await && is_gone(&s, &failed).await);
}

/// A query whose attempt was not closed is remembered, so that its worker, or who takes over, still finds it.
pub async fn nothing_goes_while_an_attempt_is_open(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (finishes, first) = s.running("finishes", Rerunnable::Yes).await;
    let (stops, second) = s.running("stops", Rerunnable::Yes).await;
    s.posted(&stops, second, "up").await;
    for id in [&finishes, &stops] {
        s.store
            .end(id, Subject::failed("STOP"), EndedBy::Perk)
            .await
            .unwrap();
        assert_eq!(s.error(id, 0).await, "STOP");
    }
    s.times.pass(s.times.client_timeout).await;
    sweep(&s).await;
    assert!(!is_gone(&s, &finishes).await && !is_gone(&s, &stops).await);
    let finish = s.store.finish(&finishes, first, Subject::finished());
    assert!(matches!(finish.await, Err(WriteError::Fenced)));
    let given_up = s.give_up(&stops, second, Loss::GivenBack).await;
    assert_eq!(given_up, GivenUp::Fenced);
    sweep(&s).await;
    assert!(is_gone(&s, &finishes).await && is_gone(&s, &stops).await);
}

/// A worker that never heard that it was granted an attempt closes it by asking again, when the query has ended meanwhile.
pub async fn a_claim_that_comes_again_after_the_end_closes_its_attempt(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, _) = s.running("q", Rerunnable::Yes).await;
    let stopped = Subject::failed("STOP");
    s.store.end(&id, stopped, EndedBy::Client).await.unwrap();
    assert!(
        s.over(&id).await.is_empty(),
        "another's claim changes nothing"
    );
    s.times.pass(s.times.keep_ended).await;
    sweep(&s).await;
    assert!(!is_gone(&s, &id).await);
    let again = s.store.claim(&id, &worker("w")).await.unwrap();
    assert!(matches!(again, Claim::Over { .. }), "{again:?}");
    sweep(&s).await;
    assert!(is_gone(&s, &id).await);
}

/// An end that was read does not make forgotten what still runs on a cluster.
pub async fn an_upstream_to_be_canceled_is_remembered(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.posted(&id, attempt, "up").await;
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert_eq!(s.error(&id, 0).await, "PERK_OUTCOME_UNKNOWN");
    s.times.pass(s.times.keep_ended).await;
    sweep(&s).await;
    assert_eq!(s.over(&id).await, ["up"]);
    s.canceled(&id, "up").await;
    sweep(&s).await;
    assert!(is_gone(&s, &id).await);
}

/// A client that ended its query itself knows of the end: the query goes as if it had been read.
pub async fn what_its_client_ended_goes_soon(suite: &StoreSuite) {
    let s = suite.subject().await;
    let told = s.queued("told", Rerunnable::Yes).await;
    let untold = s.queued("untold", Rerunnable::Yes).await;
    for (id, by) in [(&told, EndedBy::Client), (&untold, EndedBy::Perk)] {
        s.store.end(id, Subject::failed("STOP"), by).await.unwrap();
    }
    s.times.pass(s.times.keep_ended).await;
    sweep(&s).await;
    assert!(is_gone(&s, &told).await);
    assert!(!is_gone(&s, &untold).await);
}
