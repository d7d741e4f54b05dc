//! What a client is given, and when.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;

use super::{StoreSuite, Subject, page, reading_of, rows_of, upstream, worker};
use crate::query::{Ending, Outcome, Page, QueryState, Rerunnable};
use crate::rerun::Loss;
use crate::statement::Dialect;
use crate::store::{Ended, EndedBy, GivenUp, Next, ReadError};
use crate::testsuite::every_unended;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Reading a query that is only stored comes back at once, so that it can be pushed.
pub async fn a_stored_query_answers_at_once(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.stored("q", Rerunnable::No).await;
    let reading = s.times.soon("an answer", s.wait(&id, 0)).await.unwrap();
    assert_eq!(reading.state, QueryState::Stored);
    assert_eq!(reading_of(&reading), (vec![], Some(0)));
    assert_eq!(reading.statement.sql, "SELECT 'q'");
}

/// `queued` is for stored queries; any other stays what it is.
pub async fn queued_changes_a_stored_query_only(suite: &StoreSuite) {
    let s = suite.subject().await;
    s.store.queued(&"unknown".parse().unwrap()).await.unwrap();
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.store.queued(&id).await.unwrap();
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    s.store.queued(&id).await.unwrap();
    assert_eq!(s.read(&id, 0).await.unwrap().state, QueryState::Ended);
    let id = s.queued("waits", Rerunnable::Yes).await;
    assert_eq!(s.read(&id, 0).await.unwrap().state, QueryState::Queued);
}

/// Pages come from the token asked for, and the next token is the one after the last.
pub async fn pages_come_in_order_from_the_token_on(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    assert_eq!(s.see(&id, 0).await, (texts(&["one"]), Some(1)));
    s.append(&id, attempt, "two").await;
    s.append(&id, attempt, "three").await;
    assert_eq!(s.see(&id, 1).await, (texts(&["two", "three"]), Some(3)));
    assert_eq!(s.see(&id, 3).await, (vec![], Some(3)));
}

/// What was given for a token is given again, and more when more has come.
pub async fn a_token_may_be_asked_for_again(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    for _ in 0..2 {
        assert_eq!(s.see(&id, 0).await, (texts(&["one"]), Some(1)));
    }
    s.append(&id, attempt, "two").await;
    assert_eq!(s.see(&id, 0).await, (texts(&["one", "two"]), Some(2)));
    // The client that saw the first answer only asks as if there had been no second one.
    assert_eq!(s.see(&id, 1).await, (texts(&["two"]), Some(2)));
    s.finish(&id, attempt).await;
    for _ in 0..2 {
        assert_eq!(s.see(&id, 1).await, (texts(&["two"]), None));
    }
}

/// A token drops the pages before it; a token that no client was told of is none.
pub async fn tokens_before_and_ahead_are_told_apart(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    for text in ["one", "two", "three"] {
        s.append(&id, attempt, text).await;
    }
    let ahead = async |token| matches!(s.read(&id, token).await, Err(ReadError::TokenAhead));
    let gone = async |token| matches!(s.read(&id, token).await, Err(ReadError::PageGone));
    assert!(ahead(1).await, "nothing was given yet");
    let one = s.read_limited(&id, 0, Duration::ZERO, 1).await.unwrap();
    assert_eq!(reading_of(&one), (texts(&["one"]), Some(1)));
    assert!(ahead(2).await, "it is stored, but was not told of");
    s.see(&id, 1).await;
    assert!(gone(0).await);
    assert!(ahead(4).await);
    s.see(&id, 3).await;
    assert!(gone(1).await && gone(2).await);
    s.finish(&id, attempt).await;
    assert!(gone(2).await && ahead(4).await);
    assert_eq!(s.see(&id, 3).await, (vec![], None));
}

/// A read that has nothing to give waits for a page, and gives it when it comes.
pub async fn a_read_waits_for_a_page(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.queued("q", Rerunnable::No).await;
    let mut read = pin!(s.wait(&id, 0));
    s.times.not_yet("a page", &mut read).await;
    let attempt = s.claim(&id, "w").await;
    s.times.not_yet("a page", &mut read).await;
    s.append(&id, attempt, "one").await;
    let reading = s.times.soon("the page", read).await.unwrap();
    assert_eq!(reading_of(&reading), (texts(&["one"]), Some(1)));
}

/// The end ends a wait.
pub async fn a_read_waits_for_the_end(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.see(&id, 0).await;
    let mut read = pin!(s.wait(&id, 1));
    s.times.not_yet("the end", &mut read).await;
    s.finish(&id, attempt).await;
    let reading = s.times.soon("the end", read).await.unwrap();
    assert_eq!(reading_of(&reading), (vec![], None));
}

/// With no time to wait, or when the time is over, a read gives nothing and counts as nothing given.
pub async fn a_read_without_patience_comes_back_at_once(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    assert_eq!(s.see(&id, 0).await, (vec![], Some(0)));
    let read = s.read_limited(&id, 0, s.times.quiet, 1 << 20);
    let reading = s.times.soon("no page", read).await.unwrap();
    assert_eq!(reading_of(&reading), (vec![], Some(0)));
    assert_eq!(reading.columns, None);
    // Nothing was handed out, so the query may still run again.
    let given_up = s.give_up(&id, attempt, Loss::GivenBack).await;
    assert_eq!(given_up, GivenUp::Again);
}

/// Progress is told with whatever ends a wait, and never ends one.
pub async fn progress_does_not_end_a_wait_and_the_last_one_wins(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    let mut read = pin!(s.wait(&id, 0));
    for stats in ["{\"n\":1}", "{\"n\":2}"] {
        s.times.not_yet("a page", &mut read).await;
        let progress = s.store.progress(&id, attempt, Bytes::from(stats));
        progress.await.unwrap();
    }
    s.times.not_yet("a page", &mut read).await;
    s.append(&id, attempt, "one").await;
    let reading = s.times.soon("the page", read).await.unwrap();
    let last = Some(Bytes::from_static(b"{\"n\":2}"));
    assert_eq!(reading.progress, last);
    assert_eq!(s.read(&id, 1).await.unwrap().progress, last);
}

/// An answer holds as many pages as its bound allows, and one that is larger by itself alone.
pub async fn an_answer_is_bounded_in_bytes(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    let large = "x".repeat(500);
    for text in ["aa", "bb", &large, "cc"] {
        s.append(&id, attempt, text).await;
    }
    s.finish(&id, attempt).await;
    let two = 2 * page("aa").weight();
    let read = async |token| {
        let read = s.read_limited(&id, token, Duration::ZERO, two);
        reading_of(&read.await.unwrap())
    };
    assert_eq!(read(0).await, (texts(&["aa", "bb"]), Some(2)));
    assert_eq!(read(2).await, (texts(&[&large]), Some(3)));
    assert_eq!(read(3).await, (texts(&["cc"]), None));
}

/// A read whose client has gone while it waited takes nothing with it.
pub async fn a_dropped_read_loses_nothing(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.times.not_yet("a page", s.wait(&id, 0)).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 0).await, (texts(&["one"]), None));
}

/// Where all that is left fits into an answer, the end comes with it.
pub async fn the_end_comes_with_the_last_pages(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading.state, QueryState::Ended);
    assert_eq!(rows_of(&reading), ["one"]);
    let Next::End(ending) = reading.next else {
        panic!("it has ended");
    };
    assert_eq!(*ending, Subject::finished());
}

/// An end brings the columns that no page brought.
pub async fn a_result_without_rows_has_columns_with_its_end(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    assert_eq!(s.read(&id, 0).await.unwrap().columns, None);
    let columns = Some(Bytes::from_static(b"[{\"name\":\"a\"}]"));
    let ending = Ending {
        columns: columns.clone(),
        ..Subject::finished()
    };
    s.store.finish(&id, attempt, ending).await.unwrap();
    assert_eq!(s.read(&id, 0).await.unwrap().columns, columns);
}

/// The columns that the first page brought are told with every later one, and with nothing else.
pub async fn columns_stay_with_every_page(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    let columns = Some(Bytes::from_static(b"[{\"name\":\"a\"}]"));
    let first = Page {
        columns: columns.clone(),
        ..page("one")
    };
    s.try_append(&id, attempt, first).await.unwrap();
    assert_eq!(s.read(&id, 0).await.unwrap().columns, columns);
    assert_eq!(s.read(&id, 1).await.unwrap().columns, None, "nothing given");
    s.append(&id, attempt, "two").await;
    assert_eq!(s.read(&id, 1).await.unwrap().columns, columns);
    s.finish(&id, attempt).await;
    assert_eq!(s.read(&id, 2).await.unwrap().columns, columns);
}

/// Pages of a failed query that were not asked for are gone, and the error is given at any token that is still valid.
pub async fn a_failed_query_gives_its_error_at_any_valid_token(suite: &StoreSuite) {
    let s = suite.subject().await;
    for token in 1..=2 {
        let (id, attempt) = s.running(&format!("q{token}"), Rerunnable::No).await;
        s.append(&id, attempt, "one").await;
        s.see(&id, 0).await;
        s.append(&id, attempt, "two").await;
        s.see(&id, 1).await;
        let ending = Subject::failed("DIVISION_BY_ZERO");
        s.store.finish(&id, attempt, ending).await.unwrap();
        for _ in 0..2 {
            assert_eq!(s.error(&id, token).await, "DIVISION_BY_ZERO");
        }
        let ahead = s.read(&id, 3).await;
        assert!(matches!(ahead, Err(ReadError::TokenAhead)));
        let gone = s.read(&id, 0).await;
        assert!(matches!(gone, Err(ReadError::PageGone)));
    }
}

/// An end from outside reaches a client that waits, and what it had not read is gone.
pub async fn a_query_ended_from_outside_wakes_its_reader(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.see(&id, 0).await;
    let mut read = pin!(s.wait(&id, 1));
    s.times.not_yet("a page", &mut read).await;
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    let reading = s.times.soon("the end", read).await.unwrap();
    assert_eq!(reading_of(&reading), (vec![], None));
    assert_eq!(s.error(&id, 1).await, "STOP");
}

/// A cancel of a read that has finished on its cluster, but was not read to its end, drops the rows, and what is left does
/// not look whole. What may have had an effect had it, and says so.
pub async fn an_end_nobody_read_gives_way_to_a_cancel(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "one").await;
    s.see(&id, 0).await;
    s.append(&id, attempt, "two").await;
    s.finish(&id, attempt).await;
    let end = async |name| {
        s.store
            .end(&id, Subject::failed(name), EndedBy::Perk)
            .await
            .unwrap()
    };
    assert_eq!(end("STOP").await, Ended::Before);
    assert_eq!(s.error(&id, 1).await, "STOP");
    assert_eq!(end("AGAIN").await, Ended::Before);
    assert_eq!(s.error(&id, 1).await, "STOP");
    // An end that was read stays what it was.
    let (id, attempt) = s.running("read", Rerunnable::Yes).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 0).await, (texts(&["one"]), None));
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    assert_eq!(s.see(&id, 0).await, (texts(&["one"]), None));
    let (id, attempt) = s.running("writes", Rerunnable::No).await;
    s.append(&id, attempt, "one").await;
    s.finish(&id, attempt).await;
    let was = s
        .store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    assert_eq!(was, Ended::Before);
    assert_eq!(s.see(&id, 0).await, (texts(&["one"]), None));
}

/// State, dialect and times.
pub async fn a_reading_tells_of_the_query(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = s.queued("q", Rerunnable::Yes).await;
    let step = s.times.quiet;
    s.times.pass(step).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading.dialect, Dialect::Presto, "the client's");
    assert!(reading.queued >= step && reading.elapsed >= step);
    let attempt = s.claim(&id, "w").await;
    s.times.pass(step).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert!(reading.queued >= step && reading.elapsed >= reading.queued + step);
    let queued = reading.queued;
    s.store.posted(&id, attempt, upstream("up")).await.unwrap();
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading.dialect, Dialect::Trino, "the cluster's");
    // A second attempt does not wait anew.
    s.give_up(&id, attempt, Loss::GivenBack).await;
    s.times.pass(step).await;
    let attempt = s.claim(&id, "w").await;
    s.store.posted(&id, attempt, upstream("up")).await.unwrap();
    s.finish(&id, attempt).await;
    let reading = s.read(&id, 0).await.unwrap();
    assert_eq!(reading.dialect, Dialect::Trino);
    assert_eq!(reading.queued, queued);
    // A result that is asked for again is not older.
    s.times.pass(s.times.keep_ended / 4).await;
    assert_eq!(s.read(&id, 0).await.unwrap().elapsed, reading.elapsed);
}

/// `info` tells of a query in any state, and is not a client's reading.
pub async fn a_query_s_particulars_can_be_asked_for(suite: &StoreSuite) {
    let s = suite.subject().await;
    let info = async |id| s.store.info(id).await.unwrap().unwrap();
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "one").await;
    let running = info(&id).await;
    assert!(matches!(running.state, QueryState::Running { .. }));
    assert_eq!(running.statement.sql, "SELECT 'q'");
    assert_eq!(running.ending, None);
    s.give_up(&id, attempt, Loss::GivenBack).await;
    assert_eq!(info(&id).await.state, QueryState::Queued);
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    let ended = info(&id).await;
    assert_eq!(ended.state, QueryState::Ended);
    let outcome = &ended.ending.unwrap().outcome;
    assert!(matches!(outcome, Outcome::Failed(error) if error.name == "STOP"));
}

/// `unended` lists what has not ended, where it was to wait and where it stands.
pub async fn unended_queries_are_listed(suite: &StoreSuite) {
    let s = suite.subject().await;
    s.stored("stored", Rerunnable::No).await;
    s.queued("queued", Rerunnable::Yes).await;
    s.running("running", Rerunnable::Yes).await;
    let (finished, attempt) = s.running("finished", Rerunnable::Yes).await;
    s.finish(&finished, attempt).await;
    let canceled = s.queued("canceled", Rerunnable::Yes).await;
    let stop = Subject::failed("STOP");
    s.store.end(&canceled, stop, EndedBy::Perk).await.unwrap();
    let unended = every_unended(&*s.store).await.unwrap();
    let names: Vec<&str> = unended.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(names, ["queued", "running", "stored"]);
    assert!(unended.iter().all(|(_, to, _)| *to == Subject::target()));
    assert_eq!(unended[0].2, QueryState::Queued);
    assert!(matches!(unended[1].2, QueryState::Running { .. }));
    assert_eq!(unended[2].2, QueryState::Stored);
}

/// `unended` lists every one, however many there are, by as many calls as it takes.
pub async fn all_of_very_many_unended_queries_are_listed(suite: &StoreSuite) {
    let s = suite.subject().await;
    let names: Vec<String> = (0..300).map(|number| format!("q{number:03}")).collect();
    for name in &names {
        s.queued(name, Rerunnable::Yes).await;
    }
    let unended = every_unended(&*s.store).await.unwrap();
    let listed: Vec<&str> = unended.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(listed, names);
}

/// What was ended from outside is listed until the attempt that ran then is closed: its worker may be gone.
pub async fn an_ended_query_with_an_open_attempt_is_listed(suite: &StoreSuite) {
    let s = suite.subject().await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    let stop = Subject::failed("STOP");
    s.store.end(&id, stop, EndedBy::Client).await.unwrap();
    let running = QueryState::Running {
        worker: worker("w"),
        attempt,
    };
    let listed = every_unended(&*s.store).await.unwrap();
    assert_eq!(listed, [(id.clone(), Subject::target(), running)]);
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Failed);
    assert!(every_unended(&*s.store).await.unwrap().is_empty());
}

/// An id that was never given, or is over and removed.
pub async fn nothing_is_known_of_an_unknown_query(suite: &StoreSuite) {
    let s = suite.subject().await;
    let id = "unknown".parse().unwrap();
    let read = s.times.soon("an answer", s.wait(&id, 0)).await;
    assert!(matches!(read, Err(ReadError::Unknown)), "{read:?}");
    assert!(!s.store.heard(&id).await.unwrap());
    assert!(s.store.info(&id).await.unwrap().is_none());
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Fenced);
    s.canceled(&id, "up").await;
}
