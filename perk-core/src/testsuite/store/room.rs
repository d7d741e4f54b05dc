//! How much may wait to be read, and what happens when that is full.

use std::pin::pin;

use super::{StoreSettings, StoreSuite, Subject, page, rows_of};
use crate::ids::{Attempt, QueryId};
use crate::query::{Page, Rerunnable};
use crate::rerun::Loss;
use crate::store::{EndedBy, GivenUp, WriteError};

fn per_query(pages: usize) -> impl FnOnce(&mut StoreSettings) {
    move |settings| settings.unread_per_query = pages * page("00").weight()
}

fn in_all(pages: usize) -> impl FnOnce(&mut StoreSettings) {
    move |settings| settings.unread_total = pages * page("00").weight()
}

/// A query's unread pages are bounded; asking for a later token makes room for as many as it drops.
pub async fn an_append_waits_for_its_query_s_reader(suite: &StoreSuite) {
    let s = suite.subject_with(per_query(2)).await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "00").await;
    s.append(&id, attempt, "01").await;
    let mut append = pin!(s.try_append(&id, attempt, page("02")));
    s.times.not_yet("room", &mut append).await;
    assert_eq!(s.see(&id, 0).await.0, ["00", "01"]);
    // They were given, but may be asked for again.
    s.times.not_yet("room", &mut append).await;
    s.see(&id, 1).await;
    s.times.soon("room", append).await.unwrap();
    assert_eq!(s.see(&id, 1).await.0, ["01", "02"]);
    // Another query has room of its own.
    let (other, attempt) = s.running("other", Rerunnable::No).await;
    s.append(&other, attempt, "10").await;
    s.append(&other, attempt, "11").await;
}

/// All queries' unread pages are bounded together: one's reader makes room for another's writer.
pub async fn an_append_waits_for_the_room_of_all(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(3)).await;
    let (one, first) = s.running("one", Rerunnable::No).await;
    let (two, second) = s.running("two", Rerunnable::No).await;
    s.append(&one, first, "00").await;
    s.append(&one, first, "01").await;
    s.append(&two, second, "10").await;
    let mut append = pin!(s.try_append(&two, second, page("11")));
    s.times.not_yet("room", &mut append).await;
    s.see(&one, 0).await;
    s.see(&one, 2).await;
    s.times.soon("room", append).await.unwrap();
    assert_eq!(s.see(&two, 0).await.0, ["10", "11"]);
}

/// However full it is, and however large the page: a query with nothing to read gets its next page in.
pub async fn a_query_with_no_unread_page_always_has_room(suite: &StoreSuite) {
    let tight = |settings: &mut StoreSettings| {
        settings.unread_per_query = 1;
        settings.unread_total = 1;
    };
    let s = suite.subject_with(tight).await;
    for name in ["one", "two"] {
        let (id, attempt) = s.running(name, Rerunnable::Yes).await;
        s.append(&id, attempt, "00").await;
        let mut append = pin!(s.try_append(&id, attempt, page("01")));
        s.times.not_yet("room", &mut append).await;
        s.see(&id, 0).await;
        let both = async { tokio::join!(s.wait(&id, 1), append) };
        let (reading, appended) = s.times.soon("the page", both).await;
        appended.unwrap();
        assert_eq!(rows_of(&reading.unwrap()), ["01"]);
    }
}

/// A page may weigh nothing (it tells of an update's count): when it is dropped, its query has no unread page either.
pub async fn a_page_that_weighs_nothing_counts_as_unread(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(1)).await;
    let (other, writer) = s.running("other", Rerunnable::No).await;
    s.append(&other, writer, "10").await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    let append = s.try_append(&id, attempt, Page::default());
    append.await.unwrap();
    let mut append = pin!(s.try_append(&id, attempt, page("00")));
    s.times.not_yet("room", &mut append).await;
    assert_eq!(s.see(&id, 0).await, (vec![], Some(1)));
    let both = async { tokio::join!(s.wait(&id, 1), append) };
    let (reading, appended) = s.times.soon("the page", both).await;
    appended.unwrap();
    assert_eq!(rows_of(&reading.unwrap()), ["00"]);
}

/// A writer that was stopped while it waited has written nothing.
pub async fn a_dropped_append_stores_nothing(suite: &StoreSuite) {
    let s = suite.subject_with(per_query(1)).await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "00").await;
    let append = s.try_append(&id, attempt, page("dropped"));
    s.times.not_yet("room", append).await;
    s.see(&id, 0).await;
    assert_eq!(s.see(&id, 1).await, (vec![], Some(1)));
    s.append(&id, attempt, "01").await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 1).await, (vec!["01".into()], None));
}

/// A writer that waits for room is told when its query is ended.
pub async fn an_append_that_waits_is_fenced_by_the_end(suite: &StoreSuite) {
    let s = suite.subject_with(per_query(1)).await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "00").await;
    let mut append = pin!(s.try_append(&id, attempt, page("01")));
    s.times.not_yet("room", &mut append).await;
    s.store
        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
        .await
        .unwrap();
    let appended = s.times.soon("a word", append).await;
    assert!(matches!(appended, Err(WriteError::Fenced)));
}

/// A writer that waits for room is told when its query is another's.
pub async fn an_append_that_waits_is_fenced_by_a_take_over(suite: &StoreSuite) {
    let s = suite.subject_with(per_query(1)).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "00").await;
    let mut append = pin!(s.try_append(&id, attempt, page("01")));
    s.times.not_yet("room", &mut append).await;
    assert_eq!(s.take_over(&id, "w").await, GivenUp::Again);
    let appended = s.times.soon("a word", append).await;
    assert!(matches!(appended, Err(WriteError::Fenced)));
    let attempt = s.claim(&id, "v").await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 0).await, (vec![], None));
}

/// Fills the room with a query's pages: the query, and another whose writer needs room.
async fn full(s: &Subject) -> (QueryId, Attempt, QueryId, Attempt) {
    let (other, writer) = s.running("other", Rerunnable::No).await;
    s.append(&other, writer, "00").await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "10").await;
    s.append(&id, attempt, "11").await;
    (id, attempt, other, writer)
}

/// The pages of a query that has failed are gone, and so make room.
pub async fn what_fails_gives_its_room_back(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(3)).await;
    let (id, attempt, other, writer) = full(&s).await;
    let mut append = pin!(s.try_append(&other, writer, page("01")));
    s.times.not_yet("room", &mut append).await;
    let ending = Subject::failed("WHY");
    s.store.finish(&id, attempt, ending).await.unwrap();
    s.times.soon("room", append).await.unwrap();
    s.append(&other, writer, "02").await;
}

/// The pages of a query that waits again are gone, and so make room.
pub async fn what_runs_again_gives_its_room_back(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(3)).await;
    let (id, attempt, other, writer) = full(&s).await;
    let mut append = pin!(s.try_append(&other, writer, page("01")));
    s.times.not_yet("room", &mut append).await;
    let given_up = s.give_up(&id, attempt, Loss::GivenBack).await;
    assert_eq!(given_up, GivenUp::Again);
    s.times.soon("room", append).await.unwrap();
    s.append(&other, writer, "02").await;
}

/// What is kept for a repeated request only gives way, at once or when it is swept away.
pub async fn what_was_read_to_its_end_gives_its_room_back(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(3)).await;
    let (id, attempt, other, writer) = full(&s).await;
    s.finish(&id, attempt).await;
    assert_eq!(s.see(&id, 0).await.1, None);
    s.times.pass(s.times.keep_ended).await;
    s.store.sweep().await.unwrap();
    s.append(&other, writer, "01").await;
    s.append(&other, writer, "02").await;
}

/// A page that is refused, or there already, makes nothing give way.
pub async fn a_page_that_is_not_stored_takes_no_room(suite: &StoreSuite) {
    let s = suite.subject_with(in_all(2)).await;
    let (other, writer) = s.running("other", Rerunnable::No).await;
    s.append(&other, writer, "00").await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "10").await;
    s.finish(&id, attempt).await;
    let whole = (vec!["10".to_owned()], None);
    assert_eq!(s.see(&id, 0).await, whole);
    s.is_fenced(&id, attempt).await;
    let again = s.store.append(&other, writer, 0, page("00"));
    s.times.soon("an answer", again).await.unwrap();
    assert_eq!(s.see(&id, 0).await, whole);
}
