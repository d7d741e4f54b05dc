//! Attempts that come to no end of their query.

use std::pin::pin;

use super::{StoreSuite, Subject, page, reading_of, rows_of};
use crate::ids::Attempt;
use crate::query::{Page, QueryState, Rerunnable};
use crate::rerun::{Loss, MAX_LOST_ATTEMPTS};
use crate::store::{Ended, EndedBy, GivenUp};

/// A read of which nothing was handed out waits again, and whoever claims it learns what to cancel first.
pub async fn a_lost_attempt_runs_again_and_its_upstream_is_superseded(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, first, "up1").await;
    let given_up = s.give_up(&id, first, Loss::ClusterLost).await;
    assert_eq!(given_up, GivenUp::Again);
    assert_eq!(s.read(&id, 0).await.unwrap().state, QueryState::Queued);
    let (second, superseded) = s.granted(&id, "v").await;
    assert_eq!(superseded, ["up1"]);
    // Nobody has said that it was cancelled, so it is named again, with what came after it.
    s.posted(&id, second, "up2").await;
    assert_eq!(s.take_over(&id, "v").await, GivenUp::Again);
    let (third, superseded) = s.granted(&id, "w").await;
    assert_eq!(superseded, ["up1", "up2"]);
    s.append(&id, third, "one").await;
    s.finish(&id, third).await;
    assert_eq!(s.see(&id, 0).await, (vec!["one".into()], None));
}

/// `superseded_canceled` is the last word on them.
pub async fn a_canceled_upstream_is_not_named_again(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, first, "up1").await;
    s.give_up(&id, first, Loss::ClusterLost).await;
    let (second, superseded) = s.granted(&id, "w").await;
    assert_eq!(superseded, ["up1"]);
    s.canceled(&id, "up1").await;
    s.posted(&id, second, "up2").await;
    s.give_up(&id, second, Loss::GivenBack).await;
    let (_, superseded) = s.granted(&id, "w").await;
    assert_eq!(superseded, ["up2"]);
}

/// A statement that may have had an effect is not sent again.
pub async fn what_may_not_run_again_fails_once_posted(suite: &StoreSuite) {
    let s = suite.subject().await;
    for (name, loss) in [("a", Loss::GivenBack), ("b", Loss::ClusterLost)] {
        let (id, attempt) = s.running(name, Rerunnable::No).await;
        s.posted(&id, attempt, "up").await;
        assert_eq!(s.give_up(&id, attempt, loss).await, GivenUp::Failed);
        assert_eq!(s.error(&id, 0).await, "PERK_OUTCOME_UNKNOWN");
        s.is_fenced(&id, attempt).await;
    }
    let (id, attempt) = s.running("c", Rerunnable::No).await;
    s.posted(&id, attempt, "up").await;
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert_eq!(s.error(&id, 0).await, "PERK_OUTCOME_UNKNOWN");
}

/// Before a cluster knows of it, any statement may be sent again.
pub async fn what_may_not_run_again_runs_again_before_that(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::No).await;
    let given_up = s.give_up(&id, first, Loss::ClusterLost).await;
    assert_eq!(given_up, GivenUp::Again);
    s.claim(&id, "v").await;
    assert_eq!(s.take_over(&id, "v").await, GivenUp::Again);
    let third = s.claim(&id, "w").await;
    s.posted(&id, third, "up").await;
    s.finish(&id, third).await;
    assert_eq!(s.see(&id, 0).await, (vec![], None));
}

/// A client that has seen rows would see them twice.
pub async fn what_was_handed_out_does_not_run_again(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.append(&id, attempt, "one").await;
    s.append(&id, attempt, "two").await;
    s.see(&id, 0).await;
    let given_up = s.give_up(&id, attempt, Loss::ClusterLost).await;
    assert_eq!(given_up, GivenUp::Failed);
    assert_eq!(s.error(&id, 2).await, "PERK_CLUSTER_LOST");
}

/// A page that brings nothing but a session change, or columns, was handed out too.
pub async fn a_page_without_rows_is_handed_out_too(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    let mut bare = Page::default();
    let catalog = ("Set-Catalog".to_owned(), "tpch".to_owned());
    bare.envelope.headers.push(catalog);
    s.try_append(&id, attempt, bare).await.unwrap();
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading.pages.len(), 1);
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert_eq!(s.error(&id, 1).await, "PERK_CLUSTER_LOST");
}

/// A query that takes its worker or cluster down every time is not tried for ever.
pub async fn three_losses_are_enough(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, mut attempt) = s.running("q", Rerunnable::Yes).await;
    for lost in 1..MAX_LOST_ATTEMPTS {
        s.posted(&id, attempt, &format!("up{lost}")).await;
        let given_up = match lost {
            1 => s.give_up(&id, attempt, Loss::ClusterLost).await,
            _ => s.take_over(&id, "w").await,
        };
        assert_eq!(given_up, GivenUp::Again);
        attempt = s.claim(&id, "w").await;
    }
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert_eq!(s.error(&id, 0).await, "PERK_ATTEMPTS_EXHAUSTED");
}

/// What workers give back in order counts for nothing, however often.
pub async fn giving_back_is_no_failure(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, mut attempt) = s.running("q", Rerunnable::Yes).await;
    for _ in 0..2 * MAX_LOST_ATTEMPTS {
        let given_up = s.give_up(&id, attempt, Loss::GivenBack).await;
        assert_eq!(given_up, GivenUp::Again);
        attempt = s.claim(&id, "w").await;
    }
    let given_up = s.give_up(&id, attempt, Loss::WorkerLost).await;
    assert_eq!(given_up, GivenUp::Again, "it is the first one that counts");
}

/// Nothing of a lost attempt shows in the next one's result: neither pages nor columns nor stats.
pub async fn running_again_begins_with_nothing(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, first, "up").await;
    let old = Page {
        columns: Some(bytes::Bytes::from_static(b"[\"old\"]")),
        ..page("old")
    };
    s.try_append(&id, first, old).await.unwrap();
    let stats = bytes::Bytes::from_static(b"{\"old\":1}");
    s.store.progress(&id, first, stats).await.unwrap();
    s.give_up(&id, first, Loss::ClusterLost).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading_of(&reading), (vec![], Some(0)));
    assert_eq!(reading.progress, None);
    assert_eq!(reading.dialect, reading.statement.dialect);
    let second = s.claim(&id, "w").await;
    s.append(&id, second, "new").await;
    s.finish(&id, second).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading_of(&reading), (vec!["new".into()], None));
    assert_eq!(reading.columns, None);
}

/// A client that waits gets the result of whichever attempt brings one.
pub async fn a_reader_waits_through_a_lost_attempt(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    let mut read = pin!(s.wait(&id, 0));
    s.times.not_yet("a page", &mut read).await;
    s.give_up(&id, first, Loss::ClusterLost).await;
    let second = s.claim(&id, "v").await;
    s.append(&id, second, "one").await;
    let reading = s.times.soon("the page", read).await.unwrap();
    let rows = rows_of(&reading);
    assert!(rows.is_empty() || rows == ["one"], "{rows:?}");
    assert_eq!(s.see(&id, 0).await.0, ["one"]);
}

/// An attempt that is not the current one has nothing to give up.
pub async fn only_the_current_attempt_can_be_given_up(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    for other in [Attempt(0), Attempt(attempt.0 + 1)] {
        let given_up = s.give_up(&id, other, Loss::WorkerLost).await;
        assert_eq!(given_up, GivenUp::Fenced);
    }
    s.append(&id, attempt, "one").await;
    let waits = s.queued("waits", Rerunnable::Yes).await;
    let given_up = s.give_up(&waits, Attempt(1), Loss::WorkerLost).await;
    assert_eq!(given_up, GivenUp::Fenced);
}

/// Taking over concerns the lost worker's attempts alone.
pub async fn only_its_worker_s_attempt_is_taken_over(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    assert_eq!(s.take_over(&id, "other").await, GivenUp::Fenced);
    s.append(&id, attempt, "one").await;
    let waits = s.queued("waits", Rerunnable::Yes).await;
    assert_eq!(s.take_over(&waits, "w").await, GivenUp::Fenced);
    assert_eq!(s.read(&waits, 0).await.unwrap().state, QueryState::Queued);
}

/// Whoever claims a query that failed with its worker learns what may still run, until somebody has cancelled it.
pub async fn a_query_that_fails_so_leaves_its_upstream_to_be_canceled(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.posted(&id, attempt, "up").await;
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    for _ in 0..2 {
        assert_eq!(s.over(&id).await, ["up"]);
    }
    s.canceled(&id, "up").await;
    assert!(s.over(&id).await.is_empty());
}

/// A worker that was told to stop has cancelled what ran, and nothing is left to be done.
pub async fn an_ended_query_s_attempt_can_be_given_back(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    let given_up = s.give_up(&id, attempt, Loss::GivenBack).await;
    assert_eq!(given_up, GivenUp::Fenced);
    assert!(s.over(&id).await.is_empty());
    assert_eq!(s.error(&id, 0).await, "STOP");
}

/// A query that was ended while its worker was being lost still runs on its cluster: that is not forgotten.
pub async fn a_lost_worker_s_ended_query_leaves_its_upstream_to_be_canceled(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert_eq!(s.over(&id).await, ["up"]);
    assert_eq!(s.error(&id, 0).await, "STOP");
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Fenced);
}

/// Only the upstream queries that were cancelled are forgotten.
pub async fn another_upstream_is_still_to_be_canceled(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, first, "up1").await;
    s.give_up(&id, first, Loss::ClusterLost).await;
    let second = s.claim(&id, "w").await;
    s.posted(&id, second, "up2").await;
    s.give_up(&id, second, Loss::ClusterLost).await;
    s.canceled(&id, "up1").await;
    assert_eq!(s.granted(&id, "w").await.1, ["up2"]);
}

/// Who ends a query that waits for another attempt learns that the queue must keep it.
pub async fn ending_what_waits_leaves_its_upstream_to_be_canceled(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.give_up(&id, attempt, Loss::ClusterLost).await;
    let ending = Subject::failed("STOP");
    let was = s.store.end(&id, ending, EndedBy::Client).await.unwrap();
    assert_eq!(was, Ended::WaitingToCancel);
    assert_eq!(s.over(&id).await, ["up"]);
}
