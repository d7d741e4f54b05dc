//! Which writes are taken, and who may make them.

use bytes::Bytes;

use super::{StoreSuite, Subject, page, worker};
use crate::ids::Attempt;
use crate::query::{QueryState, Rerunnable};
use crate::rerun::Loss;
use crate::store::{Claim, Ended, EndedBy, GivenUp};

/// A write under another attempt's number is refused, and changes nothing.
pub async fn a_write_is_taken_under_the_current_attempt_only(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.posted(&id, attempt, "up").await;
    s.append(&id, attempt, "one").await;
    for other in [Attempt(attempt.0 + 1), Attempt(attempt.0.wrapping_sub(1))] {
        s.is_fenced(&id, other).await;
    }
    s.append(&id, attempt, "two").await;
    assert_eq!(s.see(&id, 0).await.0, ["one", "two"]);
    assert_eq!(s.read(&id, 2).await.unwrap().progress, None);
    s.finish(&id, attempt).await;
}

/// There is no write without a claim.
pub async fn an_unclaimed_or_unknown_query_takes_no_write(suite: &StoreSuite) {
    let s = suite.subject().await;
    s.is_fenced(&"unknown".parse().unwrap(), Attempt(1)).await;
    let id = s.queued("q", Rerunnable::Yes).await;
    for attempt in [0, 1] {
        s.is_fenced(&id, Attempt(attempt)).await;
    }
    assert_eq!(s.see(&id, 0).await, (vec![], Some(0)));
}

/// While an attempt is open, whoever else claims is told so.
pub async fn one_claim_is_granted_and_the_others_are_held(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    for name in ["u", "v"] {
        let claim = s.store.claim(&id, &worker(name)).await.unwrap();
        assert!(matches!(claim, Claim::Held), "{claim:?}");
    }
    let running = QueryState::Running {
        worker: worker("w"),
        attempt,
    };
    assert_eq!(s.read(&id, 0).await.unwrap().state, running);
    s.append(&id, attempt, "one").await;
}

/// A worker may pull and claim before the gateway that pushed has said `queued`.
pub async fn a_claim_may_come_before_the_gateway_s_word(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.stored("q", Rerunnable::No).await;
    let attempt = s.claim(&id, "w").await;
    s.store.queued(&id).await.unwrap();
    s.append(&id, attempt, "one").await;
    assert_eq!(s.see(&id, 0).await.0, ["one"]);
}

/// Over a query's life no attempt's number comes twice.
pub async fn attempts_only_grow(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, mut last) = s.running("q", Rerunnable::Yes).await;
    assert_eq!(last, Attempt(1), "attempts are counted from 1");
    for _ in 0..5 {
        assert_eq!(s.give_up(&id, last, Loss::GivenBack).await, GivenUp::Again);
        let attempt = s.claim(&id, "w").await;
        assert!(attempt > last);
        last = attempt;
    }
}

/// What a lost worker still writes is refused, before and after another has claimed.
pub async fn a_taken_over_attempt_writes_nothing(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, lost) = s.running("q", Rerunnable::Yes).await;
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Again);
    s.is_fenced(&id, lost).await;
    let attempt = s.claim(&id, "v").await;
    s.is_fenced(&id, lost).await;
    assert_eq!(
        s.give_up(&id, lost, Loss::ClusterLost).await,
        GivenUp::Fenced
    );
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 0).await, (vec!["one".into()], None));
}

/// The end is the last write.
pub async fn after_its_end_a_query_takes_no_write(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    s.is_fenced(&id, attempt).await;
    assert_eq!(
        s.give_up(&id, attempt, Loss::GivenBack).await,
        GivenUp::Fenced
    );
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Fenced);
    assert_eq!(s.see(&id, 0).await, (vec!["one".into()], None));
}

/// `end` says what the query was doing, and fences what still runs.
pub async fn a_query_ended_from_outside_fences_its_attempt(suite: &StoreSuite) {
    let s = suite.subject().await;
    let end = async |id| {
        s.store
            .end(id, Subject::failed("STOP"), EndedBy::Perk)
            .await
            .unwrap()
    };
    let stored = s.stored("stored", Rerunnable::No).await;
    assert_eq!(end(&stored).await, Ended::Waiting);
    let queued = s.queued("queued", Rerunnable::Yes).await;
    assert_eq!(end(&queued).await, Ended::Waiting);
    let (running, attempt) = s.running("running", Rerunnable::Yes).await;
    assert_eq!(end(&running).await, Ended::Running(worker("w")));
    let append = s.try_append(&running, attempt, page("zombie")).await;
    assert!(append.is_err());
    s.is_fenced(&running, attempt).await;
    for id in [&stored, &queued, &running] {
        assert_eq!(end(id).await, Ended::Before);
        assert_eq!(s.error(id, 0).await, "STOP");
    }
    let unknown = "unknown".parse().unwrap();
    assert_eq!(end(&unknown).await, Ended::Before);
}

/// Who claims too late has nothing to do, and nothing to cancel where nothing was begun.
pub async fn what_has_ended_or_is_unknown_cannot_be_claimed(suite: &StoreSuite) {
    let s = suite.subject().await;
    assert!(s.over(&"unknown".parse().unwrap()).await.is_empty());
    let id = s.queued("canceled", Rerunnable::Yes).await;
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    assert!(s.over(&id).await.is_empty());
    let (id, attempt) = s.running("finished", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.finish(&id, attempt).await;
    let left = s.over(&id).await;
    assert!(left.is_empty(), "a finished query does not run any more");
}

/// Creating a query a second time (the first answer was lost) leaves it as it is.
pub async fn a_query_is_created_once(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.stored("q", Rerunnable::No).await;
    let stats = Bytes::from_static(b"{}");
    s.store.progress(&id, attempt, stats).await.unwrap();
    assert_eq!(s.see(&id, 0).await.0, ["one"]);
}

/// A claim whose answer was lost is made again, and gives the same attempt, until something was posted under it.
pub async fn a_claim_may_be_repeated_until_something_was_posted(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.queued("q", Rerunnable::Yes).await;
    let first = s.claim(&id, "w").await;
    assert_eq!(s.claim(&id, "w").await, first);
    let held = s.store.claim(&id, &worker("other")).await.unwrap();
    assert!(matches!(held, Claim::Held), "{held:?}");
    s.posted(&id, first, "up").await;
    let held = s.store.claim(&id, &worker("w")).await.unwrap();
    assert!(matches!(held, Claim::Held), "{held:?}");
}

/// A page whose answer was lost is sent again, and is there once.
pub async fn a_page_sent_twice_is_there_once(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    for index in [0, 0, 1, 0, 1] {
        let page = page(&format!("{index}"));
        s.store.append(&id, attempt, index, page).await.unwrap();
    }
    s.finish(&id, attempt).await;
    assert_eq!(
        s.see(&id, 0).await,
        (vec!["0".to_owned(), "1".to_owned()], None)
    );
}
